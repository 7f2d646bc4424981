"""A screen of few pixels at any size, as its owner paints it; mouse and finger on it."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from math import floor

from PIL import Image

from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.picture import Picture
from inkpin.screen import Touch, image_size
from inkpin.screen.layout import Box

_PHASES = {
    "<ButtonPress-1>": Touch.DOWN,
    "<B1-Motion>": Touch.MOVE,
    "<ButtonRelease-1>": Touch.UP,
}

_LINES = "line"
_MARK, _MARK_WIDTH = "#d95f22", 4  # an edge that is seen on paper as on the dark column
_RING = 2  # pixels around it, coloured where the keyboard is


class PixelCanvas(tk.Canvas):
    """Shows a screen as large as there is room, within an edge.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
        size: width and height of the screen, in its own pixels.
        zoom: the zoom to ask room for.
        touch: takes touches that begin on the screen, in its pixels, and the event's own time in
            ms; they may leave it.
        resized: told whenever there is another zoom; the owner then paints all of it anew.

    Attributes:
        zoom: pixels of the window a pixel of the screen.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        size: tuple[int, int],
        zoom: float,
        touch: Callable[[Touch, int, int, int], None],
        resized: Callable[[float], None],
    ) -> None:
        self._size = size
        w, h = image_size(zoom, *size)
        super().__init__(
            parent, width=w, height=h, borderwidth=0, highlightthickness=_RING, takefocus=True
        )
        self.zoom = zoom
        self._shell = shell
        self._touch = touch
        self._resized = resized
        self._picture = Picture(self)
        self._edge = self.create_rectangle(0, 0, 0, 0, width=1)
        self._mark = self.create_rectangle(
            0, 0, 0, 0, width=_MARK_WIDTH, outline=_MARK, state="hidden"
        )
        self._marked: Box | None = None
        self._left = self._top = 0
        self._down = False
        self.bind("<Configure>", self._fit)
        self.bind("<<ThemeChanged>>", lambda _: self._apply_theme())
        self._apply_theme()
        for sequence, phase in _PHASES.items():
            self.bind(sequence, partial(self._pointer, phase))

    def show(self, image: Image.Image, x: int = 0, y: int = 0) -> None:
        """Paint an RGB image at the zoom there is, or a part whose top left corner is (x, y)."""
        if image.size == image_size(self.zoom, *self._size):
            self._picture.show(image)
        else:
            self._picture.patch(image, x, y)

    def add_line(self, points: Sequence[tuple[int, int]], width: int, colour: str) -> None:
        """Draw a line above the image at once, as long as remove_lines() lets it stay.

        Args:
            points: pixels of the screen, at least one.
            width: of the line, in its pixels.
            colour: a name or #rrggbb.
        """
        middles = [
            (self._left + (x + 0.5) * self.zoom, self._top + (y + 0.5) * self.zoom)
            for x, y in (points if len(points) > 1 else (*points, *points))
        ]
        self.create_line(
            *(v for middle in middles for v in middle),
            width=width * self.zoom,
            fill=colour,
            capstyle="round",
            joinstyle="round",
            tags=_LINES,
        )

    def remove_lines(self) -> None:
        """Remove all lines."""
        self.delete(_LINES)

    def mark(self, place: Box | None) -> None:
        """Draw an edge around a part of the screen, in its pixels; None draws it no longer."""
        self._marked = place
        self._lay_mark()

    def _lay_mark(self) -> None:
        if self._marked is None:
            self.itemconfigure(self._mark, state="hidden")
            return
        x, y, w, h = (side * self.zoom for side in self._marked)
        inset = _MARK_WIDTH / 2
        left, top = self._left + x + inset, self._top + y + inset
        self.coords(self._mark, left, top, left + w - 2 * inset, top + h - 2 * inset)
        self.itemconfigure(self._mark, state="normal")
        self.tag_raise(self._mark)

    def _apply_theme(self) -> None:
        colours = self._shell.colours
        self.configure(
            background=colours.background,
            highlightbackground=colours.background,
            highlightcolor=colours.accent,
        )
        self.itemconfigure(self._edge, outline=colours.edge)

    def _fit(self, event: tk.Event) -> None:
        """Follow the canvas to its new size."""
        self._apply_theme()  # a widget that was never seen hears of no change of theme
        ring = int(self.cget("highlightthickness")) + 1
        room = event.width - 2 * ring, event.height - 2 * ring
        zoom = max(min(r / s for r, s in zip(room, self._size, strict=True)), 0.25)
        w, h = image_size(zoom, *self._size)
        self._left, self._top = (event.width - w) // 2, (event.height - h) // 2
        self.coords(self._picture.item, self._left, self._top)
        edges = (self._left - 1, self._top - 1, self._left + w, self._top + h)
        self.coords(self._edge, *edges)
        if zoom != self.zoom:
            self.zoom = zoom
            self._resized(zoom)
        self._lay_mark()

    def _pointer(self, phase: Touch, event: tk.Event) -> None:
        x = floor((event.x + 0.5 - self._left) / self.zoom)  # a pixel is where its middle is
        y = floor((event.y + 0.5 - self._top) / self.zoom)
        if phase is Touch.DOWN:
            self.focus_set()
            self._down = 0 <= x < self._size[0] and 0 <= y < self._size[1]
        if self._down:
            self._touch(phase, x, y, event.time)
