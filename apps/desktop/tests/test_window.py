import time

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk

from drivers import WindowDriver

from inkpin.common import InputError
from inkpin.desktop.tabs.lock import LockTab
from inkpin.desktop.tabs.tab import Tab
from inkpin.screen import Button


def test_theme_and_size_are_changed_by_keys_and_kept(lock_window):
    s = lock_window()

    def steps():
        yield s.focus()
        light = s.root.cget("background")
        s.key("<F9>", "<Control-plus>")
        yield lambda: s.root.cget("background") != light
        assert (s.kept[-1].theme, s.kept[-1].size) == ("dark", 110)
        s.key("<F9>", "<Control-minus>", "<Control-minus>")
        yield lambda: s.root.cget("background") == light
        assert (s.kept[-1].theme, s.kept[-1].size) == ("light", 90)

    s.run(steps())
    assert "x" in s.kept[-1].geometry


class Other(Tab):
    """A tab with a button, and another one that has the focus."""

    def __init__(self, parent, shell):
        super().__init__(parent, shell)
        ttk.Button(self).pack()
        self.wanted = ttk.Button(self)
        self.wanted.pack()

    @property
    def first(self):
        return self.wanted


def test_a_tab_that_is_chosen_before_the_window_is_there_has_the_keyboard(screen, tmp_path):
    s = WindowDriver(Other, Other, folder=tmp_path)
    _, chosen = s.widgets(Other)

    def steps():
        yield lambda: s.root.focus_get() is chosen.wanted

    s.root.after(0, s.widget(ttk.Notebook).select, 1)  # events come before idle moments
    s.run(steps())


def test_the_first_tab_has_the_keyboard_when_the_window_opens(lock_window):
    s = lock_window()

    def steps():
        yield lambda: s.root.focus_get() is s.canvas

    s.run(steps())


def test_an_error_is_told_in_a_sentence_and_the_window_goes_on(lock_window, told):
    s = lock_window()

    def bad(error):
        raise error

    def steps():
        s.root.after(1, bad, InputError("no room: delete something"))
        yield lambda: told
        assert told.pop()[0] == "no room: delete something"
        s.root.after(1, bad, KeyError("x"))
        yield lambda: told
        line, detail = told.pop()
        assert "unexpected" in line
        assert str(s.window.log_file) in detail
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"

    s.run(steps())


def test_polls_that_take_long_leave_time_to_paint(lock_window, monkeypatch):
    s = lock_window()
    poll = LockTab.poll
    idle = []

    def slow(tab):
        time.sleep(0.02)  # more than from one poll to the next
        tab.after_idle(idle.append, 1)
        poll(tab)

    def steps():
        monkeypatch.setattr(LockTab, "poll", slow)
        yield lambda: idle

    s.run(steps())


def test_what_never_ceases_to_come_leaves_time_to_paint(lock_window):
    s = lock_window()
    painted = []

    def come():
        s.root.after(0, come)

    def steps():
        come()
        s.root.after_idle(painted.append, 1)  # Tk paints when this is its turn
        yield lambda: painted

    s.run(steps())


def test_ctrl_c_closes_the_window(lock_window):
    s = lock_window()

    def interrupt():
        raise KeyboardInterrupt

    s.root.after(50, interrupt)
    with pytest.raises(KeyboardInterrupt):
        s.window.run()


def test_a_window_that_is_closed_below_a_dialog_says_nothing(lock_window, capfd):
    s = lock_window()

    def steps():
        s.window.report_error(InputError("no room"))
        yield lambda: "__tk__" in str(s.root.tk.call("focus"))

    s.run(steps())
    assert capfd.readouterr().err == ""


def test_a_line_of_keys_ends_between_two_commands(lock_window):
    s = lock_window()

    def steps():
        s.root.geometry("720x760")
        keys = next(label for label in s.widgets(ttk.Label) if "ENTER" in label.cget("text"))
        yield keys.winfo_viewable
        assert "step\N{NO-BREAK SPACE}by\N{NO-BREAK SPACE}step" in keys.cget("text")
        words = keys.cget("text").split(" ")  # where Tk may end a line
        assert all(word == "" or ": " in word.replace("\N{NO-BREAK SPACE}", " ") for word in words)

    s.run(steps())
