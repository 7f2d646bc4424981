import pytest
from drivers import ttk

from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.theme import FINGER
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.screen import Button

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


def is_open(w):
    return w.workspace.collection is not None


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


@pytest.mark.parametrize("size", [(800, 480), (1024, 600)])
@pytest.mark.parametrize("tab", [CollectTab, ReviewTab, ImproveTab])
def test_every_control_can_be_reached_by_a_finger(tab_window, tab, size):
    w = tab_window(tab)
    w.run(check(w, size, lambda: is_open(w)))


@pytest.mark.parametrize("size", [(800, 480), (1024, 600)])
def test_the_locks_controls_too(lock_window, size):
    s = lock_window()
    s.run(check(s, size))


def test_a_panel_is_pulled_by_a_finger_turned_by_a_wheel_and_follows_the_focus(tab_window):
    w = tab_window(CollectTab)

    def steps():
        w.root.geometry("800x480")
        yield lambda: w.root.winfo_height() == 480 and is_open(w)
        name, target = w.widget(ttk.Label), w.widget(ttk.Spinbox)
        yield lambda: name.winfo_viewable() and beyond(w, target) > 0
        first = name.winfo_rooty()
        name.event_generate("<Button-5>")
        yield lambda: name.winfo_rooty() < first
        name.event_generate("<Button-4>")
        yield lambda: name.winfo_rooty() == first
        name.event_generate("<ButtonPress-1>", rootx=0, rooty=300)
        name.event_generate("<B1-Motion>", rootx=0, rooty=250)
        yield lambda: name.winfo_rooty() == first - 50
        target.focus_force()
        yield lambda: beyond(w, target) <= 0

    w.run(steps())


def test_the_full_screen_has_trys_bars_and_a_way_out_for_a_finger(lock_window):
    s = lock_window()

    def steps():
        before = s.zoom
        s.window.full_screen(True)
        yield lambda: s.zoom > before and s.is_whole() and s.button("Leave").winfo_viewable()
        assert s.button("Leave").winfo_height() >= FINGER
        assert not s.text.winfo_viewable()
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        assert s.says("what the network sees appears here")
        s.button("Leave").invoke()
        yield lambda: s.zoom == before and s.text.winfo_viewable()
        assert not s.button("Leave").winfo_viewable()

    s.run(steps())
