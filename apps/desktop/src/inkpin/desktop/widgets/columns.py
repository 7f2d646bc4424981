"""Two panels: side by side, or one below the other where the window is too narrow for that."""

import tkinter as tk
from tkinter import ttk


class Columns(ttk.Frame):
    """Asks for the width of the wider one; the second takes what the first leaves.

    Args:
        parent: the widget around it.
    """

    def __init__(self, parent: tk.Misc) -> None:
        super().__init__(parent)
        self._folded: bool | None = None

    def fill(self, first: ttk.Frame, second: ttk.Frame, gap: int) -> None:
        """Show these, its children, so many pixels from each other."""
        self._first, self._second, self._gap = first, second, gap
        self.columnconfigure(0, minsize=0)
        self._fold(True)
        self.bind("<Configure>", lambda event: self._fit(event.width))

    def _fit(self, width: int) -> None:
        both = self._first.winfo_reqwidth() + self._gap + self._second.winfo_reqwidth()
        if (folded := both > width) != self._folded:
            self._fold(folded)

    def _fold(self, folded: bool) -> None:
        self._folded = folded
        self._first.grid(row=0, column=0, sticky="nw")
        self.columnconfigure(1, weight=0 if folded else 1)
        if folded:
            self._second.grid(row=1, column=0, sticky="new", padx=0, pady=(self._gap, 0))
        else:
            self._second.grid(row=0, column=1, sticky="new", padx=(self._gap, 0), pady=0)
