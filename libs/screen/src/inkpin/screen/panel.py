"""Touches, buttons and readings in; orders to the shell out. Mirrored by c/ink_panel.c.

The panel stands between a shell (Tk, a board) and the lock. It decides what a touch means and
what may be seen: what must not be shown is not kept. The shell routes the outputs, in order,
and decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from inkpin.lock import Effect, Event, Lock, Message, State
from inkpin.preprocess import Unread
from inkpin.screen.layout import AREA, BUTTONS, LOOKS, NOTICES, TEXTS, Button, fill

LABEL_LENGTH = 11
"""Characters of a label that the panel keeps; longer ones are cut."""

AUTO_MS = range(600, 1501)
"""Milliseconds without a touch that auto-enter may take for the end of a digit."""

_NOTHING = Effect(0)
_U32 = 0xFFFFFFFF
_NO_INK = (State.WAITING, State.OPEN, State.FAULT)
_BUTTON_EVENTS = {Button.ENTER: Event.ENTER, Button.CLEAR: Event.CLEAR, Button.TRY: Event.TRY}


class Touch(IntEnum):
    """The phases of a touch."""

    DOWN = 0
    MOVE = 1
    UP = 2


class InkState(IntEnum):
    """The ink on the area: none, not yet read, or read (it stays in `try it`)."""

    NONE = 0
    FRESH = 1
    READ = 2


class Order(IntEnum):
    """What an output asks of the shell."""

    POINT = 0
    """Add the point (x, y) of the area to the stroke buffer."""
    PEN_UP = 1
    """End the stroke."""
    ERASE = 2
    """Clear the stroke buffer."""
    PREVIEW = 3
    """Call preview() with the bitmap of the strokes."""
    READING = 4
    """Recognise the strokes and call reading()."""
    LINE = 5
    """Print `text` on the serial line."""
    LOCK = 6
    """The lock did `effect`: sound, vibration, log."""


@dataclass(frozen=True)
class Output:
    """One order to the shell, with what it needs."""

    order: Order
    x: int = 0
    y: int = 0
    text: str = ""
    effect: Effect = _NOTHING


@dataclass(frozen=True)
class ShownPrediction:
    """What the network made of the ink; without a label it was rejected.

    `between` are labels that it may be, at most two: a rejected reading names them in `try it`.
    """

    label: str | None
    confidence: int
    between: tuple[str, ...] = ()


class _Finger(Enum):
    AWAY = 0  # none, or one whose touch means nothing
    PEN = 1
    BUTTON = 2


class Panel:
    """The touch and button logic over one lock.

    Every method but preview() returns the outputs to route; times are the milliseconds of the
    lock's clock. While a reading is awaited, touches and buttons are ignored.

    Args:
        lock: the lock that the panel drives; nobody else may step it.
    """

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.ink = InkState.NONE
        self.rows: tuple[int, ...] | None = None
        """The preview: 28 rows, bit c of a row is the cell in column c."""
        self.seen: ShownPrediction | None = None
        self.unread = Unread.NOTHING
        """Why the last reading gave no label, if it did not."""
        self.awaiting = False
        self.battery: int | None = None
        """Percent, for a shell that has one to show."""
        self.auto_ms = 0
        """Auto-enter: how long nobody touches until ink is read, one of AUTO_MS; 0: never."""
        self._stale = False  # the awaited reading is of ink that was dropped
        self._finger = _Finger.AWAY
        self._touched = 0  # when anyone touched or pressed anything last
        self._button = Button.ENTER
        self._inside = False

    @property
    def pressed(self) -> Button | None:
        """The button under the finger that began on it."""
        return self._button if self._finger is _Finger.BUTTON and self._inside else None

    def begin(self) -> list[Output]:
        """Say which state the lock is in, and why if it has something to say."""
        out: list[Output] = []
        self._notice_line(out)
        return [*out, self._state_line()]

    def tick(self, now: int) -> list[Output]:
        """Let time pass; call it ten times a second or so."""
        out: list[Output] = []
        self._step(Event.TICK, now, out)
        passed = (now - self._touched) & _U32
        if self.ink is InkState.FRESH and not self.awaiting and self._finger is _Finger.AWAY:
            if self.auto_ms and passed >= self.auto_ms:
                self._await(out)
            elif self.lock.state is not State.TRY and passed >= self.lock.config.open_ms:
                self._erase(out)  # a digit of a PIN, for whoever comes next to see
        return out

    def touch(self, phase: Touch, x: int, y: int, now: int) -> list[Output]:
        """Take a touch at a point of the screen, or off it."""
        out: list[Output] = []
        self._touched = now
        if phase is Touch.DOWN:
            self.lock.touch(now)
            self._lift(out)
            if not self.awaiting:
                self._press(x, y, out)
        elif self._finger is _Finger.PEN:
            if phase is Touch.MOVE:
                self._draw(x, y, out)
            else:
                self._lift(out)
        elif self._finger is _Finger.BUTTON:
            self._inside = BUTTONS[self._button].holds(x, y)
            if phase is Touch.UP:
                self._finger = _Finger.AWAY
                if self._inside:
                    self._act(self._button, now, out)
        return out

    def key(self, button: Button, now: int) -> list[Output]:
        """Take a button pressed on a keyboard."""
        out: list[Output] = []
        self._touched = now
        if not self.awaiting:
            self._lift(out)
            self._act(button, now, out)
        return out

    def preview(self, rows: Sequence[int]) -> None:
        """Take the bitmap of the ink: 28 rows, bit c of a row is the cell in column c."""
        if self.ink is InkState.FRESH:
            self.rows = tuple(rows)

    def reading(self, label: str | None, confidence: int, now: int) -> list[Output]:
        """Take the awaited reading: an ASCII label, or None for rejected; confidence 0..100."""
        seen = ShownPrediction(label[:LABEL_LENGTH] if label else None, confidence)
        return self._take(seen, Unread.NOTHING, now)

    def refuse(self, unread: Unread, between: Sequence[str], now: int) -> list[Output]:
        """Take an awaited reading that gave no label.

        Args:
            unread: why.
            between: ASCII labels that it may be, at most two of which count.
            now: the lock's ms.
        """
        labels = tuple(label[:LABEL_LENGTH] for label in between[:2])
        return self._take(ShownPrediction(None, 0, labels), unread, now)

    def _take(self, seen: ShownPrediction, unread: Unread, now: int) -> list[Output]:
        out: list[Output] = []
        if not self.awaiting:
            return out
        self._step(Event.TICK, now, out)  # it may be too late for this digit
        self.awaiting = False
        if self._stale:
            return out
        self.seen, self.unread = seen, unread
        symbol = _symbol(self.seen.label)
        if self.lock.state is State.TRY:
            self.ink = InkState.READ
            symbol = 0 if self.seen.label else None  # any label counts, and none is held
        else:
            self.ink = InkState.NONE
            out.append(Output(Order.ERASE))
        if symbol is None or symbol >= self.lock.config.alphabet:
            between = seen.between if self.lock.state is State.TRY else ()
            self.seen = ShownPrediction(None, seen.confidence, between)
            self._step(Event.UNREAD, now, out)
        else:
            self._step(Event.DIGIT, now, out, symbol)
        return out

    def reset(self, now: int) -> list[Output]:
        """Reset the lock to first use: PIN and failures are gone."""
        out: list[Output] = []
        self._drop(out)
        self._step(Event.RESET, now, out)
        return out

    def _press(self, x: int, y: int, out: list[Output]) -> None:
        if AREA.holds(x, y):
            if self.lock.state not in _NO_INK:
                self._start_ink(out)
                self._draw(x, y, out)
            return
        for button, box in BUTTONS.items():
            if box.holds(x, y):
                self._finger, self._button, self._inside = _Finger.BUTTON, button, True

    def _start_ink(self, out: list[Output]) -> None:
        self._finger = _Finger.PEN
        if self.ink is InkState.READ:
            self._erase(out)
        if self.ink is InkState.NONE:
            self.rows = None
        self.ink = InkState.FRESH

    def _draw(self, x: int, y: int, out: list[Output]) -> None:
        x, y = AREA.clamp(x, y)
        out.append(Output(Order.POINT, x - AREA.x, y - AREA.y))

    def _lift(self, out: list[Output]) -> None:
        """End the touch under way: a stroke as if the finger had left, a button without effect."""
        if self._finger is _Finger.PEN:
            out += [Output(Order.PEN_UP), Output(Order.PREVIEW)]
        self._finger = _Finger.AWAY

    def _act(self, button: Button, now: int, out: list[Output]) -> None:
        if button is Button.ENTER and self.ink is InkState.FRESH:
            self._await(out)
        elif button is Button.CLEAR and self.ink is not InkState.NONE:
            self._erase(out)
        else:
            self._step(_BUTTON_EVENTS[button], now, out)

    def _await(self, out: list[Output]) -> None:
        self.awaiting, self._stale = True, False
        out.append(Output(Order.READING))

    def _erase(self, out: list[Output]) -> None:
        if self.ink is not InkState.NONE:
            out.append(Output(Order.ERASE))
        self.ink = InkState.NONE
        self.rows = None
        if self.lock.state is State.TRY:
            self.seen = None

    def _drop(self, out: list[Output]) -> None:
        """Forget everything of the state that was left."""
        self._finger = _Finger.AWAY
        self._stale = self.awaiting
        self._erase(out)
        self.seen = None

    def _step(self, event: Event, now: int, out: list[Output], symbol: int = 0) -> None:
        """Step the lock; say what came of it and forget what must not be seen any more."""
        lock = self.lock
        state, message = lock.state, lock.message
        effect = lock.step(event, now, symbol)
        if effect:
            out.append(Output(Order.LOCK, effect=effect))
        if effect & (Effect.DIGIT | Effect.UNREAD):
            out.append(self._output_line())
        if effect & Effect.RESET:
            out.append(Output(Order.LINE, text=TEXTS["reset"]))
        if lock.message is not message or effect & Effect.REFUSED:
            self._notice_line(out)
        if lock.state is not state:
            self._drop(out)
            out.append(self._state_line())
        elif lock.shown is None and lock.state is not State.TRY:
            self.seen = None
            if self.ink is InkState.NONE:
                self.rows = None

    def _output_line(self) -> Output:
        """Return the line for a reading just taken; digits of a PIN are masked."""
        if self.seen is None or self.seen.label is None:
            text = TEXTS["output_unread"]
        elif self.lock.state is State.TRY:
            text = fill(TEXTS["output"], self.seen.confidence, self.seen.label)
        else:
            text = TEXTS["output_masked"]
        return Output(Order.LINE, text=text)

    def _notice_line(self, out: list[Output]) -> None:
        template = NOTICES[self.lock.message].serial
        if self.lock.message is not Message.NONE and template:
            out.append(Output(Order.LINE, text=fill(template, self.lock.attempts_left)))

    def _state_line(self) -> Output:
        template = LOOKS[self.lock.state].serial
        return Output(Order.LINE, text=fill(template, self.lock.seconds_left))


def _symbol(label: str | None) -> int | None:
    """Return the lock's symbol for a label: one ASCII digit."""
    return int(label) if label and len(label) == 1 and label in "0123456789" else None
