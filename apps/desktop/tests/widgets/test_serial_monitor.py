from functools import partial

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from drivers import tk

from inkpin.desktop.tabs.device import DeviceTab
from inkpin.desktop.widgets.serial_monitor import MAX_LINES, SerialMonitor
from inkpin.screen import Button


def test_the_serial_monitor_keeps_its_last_lines(lock_window):
    s = lock_window()

    def steps():
        for _ in range(MAX_LINES // 2 + 5):
            s.worker.post(lambda session: session.reset())
            s.worker.post(lambda session: session.key(Button.TRY))
        yield lambda: len(s.lines()) == MAX_LINES and "State choose" in s.lines()[-2:-1]
        assert s.text.cget("state") == "disabled"
        assert s.text.dlineinfo("end-2c")

    s.run(steps())


def test_where_there_is_room_for_one_line_it_is_the_last_and_whole(tab_window, connection):
    w = tab_window(partial(DeviceTab, connect=lambda _: connection, emulated=True))

    def steps():
        w.root.geometry("800x480")
        yield lambda: w.root.winfo_height() == 480 and w.widget(DeviceTab).is_connected
        w.root.update_idletasks()
        serial = w.widget(SerialMonitor)
        (text,) = w.widgets(tk.Text, serial)
        for line in range(9):
            serial.add([f"line {line}"])
            w.root.update_idletasks()
            _, y, _, height, _ = text.dlineinfo("end-2c")
            edge = text.cget("pady") + text.cget("highlightthickness")
            assert edge <= y <= text.winfo_height() - edge - height

    w.run(steps())
