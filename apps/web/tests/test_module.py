"""The page's module against the same C on this machine: whatever happens, the same comes of it."""

from random import Random

import pytest

from inkpin import wasm
from inkpin.common import UnavailableError
from inkpin.device import build
from inkpin.device.emulator import Emulator, Storage
from inkpin.device.wire import encode_line
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS
from inkpin.web.build import EMULATED, build_module

LARGEST = 60_000
"""Bytes of the module: with the page, in base64, it stays far below 250 KB."""


class Both:
    """A host's device and a browser's that live through the same; equal after each event.

    Attributes:
        events: how many they were.
        now: their clock.
    """

    def __init__(self, now=0):
        self.now, self.events = now, 0
        self.host = Emulator(build.command(build.Core.HOST), Storage())
        self.browser = Emulator(wasm.command(EMULATED, str(build_module())), Storage())

    def __enter__(self):
        self("boot", 1, 7)
        return self

    def __exit__(self, *_):
        self.host.close()
        self.browser.close()

    def __call__(self, event, *words):
        """Let something happen to both; return what the browser's said."""
        clock = {"now": self.now}
        if event == "boot":
            clock = {"now": self.now, "iterations": words[0], "seed": words[1]}
            words = ()
        ours, theirs = (getattr(each, event)(*words, **clock) for each in (self.browser, self.host))
        said = b"\n".join(map(_without_board, ours.serial.split(b"\n")))
        expected = b"\n".join(map(_without_board, theirs.serial.split(b"\n")))
        assert said == expected
        assert ours.stored == theirs.stored
        assert ours.painted == theirs.painted
        assert ours.tones == theirs.tones
        for name in ("draws", "bolt_open", "light", "vibrating"):
            assert getattr(self.browser, name) == getattr(self.host, name)
        self.events += 1
        return ours.serial


def _without_board(line):
    """Return a line but for the one word that differs, and its check with it."""
    if not line.startswith(b"@info"):
        return line
    return line.replace(b" browser ", b" emulated ").partition(b"*")[0]


def press(both, button):
    box = BUTTONS[button]
    both("touch", Touch.DOWN, box.x + 5, box.y + 5)
    return both("touch", Touch.UP, box.x + 5, box.y + 5)


def test_what_a_panel_reports(record_property):
    """Two fingers, leaps, pauses and buttons, at a phone's rate and slower."""
    random = Random(3)
    with Both(2**32 - 40_000) as both:
        for _ in range(120):
            x, y = random.randrange(320), random.randrange(240)
            for _ in range(random.randrange(25)):
                x += random.randrange(-9, 10)
                y += random.randrange(-9, 10)
                both.now = (both.now + random.choice((4, 8, 16, 17))) % 2**32
                fingers = 2 if random.random() < 0.01 else 1
                leap = 200 if random.random() < 0.02 else 0
                both("poll", fingers, x + leap, y)
            both("poll", 0, 0, 0)
            both.now = (both.now + random.choice((16, 200, 1500, 31_000))) % 2**32
            both("tick")
    record_property("events of the browser's device compared", both.events)


def test_the_wire_and_the_stream(pin):
    """What a program asks, and all of `try it`, logits included."""
    with Both() as both:
        for line in ("info", "stream on", "get", "set brightness 40", "set nothing 1", "log"):
            both("serial", encode_line(line))
        press(both, Button.TRY)
        readings = 0
        for sample in pin[:4]:
            for stroke in sample.strokes:
                for number, (x, y) in enumerate(stroke.tolist()):
                    both.now += 8
                    both("touch", Touch.MOVE if number else Touch.DOWN, x, y)
                both("touch", Touch.UP, x, y)
            readings += press(both, Button.ENTER).count(b"@read ")
        assert readings == 4
        both("serial", b"@info*0000\n" + bytes(range(256)) + b"\n")
        assert b"browser" in both("serial", encode_line("info"))
        both("serial", b"factory-reset ERASE\n")


def test_the_module_is_small():
    assert build_module().stat().st_size < LARGEST


def test_without_a_compiler_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="apt-get install clang lld"):
        build_module()
