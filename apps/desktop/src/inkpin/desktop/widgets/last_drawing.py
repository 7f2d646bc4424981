"""The drawing that was saved last, or taken back: seen for as long as nothing else was."""

import tkinter as tk
from collections.abc import Callable
from tkinter import font, ttk

from inkpin.desktop import theme
from inkpin.desktop.samples.wording import shortened
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.bitmap_view import BitmapView
from inkpin.model.collection.sample import Entry

_WIDE = 120  # pixels of the words at most, at a scaling of 1


class LastDrawing(ttk.Frame):
    """A thumbnail, its label, and a button that takes the sample back or brings it back.

    Args:
        parent: the widget around it.
        shell: the window.
        toggle: called by the button.
    """

    def __init__(self, parent: tk.Misc, shell: Shell, toggle: Callable[[], None]) -> None:
        super().__init__(parent)
        self._shell = shell
        self._picture = BitmapView(self, shell, 2)
        self._beside = beside = ttk.Frame(self)
        self._words = ttk.Label(beside, style="Small.TLabel")
        self._words.pack(anchor="w")
        self._button = ttk.Button(beside, command=toggle)
        self._button.pack(anchor="w", pady=("3p", 0))

    def show(self, entry: Entry | None, *, saved: bool) -> None:
        """Show a sample that is among those saved or not any more; or nothing."""
        if entry is None:
            self._picture.pack_forget()
            self._beside.pack_forget()
            return
        self._picture.pack(side="left", padx=(0, "6p"))
        self._beside.pack(side="left")
        self._picture.show(entry.bitmap)
        words = f"{'Saved' if saved else 'Taken back'}: {entry.label}"
        measure = font.nametofont(theme.SMALL, self).measure
        self._words.configure(text=shortened(words, _WIDE * self._shell.scaling, measure))
        self._button.configure(text="Take it back" if saved else "Bring it back")
