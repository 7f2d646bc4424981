"""What a tab of the window is: one class in one module, a frame with a title and commands."""

import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk

from inkpin.desktop.shell import Command, Shell

_EDGE = "9p"  # of a tab, around what is in it


class Tab(ttk.Frame):
    """A tab. Its subclasses set `title`, `minsize` and `commands` and fill the frame.

    Args:
        parent: the notebook.
        shell: the window.
    """

    title = ""
    commands: Sequence[Command] = ()
    minsize = (640, 480)
    """Pixels of a window, at a scaling of 1, in which all of the tab is to be seen."""

    bare = False
    """Whether it fills the screen without the window's own row of tabs, and has a way out."""

    def __init__(self, parent: ttk.Notebook, shell: Shell) -> None:
        super().__init__(parent, padding=_EDGE)
        self.shell = shell

    @property
    def first(self) -> tk.Misc:
        """What has the focus when the tab comes to the front."""
        return self

    def start(self) -> None:
        """Begin; the window is there."""

    def shown(self) -> None:
        """Show what there is now: the tab has come to the front."""

    def poll(self) -> None:
        """Look for news of threads; called many times a second."""

    def typed(self, char: str) -> None:
        """Take a character that is no command, typed outside of a field for text."""

    def subject(self) -> object:
        """Return what the line of status speaks of here; what was said goes when this changes."""
        return None

    def full_screen(self, on: bool) -> None:
        """Show only what is worth a whole screen, or everything again."""
        self.configure(padding=0 if on else _EDGE)

    def stop(self) -> None:
        """End; the window is gone, and the widgets with it."""
