"""Which format to read or write, and then which file."""

import tkinter as tk
from collections.abc import Callable, Mapping
from pathlib import Path
from tkinter import filedialog, ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.shell import Shell
from inkpin.model.data.formats.registry import Format


class FormatDialog(Dialog):
    """Asks for a format; then the system's dialog asks for a file or a folder.

    Args:
        shell: the window.
        title: the question.
        formats: what there is, by name.
        save: whether the file is to be written.
        chosen: takes the place and the format's name.
    """

    def __init__(
        self,
        shell: Shell,
        title: str,
        formats: Mapping[str, Format],
        chosen: Callable[[Path, str], None],
        *,
        save: bool,
    ) -> None:
        super().__init__(shell, title)
        self._formats = formats
        self._save = save
        self._chosen = chosen
        self._kind = tk.StringVar(value=next(iter(formats)))
        ttk.Label(self.body, text=title, style="Strong.TLabel").pack(anchor="w", pady=(0, 8))
        choices = [
            ttk.Radiobutton(self.body, text=kind.title, value=name, variable=self._kind)
            for name, kind in formats.items()
        ]
        for choice in choices:
            choice.pack(anchor="w")
        row = ttk.Frame(self.body)
        row.pack(fill="x", pady=(12, 0))
        ttk.Button(row, text="Cancel  Esc", command=self.close).pack(side="right")
        go = ttk.Button(row, text="Choose a place…", command=self._go, style="Accent.TButton")
        go.pack(side="right", padx=8)
        choices[0].focus_set()
        self.open()

    def _go(self) -> None:
        name = self._kind.get()
        kind = self._formats[name]
        patterns = (
            (kind.title, tuple(f"*{suffix}" for suffix in kind.suffixes)),
            ("All files", "*"),
        )
        root = self.shell.root
        self.close()
        if kind.folder:
            path = filedialog.askdirectory(parent=root, title=kind.title, mustexist=not self._save)
        elif self._save:
            path = filedialog.asksaveasfilename(
                parent=root,
                title=kind.title,
                filetypes=patterns,
                defaultextension=kind.suffixes[0],
            )
        else:
            path = filedialog.askopenfilename(parent=root, title=kind.title, filetypes=patterns)
        if path:
            self._chosen(Path(path), name)
