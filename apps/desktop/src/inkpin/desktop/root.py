"""Tk's root window, where there is a display."""

import sys
import tkinter as tk
from contextlib import suppress

from inkpin.desktop.dialog_keyboard import keep_keyboard
from inkpin.desktop.finger_lists import fit_lists
from inkpin.desktop.motions import keep_every_motion


class NoWindowError(Exception):
    """No window can be shown here; its text says why and what to do."""


def open_root() -> tk.Tk:
    """Return an application without a visible window yet.

    Raises:
        NoWindowError: there is no display.
    """
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shcore.SetProcessDpiAwareness(1)  # else Windows blurs all of it
    try:
        root = tk.Tk(className="Inkpin")
    except tk.TclError as error:
        raise NoWindowError(
            f"no display ({error}): start it in a desktop session, by `ssh -X` or by `xvfb-run`"
        ) from error
    root.withdraw()
    keep_every_motion(root)
    keep_keyboard(root)
    fit_lists(root)
    return root


def close_root(root: tk.Tk) -> None:
    """Destroy an application, unless its window was closed: the event loop waits for each."""
    with suppress(tk.TclError):
        root.destroy()
