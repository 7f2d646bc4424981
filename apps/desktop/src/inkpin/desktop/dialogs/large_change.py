"""Asks before a change of many samples, by saying what it will do."""

import tkinter as tk
from tkinter import messagebox

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
