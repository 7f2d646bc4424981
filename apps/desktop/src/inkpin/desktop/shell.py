"""What the window offers to what is in it, and what a tab does at a key."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from inkpin.desktop.jobs import Jobs
from inkpin.desktop.settings import Settings
from inkpin.desktop.theme import Colours

NETWORK_CHANGED = "<<NetworkChanged>>"
"""Sent to the root window when another network may have become the one in use."""

ASKED_CHANGED = "<<AskedChanged>>"
"""Sent to the root window when another network is asked what it reads in the samples."""

SHOW_FIRST_STEPS = "<<ShowFirstSteps>>"
"""Sent to the root window when the first steps with the lock are to be shown again."""

SHOW_DISAGREEMENTS = "<<ShowDisagreements>>"
"""Sent to the root window when what the network reads otherwise is to be seen."""


def bind(widget: tk.Misc, sequence: str, run: Callable[[], object]) -> None:
    """Run something whenever an event comes to a widget."""

    def handle(_event: tk.Event) -> None:
        run()

    widget.bind(sequence, handle)


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
    def scaling(self) -> float:
        """How large to draw: 1 is 96 pixels an inch and a size of 100 %."""

    def remember(self, settings: Settings) -> None:
        """Take other settings, and keep them."""

    def status(self, text: str) -> None:
        """Say in a line what is going on, until the subject of the tab in front is another."""

    def report_error(self, error: BaseException) -> None:
        """Tell the user of an error: an InputError by its line, others with the log's place.

        What stopped or was refused is said in the line of status, the others are in a dialog.
        """

    def full_screen(self, on: bool) -> None:
        """Fill the screen with the current tab alone, or no longer."""

    def close(self, error: BaseException | None = None) -> None:
        """End the program; with an error, run() raises it."""
