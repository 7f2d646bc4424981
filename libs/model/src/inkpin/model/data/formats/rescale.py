"""Coordinates of any unit to the drawing area."""

from collections.abc import Sequence

import numpy as np

from inkpin.common.arrays import Floats, Points
from inkpin.model.data.samples import scaled
from inkpin.preprocess import AREA

_SHARE = 0.75  # of the area's side, for the larger side of a drawing


def to_area(strokes: Sequence[Floats]) -> list[Points]:
    """Return strokes (n, 2) of any unit in the middle of the area and at a good size."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(float((high - low).max()), 1e-6) / _SHARE
    corner = (low + high - side) / 2 - side / AREA / 2  # so that it is rounded, not cut
    return [scaled(stroke - corner, side) for stroke in strokes]
