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
from inkpin.device.bench import Bench
from inkpin.device.emulator import Slots
from inkpin.device.link import Link, Status, open_serial
from inkpin.device.mirror import Mirror
from inkpin.model.inference.recogniser import Recogniser
from inkpin.preprocess import bitmap
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(linking, "SILENT_S", 1.0)
    monkeypatch.setattr(linking, "RETRY_S", 0.1)


class Listener:
    """A link, and what came over it."""

    def __init__(self, tty_of):
        self.link = Link("the port", lambda: open_serial(tty_of()))
        self.mirror = Mirror()
        self.heard = []
        self.link.start()

    def until(self, wanted, seconds=30):
        """Listen until a message satisfies `wanted`; return it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(Empty):
                message = self.link.updates.get(timeout=0.1)
                self.heard.append(message)
                if not isinstance(message, Status):
                    self.mirror.take(message)
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
def bench(command):
    bench = Bench(command, Slots(), iterations=1)
    bench.start()
    yield bench
    with contextlib.suppress(OSError):
        bench.stop()


@pytest.fixture
def listener(bench):
    listener = Listener(lambda: bench.tty)
    yield listener
    listener.link.stop()


def press(bench, button):
    box = BUTTONS[button]
    bench.touch(Touch.DOWN, box.x + 5, box.y + 5)
    bench.touch(Touch.UP, box.x + 5, box.y + 5)


def draw(bench, sample):
    for stroke in sample.strokes:
        for number, (x, y) in enumerate(stroke.tolist()):
            bench.touch(Touch.MOVE if number else Touch.DOWN, x, y)
        bench.touch(Touch.UP, x, y)


def test_ink_bits_and_answer_arrive_as_they_are_drawn(bench, listener, pin):
    listener.connected()
    network = Recogniser.load()
    assert listener.mirror.info.board == "emulated"
    assert listener.mirror.info.model == network.model
    press(bench, Button.TRY)
    for sample in pin[:4]:
        draw(bench, sample)
        listener.until(lambda m: m == wire.PenUp())
        press(bench, Button.ENTER)
        answer = listener.until(lambda m: isinstance(m, wire.Answer))
        mirror = listener.mirror
        assert [stroke.tolist() for stroke in mirror.points()] == [
            stroke.tolist() for stroke in sample.strokes
        ]
        assert all(len(t) == len(p) for t, p in zip(mirror.times(), mirror.points(), strict=True))
        assert mirror.bits.bitmap().tolist() == bitmap(sample.strokes).tolist()
        assert mirror.buffer.bitmap().tolist() == mirror.bits.bitmap().tolist()
        here = network.predict(mirror.bits.bitmap())
        assert (answer.label, answer.confidence) == (here.label, here.confidence)
        assert np.array_equal(answer.logits, here.logits)


def test_ink_from_before_the_connection_is_sent_again(bench, pin):
    press(bench, Button.TRY)
    draw(bench, pin[0])
    listener = Listener(lambda: bench.tty)
    try:
        listener.until(lambda m: m == wire.PenUp())
        assert listener.mirror.buffer.bitmap().tolist() == bitmap(pin[0].strokes).tolist()
    finally:
        listener.link.stop()


def test_nothing_drawn_leaves_the_device_but_in_try_it(bench, listener, pin):
    listener.connected()
    draw(bench, pin[0])
    press(bench, Button.ENTER)
    listener.until(lambda m: m == wire.Said("Output *"))
    kinds = wire.Point | wire.PenUp | wire.Bits | wire.Answer
    assert not [m for m in listener.heard if isinstance(m, kinds)]


def test_a_device_that_resets_is_followed_again(bench, listener, pin):
    listener.connected()
    bench.reset()
    listener.until(lambda m: isinstance(m, wire.Info))
    listener.until(lambda m: m == wire.Done("stream"))
    press(bench, Button.TRY)
    draw(bench, pin[0])
    listener.until(lambda m: m == wire.PenUp())
    assert listener.mirror.buffer.points


def test_an_unplugged_device_comes_back(command):
    benches = [Bench(command, Slots(), iterations=1)]
    benches[0].start()
    listener = Listener(lambda: benches[0].tty)
    try:
        listener.connected()
        benches[0].stop()
        assert "plug" in listener.lost()
        benches[0] = Bench(command, Slots(), iterations=1)
        benches[0].start()
        listener.connected()
    finally:
        listener.link.stop()
        benches[0].stop()


def test_commands_are_answered(bench, listener):
    listener.connected()
    listener.link.send("settings")
    listener.until(lambda m: m == wire.Done("settings"))
    assert listener.mirror.settings["brightness"] == 80
    listener.link.send("set brightness 50")
    listener.link.send("settings")
    listener.until(lambda m: m == wire.Setting("brightness", 50))
    listener.link.send("log")
    listener.until(lambda m: m == wire.Done("log"))
    assert listener.mirror.log == ["1 reboot 0 s"]
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


def test_a_port_that_says_nothing():
    with nuisance(lambda: b"") as listener:
        assert "nobody answers" in listener.lost()


def test_a_wrong_baud_rate():
    with nuisance(lambda: os.urandom(64)) as listener:
        assert "baud" in listener.lost()


def test_a_port_that_is_not_there():
    listener = Listener(lambda: "/dev/no-such-port")
    try:
        assert "No such file" in listener.lost()
    finally:
        listener.link.stop()


def test_a_damaged_line_is_noticed_until_the_ink_is_erased():
    mirror = Mirror()
    damaged = wire.sealed("ink 9 9 9").replace(b"9 9", b"9 8")
    reader = wire.Reader()
    for data in (wire.sealed("try on"), wire.sealed("ink 1 2 3"), damaged):
        for message in reader.feed(data):
            mirror.take(message)
    assert not mirror.whole
    mirror.take(wire.Erased())
    assert mirror.whole
