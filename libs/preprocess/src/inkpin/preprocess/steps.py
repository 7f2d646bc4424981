"""What the preprocess makes of a drawing, step by step, for people to look at."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inkpin.common.arrays import Bitmap, Points
from inkpin.preprocess import MARGIN, Strokes


@dataclass(frozen=True, eq=False)
class Steps:
    """The stations from strokes to the network's input.

    Attributes:
        strokes: what the stroke buffer kept, in 0..239.
        box: of the ink, in pixels, its last ones included (x0, y0, x1, y1); None without ink.
        uncentred: the ink at its size in the box, joined and drawn.
        centre: of mass of `uncentred`, (x, y) in cells; None without ink.
        shift: whole cells, (right, down), that bring it to the middle.
        bitmap: what the network sees.
        legible: whether the ink is worth reading.
    """

    strokes: list[Points]
    box: tuple[int, int, int, int] | None
    uncentred: Bitmap
    centre: tuple[float, float] | None
    shift: tuple[int, int]
    bitmap: Bitmap
    legible: bool


def explained(strokes: Iterable[Iterable[Iterable[int]]]) -> Steps:
    """Return the steps of `normalised`.

    Args:
        strokes: each (n, 2), x right and y down, in 0..239; also those of half a drawing.
    """
    buffer = Strokes.of(strokes)
    kept, final = buffer.strokes(), buffer.bitmap()
    if not kept:
        return Steps([], None, final, None, (0, 0), final, legible=False)
    points = np.concatenate(kept)
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    # Centring moves the ink whole, and where it lay before is known: in the box's corner.
    down, right = (int(np.flatnonzero(final.any(axis=1 - axis))[0]) - MARGIN for axis in (0, 1))
    uncentred = np.roll(final, (-down, -right), axis=(0, 1))
    rows, columns = np.nonzero(uncentred)
    return Steps(
        strokes=kept,
        box=(x0, y0, x1, y1),
        uncentred=uncentred,
        centre=(float(columns.mean()), float(rows.mean())),
        shift=(right, down),
        bitmap=final,
        legible=buffer.legible,
    )
