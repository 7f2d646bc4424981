"""Logits as horizontal bars, one a label."""

import tkinter as tk
from collections.abc import Iterable, Sequence
from functools import partial
from tkinter import font

from inkpin.desktop import theme
from inkpin.desktop.shell import Shell


class LogitBars(tk.Canvas):
    """A bar for each label, from the axis at zero; the longest to the right is the answer.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
        width: pixels at a scaling of 1.
        rows: labels to ask room for.
    """

    def __init__(self, parent: tk.Misc, shell: Shell, width: int = 260, rows: int = 10) -> None:
        line = font.nametofont(theme.SMALL, parent).metrics("linespace")
        super().__init__(
            parent,
            width=round(width * shell.scaling),
            height=rows * (line + 2),
            highlightthickness=0,
            takefocus=False,
        )
        self._shell = shell
        self._labels: Sequence[str] = ()
        self._logits: Sequence[int] = ()
        self.bind("<Configure>", lambda _: self._draw())
        self.bind("<<ThemeChanged>>", lambda _: self._draw())

    def show(self, labels: Sequence[str], logits: Iterable[int]) -> None:
        """Show these; nothing, if there are none."""
        self._labels, self._logits = labels, [int(logit) for logit in logits]
        self._draw()

    def _draw(self) -> None:
        colours = self._shell.colours
        self.delete("all")
        self.configure(background=colours.background)
        if not self._logits:
            return
        height = self.winfo_height() / len(self._logits)
        measure = font.nametofont(theme.SMALL, self).measure
        left = max(map(measure, self._labels)) + 10
        right = self.winfo_width() - max(measure(str(logit)) for logit in self._logits) - 10
        low, high = min(*self._logits, 0), max(*self._logits, 1)
        unit = (right - left) / (high - low)
        axis = left - low * unit
        best = max(range(len(self._logits)), key=self._logits.__getitem__)
        for row, (label, logit) in enumerate(zip(self._labels, self._logits, strict=True)):
            y = (row + 0.5) * height
            colour = colours.accent if row == best else colours.muted
            ends = sorted((axis, axis + logit * unit))
            self.create_rectangle(
                *(ends[0], y - height * 0.32, ends[1], y + height * 0.32), fill=colour, width=0
            )
            text = partial(self.create_text, fill=colours.text, font=theme.SMALL)
            text(2, y, text=label, anchor="w")
            text(self.winfo_width() - 2, y, text=logit, anchor="e")
        self.create_line(axis, 0, axis, self.winfo_height(), fill=colours.line)
