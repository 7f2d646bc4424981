"""Why ink is not read ("?"), as far as the ink itself says."""

from enum import IntEnum

import numpy as np

from inkpin.common.arrays import Drawing
from inkpin.preprocess.raster import AREA


class Unread(IntEnum):
    """What keeps ink from being read."""

    LITTLE = 0
    """There is none, or a tap."""
    SMALL = 1
    EDGE = 2
    """It reaches the edge of the area, where it may be cut off."""
    SEVERAL = 3
    """It falls into two parts beside each other, or has more strokes than any character."""
    UNSURE = 4
    """It may be this label or that."""
    NOTHING = 5
    """It is like no label."""


def at_edge(strokes: Drawing) -> bool:
    """Whether ink, some of it, reaches the edge of the area."""
    points = np.concatenate(strokes)
    return bool((points == 0).any() or (points == AREA - 1).any())


def falls_apart(strokes: Drawing) -> bool:
    """Whether a column without ink parts strokes into two, each at least half as high as all."""
    left, right = np.array([[s[:, 0].min(), s[:, 0].max()] for s in strokes]).T
    empty = np.ones(AREA, bool)
    for low, high in zip(left, right, strict=True):
        empty[low : high + 1] = False
    points = np.concatenate(strokes)
    half = np.ptp(points[:, 1]) / 2
    return any(
        np.ptp(points[points[:, 0] < column, 1]) >= half
        and np.ptp(points[points[:, 0] > column, 1]) >= half
        for column in np.flatnonzero(empty)
        if left.min() < column < right.max()
    )
