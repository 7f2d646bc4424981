"""What an engine in a program of its own is given to read, and how it answers.

A bitmap is the byte 2 and its packed rows; a drawing its ink_mode in a byte, the number of its
entries in 32 bits, and the entries, laid out as in ink_strokes. Words are little-endian.
"""

import struct
from collections.abc import Iterable

import numpy as np

from inkpin.common.arrays import AnyArray, Drawing
from inkpin.model.inference.c_engine import INK_MODES
from inkpin.model.inference.engine import Reading
from inkpin.model.inference.recogniser import Prediction
from inkpin.preprocess import AREA, NORMALISED, PEN_UP, SIDE
from inkpin.preprocess.packing import pack_rows, unpack_rows

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


def decode_readings(answers: bytes, labels: tuple[str, ...]) -> list[Reading]:
    """Return what a program's answers say.

    Args:
        answers: four bytes each (place of the largest logit, confidence, refused, legible), then
            the packed rows and the logits.
        labels: of the network's classes.
    """
    layout = np.dtype(
        [
            ("best", "u1"),
            ("confidence", "u1"),
            ("refused", "?"),
            ("legible", "?"),
            ("rows", "<u4", SIDE),
            ("logits", "<i4", len(labels)),
        ]
    )
    return [
        Reading(
            bitmap=unpack_rows(answer["rows"]),
            legible=bool(answer["legible"]),
            prediction=Prediction(
                label=None if answer["refused"] else labels[answer["best"]],
                best=int(answer["best"]),
                confidence=int(answer["confidence"]),
                logits=answer["logits"],
            ),
        )
        for answer in np.frombuffer(answers, layout)
    ]
