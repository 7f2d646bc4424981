"""Whether a finger reaches every control of a window."""

from drivers import ttk

from inkpin.desktop.theme import FINGER
from inkpin.desktop.widgets.scrolled import Scrolled

CONTROLS = (ttk.Button, ttk.Checkbutton, ttk.Radiobutton, ttk.Entry)  # a list is an entry too


def beyond(window, widget):
    """Return by how many pixels a widget is out of a window, at worst."""
    left = widget.winfo_rootx() - window.winfo_rootx()
    top = widget.winfo_rooty() - window.winfo_rooty()
    right, bottom = left + widget.winfo_width(), top + widget.winfo_height()
    return max(-left, -top, right - window.winfo_width(), bottom - window.winfo_height())


def beyond_screen(window):
    """Return by how many pixels a window is out of the screen, at worst."""
    left, top = window.winfo_rootx(), window.winfo_rooty()
    right, bottom = left + window.winfo_width(), top + window.winfo_height()
    room = window.winfo_screenwidth(), window.winfo_screenheight()
    return max(-left, -top, right - room[0], bottom - room[1])


def panel_of(w, widget):
    """Return the panel that scrolls a widget, None where none does."""
    return next((p for p in w.widgets(Scrolled) if str(widget).startswith(f"{p.body}.")), None)


def check(w, size, ready=lambda: True):
    """Give a window a size, and look at its controls."""
    yield ready
    w.root.geometry("{}x{}".format(*size))
    yield lambda: (w.root.winfo_width(), w.root.winfo_height()) == size
    check_controls(w, w.root)


def check_controls(w, window):
    """Demand that every control can be reached in a window, is whole and as large as a finger."""
    w.root.update_idletasks()
    seen = 0
    for control in [c for kind in CONTROLS for c in w.widgets(kind, window)]:
        if not control.winfo_viewable() or control.winfo_toplevel() is not window:
            continue
        seen += 1
        size = control.winfo_width(), control.winfo_height()
        asked = control.winfo_reqwidth(), round(FINGER * w.window.scaling)
        assert size[0] >= asked[0], (control, size, asked)
        assert size[1] >= asked[1], (control, size, asked)
        if panel := panel_of(w, control):
            panel.see(control)
            w.root.update_idletasks()
            top = control.winfo_rooty() - panel.winfo_rooty()
            assert 0 <= top <= panel.winfo_height() - control.winfo_height(), control
            assert control.winfo_rootx() + control.winfo_width() <= (
                panel.winfo_rootx() + panel.winfo_width()
            ), control
        assert beyond(window, control) <= 0, control
    assert seen > 1
