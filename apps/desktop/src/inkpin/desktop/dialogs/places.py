"""The system's dialogs that ask for a file or a folder, beginning where people keep theirs."""

import tkinter as tk
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tkinter import filedialog

from platformdirs import user_documents_path


def ask_file(parent: tk.Misc, title: str) -> Path | None:
    """Ask for a file to read."""
    return _path(
        filedialog.askopenfilename(parent=parent, title=title, initialdir=_documents(parent))
    )


def ask_folder(parent: tk.Misc, title: str, *, there: bool = True) -> Path | None:
    """Ask for a folder, which has to be there or not."""
    return _path(
        filedialog.askdirectory(
            parent=parent, title=title, mustexist=there, initialdir=_documents(parent)
        )
    )


def ask_new_file(parent: tk.Misc, title: str, suffixes: Sequence[str]) -> Path | None:
    """Ask for a file to write, whose name ends in the first of the suffixes."""
    patterns = ((title, tuple(f"*{suffix}" for suffix in suffixes)), ("All files", "*"))
    return _path(
        filedialog.asksaveasfilename(
            parent=parent,
            title=title,
            filetypes=patterns,
            defaultextension=suffixes[0],
            initialdir=_documents(parent),
        )
    )


def _path(answer: str) -> Path | None:
    return Path(answer) if answer else None


def _documents(parent: tk.Misc) -> str:
    """Return where to begin; have Tk's own dialog leave out what begins with a dot."""
    if parent.tk.call("tk", "windowingsystem") == "x11":
        with suppress(tk.TclError):  # which loads it, and opens nothing
            parent.tk.call("tk_getOpenFile", "-nonsense")
        parent.tk.call("set", "::tk::dialog::file::showHiddenBtn", 1)
        parent.tk.call("set", "::tk::dialog::file::showHiddenVar", 0)
    documents = user_documents_path()
    return str(documents if documents.is_dir() else Path.home())
