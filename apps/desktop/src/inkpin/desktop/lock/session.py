"""One lock as a person meets it: panel, stroke buffer, network and lock, without a window."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PIL import Image

from inkpin.common.arrays import Bitmap, Drawing, Floats
from inkpin.desktop.lock.store import Store
from inkpin.lock import Config, Lock, Log, State
from inkpin.model.confidence import Confidence
from inkpin.model.inference.recogniser import Prediction, Recogniser
from inkpin.model.inference.refusal import Refusal, refusal_of
from inkpin.preprocess import Strokes
from inkpin.preprocess.packing import pack_rows
from inkpin.screen import (
    Anchor,
    Button,
    Draw,
    InkState,
    Order,
    Output,
    Panel,
    Rect,
    Text,
    Touch,
    render,
    view,
)

_DIGITS = frozenset("0123456789")  # of a PIN
_NO_INK = (State.OPEN, State.WAITING, State.FAULT)
_NO_PIN = (
    Rect(0, 214, 240, 26, 0, "paper"),
    Text(120, 228, Anchor.CENTRE, "body", "fault", "Reads no digits: press TRY"),
)
"""Over the hint, wherever a network that does not read digits would be asked for a PIN."""


@dataclass(frozen=True, eq=False)
class TryResult:
    """What was read in *try it*, where anything may be seen.

    Attributes:
        strokes: what was drawn.
        bitmap: what was read.
        prediction: what it was read as.
        labels: of the recogniser, in the order of the logits.
        confidence: of the recogniser.
        model: which network it is, as `Recogniser.model`.
        refusal: why it is "?", if it is.
        live: whether the drawing is still under way.
    """

    strokes: Drawing
    bitmap: Bitmap
    prediction: Prediction
    labels: tuple[str, ...]
    confidence: Confidence
    model: str
    refusal: Refusal | None = None
    live: bool = False

    @property
    def probabilities(self) -> Floats:
        """How likely each label is, (labels,); what is left is none of them."""
        return self.confidence.probabilities(self.prediction.logits)


def milliseconds() -> int:
    """Return a clock that never goes back."""
    return time.monotonic_ns() // 1_000_000


class Session:
    """Routes what the panel orders. To be used from one thread at a time.

    Args:
        store: of the lock and its event log.
        load: gives the recogniser; called by the first reading, or by `recogniser`.
        say: takes the serial lines.
        clock: milliseconds.
        config: the lock's parameters.
    """

    def __init__(
        self,
        store: Store,
        load: Callable[[], Recogniser],
        say: Callable[[str], None],
        clock: Callable[[], int] = milliseconds,
        config: Config | None = None,
    ) -> None:
        self._load = load
        self._say = say
        self._clock = clock
        self._strokes = Strokes()
        self._recogniser: Recogniser | None = None
        self.tried: TryResult | None = None
        """The reading that *try it* shows; None whenever a PIN is set or entered."""
        self._glanced: tuple[int, tuple[int, int]] | None = None
        now = clock()
        self.lock = Lock(store.hooks, config or Config(), now)
        self.log = Log(store.log, self.lock.message, now)
        self.panel = Panel(self.lock)
        self._route(self.panel.begin())

    @property
    def recogniser(self) -> Recogniser:
        """The network, loaded when first wanted.

        Raises:
            InputError: there is no usable model.
        """
        if self._recogniser is None:
            self._recogniser = self._load()
        return self._recogniser

    @property
    def reads_digits(self) -> bool:
        """Whether the network can read a PIN; one that cannot is for *try it* alone."""
        return set(self.recogniser.labels) >= _DIGITS

    def use(self, recogniser: Recogniser) -> None:
        """Read with another network from now on; what *try it* shows, too."""
        self._recogniser = recogniser
        if self.tried and self.tried.live:
            self.tried = None
        elif self.tried:
            self.panel.awaiting = True
            self._route(self._read())

    def touch(self, phase: Touch, x: int, y: int) -> None:
        """Touch the screen at a pixel, or off it."""
        self._route(self.panel.touch(phase, x, y, self._clock()))

    def key(self, button: Button) -> None:
        """Press a button by a key."""
        self._route(self.panel.key(button, self._clock()))

    def auto_enter(self, ms: int) -> None:
        """Read ink by itself once the pen was up for so long, one of AUTO_MS; 0: by ENTER alone."""
        self.panel.auto_ms = ms

    def tick(self) -> None:
        """Let time pass."""
        self._route(self.panel.tick(self._clock()))

    def reset(self) -> None:
        """Forget the PIN: the factory reset."""
        self._route(self.panel.reset(self._clock()))

    def glance(self) -> None:
        """In *try it*, read the ink that is still being written."""
        points = self._strokes.points
        fresh = self.panel.ink is InkState.FRESH and not self.panel.awaiting and points
        if self.lock.state is not State.TRY or not fresh:
            return
        seen = len(points), points[-1]
        if self.tried is None or seen != self._glanced:
            self._glanced = seen
            bitmap = self._strokes.bitmap()
            prediction = self.recogniser.predict(bitmap)
            refusal = refusal_of(self._strokes, prediction, self.recogniser.labels)
            self.tried = self._result(bitmap, prediction, refusal, live=True)

    def _result(
        self, bitmap: Bitmap, prediction: Prediction, refusal: Refusal | None, *, live: bool
    ) -> TryResult:
        network, strokes = self.recogniser, self._strokes.strokes()
        return TryResult(
            strokes=strokes,
            bitmap=bitmap,
            prediction=prediction,
            labels=network.labels,
            confidence=network.confidence,
            model=network.model,
            refusal=refusal,
            live=live,
        )

    def draws(self) -> list[Draw]:
        """Return what the screen shows."""
        draws = view(self.panel, self._strokes.points)
        refuses = self._recogniser is not None and not self.reads_digits
        if refuses and self.lock.state not in (State.TRY, *_NO_INK):
            draws += _NO_PIN
        return draws

    def image(self) -> Image.Image:
        """Return the screen, 320x240."""
        return render(self.draws())

    def _route(self, outputs: Iterable[Output]) -> None:
        for output in outputs:
            match output.order:
                case Order.POINT:
                    self._strokes.point(output.x, output.y)
                case Order.PEN_UP:
                    self._strokes.up()
                case Order.ERASE:
                    self._strokes.clear()
                    self.tried = None
                case Order.PREVIEW:
                    self.panel.preview(pack_rows(self._strokes.bitmap()).tolist())
                case Order.READING:
                    self._route(self._read())
                case Order.LINE:
                    self._say(output.text)
                case Order.LOCK:
                    self.log.take(output.effect, self.lock.message, self._clock())

    def _read(self) -> list[Output]:
        if self.lock.state is not State.TRY and not self.reads_digits:
            known = ", ".join(self.recogniser.labels)
            self._say(f"No PIN: the network reads {known}, but not every digit; press TRY")
            return self.panel.reading(None, 0, self._clock())
        if not self._strokes.legible:
            return self.panel.refuse(self._strokes.unread(likely=False), (), self._clock())
        bitmap = self._strokes.bitmap()
        prediction = self.recogniser.predict(bitmap)
        refusal = refusal_of(self._strokes, prediction, self.recogniser.labels)
        if refusal:
            outputs = self.panel.refuse(refusal.unread, refusal.between, self._clock())
        else:
            outputs = self.panel.reading(prediction.label, prediction.confidence, self._clock())
        if self.lock.state is State.TRY:
            self.tried = self._result(bitmap, prediction, refusal, live=False)
        return outputs
