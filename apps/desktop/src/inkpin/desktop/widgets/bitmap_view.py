"""A sample as the network sees it."""

import tkinter as tk

from inkpin.common.arrays import Bitmap
from inkpin.desktop.shell import Shell
from inkpin.preprocess import SIDE


class BitmapView(tk.Canvas):
    """Shows 28x28 bits, or an empty card.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
        zoom: pixels of a bit at a scaling of 1.
    """

    def __init__(self, parent: tk.Misc, shell: Shell, zoom: int) -> None:
        self._zoom = max(round(zoom * shell.scaling), 1)
        side = self._zoom * SIDE
        super().__init__(parent, width=side, height=side, highlightthickness=0)
        self._shell = shell
        self._shown: Bitmap | None = None
        for event in ("<<ThemeChanged>>", "<Map>"):  # what is not seen hears of no theme
            self.bind(event, lambda _: self.show(self._shown))

    @property
    def side(self) -> int:
        """Pixels of its width and its height."""
        return self._zoom * SIDE

    def show(self, bitmap: Bitmap | None) -> None:
        """Show a bitmap, or none."""
        self._shown = bitmap
        colours, zoom = self._shell.colours, self._zoom
        self.configure(background=colours.card)
        self.delete("all")
        if bitmap is None:
            return
        for row, column in zip(*bitmap.nonzero(), strict=True):
            x, y = column * zoom, row * zoom
            self.create_rectangle(x, y, x + zoom, y + zoom, fill=colours.text, width=0)
