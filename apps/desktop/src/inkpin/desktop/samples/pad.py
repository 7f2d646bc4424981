"""A pad to draw on: strokes with their times, and their picture."""

import numpy as np
from PIL import Image

from inkpin.common.arrays import Points, Times
from inkpin.preprocess import Strokes
from inkpin.screen import Draw, Ink, Rect, Touch, image_size, render
from inkpin.screen.layout import AREA, Box

Stroke = list[tuple[int, int, int]]
"""Points x, y and the ms of each since the first one of the drawing."""

LOST_MS, LOST_PIXELS = 50, 20
"""A pen that has moved so far in a time so long was seen in between, if all was well."""

_CLOCK = 1 << 32  # ms at which the clock of events begins anew


class Pad:
    """One drawing under way."""

    def __init__(self) -> None:
        self._started = 0
        self._restored = False  # strokes of another time
        self._drawing = False
        self._strokes: list[Stroke] = []
        self._taken: list[Stroke] = []
        self._shown = (0, 0)  # strokes, and points of the last of them, that were given to be seen

    def touch(self, phase: Touch, x: int, y: int, ms: int) -> None:
        """Take a touch in pixels of the pad; beyond its edge, at its edge.

        Args:
            phase: of the touch.
            x: to the right.
            y: down.
            ms: when it was, by any clock of 32 bits.
        """
        if phase is Touch.DOWN:
            if not self._strokes or self._restored:
                self._started, self._restored = ms - self._last, False
            self._strokes.append([])
            self._taken = []
            self._drawing = True
        if self._drawing:
            self._strokes[-1].append((*AREA.clamp(x, y), self._since_start(ms)))
        self._drawing = self._drawing and phase is not Touch.UP

    def _since_start(self, ms: int) -> int:
        """Return a time since the first point; one before the last point's, as that one's."""
        last = self._last
        later = (ms - self._started - last) % _CLOCK
        return last + (later if later < _CLOCK // 2 else 0)

    @property
    def _last(self) -> int:
        return next((stroke[-1][2] for stroke in reversed(self._strokes) if stroke), 0)

    def take_back(self) -> bool:
        """Remove the last stroke; return whether there was one."""
        self._drawing = False
        if not self._strokes:
            return False
        self._taken.append(self._strokes.pop())
        return True

    @property
    def can_bring_back(self) -> bool:
        """Whether bring_back() has a stroke."""
        return bool(self._taken)

    def bring_back(self) -> bool:
        """Put the stroke that was taken back last on the paper again; return if there was one."""
        if not self._taken:
            return False
        self._strokes.append(self._taken.pop())
        return True

    def clear(self) -> list[Stroke]:
        """Remove all strokes; return them, for `restore`."""
        strokes, self._strokes = self._strokes, []
        self._drawing = False
        self._taken = []
        return strokes

    def restore(self, strokes: list[Stroke]) -> None:
        """Put the strokes of a whole drawing on the empty paper."""
        self._strokes = strokes
        self._restored = True
        self._taken = []

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

    @property
    def has_gaps(self) -> bool:
        """Whether points of a stroke must have been lost on their way here."""
        for points, times in zip(self.strokes, self.times, strict=True):
            far = np.hypot(*np.diff(points, axis=0).T) > LOST_PIXELS
            if np.any(far & (np.diff(times) > LOST_MS)):
                return True
        return False

    def image(self, scale: float = 1) -> Image.Image:
        """Return the pad as the lock's screen would show it, so many pixels to each of its own."""
        self._shown = self.reached
        points = Strokes.of(self.strokes).points
        draws: list[Draw] = [Rect(*AREA, 0, "paper")]
        if points:
            draws.append(Ink(tuple(points), "ink"))
        return render(draws, scale, Box(0, 0, *image_size(scale, AREA.w, AREA.h)))

    def new_lines(self) -> list[list[tuple[int, int]]]:
        """Return the ink that neither this nor image() gave yet, as lines of one point or more."""
        (strokes, points), self._shown = self._shown, self.reached
        if (strokes, points) == self._shown:
            return []
        first = max(strokes - 1, 0)
        begun = max(points - 1, 0) if strokes else 0  # the new ink begins where the old ended
        fresh = self._strokes[first:]
        fresh[:1] = [stroke[begun:] for stroke in fresh[:1]]
        return [[(x, y) for x, y, _ in stroke] for stroke in fresh]

    @property
    def reached(self) -> tuple[int, int]:
        """How many strokes there are, and points of the last."""
        return len(self._strokes), len(self._strokes[-1]) if self._strokes else 0
