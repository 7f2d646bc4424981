"""Pen strokes to 28x28 bits, in integers; the C beside it gives the same bits."""

from pathlib import Path

from inkpin.preprocess.raster import (
    AREA,
    BOX,
    DIRECT,
    MARGIN,
    MODES,
    NORMALISED,
    PEN,
    SIDE,
    UNIT,
    fit_to_box,
    normalised,
)
from inkpin.preprocess.strokes import (
    CAPACITY,
    MIN_EXTENT,
    PEN_UP,
    TAP_EXTENT,
    Strokes,
    bitmap,
)
from inkpin.preprocess.unread import Unread

C_FOLDER = Path(__file__).parent / "c"
"""The C that does the same: ink_preprocess.h and .c."""

__all__ = [
    "AREA",
    "BOX",
    "CAPACITY",
    "C_FOLDER",
    "DIRECT",
    "MARGIN",
    "MIN_EXTENT",
    "MODES",
    "NORMALISED",
    "PEN",
    "PEN_UP",
    "SIDE",
    "TAP_EXTENT",
    "UNIT",
    "Strokes",
    "Unread",
    "bitmap",
    "fit_to_box",
    "normalised",
]
