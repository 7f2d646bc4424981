"""How likely each label is, as horizontal bars."""

import tkinter as tk
from collections.abc import Iterable, Sequence
from functools import partial
from tkinter import font

from inkpin.desktop import theme
from inkpin.desktop.percent import PERCENT
from inkpin.desktop.samples.wording import shortened
from inkpin.desktop.shell import Shell

_NAMES = 0.4  # of the width, at most


class LabelBars(tk.Canvas):
    """A bar for each label; the longest is the answer. Under the pointer they tell their logits.

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
        self._shares: Sequence[float] = ()
        self._logits: Sequence[int] = ()
        self._hovering = False
        self.bind("<Configure>", lambda _: self._draw())
        self.bind("<<ThemeChanged>>", lambda _: self._draw())
        self.bind("<Enter>", lambda _: self._hover(True))
        self.bind("<Leave>", lambda _: self._hover(False))

    def show(
        self, labels: Sequence[str], probabilities: Iterable[float], logits: Iterable[int]
    ) -> None:
        """Show these; nothing, if there are none."""
        self._labels = labels
        self._shares = [float(share) for share in probabilities]
        self._logits = [int(logit) for logit in logits]
        self._draw()

    def _hover(self, on: bool) -> None:
        self._hovering = on
        self._draw()

    def _draw(self) -> None:
        colours = self._shell.colours
        self.delete("all")
        self.configure(background=colours.background)
        if not self._shares:
            return
        texts = [f"{share:.0%}".replace("%", PERCENT) for share in self._shares]
        if self._hovering:
            texts = [str(logit) for logit in self._logits]
        height = self.winfo_height() / len(self._shares)
        measure = font.nametofont(theme.SMALL, self).measure
        left = min(max(map(measure, self._labels)), self.winfo_width() * _NAMES) + 10
        right = self.winfo_width() - max(map(measure, [*texts, f"100{PERCENT}"])) - 10
        best = max(range(len(self._shares)), key=self._logits.__getitem__)
        rows = zip(self._labels, self._shares, texts, strict=True)
        for row, (label, share, words) in enumerate(rows):
            y = (row + 0.5) * height
            colour = colours.accent if row == best else colours.muted
            end = left + max((right - left) * share, 1)
            self.create_rectangle(
                *(left, y - height * 0.32, end, y + height * 0.32), fill=colour, width=0
            )
            text = partial(self.create_text, fill=colours.text, font=theme.SMALL)
            text(2, y, text=shortened(label, left - 10, measure), anchor="w")
            text(self.winfo_width() - 2, y, text=words, anchor="e")
        self.create_line(left, 0, left, self.winfo_height(), fill=colours.line)
