"""Asks before a change of many samples, by saying what it will do."""

import tkinter as tk
from tkinter import messagebox

from inkpin.desktop.samples.wording import sample_count
from inkpin.model.collection.history import Change

LARGE = 20
"""Samples that are changed without asking; they can be counted at a glance."""


def agreed(parent: tk.Misc, count: int, what: str, detail: str) -> bool:
    """Return whether to go on with a change; few samples need no question.

    Args:
        parent: the widget to ask over.
        count: of the samples that it changes.
        what: it would do, as a question.
        detail: how to get back.
    """
    return count <= LARGE or messagebox.askokcancel("Inkpin", what, detail=detail, parent=parent)


def agreed_to(parent: tk.Misc, verb: str, change: Change | None) -> bool:
    """Return whether to undo a change or do it again; small ones, and none, need no question."""
    if change is None:
        return True
    count = len(change.after)
    return agreed(parent, count, f"{verb} {change.what}?", f"It changes {sample_count(count)}.")
