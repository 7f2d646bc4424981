"""Strokes to 28x28 bits, in integers only.

`normalised` makes a bitmap that does not depend on where and how large a digit was drawn:
the longer side of its bounding box becomes BOX cells, the shorter one a little more than its
share, touch samples are joined by lines, a pen of 2x2 cells follows them, and the centre of mass
moves to the middle. That is how MNIST's own images were framed (LeCun et al. 1998), but for the
shorter side: of r times the longer it becomes r (2 - r), so that a slim digit keeps its loops open,
while a straight line stays one.

`direct` is the way of the article that started this: each touch sample sets its cell of the
28x28 grid laid over the area, and its eight neighbours.
"""

from collections.abc import Callable, Sequence

import numpy as np

from inkpin.common.arrays import Bitmap, Drawing, Points

AREA = 240
"""Side of the drawing area in pixels."""

SIDE = 28
"""Side of the bitmap in cells."""

BOX = 20
"""Cells along the longer side of a normalised drawing, before the pen adds to it."""

PEN = 2
"""Side of the pen of a normalised drawing, in cells."""

NORMALISED = "normalised"
DIRECT = "direct"

MARGIN = (SIDE - BOX) // 2
"""Cells beside the box before the ink is centred."""

UNIT = 256
"""Fractions of a cell."""

_STEP = UNIT // 2  # lines are walked in steps of at most half a cell


def rasterise(strokes: Drawing, mode: str = NORMALISED) -> Bitmap:
    """Return the bitmap of strokes in 0..239; empty without ink."""
    strokes = [stroke for stroke in strokes if len(stroke)]
    return MODES[mode](strokes) if strokes else np.zeros((SIDE, SIDE), bool)


def fit_to_box(points: Points, box: int = BOX, *, aspect_corrected: bool = True) -> Points:
    """Return where points, in pixels, lie in the box, in 1/UNIT of a cell."""
    points = points.astype(np.int64)
    origin: Points = points.min(axis=0)
    sides: Points = points.max(axis=0) - origin
    longer = max(int(sides.max()), 1)
    sizes = (box - 1) * UNIT * sides // longer
    if aspect_corrected:
        sizes = (box - 1) * UNIT * sides * (2 * longer - sides) // (longer * longer)
    sides = np.maximum(sides, 1)  # along a side without length all points lie at the origin
    return ((points - origin) * sizes + sides // 2) // sides


def normalised(
    strokes: Drawing, box: int = BOX, pen: int = PEN, *, aspect_corrected: bool = True
) -> Bitmap:
    """Return the bitmap of strokes with ink.

    Args:
        strokes: in pixels of any area.
        box: cells along the longer side. The device knows its own alone, and pen and correction.
        pen: its side in cells.
        aspect_corrected: whether the shorter side becomes more than its share.
    """
    fine = fit_to_box(np.concatenate(strokes), box, aspect_corrected=aspect_corrected)
    cells = (_joined(fine, [len(stroke) for stroke in strokes]) + UNIT // 2) // UNIT
    cells += (SIDE - box) // 2
    canvas = np.zeros((SIDE, SIDE), bool)
    canvas[cells[:, 1], cells[:, 0]] = True
    for _ in range(pen - 1):
        canvas[1:] |= canvas[:-1]
        canvas[:, 1:] |= canvas[:, :-1]
    return _centred(canvas)


def _joined(points: Points, lengths: Sequence[int]) -> Points:
    """Return `points` (n, 2) and those on the lines between neighbours of one stroke."""
    starts = np.delete(np.arange(len(points)), np.cumsum(lengths) - 1)
    a, b = points[starts], points[starts + 1]
    steps = (np.abs(b - a).max(axis=1, initial=0) + _STEP - 1) // _STEP
    inner = np.maximum(steps - 1, 0)
    segment = np.repeat(np.arange(len(a)), inner)
    n = steps[segment, None]
    k = np.arange(len(segment))[:, None] - (np.cumsum(inner) - inner)[segment, None] + 1
    return np.concatenate([points, (a[segment] * (n - k) + b[segment] * k + n // 2) // n])


def _stamped(canvas: Bitmap) -> Bitmap:
    """Return `canvas` with the eight neighbours of every set cell set, cut at the edge."""
    tall = canvas.copy()
    tall[1:] |= canvas[:-1]
    tall[:-1] |= canvas[1:]
    wide = tall.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide


def _centred(canvas: Bitmap) -> Bitmap:
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


def _direct(strokes: Drawing) -> Bitmap:
    cells = np.concatenate(strokes).astype(np.int64) * SIDE // AREA
    canvas = np.zeros((SIDE, SIDE), bool)
    canvas[cells[:, 1], cells[:, 0]] = True
    return _stamped(canvas)


MODES: dict[str, Callable[[Drawing], Bitmap]] = {
    NORMALISED: normalised,
    DIRECT: _direct,
}
"""The ways from strokes to a bitmap, by name."""
