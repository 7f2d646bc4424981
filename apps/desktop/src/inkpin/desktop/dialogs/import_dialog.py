"""Which samples to import: a file or a folder, of whatever format."""

from collections.abc import Callable
from pathlib import Path
from tkinter import ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.dialogs.places import ask_file, ask_folder
from inkpin.desktop.shell import Shell

_FORMATS = (
    "Strokes (JSON Lines), InkML, UNIPEN, NumPy's arrays, Kaggle's CSV, MNIST's IDX, or a folder "
    "of pictures in which each label has a folder: Inkpin finds out which it is, and leaves out "
    "what you have already."
)


class ImportDialog(Dialog):
    """Asks whether it is a file or a folder; then the system's dialog asks for it.

    Args:
        shell: the window.
        chosen: takes the place.
    """

    def __init__(self, shell: Shell, chosen: Callable[[Path], None]) -> None:
        super().__init__(shell, "Import samples")
        self._chosen = chosen
        ttk.Label(self.body, text="Import samples", style="Strong.TLabel").pack(anchor="w")
        wide = round(420 * shell.scaling)
        ttk.Label(self.body, text=_FORMATS, wraplength=wide).pack(anchor="w", pady=("4.5p", 0))
        row = self.foot
        file = ttk.Button(row, text="A file…", command=self._file, style="Accent.TButton")
        file.pack(side="left", padx=(0, "6p"))
        ttk.Button(row, text="A folder…", command=self._folder).pack(side="left", padx=(0, "6p"))
        ttk.Button(row, text="Cancel  Esc", command=self.close).pack(side="right")
        self.first = file
        self.open()

    def _file(self) -> None:
        self.close()
        if path := ask_file(self.shell.root, "Import samples"):
            self._chosen(path)

    def _folder(self) -> None:
        self.close()
        if path := ask_folder(self.shell.root, "Import samples"):
            self._chosen(path)
