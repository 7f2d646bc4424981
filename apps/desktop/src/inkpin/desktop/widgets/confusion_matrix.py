"""A confusion matrix: rows are what was written, columns what was read."""

import tkinter as tk
from collections.abc import Sequence
from functools import partial
from tkinter import font

import numpy as np

from inkpin.common.arrays import Ints
from inkpin.desktop import theme
from inkpin.desktop.samples.wording import shortened
from inkpin.desktop.shell import Shell

_NAMES = 0.3  # of the side, at most


class ConfusionMatrix(tk.Canvas):
    """Counts on cells; what was read right lies on the diagonal.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
        side: pixels at a scaling of 1.
    """

    def __init__(self, parent: tk.Misc, shell: Shell, side: int) -> None:
        pixels = round(side * shell.scaling)
        super().__init__(parent, width=pixels, height=pixels, highlightthickness=0, takefocus=False)
        self._shell = shell
        self._labels: Sequence[str] = ()
        self._counts = np.zeros((0, 0), int)
        self.bind("<Configure>", lambda _: self._draw())
        self.bind("<<ThemeChanged>>", lambda _: self._draw())

    def show(self, labels: Sequence[str], counts: Ints) -> None:
        """Show counts (n, n) of n labels."""
        self._labels, self._counts = labels, counts
        self._draw()

    def _draw(self) -> None:
        colours = self._shell.colours
        self.delete("all")
        self.configure(background=colours.background)
        if not self._labels:
            return
        small = font.nametofont(theme.SMALL, self)
        side = min(self.winfo_width(), self.winfo_height())
        widest = max(map(small.measure, self._labels))
        edge = max(small.metrics("linespace"), min(widest, side * _NAMES)) + 4
        pitch = (side - edge - 1) / len(self._labels)
        text = partial(self.create_text, font=theme.SMALL)
        for place, label in enumerate(self._labels):
            middle = edge + (place + 0.5) * pitch
            above, beside = (shortened(label, room - 4, small.measure) for room in (pitch, edge))
            text(middle, edge / 2, text=above, fill=colours.muted)
            text(edge / 2, middle, text=beside, fill=colours.muted)
        shares = self._counts / np.maximum(self._counts.sum(axis=1, keepdims=True), 1)
        for (row, column), count in np.ndenumerate(self._counts):
            x, y = edge + column * pitch, edge + row * pitch
            hue = colours.good if row == column else colours.bad
            # The root makes rare mistakes visible beside the diagonal.
            background = _mixed(colours.card, hue, float(shares[row, column]) ** 0.5 * 0.8)
            box = (x, y, x + pitch, y + pitch)
            self.create_rectangle(*box, fill=background, outline=colours.line)
            if count:
                text(x + pitch / 2, y + pitch / 2, text=int(count), fill=_text_on(background))


def _text_on(background: str) -> str:
    """Return black or white, whichever is easier to read on a colour (WCAG's luminance)."""
    red, green, blue = (int(background[i : i + 2], 16) / 255 for i in (1, 3, 5))
    luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "#000000" if luminance > 0.18 else "#ffffff"


def _mixed(colour: str, hue: str, share: float) -> str:
    """Return a colour between two, as #rrggbb."""
    pairs = ((int(colour[i : i + 2], 16), int(hue[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in pairs)
