import threading
from functools import partial

import pytest
from networks import learned, planted

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk

from controls_in_sight import beyond, check

from inkpin.common import InputError
from inkpin.desktop.tabs import device
from inkpin.desktop.tabs.device import DeviceTab
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.device import wire
from inkpin.model.adaptation.model_store import About
from inkpin.model.data.samples import load_samples
from inkpin.model.inference.recogniser import model_id
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS


def tab(connection):
    return partial(DeviceTab, connect=lambda _: connection, emulated=True)


@pytest.mark.parametrize(
    ("key", "button"),
    [("<Return>", Button.ENTER), ("<BackSpace>", Button.CLEAR), ("<t>", Button.TRY)],
)
def test_keys_press_the_emulated_device_s_buttons(tab_window, connection, key, button):
    w = tab_window(tab(connection))

    def steps():
        yield lambda: w.widget(DeviceTab).is_connected
        w.root.focus_force()
        yield lambda: w.root.focus_get()
        w.key(key)
        yield lambda: connection.emulated.touches

    w.run(steps())
    down, up = connection.emulated.touches
    assert (down[0], up[0], down[1:]) == (Touch.DOWN, Touch.UP, up[1:])
    assert BUTTONS[button].holds(*down[1:])


def test_a_label_that_the_network_does_not_know_is_refused_as_in_collect(tab_window, connection):
    w = tab_window(tab(connection))

    def steps():
        yield lambda: w.workspace.labels() and w.workspace.collection is not None
        yield lambda: w.widget(DeviceTab).is_connected
        for place in range(3):
            connection.state.take(wire.Point(50 + 50 * place, 60, 10 * place))
        connection.state.take(wire.PenUp())
        for label in "x7":
            w.widget(ttk.Entry).delete(0, "end")
            w.widget(ttk.Entry).insert(0, label)
            w.button("Save sample").invoke()
            if label == "x":
                assert w.says("'x' is no label of this network")
        assert w.says("Saved a 7 of 3 points.")
        connection.state.take(wire.Erased())
        connection.state.take(wire.Point(50, 60, 0))
        connection.state.take(wire.PenUp())
        w.button("Save sample").invoke()
        assert w.says("Not saved: too little ink.")  # as in Collect

    w.run(steps())
    assert [sample.label for sample in load_samples(w.workspace.samples)] == ["7"]


@pytest.mark.parametrize("size", [(800, 480), (1024, 600), (1440, 1000)])
@pytest.mark.parametrize("emulated", [True, False])
def test_both_replicas_are_whole_and_every_control_can_be_reached(
    tab_window, connection, size, emulated
):
    w = tab_window(partial(DeviceTab, connect=lambda _: connection, emulated=emulated))

    def steps():
        yield from check(w, size, lambda: w.widget(DeviceTab).is_connected)
        shown = [*w.widgets(PixelCanvas)]
        assert len(shown) == 1 + emulated
        for replica in shown:
            left, top, right, bottom = replica.bbox("all")
            room = replica.winfo_width(), replica.winfo_height()
            assert min(left, top) >= 0, room
            assert (right <= room[0], bottom <= room[1]) == (True, True), room
            assert right - left > 150
            assert beyond(w.root, replica) <= 0

    w.run(steps())


def test_the_first_build_is_followed_in_the_window(tab_window, connection):
    go_on = threading.Event()

    def connect(progress):
        progress(12, 61)
        assert go_on.wait(60)
        return connection

    w = tab_window(partial(DeviceTab, connect=connect, emulated=True))

    def steps():
        yield lambda: w.says("for the first time: 12 of 61 steps")
        bar = w.widget(ttk.Progressbar)
        yield bar.winfo_viewable
        w.button("Settings").invoke()
        assert w.says("There is no device yet")
        w.window.status("")
        w.root.focus_force()
        yield w.root.focus_get
        w.key("<t>")
        yield lambda: w.says("There is no device yet")
        go_on.set()
        yield lambda: not bar.winfo_viewable()
        assert w.widget(DeviceTab).is_connected

    w.run(steps())


def test_a_device_that_cannot_be_built_is_told(tab_window, told):
    def connect(_progress):
        raise InputError("no compiler: install gcc")

    w = tab_window(partial(DeviceTab, connect=connect, emulated=True))

    def steps():
        yield lambda: told
        assert w.says("No device is there")

    w.run(steps())
    assert told[0][0] == "no compiler: install gcc"


def test_the_network_in_use_is_brought_to_the_board(tab_window, connection, tmp_path, monkeypatch):
    w = tab_window(tab(connection))
    slip, label = planted()
    used = w.workspace.networks.use(learned(slip, label), About(name="mine"))
    places, said = [tmp_path / "out", None], []
    monkeypatch.setattr(device, "ask_folder", lambda *_: places.pop(0))
    monkeypatch.setattr(
        device.messagebox, "showinfo", lambda _, text, detail, **__: said.append((text, detail))
    )

    def steps():
        yield lambda: w.widget(DeviceTab).is_connected
        w.button("To the board").invoke()
        yield lambda: said
        w.button("To the board").invoke()  # and is left alone

    w.run(steps())
    ((text, detail),) = said
    sketch = tmp_path / "out" / "inkpin"
    assert text == f"The firmware with the network mine is in {sketch}"
    assert "open inkpin.ino" in detail
    assert "`./dev flash`" in detail
    assert model_id(used.read_bytes()) in (sketch / "digits.c").read_text()
    assert (sketch / "inkpin.ino").exists()


def test_settings_are_shown_once_all_have_come_and_a_silent_device_is_told(
    tab_window, connection, monkeypatch
):
    monkeypatch.setattr(device, "_ANSWER_MS", 600)
    w = tab_window(tab(connection))
    updates = connection._link.updates

    def steps():
        yield lambda: w.widget(DeviceTab).is_connected
        w.button("Settings").invoke()
        assert connection._link.sent == ["settings"]
        updates.put(wire.Setting("sound", 1))
        yield lambda: connection.state.settings
        assert not w.dialogs()
        updates.put(wire.Setting("vibration", 0))
        updates.put(wire.Done("settings"))
        yield lambda: w.dialog_is_up()
        (dialog,) = w.dialogs()
        assert len([*w.widgets(ttk.Checkbutton, dialog)]) == 2
        dialog.close()
        w.button("Settings").invoke()
        yield lambda: w.says("The device did not answer")
        assert not w.dialogs()

    w.run(steps())
