"""What can be done with the samples that are chosen, where one points at them."""

import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from tkinter import font
from typing import Any

from inkpin.desktop import theme
from inkpin.desktop.samples.wording import shortened
from inkpin.desktop.shell import Shell

_WIDE = 240  # pixels of a label at most, at a scaling of 1
_INDENT = 8  # pixels before a text, likewise
_BESIDE = 4  # pixels of an entry that are Tk's own


class ReviewMenu(tk.Menu):
    """A menu of actions, and one of labels to choose from.

    Args:
        parent: the widget that it belongs to.
        shell: the window.
        labels: gives all labels; asked when the menu is opened.
        relabel: takes the one that was chosen.
        actions: texts, keys, and what they run.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        labels: Callable[[], Sequence[str]],
        relabel: Callable[[str], None],
        actions: Sequence[tuple[str, str, Callable[[], None]]],
    ) -> None:
        super().__init__(parent, tearoff=False)
        self._shell = shell
        self._names = labels
        self._relabel = relabel
        self._labels = tk.Menu(self, tearoff=False)
        # Makes an entry as high as a finger; the border that Tk offers for that is a bevel.
        self._height = tk.PhotoImage(master=self)
        tall: dict[str, Any] = {"image": self._height, "compound": "left"}
        self.add_cascade(label="Relabel as", menu=self._labels, **tall)
        for text, keys, run in actions:
            self.add_command(label=text, accelerator=f"{keys}  ", command=run, **tall)

    def open(self, x: int, y: int) -> None:
        """Show it at a point of the screen."""
        high = round(theme.FINGER * self._shell.scaling)
        self._height.configure(width=round(_INDENT * self._shell.scaling), height=high)
        self._labels.delete(0, "end")
        measure, room = font.nametofont(theme.LARGE, self).measure, _WIDE * self._shell.scaling
        rows = max(self.winfo_screenheight() // (high + _BESIDE), 1)
        for place, label in enumerate(self._names()):
            self._labels.add_command(
                label=shortened(label, room, measure),
                command=partial(self._relabel, label),
                image=self._height,
                compound="left",
                columnbreak=place > 0 and place % rows == 0,
            )
        colours = self._shell.colours
        for menu in (self, self._labels):
            menu.configure(
                font=theme.LARGE,
                background=colours.card,
                foreground=colours.text,
                activebackground=colours.accent,
                activeforeground=colours.card,
                borderwidth=1,
                relief="solid",
                activeborderwidth=0,
            )
        try:
            self.tk_popup(x, y)
        finally:
            self.grab_release()
