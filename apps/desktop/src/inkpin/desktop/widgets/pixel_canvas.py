"""An image of few pixels, scaled by the largest integer that fits; mouse and finger on it."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial

from PIL import Image

from inkpin.desktop.shell import Shell
from inkpin.screen import Touch

_PHASES = {
    "<ButtonPress-1>": Touch.DOWN,
    "<B1-Motion>": Touch.MOVE,
    "<ButtonRelease-1>": Touch.UP,
}

_LINES = "line"


class PixelCanvas(tk.Canvas):
    """Shows an image of a fixed size, each of its pixels a square of the screen's.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
        size: width and height of the image.
        scale: the scale to ask room for.
        touch: takes touches that begin on the image, in its pixels, and the event's own time in
            ms; they may leave it.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        size: tuple[int, int],
        scale: int,
        touch: Callable[[Touch, int, int, int], None],
    ) -> None:
        w, h = self._size = size
        super().__init__(
            parent,
            width=w * scale,
            height=h * scale,
            borderwidth=0,
            highlightthickness=2,
            takefocus=True,
        )
        self._shell = shell
        self._touch = touch
        self._scale = scale
        self._image = tk.PhotoImage(master=self, width=w, height=h)
        self._scaled = tk.PhotoImage(master=self)
        self._item = self.create_image(0, 0, image=self._scaled)
        self._left = self._top = 0
        self._down = False
        self.bind("<Configure>", self._fit)
        self.bind("<<ThemeChanged>>", lambda _: self._apply_theme())
        self._apply_theme()
        for sequence, phase in _PHASES.items():
            self.bind(sequence, partial(self._pointer, phase))

    def show(self, image: Image.Image, x: int = 0, y: int = 0) -> None:
        """Paint an RGB image, or a part of one whose top left corner is (x, y)."""
        w, h = image.size
        ppm = b"P6 %d %d 255\n" % (w, h) + image.tobytes()
        self.tk.call(self._image, "put", ppm, "-format", "ppm", "-to", x, y)
        self._zoom(x, y, w, h)

    def add_line(self, points: Sequence[tuple[int, int]], width: int, colour: str) -> None:
        """Draw a line above the image at once, as long as remove_lines() lets it stay.

        Args:
            points: pixels of the image, at least one.
            width: of the line, in its pixels.
            colour: a name or #rrggbb.
        """
        scale = self._scale
        middles = [
            (self._left + x * scale + scale // 2, self._top + y * scale + scale // 2)
            for x, y in (points if len(points) > 1 else (*points, *points))
        ]
        self.create_line(
            *(v for middle in middles for v in middle),
            width=width * scale,
            fill=colour,
            capstyle="round",
            joinstyle="round",
            tags=_LINES,
        )

    def remove_lines(self) -> None:
        """Remove all lines."""
        self.delete(_LINES)

    def _apply_theme(self) -> None:
        colours = self._shell.colours
        self.configure(
            background=colours.background,
            highlightbackground=colours.background,
            highlightcolor=colours.accent,
        )

    def _zoom(self, x: int, y: int, w: int, h: int) -> None:
        scale = self._scale
        self.tk.call(
            *(self._scaled, "copy", self._image, "-zoom", scale),
            *("-from", x, y, x + w, y + h, "-to", x * scale, y * scale),
        )

    def _fit(self, event: tk.Event) -> None:
        """Follow the canvas to its new size."""
        self._apply_theme()  # a widget that was never seen hears of no change of theme
        w, h = self._size
        scale = max(1, min(event.width // w, event.height // h))
        if scale != self._scale:
            self._scale = scale
            self._scaled.blank()
        self._scaled.configure(width=w * scale, height=h * scale)
        self._zoom(0, 0, w, h)
        self._left = (event.width - w * scale) // 2
        self._top = (event.height - h * scale) // 2
        self.itemconfigure(self._item, anchor="nw")
        self.coords(self._item, self._left, self._top)

    def _pointer(self, phase: Touch, event: tk.Event) -> None:
        x = (event.x - self._left) // self._scale
        y = (event.y - self._top) // self._scale
        if phase is Touch.DOWN:
            self.focus_set()
            self._down = 0 <= x < self._size[0] and 0 <= y < self._size[1]
        if self._down:
            self._touch(phase, x, y, event.time)
