"""The C that the device runs, on an emulated Xtensa core: the third engine."""

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from inkpin import xtensa
from inkpin.common.arrays import AnyArray, Drawing
from inkpin.model.converter.converted import Converted, convert
from inkpin.model.inference.c_engine import INK_MODES, recogniser_sources
from inkpin.model.inference.engine import Reading
from inkpin.model.inference.recogniser import SHIPPED, Prediction
from inkpin.preprocess import AREA, NORMALISED, PEN_UP, SIDE
from inkpin.preprocess.packing import pack_rows, unpack_rows

_PROGRAM = Path(__file__).with_suffix(".c")
HARNESS_FUNCTIONS = {"_start", "main", "take", "take_drawing", "ink_read", "ink_write", "ink_exit"}
"""Those of the program that no device would run: they bring input in and answers out."""

_BITMAP = 2  # beside the numbers of the modes
_PEN_UP = bytes(PEN_UP)


def encode_bitmaps(bitmaps: AnyArray) -> bytes:
    """Return what the program is to read for bitmaps (n, 28, 28)."""
    return b"".join(bytes([_BITMAP]) + pack_rows(bitmap).tobytes() for bitmap in bitmaps)


def encode_drawings(drawings: Iterable[Drawing], mode: str = NORMALISED) -> bytes:
    """Return what the program is to read for drawings; points outside move to the edge."""

    def entries(drawing: Drawing) -> bytes:
        inside = (np.clip(stroke, 0, AREA - 1).astype(np.uint8) for stroke in drawing)
        return b"".join(points.tobytes() + _PEN_UP for points in inside)

    pieces = map(entries, drawings)
    return b"".join(
        struct.pack("<BI", INK_MODES[mode], len(piece) // 2) + piece for piece in pieces
    )


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
        self._answer = np.dtype(
            [
                ("best", "u1"),
                ("confidence", "u1"),
                ("refused", "?"),
                ("legible", "?"),
                ("rows", "<u4", SIDE),
                ("logits", "<i4", len(self.labels)),
            ]
        )

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
        answers = np.frombuffer(xtensa.run(self.elf, work), self._answer)
        return [
            Reading(
                bitmap=unpack_rows(answer["rows"]),
                legible=bool(answer["legible"]),
                prediction=Prediction(
                    label=None if answer["refused"] else self.labels[answer["best"]],
                    best=int(answer["best"]),
                    confidence=int(answer["confidence"]),
                    logits=answer["logits"],
                ),
            )
            for answer in answers
        ]
