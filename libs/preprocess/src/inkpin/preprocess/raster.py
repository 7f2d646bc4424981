"""Strokes to 28x28 bits, in integers only.

`normalised` makes a bitmap that does not depend on where and how large a digit was drawn:
the longer side of its bounding box becomes BOX cells, touch samples are joined by lines,
each cell is stamped with its eight neighbours, and the centre of mass moves to the middle.
That is how MNIST's own images were framed (LeCun et al. 1998), with the stamp for its pen.

`direct` is the way of the article that started this: each touch sample sets its cell of the
28x28 grid laid over the area, and the eight neighbours.
"""

from collections.abc import Callable, Sequence

import numpy as np

AREA = 240
"""Side of the drawing area in pixels."""

SIDE = 28
"""Side of the bitmap in cells."""

BOX = 18
"""Cells along the longer side of a normalised drawing, before the stamp widens it by two."""

NORMALISED = "normalised"
DIRECT = "direct"

_UNIT = 256  # fractions of a cell
_STEP = _UNIT // 2  # lines are walked in steps of at most half a cell
_MARGIN = (SIDE - BOX) // 2


def rasterise(strokes: Sequence[np.ndarray], mode: str = NORMALISED) -> np.ndarray:
    """Return the bitmap, (28, 28) bool, of strokes (n, 2) in 0..239; empty without ink."""
    strokes = [stroke for stroke in strokes if len(stroke)]
    return MODES[mode](strokes) if strokes else np.zeros((SIDE, SIDE), bool)


def _normalised(strokes: Sequence[np.ndarray]) -> np.ndarray:
    points = np.concatenate(strokes).astype(np.int64)
    origin = points.min(axis=0)
    extent = max(int((points.max(axis=0) - origin).max()), 1)
    fine = ((points - origin) * ((BOX - 1) * _UNIT) + extent // 2) // extent
    cells = (_joined(fine, [len(stroke) for stroke in strokes]) + _UNIT // 2) // _UNIT
    canvas = np.zeros((SIDE, SIDE), bool)
    canvas[cells[:, 1] + _MARGIN, cells[:, 0] + _MARGIN] = True
    return _centred(_stamped(canvas))


def _joined(points: np.ndarray, lengths: Sequence[int]) -> np.ndarray:
    """Return `points` (n, 2) and those on the lines between neighbours of one stroke."""
    starts = np.delete(np.arange(len(points)), np.cumsum(lengths) - 1)
    a, b = points[starts], points[starts + 1]
    steps = (np.abs(b - a).max(axis=1, initial=0) + _STEP - 1) // _STEP
    inner = np.maximum(steps - 1, 0)
    segment = np.repeat(np.arange(len(a)), inner)
    n = steps[segment, None]
    k = np.arange(len(segment))[:, None] - (np.cumsum(inner) - inner)[segment, None] + 1
    return np.concatenate([points, (a[segment] * (n - k) + b[segment] * k + n // 2) // n])


def _stamped(canvas: np.ndarray) -> np.ndarray:
    """Return `canvas` with the eight neighbours of every set cell set, cut at the edge."""
    tall = canvas.copy()
    tall[1:] |= canvas[:-1]
    tall[:-1] |= canvas[1:]
    wide = tall.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide


def _centred(canvas: np.ndarray) -> np.ndarray:
    """Shift the ink, whole, so that its centre of mass comes to the middle of the grid."""
    shifted = canvas
    for axis in (0, 1):
        mass = shifted.sum(axis=1 - axis)
        cells = np.flatnonzero(mass)
        ink = int(mass.sum())
        mean_up = (int(mass @ np.arange(SIDE)) + ink - 1) // ink
        shift = min(max(SIDE // 2 - mean_up, -int(cells[0])), SIDE - 1 - int(cells[-1]))
        shifted = np.roll(shifted, shift, axis=axis)
    return shifted


def _direct(strokes: Sequence[np.ndarray]) -> np.ndarray:
    cells = np.concatenate(strokes).astype(np.int64) * SIDE // AREA
    canvas = np.zeros((SIDE, SIDE), bool)
    canvas[cells[:, 1], cells[:, 0]] = True
    return _stamped(canvas)


MODES: dict[str, Callable[[Sequence[np.ndarray]], np.ndarray]] = {
    NORMALISED: _normalised,
    DIRECT: _direct,
}
"""The ways from strokes to a bitmap, by name."""
