"""Pen strokes to 28x28 bits, in integers; the C beside it gives the same bits."""

from pathlib import Path

from inkpin.preprocess.errors import InputError
from inkpin.preprocess.raster import AREA, BOX, DIRECT, MODES, NORMALISED, SIDE
from inkpin.preprocess.strokes import CAPACITY, MIN_EXTENT, PEN_UP, Strokes, bitmap

C_FOLDER = Path(__file__).parent / "c"
"""The C that does the same: ink_preprocess.h and .c."""

__all__ = [
    "AREA",
    "BOX",
    "CAPACITY",
    "C_FOLDER",
    "DIRECT",
    "MIN_EXTENT",
    "MODES",
    "NORMALISED",
    "PEN_UP",
    "SIDE",
    "InputError",
    "Strokes",
    "bitmap",
]
