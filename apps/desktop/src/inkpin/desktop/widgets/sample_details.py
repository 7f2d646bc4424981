"""One sample at a large size, and what is known of it."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.bitmap_view import BitmapView
from inkpin.desktop.widgets.choice import Choice
from inkpin.desktop.widgets.filter_bar import NOBODY
from inkpin.model.collection.sample import Entry


class SampleDetails(ttk.Frame):
    """Shows a sample; below it are what can be done with those that are chosen.

    Args:
        parent: the widget around it.
        shell: the window.
        labels: gives all labels; asked when the list of them is opened.
        relabel: takes the label that was chosen there.
        buttons: texts, and what they run.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        labels: Callable[[], Sequence[str]],
        relabel: Callable[[str], None],
        buttons: Sequence[tuple[str, Callable[[], None]]],
    ) -> None:
        super().__init__(parent)
        self._picture = BitmapView(self, shell, 7)
        self._picture.pack(anchor="w")
        self._facts = ttk.Label(self, wraplength=self._picture.side, justify="left")
        self._facts.pack(anchor="w", pady=("6p", "7.5p"), fill="x")
        row = ttk.Frame(self)
        row.pack(anchor="w", fill="x")
        ttk.Label(row, text="Relabel as").pack(side="left", padx=(0, "4.5p"))
        new = Choice(
            row,
            shell,
            7,
            lambda: relabel(new.chosen),
            lambda: new.offer(labels()),
        )
        new.pack(side="left")
        for text, run in buttons:
            ttk.Button(self, text=text, command=run).pack(anchor="w", fill="x", pady=("6p", 0))

    def show(self, entry: Entry | None, read: str) -> None:
        """Show a sample, and in words what the network reads; or nothing."""
        self._picture.show(entry.bitmap if entry else None)
        if entry is None:
            self._facts.configure(text="")
            return
        lines = [
            f"Label {entry.label}",
            *([read] if read else ()),
            f"Writer {entry.writer or NOBODY}",
            f"Session {entry.session or NOBODY}",
        ]
        self._facts.configure(text="\n".join(lines))
