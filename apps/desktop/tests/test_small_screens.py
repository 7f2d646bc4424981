from contextlib import ExitStack
from functools import partial

import pytest
from controls_in_sight import beyond, beyond_screen, check_controls, panel_of
from drivers import WorkspaceDriver, tk, ttk
from virtual_screen import virtual_screen

from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.lock import LockTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.tabs.train import TrainTab
from inkpin.desktop.theme import FINGER
from inkpin.desktop.widgets.label_bars import LabelBars
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.desktop.widgets.thumbnails import Thumbnails
from inkpin.desktop.widgets.try_pane import TryPane
from inkpin.model.data.samples import bundled_samples, save_samples
from inkpin.screen import Button


def is_open(w):
    return w.workspace.collection is not None


SCREENS = [(800, 480, 96), (1024, 600, 96), (1920, 1080, 96), (3840, 2160, 192)]


@pytest.fixture(scope="session")
def screens():
    """Make screens; they stay until the end, as Tk ends the program when one of its own goes."""
    with ExitStack() as stack:
        yield lambda *size: stack.enter_context(virtual_screen(*size))


@pytest.fixture(params=SCREENS, ids="{0[0]}x{0[1]}".format)
def own_screen(screen, screens, request, monkeypatch):
    """Let windows go to a screen of this size; return its size."""
    monkeypatch.setenv("DISPLAY", screens(*request.param))
    return request.param[:2]


def test_every_control_is_whole_and_can_be_reached_by_a_finger(own_screen, lock_window, tmp_path):
    save_samples(tmp_path / "samples.jsonl", bundled_samples())
    workspace = Workspace(tmp_path, tmp_path / "samples.jsonl")
    tabs = (CollectTab, ReviewTab, ImproveTab, TrainTab)
    w = lock_window(others=[partial(tab, workspace=workspace) for tab in tabs])

    def steps():
        w.root.geometry("{}x{}".format(*own_screen))
        yield lambda: (w.root.winfo_width(), w.root.winfo_height()) == own_screen
        book = w.widget(ttk.Notebook)
        for tab in (LockTab, *tabs):
            book.select(str(w.widget(tab)))
            yield w.widget(tab).winfo_viewable
            yield lambda tab=tab: tab is LockTab or workspace.labels()
            check_controls(w, w.root)
        book.select(str(w.widget(ReviewTab)))
        yield lambda: w.says("12 of 12 samples")
        grid = w.widget(Thumbnails).canvas
        for key in ("<F1>", "<Control-o>", "<Control-s>", "<Return>"):
            grid.focus_force()
            yield lambda: w.root.focus_get() is grid
            grid.event_generate(key)
            yield lambda: w.dialogs() and w.dialogs()[0].winfo_viewable()
            (dialog,) = w.dialogs()
            w.root.update()
            assert beyond_screen(dialog) <= 0
            if key == "<Return>":  # a step is seen whole, with its words
                assert next(w.widgets(Scrolled, dialog)).is_whole
            check_controls(w, dialog)
            dialog.close()
            yield lambda: not w.dialogs()

    try:
        w.run(steps())
    finally:
        workspace.close()


def test_a_panel_is_pulled_by_a_finger_turned_by_a_wheel_and_follows_the_focus(tab_window):
    w = tab_window(CollectTab)

    def steps():
        w.root.geometry("800x480")
        yield lambda: w.root.winfo_height() == 480 and is_open(w)
        name, target = w.widget(ttk.Label), w.widget(ttk.Spinbox)
        yield lambda: name.winfo_viewable() and beyond(w.root, target) > 0
        first = name.winfo_rooty()
        name.event_generate("<Button-5>")
        yield lambda: name.winfo_rooty() < first
        name.event_generate("<Button-4>")
        yield lambda: name.winfo_rooty() == first
        w.pull(name, 300, 250)
        yield lambda: name.winfo_rooty() == first - 50
        target.focus_force()
        yield lambda: beyond(w.root, target) <= 0

    w.run(steps())


def test_the_full_screen_has_trys_bars_and_a_way_out_for_a_finger(lock_window):
    s = lock_window()

    tab = s.widget(LockTab)
    leave = next(b for b in s.widgets(ttk.Button, tab) if "Leave" in b.cget("text"))

    def steps():
        before = s.zoom
        s.window.full_screen(True)
        yield lambda: s.zoom > before and s.is_whole() and leave.winfo_viewable()
        assert leave.winfo_height() >= FINGER
        assert not s.text.winfo_viewable()
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        assert s.says("what the network sees appears here")
        leave.invoke()
        yield lambda: s.zoom == before and s.text.winfo_viewable()
        assert not leave.winfo_viewable()

    s.run(steps())


def test_in_full_screen_on_a_small_screen_no_bar_and_no_word_touches_the_edge(
    screen, screens, lock_window, monkeypatch, pin
):
    monkeypatch.setenv("DISPLAY", screens(*SCREENS[0]))
    s = lock_window()

    def steps():
        s.window.full_screen(True)
        yield lambda: s.is_whole() and s.root.winfo_width() == 800
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        for stroke in pin[3].strokes:
            s.stroke(*stroke.tolist())
        s.press(Button.ENTER)
        pane = s.widget(TryPane)
        yield (lambda: s.says("Read as 7") and not s.says("Asking"))
        s.root.update_idletasks()
        shown = [w for w in s.widgets(tk.Widget, pane) if w.winfo_viewable()]
        assert len(shown) > 5
        assert s.says("99\N{NO-BREAK SPACE}%")  # at which no line ends
        assert not s.says("99 %")
        for widget in (pane, *shown):
            assert widget.winfo_rootx() + widget.winfo_width() <= 800 - 8, widget

    s.run(steps())


def test_on_a_small_screen_the_answer_is_in_sight_as_soon_as_there_is_one(
    screen, screens, lock_window, monkeypatch, pin
):
    monkeypatch.setenv("DISPLAY", screens(*SCREENS[0]))
    s = lock_window()

    def steps():
        s.root.geometry("800x480")
        yield lambda: s.is_whole() and s.root.winfo_width() == 800
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        for stroke in pin[3].strokes:
            s.stroke(*stroke.tolist())
        yield lambda: s.says("So far a 7")
        s.root.update_idletasks()
        bars, panel = s.widget(LabelBars), panel_of(s, s.widget(LabelBars))
        assert not panel.is_whole
        top = bars.winfo_rooty() - panel.winfo_rooty()
        assert 0 < top <= panel.winfo_height() - bars.winfo_height()

    s.run(steps())


@pytest.mark.parametrize(("size", "room"), [(SCREENS[2], 6), (SCREENS[3], 12)])
def test_what_is_between_things_grows_with_them(screen, screens, tmp_path, monkeypatch, size, room):
    monkeypatch.setenv("DISPLAY", screens(*size))
    w = WorkspaceDriver(CollectTab, tmp_path)

    def steps():
        skip, back = w.button("Skip"), w.button("Take back")
        yield skip.winfo_viewable
        assert back.winfo_rootx() - skip.winfo_rootx() - skip.winfo_width() == room
        tab = w.widget(CollectTab)
        assert [str(side) for side in tab.cget("padding")] == ["9p"]
        assert tab.winfo_pixels("9p") == 2 * room
        w.window.status("i " * 600)
        w.root.update_idletasks()
        line = next(label for label in w.widgets(ttk.Label) if "i i" in label.cget("text"))
        assert beyond(w.root, line) <= 0
        assert line.winfo_reqwidth() <= line.winfo_width()

    w.run(steps())


def test_what_has_the_keyboard_stays_in_sight_where_a_text_above_it_grows(tab_window):
    w = tab_window(CollectTab)

    def steps():
        w.root.geometry("800x480")
        yield lambda: w.root.winfo_height() == 480 and is_open(w)
        target, above = w.widget(ttk.Spinbox), w.widget(ttk.Progressbar)
        target.focus_force()
        yield lambda: beyond(w.root, target) <= 0
        for height in (90, 30):
            above.pack_configure(pady=height)
            w.root.update()
            panel = panel_of(w, target)
            low = target.winfo_rooty() + target.winfo_height() - panel.winfo_rooty()
            assert 0 < low <= panel.winfo_height()
        label = w.widget(ttk.Label)
        for _ in range(9):
            label.event_generate("<Button-4>")
        w.root.update()
        assert beyond(w.root, target) > 0
        above.pack_configure(pady=90)
        w.root.update()
        assert beyond(w.root, target) > 0  # who scrolled elsewhere is left there

    w.run(steps())
