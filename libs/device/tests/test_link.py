"""The wire over a real terminal: pyserial at one end, a device or a nuisance at the other."""

import contextlib
import os
import threading
import time
import tty
from queue import Empty

import numpy as np
import pytest

from inkpin.device import link as linking
from inkpin.device import wire
from inkpin.device.emulator import Storage
from inkpin.device.link import Link, Status, open_serial
from inkpin.device.pty_device import PtyDevice
from inkpin.device.state import DeviceState
from inkpin.model.inference.recogniser import Recogniser
from inkpin.preprocess import bitmap
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """However slow the machine, a device that is there does not count as silent."""
    monkeypatch.setattr(linking, "SILENT_S", 60)
    monkeypatch.setattr(linking, "RETRY_S", 0.1)


@pytest.fixture
def impatient(patient, monkeypatch):
    monkeypatch.setattr(linking, "SILENT_S", 1)


class Listener:
    """A link, and what came over it."""

    def __init__(self, tty_of):
        self.link = Link("the port", lambda: open_serial(tty_of()))
        self.state = DeviceState()
        self.heard = []
        self.link.start()

    def until(self, wanted, seconds=60):
        """Listen until a message satisfies `wanted`; return it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(Empty):
                message = self.link.updates.get(timeout=0.1)
                self.heard.append(message)
                if not isinstance(message, Status):
                    self.state.take(message)
                if wanted(message):
                    return message
        raise AssertionError(f"waited in vain; heard {self.heard[-8:]}")

    def connected(self):
        return self.until(lambda m: isinstance(m, Status) and m.connected)

    def lost(self):
        return self.until(
            lambda m: isinstance(m, Status) and not m.connected and "looking" not in m.text
        ).text


@pytest.fixture
def pty_device(command):
    pty_device = PtyDevice(command, Storage(), iterations=1)
    pty_device.start()
    yield pty_device
    with contextlib.suppress(OSError):
        pty_device.stop()


@pytest.fixture
def listener(pty_device):
    listener = Listener(lambda: pty_device.tty)
    yield listener
    listener.link.stop()


def press(pty_device, button):
    box = BUTTONS[button]
    pty_device.touch(Touch.DOWN, box.x + 5, box.y + 5)
    pty_device.touch(Touch.UP, box.x + 5, box.y + 5)


def draw(pty_device, sample):
    for stroke in sample.strokes:
        for number, (x, y) in enumerate(stroke.tolist()):
            pty_device.touch(Touch.MOVE if number else Touch.DOWN, x, y)
        pty_device.touch(Touch.UP, x, y)


def test_ink_bits_and_answer_arrive_as_they_are_drawn(pty_device, listener, pin):
    assert "connected to the port: board emulated" in listener.connected().text
    network = Recogniser.load()
    assert listener.state.info.board == "emulated"
    assert listener.state.info.model == network.model
    press(pty_device, Button.TRY)
    for sample in pin[:4]:
        draw(pty_device, sample)
        listener.until(lambda m: m == wire.PenUp())
        press(pty_device, Button.ENTER)
        answer = listener.until(lambda m: isinstance(m, wire.Prediction))
        state = listener.state
        assert [stroke.tolist() for stroke in state.points()] == [
            stroke.tolist() for stroke in sample.strokes
        ]
        assert all(len(t) == len(p) for t, p in zip(state.times(), state.points(), strict=True))
        assert state.bits.bitmap().tolist() == bitmap(sample.strokes).tolist()
        assert state.buffer.bitmap().tolist() == state.bits.bitmap().tolist()
        here = network.predict(state.bits.bitmap())
        assert (answer.label, answer.confidence) == (here.label, here.confidence)
        assert np.array_equal(answer.logits, here.logits)


def test_ink_from_before_the_connection_is_sent_again(pty_device, pin):
    press(pty_device, Button.TRY)
    draw(pty_device, pin[0])
    listener = Listener(lambda: pty_device.tty)
    try:
        listener.until(lambda m: m == wire.PenUp())
        assert listener.state.buffer.bitmap().tolist() == bitmap(pin[0].strokes).tolist()
    finally:
        listener.link.stop()


def test_nothing_drawn_leaves_the_device_but_in_try_it(pty_device, listener, pin):
    listener.connected()
    draw(pty_device, pin[0])
    press(pty_device, Button.ENTER)
    listener.until(lambda m: m == wire.Said("Output *"))
    kinds = wire.Point | wire.PenUp | wire.Bits | wire.Prediction
    assert not [m for m in listener.heard if isinstance(m, kinds)]


def test_a_device_that_resets_is_followed_again(pty_device, listener, pin):
    listener.connected()
    pty_device.reset()
    listener.until(lambda m: isinstance(m, wire.Info))
    listener.until(lambda m: m == wire.Done("stream"))
    press(pty_device, Button.TRY)
    draw(pty_device, pin[0])
    listener.until(lambda m: m == wire.PenUp())
    assert listener.state.buffer.points


def test_an_unplugged_device_comes_back(command):
    devices = [PtyDevice(command, Storage(), iterations=1)]
    devices[0].start()
    listener = Listener(lambda: devices[0].tty)
    try:
        listener.connected()
        devices[0].stop()
        assert "plug" in listener.lost()
        devices[0] = PtyDevice(command, Storage(), iterations=1)
        devices[0].start()
        listener.connected()
    finally:
        listener.link.stop()
        devices[0].stop()


def test_commands_are_answered(pty_device, listener):
    listener.connected()
    listener.link.send("settings")
    listener.until(lambda m: m == wire.Done("settings"))
    assert listener.state.settings["brightness"] == 80
    listener.link.send("set brightness 50")
    listener.link.send("settings")
    listener.until(lambda m: m == wire.Setting("brightness", 50))
    listener.link.send("log")
    listener.until(lambda m: m == wire.Done("log"))
    assert listener.state.log == ["1 reboot 0 s"]
    listener.link.send("open sesame")
    assert "unknown" in listener.until(lambda m: isinstance(m, wire.Refused)).why


@contextlib.contextmanager
def nuisance(say):
    """A terminal at whose other end `say(write)` is called over and over."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    stop = threading.Event()

    def run():
        while not stop.wait(0.02):
            with contextlib.suppress(OSError):
                os.read(master, 4096)
            with contextlib.suppress(OSError):
                os.write(master, say())

    thread = threading.Thread(target=run)
    thread.start()
    listener = Listener(lambda: os.ttyname(slave))
    try:
        yield listener
    finally:
        listener.link.stop()
        stop.set()
        thread.join()
        os.close(master)
        os.close(slave)


@pytest.mark.usefixtures("impatient")
def test_a_port_that_says_nothing():
    with nuisance(lambda: b"") as listener:
        assert "nobody answers" in listener.lost()


@pytest.mark.usefixtures("impatient")
def test_a_wrong_baud_rate():
    with nuisance(lambda: os.urandom(64)) as listener:
        assert "baud" in listener.lost()


def test_a_device_whose_lines_are_of_another_version():
    info = wire.encode_line(f"info {wire.VERSION + 1} 9.9.9 0ab1 core2 87 1")
    with nuisance(lambda: info) as listener:
        assert "update both" in listener.connected().text


def test_a_port_that_is_not_there():
    listener = Listener(lambda: "/dev/no-such-port")
    try:
        assert "No such file" in listener.lost()
    finally:
        listener.link.stop()


def test_a_damaged_line_is_noticed_until_the_ink_is_erased():
    state = DeviceState()
    damaged = wire.encode_line("ink 9 9 9").replace(b"9 9", b"9 8")
    reader = wire.Reader()
    for data in (wire.encode_line("try on"), wire.encode_line("ink 1 2 3"), damaged):
        for message in reader.feed(data):
            state.take(message)
    assert not state.whole
    state.take(wire.Erased())
    assert state.whole
