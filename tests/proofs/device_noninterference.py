"""What leaves the whole device does not depend on the PIN's digits.

As in noninterference.py a session is run twice, in other digits, but here on the emulated device: a
finger writes them, the network reads them, and a program asks for all that the serial line has,
with the stream of *try it* on. What is sent, kept and sounded has to be the same to the byte, but
for the record's hash; so has the screen, but for ink that is not yet read, and for a second what
was read.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from random import Random
from types import TracebackType
from typing import Self

from inkpin.device.emulator import Effects, Emulator
from inkpin.device.wire import encode_line
from inkpin.lock import Message, State
from inkpin.screen import Bitmap, Button, Draw, Ink, Text, Touch
from inkpin.screen.layout import BUTTONS, LOOKS, NOTICES, POINTS
from proofs.noninterference import PINS, WAITS, without_hash
from proofs.tally import Tally

DIGITS = (
    ((120, 40), (80, 70), (70, 120), (85, 180), (120, 200), (155, 180), (170, 120), (120, 40)),
    ((120, 40), (120, 200)),
    ((75, 75), (100, 45), (140, 45), (160, 80), (140, 120), (75, 195), (170, 195)),
    ((75, 50), (130, 42), (160, 75), (105, 115), (140, 122), (165, 160), (135, 195), (75, 190)),
    ((145, 200), (145, 45), (70, 150), (175, 150)),
    ((160, 45), (90, 45), (85, 110), (130, 105), (160, 140), (140, 190), (80, 195)),
    ((145, 40), (95, 90), (75, 150), (95, 195), (140, 195), (155, 160), (130, 130), (80, 150)),
    ((75, 45), (165, 45), (110, 200)),
    ((150, 60), (120, 42), (90, 65), (150, 150), (125, 200), (85, 175), (145, 90), (150, 60)),
    ((155, 70), (120, 42), (85, 70), (100, 110), (145, 105), (155, 70), (150, 130), (135, 200)),
)
"""How each digit is written, as the corners of its one stroke."""

COMMANDS = (
    *("help", "ping", "info", "settings", "log", "stream on", "stream on", "stream off"),
    *("set sound 0", "set sound 1", "set vibration 0", "set dim 5", "set sleep 3600", "set dim x"),
    *("open", "factory-reset", "@ping*0000", "x" * 99, "\x01"),
)
STATES = {state: look.serial.partition("#")[0] for state, look in LOOKS.items()}


class Session:
    """Two emulated devices that live through the same, in other digits; to be used in a `with`.

    Args:
        command: what starts the device's program.
        random: where all that happens comes from.

    Attributes:
        state: of both locks, as they say it.
        shown: moments at which the screens differed as they may.
        streamed: lines of *try it* that were sent to programs.
        over: whether a PIN was refused as common, which tells something of it.
    """

    def __init__(self, command: Sequence[str], random: Random) -> None:
        self.random = random
        self.now = random.choice([0, 2**32 - 100_000])
        self.devices = [Emulator(command), Emulator(command)]
        self.digits = [range(10), random.sample(range(10), 10)]
        self.happened: list[list[Effects]] = [[], []]
        self.read_at: int | None = None
        self.filled = self.shown = self.streamed = 0
        self.over = False
        self.boot()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for device in self.devices:
            device.close()

    def each(self, act: Callable[[Emulator, Sequence[int]], list[Effects]]) -> None:
        """Let both, given their digits, bring something about, and follow what they say."""
        said = []
        for device, digits, effects in zip(self.devices, self.digits, self.happened, strict=True):
            brought = act(device, digits)
            effects += brought
            said.append(_serial(brought).decode("ascii").split("\r\n"))
        self.over |= any(NOTICES[Message.COMMON].serial in lines for lines in said)
        for line in said[0]:
            for state, text in STATES.items():
                if line.startswith(text):
                    self.state, self.filled = state, 0
            if line.startswith("Output"):
                self.read_at = self.now
                self.filled += line == "Output *"

    def boot(self) -> None:
        """Switch both on."""
        self.read_at = None
        self.each(lambda device, _: [device.boot(self.now, 1)])

    def draw(self, digit: int) -> None:
        """Write a digit on clean paper: each device its own, but in *try it*."""
        self._clean()
        trying = self.state == State.TRY

        def act(device: Emulator, digits: Sequence[int]) -> list[Effects]:
            (x, y), *corners = DIGITS[digit if trying else digits[digit]]
            effects = [device.touch(Touch.DOWN, x, y, self.now)]
            effects += [device.touch(Touch.MOVE, *corner, self.now) for corner in corners]
            return [*effects, device.touch(Touch.UP, *corners[-1], self.now)]

        self.each(act)

    def scribble(self) -> None:
        """Draw what is no digit, on clean paper."""
        self._clean()
        spots = [(self.random.randrange(240), self.random.randrange(240)) for _ in range(9)]
        for one, two in pairwise(spots):
            for phase, spot in zip(Touch, (one, two, two), strict=True):
                self.each(lambda device, _, a=phase, s=spot: [device.touch(a, *s, self.now)])

    def _inked(self) -> bool:
        return any(isinstance(draw, Ink) for draw in self.devices[0].draws)

    def _clean(self) -> None:
        if self._inked():
            self.press(Button.CLEAR)

    def press(self, button: Button) -> None:
        """Press a button."""
        if button == Button.CLEAR and self.filled and not self._inked():
            self.filled -= 1
        x, y, *_ = BUTTONS[button]
        for phase in (Touch.DOWN, Touch.UP):
            self.each(lambda device, _, phase=phase: [device.touch(phase, x, y, self.now)])

    def wait(self, ms: int) -> None:
        """Let time pass."""
        self.now = (self.now + ms) % 2**32
        self.each(lambda device, _: [device.tick(self.now)])

    def type(self, line: str) -> None:
        """Send a line, with its check or without."""
        data = encode_line(line) if self.random.random() < 0.5 else line.encode("ascii") + b"\r\n"
        self.each(lambda device, _: [device.serial(data, self.now)])

    def happen(self) -> Iterator[None]:
        """Let something happen; yield whenever the two may be compared."""
        random = self.random
        kind = random.randrange(100)
        if kind < 35:
            for _ in range(self.filled or self.state == State.OPEN):
                self.press(Button.CLEAR)
            for digit in random.choice(PINS):
                yield from self._write(int(digit))
            self.press(Button.ENTER)
        elif kind < 45:
            yield from self._write(random.randrange(10))
        elif kind < 50:
            self.draw(random.randrange(10))
        elif kind < 53:
            self.scribble()
        elif kind < 70:
            self.press(random.choice(list(Button)))
        elif kind < 80:
            self.wait(random.choice(WAITS))
        elif kind < 97:
            self.type(random.choice(COMMANDS))
        elif kind < 99:
            self.boot()
            yield
            self.type("stream on")
        else:
            self.type("factory-reset ERASE")
        yield

    def _write(self, digit: int) -> Iterator[None]:
        self.draw(digit)
        yield
        self.press(Button.ENTER)
        yield
        self.wait(self.random.choice(WAITS[:7]))
        yield

    def compare(self) -> None:
        """Check that nothing tells the two apart that must not."""
        self.each(lambda device, _: [device.tick(self.now)])
        if self.over:
            return
        one, two = self.happened
        assert _serial(one) == _serial(two), "the serial lines differ"
        assert _stored(one) == _stored(two), "what is kept differs beside the hash"
        assert _tones(one) == _tones(two), "the sounds differ"
        self.streamed += _serial(one).count(b"@ink") + _serial(one).count(b"@read")
        for effects in self.happened:
            effects.clear()
        first, second = self.devices
        assert first.bolt_open == second.bolt_open == (self.state == State.OPEN), "the bolts differ"
        assert (first.light, first.vibrating) == (second.light, second.vibrating), "light or feel"
        if first.draws != second.draws:
            self.shown += 1
            assert self._lasting(first.draws) == self._lasting(second.draws), "the screens differ"

    def _lasting(self, draws: Sequence[Draw]) -> list[Draw]:
        """Return a drawing without what may be seen for a while."""
        secret = self.state != State.TRY
        fresh = secret and any(isinstance(draw, Ink) for draw in draws)
        recent = secret and self.read_at is not None and (self.now - self.read_at) % 2**32 < 1000

        def stays(draw: Draw) -> bool:
            if isinstance(draw, Ink):
                return not fresh
            if isinstance(draw, Bitmap):
                return not (fresh or recent)
            told = isinstance(draw, Text) and (
                draw.font in ("digit", "place") or (draw.x, draw.y) == POINTS["confidence"]
            )
            return not (told and recent)

        return [draw for draw in draws if stays(draw)]


def _serial(effects: Sequence[Effects]) -> bytes:
    return b"".join(effect.serial for effect in effects)


def _stored(effects: Sequence[Effects]) -> list[tuple[str, int, bytes]]:
    return [
        (store, slot, without_hash(data) if store == "lock" else data)
        for effect in effects
        for store, slot, data in effect.stored
    ]


def _tones(effects: Sequence[Effects]) -> list[tuple[int, ...]]:
    return [tone for effect in effects for tone in effect.tones]


def run(
    tally: Tally, name: str, command: Sequence[str], sessions: int, length: int = 60
) -> set[State]:
    """Run random sessions of the device, a case being a moment that was compared.

    Args:
        tally: counts them.
        name: the core's.
        command: what starts the device's program.
        sessions: their number.
        length: what happens in each.

    Returns:
        The states that were reached.
    """
    shown, streamed = 0, 0
    reached: set[State] = set()
    for number in range(sessions):
        with Session(command, Random(number)) as session:
            session.type("stream on")
            for _ in range(length):
                moments = session.happen()
                while not session.over:
                    with tally.case(f"device on {name}, session {number}"):
                        if next(moments, ...) is ...:
                            break
                        session.compare()
                    reached.add(session.state)
            shown += session.shown
            streamed += session.streamed
    with tally.case(f"device on {name}: digits that show for a second, and a stream of `try it`"):
        assert shown > sessions, f"digits showed {shown} times"
        assert streamed > sessions, f"{streamed} lines of `try it`"
    return reached
