"""Whether a finger reaches every control of a window."""

from drivers import ttk

from inkpin.desktop.theme import FINGER
from inkpin.desktop.widgets.scrolled import Scrolled

CONTROLS = (ttk.Button, ttk.Checkbutton, ttk.Radiobutton, ttk.Entry)  # a list is an entry too


def beyond(w, widget):
    """Return by how many pixels a widget is out of the window, at worst."""
    left, top = (
        widget.winfo_rootx() - w.root.winfo_rootx(),
        widget.winfo_rooty() - w.root.winfo_rooty(),
    )
    right, bottom = left + widget.winfo_width(), top + widget.winfo_height()
    return max(-left, -top, right - w.root.winfo_width(), bottom - w.root.winfo_height())


def panel_of(w, widget):
    """Return the panel that scrolls a widget, None where none does."""
    return next((p for p in w.widgets(Scrolled) if str(widget).startswith(f"{p.body}.")), None)


def check(w, size, ready=lambda: True):
    yield ready
    w.root.geometry("{}x{}".format(*size))
    yield lambda: (w.root.winfo_width(), w.root.winfo_height()) == size
    w.root.update_idletasks()
    seen = 0
    for control in [c for kind in CONTROLS for c in w.widgets(kind)]:
        if not control.winfo_viewable():
            continue
        seen += 1
        assert control.winfo_height() >= FINGER, (control, control.winfo_height())
        if panel := panel_of(w, control):
            panel.see(control)
            w.root.update_idletasks()
            top = control.winfo_rooty() - panel.winfo_rooty()
            assert 0 <= top <= panel.winfo_height() - control.winfo_height(), control
            assert control.winfo_rootx() + control.winfo_width() <= (
                panel.winfo_rootx() + panel.winfo_width()
            ), control
        assert beyond(w, control) <= 0, control
    assert seen > 3
