"""A pad to draw on: strokes with their times, and their picture."""

import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from inkpin.common.arrays import Points, Times
from inkpin.preprocess import Strokes
from inkpin.screen import Draw, Ink, Rect, Touch, render
from inkpin.screen.layout import AREA


class Pad:
    """One drawing under way.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = 0.0
        self._drawing = False
        self._strokes: list[list[tuple[int, int, int]]] = []

    def touch(self, phase: Touch, x: int, y: int) -> None:
        """Take a touch in pixels of the pad; beyond its edge, at its edge."""
        if phase is Touch.DOWN:
            if not self._strokes:
                self._started = self._clock()
            self._strokes.append([])
            self._drawing = True
        if self._drawing:
            ms = round((self._clock() - self._started) * 1000)
            self._strokes[-1].append((*AREA.clamp(x, y), ms))
        self._drawing = self._drawing and phase is not Touch.UP

    def take_back(self) -> bool:
        """Remove the last stroke; return whether there was one."""
        self._drawing = False
        return bool(self._strokes and self._strokes.pop())

    def clear(self) -> None:
        """Remove all strokes."""
        self._drawing = False
        self._strokes = []

    @property
    def strokes(self) -> list[Points]:
        """The strokes."""
        return [np.array(stroke, np.int32)[:, :2] for stroke in self._strokes]

    @property
    def times(self) -> list[Times]:
        """The ms of the strokes' points since the first one."""
        return [np.array(stroke, np.int64)[:, 2] for stroke in self._strokes]

    @property
    def legible(self) -> bool:
        """Whether there is enough ink to read, and not too much."""
        return Strokes.of(self.strokes).legible

    def image(self) -> Image.Image:
        """Return the pad, 240x240, as the lock's screen would show it."""
        points = Strokes.of(self.strokes).points
        draws: list[Draw] = [Rect(*AREA, 0, "paper")]
        if points:
            draws.append(Ink(tuple(points), "ink"))
        return render(draws).crop((AREA.x, AREA.y, AREA.x + AREA.w, AREA.y + AREA.h))
