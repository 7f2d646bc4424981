"""Every motion of the pointer: Tk merges those that wait in its queue, unless it is told not to.

Tk offers that to programs in C alone (TIP 84), so its library, which is loaded already, is called.
`Tk_CollapseMotionEvents` is declared with the X display, but takes it for Tk's own description
of a display, in tkEvent.c of the versions named here; that one is the second field of a window's
description, after the X display, which is the first field of both. Only where these two agree is
anything written.
"""

import _tkinter
import ctypes
import re
import tkinter as tk

_VERSION = re.compile(r"8\.6\.1[3-6]")


def keep_every_motion(root: tk.Tk) -> bool:
    """Let no motion of the pointer be merged with others; return whether that could be had.

    Args:
        root: of the application; it is as it was where this cannot be had.
    """
    if not _VERSION.fullmatch(root.tk.call("info", "patchlevel")):
        return False
    try:
        library = ctypes.PyDLL(getattr(_tkinter, "__file__", None))
        main_window, collapse = library.Tk_MainWindow, library.Tk_CollapseMotionEvents
    except (AttributeError, OSError):  # a system whose libraries do not show what they load
        return False
    main_window.restype, main_window.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    collapse.restype, collapse.argtypes = ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]
    window = main_window(root.tk.interpaddr())
    if not window:
        return False
    display, description = (ctypes.c_void_p * 2).from_address(window)
    if not display or not description:
        return False
    if ctypes.c_void_p.from_address(description).value != display:
        return False
    collapse(description, 0)
    return True
