"""The C that the device runs, on an emulated Xtensa core: the third engine."""

from collections.abc import Sequence
from pathlib import Path

from inkpin import xtensa
from inkpin.common.arrays import AnyArray, Drawing
from inkpin.model.converter.converted import Converted, convert
from inkpin.model.inference.c_engine import recogniser_sources
from inkpin.model.inference.engine import Reading
from inkpin.model.inference.engine_io import decode_readings, encode_bitmaps, encode_drawings
from inkpin.model.inference.recogniser import SHIPPED, Prediction
from inkpin.preprocess import NORMALISED

_PROGRAM = Path(__file__).with_suffix(".c")
HARNESS_FUNCTIONS = {"_start", "main", "take", "take_drawing", "ink_read", "ink_write", "ink_exit"}
"""Those of the program that no device would run: they bring input in and answers out."""


class XtensaRecogniser:
    """An engine whose every instruction, from a touch point on, is the emulated core's.

    Args:
        converted: a network that reads drawings.
        flags: for the compiler; -O2 runs about twice as fast as the device's -Os.

    Attributes:
        labels: the texts of the network's classes.
        elf: the program; it reads what `encode_bitmaps` and `encode_drawings` return.

    Raises:
        InputError: there is no toolchain; the message says what to install.
    """

    def __init__(self, converted: Converted, flags: Sequence[str] = ("-O2",)) -> None:
        self.labels = converted.source.labels
        with recogniser_sources(converted) as (sources, include):
            self.elf = xtensa.build([*sources, _PROGRAM], include, flags)

    @classmethod
    def load(cls, path: Path = SHIPPED, flags: Sequence[str] = ("-O2",)) -> "XtensaRecogniser":
        """Return the engine of an ONNX file.

        Raises:
            InputError: the file is missing or cannot be converted, or there is no toolchain.
        """
        return cls(convert(path), flags)

    def predictions(self, bitmaps: AnyArray) -> list[Prediction]:
        """Return what the network makes of bitmaps (n, 28, 28)."""
        return [reading.prediction for reading in self._readings(encode_bitmaps(bitmaps))]

    def readings(self, drawings: Sequence[Drawing], mode: str = NORMALISED) -> list[Reading]:
        """Return what becomes of drawings."""
        return self._readings(encode_drawings(drawings, mode))

    def _readings(self, work: bytes) -> list[Reading]:
        return decode_readings(xtensa.run(self.elf, work), self.labels)
