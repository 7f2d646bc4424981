"""How many samples there are of each label, as bars towards a target."""

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from tkinter import font

from inkpin.desktop import theme
from inkpin.desktop.samples.wording import shortened
from inkpin.desktop.shell import Shell

_NAMES = 0.4  # of a column, at most
_STILL = 10  # pixels, at a scaling of 1, that a click may move


class LabelCounts(tk.Canvas):
    """A bar for each label, in two columns; the label that is asked for stands out.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
        chosen: takes the label whose bar was clicked.
        width: pixels at a scaling of 1.
    """

    def __init__(
        self, parent: tk.Misc, shell: Shell, chosen: Callable[[str], None], width: int = 320
    ) -> None:
        super().__init__(
            parent, width=round(width * shell.scaling), highlightthickness=0, takefocus=False
        )
        self._shell = shell
        self._chosen = chosen
        self._shown: tuple[Sequence[str], Mapping[str, int], int, str] = ((), {}, 1, "")
        self.bind("<Configure>", lambda _: self._draw())
        self.bind("<<ThemeChanged>>", lambda _: self._draw())
        self._pressed = 0  # where on the screen
        self.bind("<ButtonPress-1>", self._press)
        self.bind("<ButtonRelease-1>", self._release)

    def show(
        self, labels: Sequence[str], counts: Mapping[str, int], target: int, asked: str
    ) -> None:
        """Show the counts; `asked` is the label that is asked for."""
        self._shown = labels, dict(counts), target, asked
        self._draw()

    def _press(self, event: tk.Event) -> None:
        self._pressed = event.y_root

    def _release(self, event: tk.Event) -> None:
        """Take a click, unless a finger has pulled the panel meanwhile."""
        if abs(event.y_root - self._pressed) > _STILL * self._shell.scaling:
            return
        labels = self._shown[0]
        pitch = self._pitch
        rows = (len(labels) + 1) // 2
        place = (event.x > self.winfo_width() / 2) * rows + event.y // pitch
        if event.y // pitch < rows and place < len(labels):
            self._chosen(labels[place])

    @property
    def _pitch(self) -> int:
        """Pixels from a bar to the next, which a finger is to meet."""
        return round(theme.FINGER * self._shell.scaling)

    def _draw(self) -> None:
        labels, counts, target, asked = self._shown
        colours = self._shell.colours
        line = font.nametofont(theme.BODY, self).metrics("linespace")
        pitch = self._pitch
        rows = (len(labels) + 1) // 2
        self.delete("all")
        self.configure(background=colours.background, height=max(rows, 1) * pitch)
        column = self.winfo_width() / 2
        measure = font.nametofont(theme.STRONG, self).measure
        named = min(max(map(measure, labels), default=0), column * _NAMES) + 10
        number = measure(f"{target}/{target}") + 10
        for place, label in enumerate(labels):
            x = place // rows * column
            y = (place % rows + 0.5) * pitch
            have = counts.get(label, 0)
            left, right = x + named, x + column - number
            full = colours.good if have >= target else colours.accent
            self.create_text(
                x + 2,
                y,
                text=shortened(label, named - 10, measure),
                anchor="w",
                font=theme.STRONG,
                fill=colours.accent if label == asked else colours.text,
            )
            half = line * 0.25
            end = left + (right - left) * min(have / target, 1)
            self.create_rectangle(left, y - half, right, y + half, fill=colours.line, width=0)
            if have:
                self.create_rectangle(left, y - half, end, y + half, fill=full, width=0)
            if label == asked:
                box = (left - 3, y - half - 3, right + 3, y + half + 3)
                self.create_rectangle(*box, outline=colours.accent)
            self.create_text(
                right + 6,
                y,
                text=f"{have}/{target}",
                anchor="w",
                font=theme.SMALL,
                fill=colours.text,
            )
