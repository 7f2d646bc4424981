"""The stroke buffer: touch points one at a time, in bounded memory.

A stroke buffer holds CAPACITY entries, points and pen-ups. While there is room every point
is kept. When it fills, the smallest distance between neighbours doubles and the whole buffer
is thinned to it, so that a long drawing loses detail evenly and never its end. A drawing that
fills the buffer even so has more strokes than any character: it overflows, and no longer
counts as legible.
"""

from collections.abc import Iterable
from typing import Self

import numpy as np

from inkpin.common.arrays import Bitmap, Drawing, Points
from inkpin.preprocess.raster import AREA, NORMALISED, rasterise
from inkpin.preprocess.unread import Unread, at_edge, falls_apart

CAPACITY = 512
"""Entries of the buffer, points and pen-ups together."""

MIN_EXTENT = 14
"""Ink whose larger side is shorter than this, in pixels of 240, is too small to read.

`inkpin-model sizes` counts what becomes of drawings at each size: from here on the network misreads
hardly more of them than of large ones.
"""

TAP_EXTENT = 6
"""Ink shorter than this is a tap: a finger that rests wanders by some pixels."""

PEN_UP = (255, 255)
"""The entry that ends a stroke."""

_MAX_GAP = 256  # wider than the area: every stroke is down to its two ends


class Strokes:
    """What was drawn so far; mirrors `ink_strokes` of ink_preprocess.h entry for entry."""

    def __init__(self) -> None:
        self.clear()

    @classmethod
    def of(cls, strokes: Iterable[Iterable[Iterable[int]]]) -> Self:
        """Return a buffer fed with whole strokes, each of shape (n, 2)."""
        buffer = cls()
        for stroke in strokes:
            for x, y in stroke:
                buffer.point(int(x), int(y))
            buffer.up()
        return buffer

    def clear(self) -> None:
        """Forget all ink."""
        self._points: list[tuple[int, int]] = []
        self._overflow = False
        self._gap = 1

    @property
    def points(self) -> list[tuple[int, int]]:
        """The entries held, points and pen-ups."""
        return self._points

    @property
    def overflow(self) -> bool:
        """Whether the drawing filled the buffer in spite of thinning."""
        return self._overflow

    def point(self, x: int, y: int) -> None:
        """Add a touch sample, in pixels of the 240x240 area; outside ones move to its edge."""
        sample = (min(max(x, 0), AREA - 1), min(max(y, 0), AREA - 1))
        if not self._overflow and (self._replaces_tail(self._points) or self._make_room()):
            self._put(self._points, sample)

    def up(self) -> None:
        """End the stroke, if one was begun."""
        if self._points and self._points[-1] != PEN_UP and not self._overflow and self._make_room():
            self._points.append(PEN_UP)

    @property
    def legible(self) -> bool:
        """Whether the ink is worth reading: neither too small nor an overflowing scribble."""
        return not self._overflow and self._extent >= MIN_EXTENT

    @property
    def _extent(self) -> int:
        """The larger side of the ink in pixels; -1 without any."""
        ink = [point for point in self._points if point != PEN_UP]
        return max((max(axis) - min(axis) for axis in zip(*ink, strict=True)), default=-1)

    def unread(self, *, likely: bool) -> Unread:
        """Return why the ink, which was not read, was not.

        Args:
            likely: whether the network found some label more likely than none.
        """
        if self._overflow:
            return Unread.SEVERAL
        if self._extent < MIN_EXTENT:
            return Unread.LITTLE if self._extent < TAP_EXTENT else Unread.SMALL
        strokes = self.strokes()
        if at_edge(strokes):
            return Unread.EDGE
        if falls_apart(strokes):
            return Unread.SEVERAL
        return Unread.UNSURE if likely else Unread.NOTHING

    def bitmap(self, mode: str = NORMALISED) -> Bitmap:
        """Return the ink as a bitmap."""
        return rasterise(self.strokes(), mode)

    def strokes(self) -> list[Points]:
        """Return the strokes held."""
        strokes: list[list[tuple[int, int]]] = [[]]
        for point in self._points:
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
        while len(self._points) == CAPACITY and self._gap < _MAX_GAP:
            self._gap *= 2
            thinned: list[tuple[int, int]] = []
            for point in self._points:
                if point == PEN_UP:
                    thinned.append(point)
                else:
                    self._put(thinned, point)
            self._points = thinned
        self._overflow = len(self._points) == CAPACITY
        return not self._overflow


def bitmap(strokes: Drawing, mode: str = NORMALISED) -> Bitmap:
    """Return what the device would see of whole strokes.

    Args:
        strokes: in 0..239.
        mode: "normalised" or "direct".
    """
    if sum(len(stroke) + 1 for stroke in strokes) > CAPACITY:
        return Strokes.of(strokes).bitmap(mode)
    return rasterise(strokes, mode)
