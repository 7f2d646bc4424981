"""The stroke buffer: touch points one at a time, in bounded memory.

A stroke buffer holds CAPACITY entries, points and pen-ups. While there is room every point
is kept. When it fills, the smallest distance between neighbours doubles and the whole buffer
is thinned to it, so that a long drawing loses detail evenly and never its end. A drawing that
fills the buffer even so has more strokes than any character: it overflows, and no longer
counts as legible.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from inkpin.preprocess.raster import AREA, NORMALISED, rasterise

CAPACITY = 512
"""Entries of the buffer, points and pen-ups together."""

MIN_EXTENT = 20
"""Ink whose larger side is shorter than this, in pixels of 240, is too little to read."""

PEN_UP = (255, 255)
"""The entry that ends a stroke."""

_MAX_GAP = 256  # wider than the area: every stroke is down to its two ends


class Strokes:
    """What was drawn so far; mirrors `ink_strokes` of ink_preprocess.h entry for entry."""

    def __init__(self) -> None:
        self.clear()

    @classmethod
    def of(cls, strokes: Iterable[Sequence[Sequence[int]]]) -> "Strokes":
        """Return a buffer fed with whole strokes, each of shape (n, 2)."""
        buffer = cls()
        for stroke in strokes:
            for x, y in stroke:
                buffer.point(int(x), int(y))
            buffer.up()
        return buffer

    def clear(self) -> None:
        """Forget all ink."""
        self.points: list[tuple[int, int]] = []
        self.overflow = False
        self._gap = 1

    def point(self, x: int, y: int) -> None:
        """Add a touch sample, in pixels of the 240x240 area; outside ones move to its edge."""
        sample = (min(max(x, 0), AREA - 1), min(max(y, 0), AREA - 1))
        if not self.overflow and (self._replaces_tail(self.points) or self._make_room()):
            self._put(self.points, sample)

    def up(self) -> None:
        """End the stroke, if one was begun."""
        if self.points and self.points[-1] != PEN_UP and not self.overflow and self._make_room():
            self.points.append(PEN_UP)

    @property
    def legible(self) -> bool:
        """Whether the ink is worth reading: neither too small nor an overflowing scribble."""
        ink = [point for point in self.points if point != PEN_UP]
        if not ink or self.overflow:
            return False
        return any(max(axis) - min(axis) >= MIN_EXTENT for axis in zip(*ink, strict=True))

    def bitmap(self, mode: str = NORMALISED) -> np.ndarray:
        """Return the ink as a bitmap, (28, 28) bool."""
        return rasterise(self.strokes(), mode)

    def strokes(self) -> list[np.ndarray]:
        """Return the strokes held, each an int array of shape (n, 2)."""
        strokes: list[list[tuple[int, int]]] = [[]]
        for point in self.points:
            if point == PEN_UP:
                strokes.append([])
            else:
                strokes[-1].append(point)
        return [np.array(stroke) for stroke in strokes if stroke]

    def _replaces_tail(self, points: list[tuple[int, int]]) -> bool:
        """Whether the newest point is still too near its predecessor to stay."""
        if len(points) < 2 or PEN_UP in points[-2:]:
            return False
        (x0, y0), (x1, y1) = points[-2:]
        return max(abs(x1 - x0), abs(y1 - y0)) < self._gap

    def _put(self, points: list[tuple[int, int]], point: tuple[int, int]) -> None:
        if self._replaces_tail(points):
            points[-1] = point
        else:
            points.append(point)

    def _make_room(self) -> bool:
        """Thin until an entry is free; return whether one is."""
        while len(self.points) == CAPACITY and self._gap < _MAX_GAP:
            self._gap *= 2
            thinned: list[tuple[int, int]] = []
            for point in self.points:
                if point == PEN_UP:
                    thinned.append(point)
                else:
                    self._put(thinned, point)
            self.points = thinned
        self.overflow = len(self.points) == CAPACITY
        return not self.overflow


def bitmap(strokes: Sequence[np.ndarray], mode: str = NORMALISED) -> np.ndarray:
    """Return what the device would see of whole strokes.

    Args:
        strokes: int arrays of shape (n, 2), x right, y down, in 0..239.
        mode: "normalised" or "direct".

    Returns:
        The bitmap, (28, 28) bool.
    """
    if sum(len(stroke) + 1 for stroke in strokes) > CAPACITY:
        return Strokes.of(strokes).bitmap(mode)
    return rasterise(strokes, mode)
