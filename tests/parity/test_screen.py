"""The panel and the view in Python and in C: the same orders, serial lines and draw commands."""

import subprocess
from functools import cache
from pathlib import Path
from random import Random

import pytest
from bindings import INCLUDE, LOCK_SOURCES, SCREEN_SOURCES, library
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import CDevice

from inkpin.common import host_compiler
from inkpin.lock import Config, Lock, MemoryHooks, State
from inkpin.preprocess import Unread
from inkpin.screen import AUTO_MS, Button, Order, Panel, Touch, cross_view, view
from inkpin.screen.layout import BUTTONS, FONTS, PALETTE

PROGRAM = Path(__file__).parents[2] / "libs/screen/tests/session.c"
LABELS = ("-", "0", "1", "2", "9", "A", "17", "elephant", "#@")


def build(*flags):
    return host_compiler.build(
        [*LOCK_SOURCES, *SCREEN_SOURCES, PROGRAM],
        INCLUDE,
        (*flags, *host_compiler.SANITIZERS),
        shared=False,
    )


@pytest.fixture(scope="session")
def program():
    return build()


def in_c(program, events):
    """Return the C's answer, by event, under the address and undefined behaviour sanitizers."""
    text = "".join(" ".join(map(str, event)) + "\n" for event in events)
    done = subprocess.run([program], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


class PlainHooks(MemoryHooks):
    """What session.c has: sums instead of a hash, so that a session repeats."""

    def __init__(self):
        super().__init__(lambda count: b"\7" * count)

    def derive(self, pin, salt, iterations):
        return bytes((pin[i % len(pin)] + salt[i % 16] + i) % 256 for i in range(32))


class InPython:
    """Python's answers, printed as session.c prints them."""

    def __init__(self):
        self.lines = []
        self.states = set()

    def happen(self, event):
        name, *values = event
        outputs = getattr(self, name)(*values) or []
        for o in outputs:
            self.lines.append(f"order {o.order:d} {o.x} {o.y} {o.effect:d} {o.text}")
            if o.order is Order.POINT:
                self.points.append((o.x, o.y))
            elif o.order is Order.PEN_UP:
                self.points.append((255, 255))
            elif o.order is Order.ERASE:
                self.points.clear()
        self.lines += map(printed, view(self.panel, self.points))
        self.states.add(self.panel.lock.state)

    def start(self, shortest, longest, alphabet, now):
        self.hooks = PlainHooks()
        self.config = Config(shortest, longest, alphabet, iterations=1)
        return self.boot(now)

    def boot(self, now):
        self.points = []
        self.panel = Panel(Lock(self.hooks, self.config, now))
        return self.panel.begin()

    def damage(self, now):
        self.hooks.slots[:] = [b"bad", b"bad"]
        return self.boot(now)

    def touch(self, phase, x, y, now):
        return self.panel.touch(Touch(phase), x, y, now)

    def key(self, button, now):
        return self.panel.key(Button(button), now)

    def tick(self, now):
        return self.panel.tick(now)

    def preview(self, row):
        self.panel.preview([row] * 28)

    def reading(self, label, confidence, now):
        return self.panel.reading(None if label == "-" else label, confidence, now)

    def refuse(self, unread, first, second, now):
        between = [label for label in (first, second) if label != "-"]
        return self.panel.refuse(Unread(unread), between if first != "-" else (), now)

    def reset(self, now):
        return self.panel.reset(now)

    def cross(self, number):
        self.lines += map(printed, cross_view(number))

    def auto(self, ms):
        self.panel.auto_ms = ms

    def battery(self, percent):
        self.panel.battery = None if percent > 100 else percent


@cache
def printed(draw):
    values = dict(vars(draw))
    words = [PALETTE[values.pop("colour")][1:]]
    kind = ("Rect", "Triangle", "Text", "Ink", "Bitmap").index(type(draw).__name__)
    for name, value in values.items():
        if name == "font":
            words.append(FONTS[value])
        elif name == "points":
            words += [v for point in value for v in point]
        elif name == "rows":
            words += [f"{row:x}" for row in value]
        else:
            words.append(format(value))
    return " ".join(map(str, (kind, *words)))


def write(label, now):
    """A digit, drawn, entered and read."""
    return [*enter_ink(label, now), ("reading", label, 98, now)]


def enter_ink(label, now):
    return [
        ("touch", 0, 100, 100, now),
        ("touch", 1, 120, 140, now),
        ("touch", 2, 120, 140, now),
        ("preview", 0x3FF << int(label, 36) % 9),
        *press(Button.ENTER, now),
    ]


def press(button, now):
    box = BUTTONS[button]
    return [("touch", phase, box.x + 5, box.y + 5, now) for phase in (Touch.DOWN, Touch.UP)]


def invent(draw, length):
    """Return a session; `draw(n)` picks a number below n."""
    places = 1 + draw(5)
    now = draw(2) * (2**32 - 20_000)
    events = [("start", places, places + draw(9 - places), (2, 10)[draw(2)], now)]
    for _ in range(length):
        now = (now + (0, 10, 100, 1000, 10, 100, 1000, 40_000)[draw(8)]) % 2**32
        kind = draw(100)
        x, y = draw(400) - 40, draw(320) - 40
        if kind < 25:
            events.append(("touch", draw(3), x, y, now))
        elif kind < 30:
            events.append(("touch", draw(3), (x - 100) * 10_000, y * -10_000, now))
        elif kind < 40:
            events += press(Button(draw(3)), now)
        elif kind < 45:
            events.append(("key", draw(3), now))
        elif kind < 60:
            pin = "10" * places if draw(5) else "01" * places
            events += [e for digit in pin[: places + draw(5) // 4] for e in write(digit, now)]
            events += press(Button.ENTER, now)
        elif kind < 70:
            events += write(LABELS[1 + draw(5)], now)
            if not draw(3):
                labels = (LABELS[draw(len(LABELS))], LABELS[draw(len(LABELS))])
                events[-1] = ("refuse", draw(len(Unread)), *labels, now)
        elif kind < 75:
            events.append(("reading", LABELS[draw(len(LABELS))], draw(101), now))
        elif kind < 76:
            events.append(("battery", draw(102)) if draw(2) else ("auto", (0, 600, 1500)[draw(3)]))
        elif kind < 78:
            events.append(("preview", draw(2**28)))
        elif kind < 97:
            events.append(("tick", now))
        elif kind < 99:
            events.append(("reset", now))
        else:
            events.append(("damage", now))
    return events


def compare(program, events):
    python = InPython()
    for event in events:
        python.happen(event)
    assert in_c(program, events).splitlines() == python.lines
    return python.states


def test_random_sessions(program, record_property):
    random = Random(5)
    events, states = 0, set()
    for _ in range(60):
        session = invent(random.randrange, 120)
        events += len(session)
        states |= compare(program, session)
    assert states == set(State)
    record_property("screen events compared", events)


@settings(max_examples=100)
@given(st.data())
def test_sessions_that_hypothesis_invents(program, data):
    def draw(n):
        return data.draw(st.integers(0, n - 1))

    compare(program, invent(draw, draw(25)))


def test_the_crosses(program):
    compare(program, [("start", 4, 8, 10, 0), *(("cross", number) for number in range(3))])


@pytest.mark.parametrize("length", [10, 11, 12, 13, 20])
def test_of_a_long_label_the_same_begin_is_kept(program, length):
    label = "abcdefghij" * 2
    read = ("reading", label[:length], 98, 0)
    refused = ("refuse", Unread.UNSURE, label[:length], label[-length:], 0)
    start = [("start", 4, 8, 10, 0), *press(Button.TRY, 0)]
    compare(program, [*start, *enter_ink("1", 0), read, *enter_ink("1", 0), refused])


def test_a_key_keeps_ink_that_nobody_enters(program):
    chosen = [event for digit in "2580" for event in write(digit, 0)]
    begun = [("start", 4, 8, 10, 0), *chosen, *press(Button.ENTER, 0), *write("2", 0)[:3]]
    waits = [("tick", now) for now in (30_000, 59_998, 59_999)]
    compare(program, [*begun, ("tick", 29_999), ("key", Button.TRY, 29_999), *waits])


def test_how_long_ink_stays_that_nobody_enters(program):
    waits = [("tick", now) for now in (29_999, 30_000, 30_001)]
    compare(program, [("start", 4, 8, 10, 0), *write("2", 0)[:3], *waits])


def test_when_auto_enter_reads(program):
    waits = [("tick", now) for now in (5599, 5600)]
    compare(program, [("start", 4, 8, 10, 0), ("auto", 600), *write("2", 5000)[:3], *waits])


@pytest.mark.parametrize("ms", [AUTO_MS[0] - 1, AUTO_MS[-1] + 1])
def test_c_reads_by_itself_after_no_other_time_than_there_is(program, ms):
    def read(ms):
        waits = [("tick", now) for now in (5000 + AUTO_MS[-1] + 1, 9999)]
        return in_c(program, [("start", 4, 8, 10, 0), ("auto", ms), *write("2", 5000)[:3], *waits])

    assert read(ms) == read(0) != read(AUTO_MS[-1])


def test_a_touch_keeps_digits_that_stand_unsent(program):
    begun = [("start", 4, 8, 10, 0), *write("2", 0), ("tick", 29_000)]
    touch = [("touch", phase, 310, 5, 29_000) for phase in (Touch.DOWN, Touch.UP)]
    compare(program, [*begun, *touch, *(("tick", now) for now in (30_000, 58_999, 59_000))])


@pytest.mark.parametrize("percent", [0, 99, 100, 101, 255])
def test_how_full_the_battery_is(program, percent):
    compare(program, [("start", 4, 8, 10, 0), ("battery", percent)])


@pytest.mark.parametrize("button", [3, 255])
def test_c_takes_no_key_that_there_is_none_of(program, button):
    begun = [("start", 4, 4, 10, 0), ("touch", 0, 100, 100, 0)]
    before, after = (in_c(program, events) for events in (begun, [*begun, ("key", button, 10)]))
    assert after.startswith(before)
    assert "order" not in after.removeprefix(before)


@pytest.mark.parametrize("unread", [len(Unread), 255])
def test_c_gives_no_reason_that_there_is_none_of(program, unread):
    def refused(unread):
        begun = [("start", 4, 8, 10, 0), *enter_ink("1", 0)]
        return in_c(program, [*begun, ("refuse", unread, "-", "-", 0)])

    assert refused(unread) == refused(Unread.NOTHING) != refused(Unread.UNSURE)


def test_c_keeps_no_bitmap_of_a_digit_of_a_pin():
    library()
    device, row, mark = CDevice(Config(iterations=1), 0), 0xABCDEF5, 2 * b"\xf5\xde\xbc\x0a"
    for phase, x in (Touch.DOWN, 50), (Touch.MOVE, 150), (Touch.UP, 150):
        device.touch(phase, x, 100, 10)
    device.preview(row)
    assert mark in device.panel_memory
    device.key(Button.ENTER, 20)
    device.reading("7", 99, 30)
    device.tick(1029)
    assert device.lock.shown == 7
    assert mark in device.panel_memory  # and on the screen, beside the digit
    device.tick(1030)
    assert (device.lock.filled, device.lock.shown) == (1, None)
    assert mark not in device.panel_memory


def test_the_fullest_screen_fits(program):
    """Eight places, a failure, ink, a digit that still shows, and a battery."""
    right, wrong = ([e for _ in range(8) for e in write(d, 0)] for d in "12")
    enter = press(Button.ENTER, 0)
    events = [
        ("start", 8, 8, 10, 0),
        *right,
        *enter,
        *right,
        *enter,
        *wrong,
        *enter,
        ("tick", 1000),
    ]
    events += [("battery", 50), *write("1", 1000), *write("2", 1000)[:4]]
    compare(program, events)


@pytest.mark.parametrize("flag", ["-DINK_OUTPUTS_MAX=1", "-DINK_DRAWS_MAX=5"])
def test_what_finds_no_room_is_told(program, flag):
    """With less room than there is: with all of it the C would print what Python does not."""
    events = [("start", 4, 8, 10, 0), ("reset", 0)]
    whole, cut = (in_c(made, events).splitlines() for made in (program, build(flag)))
    assert "overflow" not in whole
    assert "overflow" in cut
    assert {*cut} - {"overflow"} < {*whole}


def test_the_build_flag_lifts_the_mask():
    events = [("start", 4, 8, 10, 0), *write("7", 0)]
    assert "order 5 0 0 0 Output *" in in_c(build(), events)
    plain = in_c(build("-DINKPIN_SERIAL_ECHO"), events)
    assert "order 5 0 0 0 Output 7 98%" in plain
    assert "Output *" not in plain
