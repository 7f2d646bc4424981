"""The serial line as a terminal would show it: lines to read, select and copy."""

import tkinter as tk
from tkinter import ttk

from inkpin.desktop import theme
from inkpin.desktop.shell import Shell

MAX_LINES = 1000
_LAST = "end-2c"  # the end of the last line; after it is one that is empty


class SerialMonitor(ttk.Frame):
    """The last MAX_LINES lines.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
    """

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent)
        self._shell = shell
        title = ttk.Label(self, text="Serial line", style="Strong.TLabel")
        title.pack(anchor="w", pady=(0, "3p"))
        self._text = tk.Text(
            self,
            width=30,
            height=4,
            font=theme.FIXED,
            state="disabled",
            wrap="word",
            padx="6p",
            pady="4.5p",
            relief="flat",
            highlightthickness=2,
        )
        bar = ttk.Scrollbar(self, command=self._text.yview)
        self._text.configure(yscrollcommand=bar.set)
        self._text.bind("<Button-1>", lambda _: self._text.focus_set())
        for event in ("<<ThemeChanged>>", "<Map>"):  # what is not seen hears of no theme
            self._text.bind(event, lambda _: self._apply_theme())
        bar.pack(side="right", fill="y")
        self._text.pack(side="left", fill="both", expand=True)

    def add(self, lines: list[str]) -> None:
        """Add lines; keep the end in sight if it was, and no more than MAX_LINES."""
        follow = self._text.dlineinfo(_LAST) is not None
        self._text.configure(state="normal")
        self._text.insert("end", "".join(f"{line}\n" for line in lines))
        surplus = int(self._text.index("end-1c").split(".")[0]) - 1 - MAX_LINES
        if surplus > 0:
            self._text.delete("1.0", f"{surplus + 1}.0")
        self._text.configure(state="disabled")
        if follow:
            self._text.see(_LAST)

    def _apply_theme(self) -> None:
        colours = self._shell.colours
        self._text.configure(
            background=colours.terminal,
            foreground=colours.terminal_text,
            highlightbackground=colours.background,
            highlightcolor=colours.accent,
        )
