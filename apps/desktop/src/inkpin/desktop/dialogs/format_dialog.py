"""Which format to write, and then which file."""

import tkinter as tk
from collections.abc import Callable, Mapping
from pathlib import Path
from tkinter import ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.dialogs.places import ask_folder, ask_new_file
from inkpin.desktop.shell import Shell
from inkpin.model.data.formats.registry import Format


class FormatDialog(Dialog):
    """Asks for a format; then the system's dialog asks for a file or a folder.

    Args:
        shell: the window.
        title: the question.
        formats: what there is, by name.
        chosen: takes the place and the format's name.
    """

    def __init__(
        self,
        shell: Shell,
        title: str,
        formats: Mapping[str, Format],
        chosen: Callable[[Path, str], None],
    ) -> None:
        super().__init__(shell, title)
        self._formats = formats
        self._chosen = chosen
        self._kind = tk.StringVar(value=next(iter(formats)))
        ttk.Label(self.body, text=title, style="Strong.TLabel").pack(anchor="w", pady=(0, "6p"))
        choices = [
            ttk.Radiobutton(self.body, text=kind.title, value=name, variable=self._kind)
            for name, kind in formats.items()
        ]
        for choice in choices:
            choice.pack(anchor="w")
        row = self.foot
        ttk.Button(row, text="Cancel  Esc", command=self.close).pack(side="right")
        go = ttk.Button(row, text="Choose a place…", command=self._go, style="Accent.TButton")
        go.pack(side="right", padx="6p")
        self.first = choices[0]
        self.open()

    def _go(self) -> None:
        name = self._kind.get()
        kind = self._formats[name]
        root = self.shell.root
        self.close()
        if kind.folder:
            path = ask_folder(root, kind.title, there=False)
        else:
            path = ask_new_file(root, kind.title, kind.suffixes)
        if path:
            self._chosen(path, name)
