"""What a tab of the window is: one class in one module, a frame with a title and commands."""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tkinter import ttk
from typing import Protocol

from inkpin.desktop.jobs import Jobs
from inkpin.desktop.settings import Settings
from inkpin.desktop.theme import Colours

NETWORK_CHANGED = "<<NetworkChanged>>"
"""Sent to the root window when another network has become the one in use."""


@dataclass(frozen=True)
class Command:
    """Something that a tab does at a key.

    Attributes:
        sequences: Tk's names of the keys.
        keys: their names for people; "" where another command names them too.
        text: what is done.
        run: does it.
    """

    sequences: tuple[str, ...]
    keys: str
    text: str
    run: Callable[[], object]


class Shell(Protocol):
    """What the window offers its tabs. To be used on Tk's thread."""

    root: tk.Tk
    settings: Settings
    jobs: Jobs
    log_file: Path

    @property
    def colours(self) -> Colours:
        """The colours of the theme; a change is announced by <<ThemeChanged>>."""

    @property
    def factor(self) -> float:
        """How large to draw: 1 on a plain screen."""

    def remember(self, **changes: str | int) -> None:
        """Change settings, and keep them."""

    def status(self, text: str) -> None:
        """Say in a line what is going on."""

    def complain(self, error: BaseException) -> None:
        """Tell the user of an error: an InputError by its line, others with the log's place."""

    def full_screen(self, on: bool) -> None:
        """Fill the screen with the current tab alone, or no longer."""

    def close(self, error: BaseException | None = None) -> None:
        """End the program; with an error, run() raises it."""


class Tab(ttk.Frame):
    """A tab. Its subclasses set `title`, `least` and `commands` and fill the frame.

    Args:
        parent: the notebook.
        shell: the window.
    """

    title = ""
    commands: Sequence[Command] = ()
    least = (640, 480)
    """Pixels of a window, at a factor of 1, in which all of the tab is to be seen."""

    def __init__(self, parent: ttk.Notebook, shell: Shell) -> None:
        super().__init__(parent, padding=12)
        self.shell = shell

    def start(self) -> None:
        """Begin; the window is there."""

    def shown(self) -> None:
        """Take the focus: the tab has come to the front."""

    def poll(self) -> None:
        """Look for news of threads; called many times a second."""

    def typed(self, char: str) -> None:
        """Take a character that is no command, typed outside of a field for text."""

    def full_screen(self, on: bool) -> None:
        """Show only what is worth a whole screen, or everything again."""
        self.configure(padding=0 if on else 12)

    def stop(self) -> None:
        """End; the window is gone, and the widgets with it."""
