"""The emulated device and the browser's against the twin.

The same draw commands, serial lines and kept bytes.
"""

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from inkpin import wasm
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import Store
from inkpin.device import build
from inkpin.device.emulator import Emulator, Storage
from inkpin.lock import Config, MemoryHooks, State
from inkpin.model.inference.recogniser import Recogniser
from inkpin.screen import Button, Ink, Text, Touch, render
from inkpin.screen.layout import BUTTONS
from inkpin.web.build import EMULATED, build_module


@pytest.fixture(scope="session", params=[*build.Core, "browser"])
def command(request):
    if request.param == "browser":
        return wasm.command(EMULATED, str(build_module()))
    return build.command(request.param)


@pytest.fixture(scope="session")
def network():
    return Recogniser.load()


class Lehmer:
    """The emulated board's random bytes."""

    state = 0

    def __call__(self, count):
        out = bytearray()
        for _ in range(count):
            self.state = (self.state * 1664525 + 1013904223) % 2**32
            out.append(self.state >> 24)
        return bytes(out)


class Pair:
    """A twin and an emulated device that live through the same; equal after each event."""

    def __init__(self, command, network, now=0, seed=1):
        self.command, self.network, self.now, self.seed = command, network, now, seed
        self.slots = Storage()
        self.device = Emulator(command, self.slots)
        self.random = Lehmer()
        self.store = Store(MemoryHooks(self.random), MemoryHooks())
        self.states = set()
        self.events = 0
        self.lines = []
        self.boot()

    def boot(self):
        self.seed = self.random.state = (self.seed + 1) % 2**32
        self.said = []
        config = Config(iterations=1)
        self.twin = Session(
            self.store, lambda: self.network, self.said.append, lambda: self.now, config
        )
        self.compare(self.device.boot(self.now, 1, self.seed))

    def touch(self, phase, x, y):
        self.twin.touch(phase, x, y)
        self.compare(self.device.touch(phase, x, y, self.now))

    def tick(self, ms):
        self.now = (self.now + ms) % 2**32
        self.twin.tick()
        self.compare(self.device.tick(self.now))

    def reset(self):
        self.twin.reset()
        self.compare(self.device.serial(b"factory-reset ERASE\n", self.now))

    def press(self, button):
        box = BUTTONS[button]
        self.touch(Touch.DOWN, box.x + 9, box.y + 9)
        self.touch(Touch.UP, box.x + 9, box.y + 9)

    def draw(self, sample):
        for stroke in sample.strokes:
            for i, (x, y) in enumerate(stroke.tolist()):
                self.touch(Touch.MOVE if i else Touch.DOWN, x, y)
            self.touch(Touch.UP, x, y)

    def compare(self, effects):
        self.events += 1
        lines = effects.serial.decode("ascii").split("\r\n")
        assert lines.pop() == ""
        assert [line for line in lines if not line.startswith("@")] == self.said
        self.lines += self.said
        self.said.clear()
        assert self.device.draws == self.twin.draws()
        assert self.device.bolt_open == (self.twin.lock.state is State.OPEN)
        for slot in (0, 1):
            assert self.slots["lock", slot] == self.store.hooks.slots[slot]
            assert self.slots["log", slot] == self.store.log.slots[slot]
        self.states.add(self.twin.lock.state)


@pytest.fixture
def pair(command, network):
    pair = Pair(command, network)
    yield pair
    pair.device.close()


def test_a_recorded_session_sets_repeats_and_opens(pair, pin, record_property):
    for number, sample in enumerate(pin, 1):
        pair.draw(sample)
        pair.tick(20)
        pair.press(Button.ENTER)
        if number % 4 == 0:
            pair.press(Button.ENTER)
    assert pair.lines.count("Output *") == 12
    assert pair.device.bolt_open
    pair.tick(40_000)
    assert not pair.device.bolt_open
    record_property("device events compared", pair.events)


def test_the_key_derivation_at_full_length(command, network, pin):
    """mbedTLS's on the device, hashlib's in the twin."""
    with Emulator(command, slots := Storage()) as device:
        now = 0
        device.boot(now, 10_000, 5)
        for number, sample in enumerate(pin[:8], 1):
            for stroke in sample.strokes:
                for i, (x, y) in enumerate(stroke.tolist()):
                    device.touch(Touch.MOVE if i else Touch.DOWN, x, y, now)
                device.touch(Touch.UP, x, y, now)
            for _ in range(2 if number % 4 == 0 else 1):
                box = BUTTONS[Button.ENTER]
                device.touch(Touch.DOWN, box.x, box.y, now)
                device.touch(Touch.UP, box.x, box.y, now)
        record = slots["lock", 0]
    digits = "".join(sample.label for sample in pin[:4]).encode()
    assert record[28:60] == MemoryHooks().derive(digits, record[8:24], 10_000)


def enter(pair, pin, order):
    """Take back what is there, then write the digits of a PIN and submit it."""
    while pair.twin.lock.filled or pair.twin.panel.ink:
        pair.press(Button.CLEAR)
    for number in order:
        pair.draw(pin[number])
        pair.press(Button.ENTER)
    pair.press(Button.ENTER)


def invent(pair, pin, draw, length):
    """Let a session happen; `draw(n)` picks a number below n."""
    for _ in range(length):
        kind = draw(100)
        if pair.twin.lock.state is State.WAITING and kind < 70:
            pair.tick(600_000)
        elif pair.twin.lock.state is State.OPEN and kind < 30:
            pair.press(Button.CLEAR)
        elif kind < 20:
            pair.touch(Touch(draw(3)), draw(400) - 40, draw(320) - 40)
        elif kind < 30:
            pair.press(Button(draw(3)))
        elif kind < 40:
            pair.draw(pin[draw(4)])
            pair.press(Button.ENTER)
        elif kind < 55:
            pair.tick((0, 10, 100, 1000, 40_000)[draw(5)])
        elif kind < 97:
            enter(pair, pin, (0, 1, 2, 3) if draw(6) else (3, 2, 1, 0))
        elif kind < 99:
            pair.boot()
        else:
            pair.reset()


def test_random_sessions(command, network, pin, record_property):
    random = Random(7)
    events, states = 0, set()
    for start in (0, 2**32 - 5000, 1_000_000):
        pair = Pair(command, network, start, random.randrange(2**32))
        with pair.device:
            invent(pair, pin, random.randrange, 50)
        events += pair.events
        states |= pair.states
    assert states == set(State) - {State.FAULT}
    record_property("device events compared", events)


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_sessions_that_hypothesis_invents(command, network, pin, data):
    def draw(n):
        return data.draw(st.integers(0, n - 1))

    pair = Pair(command, network, seed=draw(2**32))
    with pair.device:
        invent(pair, pin, draw, draw(15))


def test_only_what_is_painted_differs(command, pin):
    """A shell that paints the boxes alone shows the whole picture."""
    random = Random(11)
    with Emulator(command) as device:
        device.boot(0, 1)
        screen = render(device.draws)
        now = 0
        for step in range(250):
            now += (5, 5, 5, 400)[step % 4]
            effects = [
                device.touch(Touch(random.choice((0, 1, 1, 1, 2))), *spot(random), now),
                device.tick(now),
            ]
            whole = render(device.draws)
            for x, y, w, h in (box for effect in effects for box in effect.painted):
                screen.paste(whole.crop((x, y, x + w, y + h)), (x, y))
            assert ImageChops.difference(screen, whole).getbbox() is None
            assert np.asarray(whole).any()


def test_ink_that_is_thinned_is_painted_as_it_is_then():
    """Beyond 512 points the buffer drops half of them, and near ones replace one another."""
    random = Random(13)
    with Emulator(build.command(build.Core.HOST)) as device:
        device.boot(0, 1)
        screen = render(device.draws)
        x, y, counts = 120, 120, []
        device.touch(Touch.DOWN, x, y, 0)
        for now in range(700):
            x, y = (min(max(v + random.randrange(-4, 5), 5), 234) for v in (x, y))
            effects = device.touch(Touch.MOVE, x, y, now)
            if effects.painted:
                whole = render(device.draws)
                for left, top, w, h in effects.painted:
                    screen.paste(whole.crop((left, top, left + w, top + h)), (left, top))
                counts += [len(draw.points) for draw in device.draws if isinstance(draw, Ink)]
                assert ImageChops.difference(screen, whole).getbbox() is None
        assert max(counts) > 500 > counts[-1]


def test_a_countdown_paints_where_its_figures_are(network, pin):
    pair = Pair(build.command(build.Core.HOST), network)
    with pair.device as device:
        for _ in range(3):
            enter(pair, pin, (0, 1, 2, 3))
        assert pair.twin.lock.state is State.OPEN
        screen = render(device.draws)
        pixels = []
        for second in range(1, 30):
            effects = device.tick(pair.now + 1000 * second)
            whole = render(device.draws)
            for x, y, w, h in effects.painted:
                screen.paste(whole.crop((x, y, x + w, y + h)), (x, y))
            assert ImageChops.difference(screen, whole).getbbox() is None
            pixels.append(sum(w * h for *_, w, h in effects.painted))
    text = next(draw.string for draw in device.draws if isinstance(draw, Text))
    assert text == "Open 1 s"
    of_the_whole_text = pixels[20]  # "Open 10 s" is followed by a shorter one
    assert 0 < max(pixels[:20]) < 0.75 * of_the_whole_text


def test_slices_between_polls_leave_the_whole_picture():
    """As the firmware's loop paints: what waits is painted as the picture is by then."""
    random = Random(12)
    with Emulator(build.command(build.Core.HOST)) as device:
        device.boot(0, 1)
        screen = render(device.draws)
        waited = 0
        for now in range(0, 6000, 5):
            x, y = spot(random)
            effects = device.pass_(random.choice((0, 1, 1, 1)), x, y, now)
            assert sum(w * h for *_, w, h in effects.painted) <= 10_000
            waited += effects.painted != []
            whole = render(device.draws) if effects.painted else None
            for x, y, w, h in effects.painted:
                screen.paste(whole.crop((x, y, x + w, y + h)), (x, y))
        for now in range(6000, 6100, 5):
            effects = device.pass_(0, 0, 0, now)
            for x, y, w, h in effects.painted:
                screen.paste(render(device.draws).crop((x, y, x + w, y + h)), (x, y))
        assert waited > 100
        assert ImageChops.difference(screen, render(device.draws)).getbbox() is None


def spot(random):
    if random.random() < 0.1:
        box = BUTTONS[random.choice(list(BUTTONS))]
        return box.x + 5, box.y + 5
    return random.randrange(240), random.randrange(240)
