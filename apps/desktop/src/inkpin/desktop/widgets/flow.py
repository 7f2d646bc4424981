"""Widgets in a row that goes on below where the window is too narrow for it."""

import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk


class Flow(ttk.Frame):
    """Lays its parts out like words of a text.

    Args:
        parent: the widget around it.
        gap: pixels between them.
    """

    def __init__(self, parent: tk.Misc, gap: int) -> None:
        super().__init__(parent)
        self._gap = gap
        self._parts: Sequence[tk.Widget] = ()
        self.bind("<Configure>", lambda _: self._lay_out())

    def fill(self, parts: Sequence[tk.Widget]) -> None:
        """Show these, its children, in this order."""
        self._parts = parts
        for part in parts:
            part.lift()  # Tab follows the stacking order
            part.bind("<Configure>", lambda _: self._lay_out(), add=True)
        self._lay_out()

    def _lay_out(self) -> None:
        x = y = high = 0
        room = self.winfo_width()
        for part in self._parts:
            wide = part.winfo_reqwidth()
            if x and x + wide > room > 1:
                x, y, high = 0, y + high + self._gap // 2, 0
            part.place(x=x, y=y)
            x += wide + self._gap
            high = max(high, part.winfo_reqheight())
        widest = max((part.winfo_reqwidth() for part in self._parts), default=1)
        self.configure(width=widest, height=max(y + high, 1))
