"""One sample at a large size, and what is known of it."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.filter_bar import NOBODY
from inkpin.model.collection.sample import Entry
from inkpin.model.inference.refusal import UNREAD
from inkpin.preprocess import SIDE


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
        self._shell = shell
        self._zoom = round(7 * shell.scaling)
        side = self._zoom * SIDE
        self._picture = tk.Canvas(self, width=side, height=side, highlightthickness=0)
        self._picture.pack(anchor="w")
        self._facts = ttk.Label(self, wraplength=side, justify="left")
        self._facts.pack(anchor="w", pady=(8, 10), fill="x")
        row = ttk.Frame(self)
        row.pack(anchor="w", fill="x")
        ttk.Label(row, text="Relabel as").pack(side="left", padx=(0, 6))
        new = ttk.Combobox(
            row,
            width=5,
            state="readonly",
            postcommand=lambda: new.configure(values=[*labels()]),
        )
        new.pack(side="left")
        new.bind("<<ComboboxSelected>>", lambda _: relabel(new.get()))
        for text, run in buttons:
            ttk.Button(self, text=text, command=run).pack(anchor="w", fill="x", pady=(8, 0))
        self.show(None, None)
        self.bind("<<ThemeChanged>>", lambda _: self.show(*self._shown))

    def show(self, entry: Entry | None, guess: str | None, why: str = "") -> None:
        """Show a sample, what the network reads, and why it does not; or nothing."""
        self._shown = entry, guess, why
        colours, zoom = self._shell.colours, self._zoom
        self._picture.configure(background=colours.card)
        self._picture.delete("all")
        if entry is None:
            self._facts.configure(text="")
            return
        for row, column in zip(*entry.bitmap.nonzero(), strict=True):
            x, y = column * zoom, row * zoom
            self._picture.create_rectangle(x, y, x + zoom, y + zoom, fill=colours.text, width=0)
        lines = [
            f"Label {entry.label}",
            _said(guess, why),
            f"Writer {entry.writer or NOBODY}",
            f"Session {entry.session or NOBODY}",
        ]
        self._facts.configure(text="\n".join(lines))


def _said(guess: str | None, why: str) -> str:
    if guess == UNREAD:
        return f"The network does not read it: {why}"
    return f"The network reads {guess}" if guess else "The network has not seen it yet"
