"""What a device shows of itself over the wire: its state as a program at the other end knows it."""

import numpy as np

from inkpin.device import wire
from inkpin.preprocess import Strokes


class DeviceState:
    """Keeps up with a device by the messages that it sends.

    Attributes:
        info: what it said it is.
        trying: whether it is in *try it*.
        buffer: the ink as the device holds it.
        strokes: every sample that it sent of the ink: for each stroke (x, y, ms) of its clock.
        bits: the bitmap that it made of the ink, once it was read.
        prediction: what its network made of that.
        whole: whether no line was damaged since the ink was erased.
        settings: their values, by name.
        log: the lines of its event log, as they were last asked for.
    """

    buffer: Strokes
    strokes: list[list[tuple[int, int, int]]]
    bits: wire.Bits | None
    prediction: wire.Prediction | None
    whole: bool
    _pen_down: bool

    def __init__(self) -> None:
        self.info: wire.Info | None = None
        self.settings: dict[str, int] = {}
        self.log: list[str] = []
        self._log_asked: list[str] = []
        self.trying = False
        self._erase()

    def take(self, message: wire.Message) -> None:
        """Take the next message."""
        match message:
            case wire.Info():
                self.info = message
            case wire.Trying(on):
                self.trying = on
                self._erase()
            case wire.Point(x, y, time):
                if not self._pen_down:
                    self.strokes.append([])
                self._pen_down = True
                self.strokes[-1].append((x, y, time))
                self.buffer.point(x, y)
            case wire.PenUp():
                self._pen_down = False
                self.buffer.up()
            case wire.Erased():
                self._erase()
            case wire.Bits():
                self.bits = message
            case wire.Prediction():
                self.prediction = message
            case wire.Damaged():
                self.whole = False
            case wire.Setting(name, value):
                self.settings[name] = value
            case wire.Logged(text):
                self._log_asked.append(text)
            case wire.Done("log"):
                self.log, self._log_asked = self._log_asked, []

    def points(self) -> list[np.ndarray]:
        """Return the strokes' points, each int32 (n, 2)."""
        return [np.array(stroke, np.int64)[:, :2].astype(np.int32) for stroke in self.strokes]

    def times(self) -> list[np.ndarray | None]:
        """Return the ms of the strokes' points, each int64 (n,), from the first one on."""
        start = self.strokes[0][0][2] if self.strokes else 0
        return [np.array([time - start for _, _, time in stroke]) for stroke in self.strokes]

    def _erase(self) -> None:
        self.buffer = Strokes()
        self.strokes = []
        self.bits = self.prediction = None
        self.whole = True
        self._pen_down = False
