from functools import partial
from queue import SimpleQueue

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk

from inkpin.desktop.lock.device_connection import DeviceConnection
from inkpin.desktop.tabs.device import DeviceTab
from inkpin.device import wire
from inkpin.model.data.samples import load_samples
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS


class Emulated:
    """An emulated device that notes how it is touched."""

    def __init__(self):
        self.screens = SimpleQueue()
        self.touches = []

    def touch(self, phase, x, y):
        self.touches.append((phase, x, y))

    def start(self):
        pass

    stop = start


class Wire:
    """A link on which nothing comes."""

    def __init__(self):
        self.updates = SimpleQueue()

    def start(self):
        pass

    stop = start


@pytest.fixture
def connection(tmp_path):
    return DeviceConnection(Wire(), Emulated(), tmp_path)


@pytest.mark.parametrize(
    ("key", "button"),
    [("<Return>", Button.ENTER), ("<BackSpace>", Button.CLEAR), ("<t>", Button.TRY)],
)
def test_keys_press_the_emulated_device_s_buttons(tab_window, connection, key, button):
    w = tab_window(partial(DeviceTab, connection=connection))

    def steps():
        w.root.focus_force()
        yield lambda: w.root.focus_get()
        w.key(key)
        yield lambda: connection.emulated.touches

    w.run(steps())
    down, up = connection.emulated.touches
    assert (down[0], up[0], down[1:]) == (Touch.DOWN, Touch.UP, up[1:])
    assert BUTTONS[button].holds(*down[1:])


def test_a_label_that_the_network_does_not_know_is_refused_as_in_collect(tab_window, connection):
    w = tab_window(partial(DeviceTab, connection=connection))

    def steps():
        yield lambda: w.workspace.labels() and w.workspace.collection is not None
        for place in range(3):
            connection.state.take(wire.Point(50 + 50 * place, 60, 10 * place))
        connection.state.take(wire.PenUp())
        for label in "x7":
            w.widget(ttk.Entry).delete(0, "end")
            w.widget(ttk.Entry).insert(0, label)
            w.button("Save sample").invoke()
            if label == "x":
                assert w.says("'x' is no label of this network")
        assert w.says("Saved a 7")

    w.run(steps())
    assert [sample.label for sample in load_samples(w.workspace.samples)] == ["7"]
