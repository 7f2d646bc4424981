import time

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.common import InputError
from inkpin.desktop.tabs.lock import LockTab
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


def test_ctrl_c_closes_the_window(lock_window):
    s = lock_window()

    def interrupt():
        raise KeyboardInterrupt

    s.root.after(50, interrupt)
    with pytest.raises(KeyboardInterrupt):
        s.window.run()
