"""Bitmaps of many drawings: by the C where a compiler is at hand, which takes a tenth of the time.

The same bits as `bitmap` gives for each; tests/parity/test_preprocess.py holds it to that.
"""

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from inkpin.common import host_compiler
from inkpin.common.arrays import Bitmaps, Drawing
from inkpin.preprocess.raster import SIDE
from inkpin.preprocess.strokes import PEN_UP, bitmap

_C = Path(__file__).parent / "c"


def bitmaps(drawings: Sequence[Drawing]) -> Bitmaps:
    """Return what the device would see of whole drawings in 0..239, (n, 28, 28), normalised."""
    if not drawings or host_compiler.find() is None:
        return np.array([bitmap(strokes) for strokes in drawings], bool).reshape(-1, SIDE, SIDE)
    pen_up = np.array([PEN_UP], np.uint8)
    parts = [part for strokes in drawings for stroke in strokes for part in (stroke, pen_up)]
    points = np.concatenate([*parts, np.zeros((0, 2))]).astype(np.uint8)
    lengths = [sum(len(stroke) + 1 for stroke in strokes) for strokes in drawings]
    ends = np.cumsum(lengths).astype(np.uint32)
    rows = np.zeros((len(drawings), SIDE), np.uint32)
    _library().ink_many_bitmaps(
        points.ctypes.data_as(ctypes.c_void_p),
        ends.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_uint32(len(drawings)),
        rows.ctypes.data_as(ctypes.c_void_p),
    )
    return (rows[:, :, None] >> np.arange(SIDE, dtype=np.uint32) & 1).astype(bool)


@cache
def _library() -> ctypes.CDLL:
    sources = [Path(__file__).with_name("many.c"), _C / "ink_preprocess.c"]
    return host_compiler.load(sources, [_C])
