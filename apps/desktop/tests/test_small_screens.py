import pytest
from controls_in_sight import beyond, check
from drivers import ttk

from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.theme import FINGER
from inkpin.screen import Button


def is_open(w):
    return w.workspace.collection is not None


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
