import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.widgets.serial_monitor import MAX_LINES
from inkpin.screen import Button


def test_the_serial_monitor_keeps_its_last_lines(lock_window):
    s = lock_window()

    def steps():
        for _ in range(MAX_LINES // 2 + 5):
            s.worker.post(lambda session: session.reset())
            s.worker.post(lambda session: session.key(Button.TRY))
        yield lambda: len(s.lines()) == MAX_LINES and "State choose" in s.lines()[-2:-1]
        assert s.text.cget("state") == "disabled"
        assert s.text.dlineinfo("end-1c")

    s.run(steps())
