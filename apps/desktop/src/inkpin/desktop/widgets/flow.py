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
        y = 0
        for row in self._rows():
            x, high = 0, max(part.winfo_reqheight() for part in row)
            for part in row:
                part.place(x=x, y=y + (high - part.winfo_reqheight()) // 2)
                x += part.winfo_reqwidth() + self._gap
            y += high + self._gap // 2
        widest = max((part.winfo_reqwidth() for part in self._parts), default=1)
        self.configure(width=widest, height=max(y - self._gap // 2, 1))

    def _rows(self) -> list[list[tk.Widget]]:
        """Return which parts stand beside each other."""
        rows: list[list[tk.Widget]] = []
        x, room = 0, self.winfo_width()
        for part in self._parts:
            wide = part.winfo_reqwidth()
            if not rows or x + wide > room > 1:
                rows.append([])
                x = 0
            rows[-1].append(part)
            x += wide + self._gap
        return rows
