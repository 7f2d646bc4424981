"""A device for tests: the host's build under the sanitizers, driven by its own clock."""

import pytest

from inkpin.common.host_compiler import SANITIZERS
from inkpin.device import build
from inkpin.device.emulator import Effects, Emulator, Storage
from inkpin.screen import Ink, Touch
from inkpin.screen.layout import BUTTONS


@pytest.fixture(scope="session")
def command():
    """What starts the emulated device."""
    return [str(build.build_host(SANITIZERS))]


class Device:
    """An emulated device and its clock.

    Attributes:
        effects: of the last event.
        serial: all that it sent, since the caller emptied it.
        tones: all that it began, likewise.
    """

    def __init__(self, command, slots=None):
        self.slots = Storage() if slots is None else slots
        self.emulator = Emulator(command, self.slots)
        self.now = 0
        self.serial = b""
        self.tones = []
        self.boot()

    def boot(self):
        return self._heard(self.emulator.boot(self.now, 1, 1))

    def tick(self, ms):
        self.now += ms
        return self._heard(self.emulator.tick(self.now))

    def poll(self, fingers, x, y, now=None):
        self.now = self.now if now is None else now
        return self._heard(self.emulator.poll(fingers, x, y, self.now))

    def send(self, data):
        return self._heard(self.emulator.serial(data, self.now))

    def touch(self, phase, x, y):
        return self._heard(self.emulator.touch(phase, x, y, self.now))

    def press(self, button):
        box = BUTTONS[button]
        self.touch(Touch.DOWN, box.x + 5, box.y + 5)
        return self.touch(Touch.UP, box.x + 5, box.y + 5)

    def draw(self, sample):
        for stroke in sample.strokes:
            for number, (x, y) in enumerate(stroke.tolist()):
                self.touch(Touch.MOVE if number else Touch.DOWN, x, y)
            self.touch(Touch.UP, x, y)

    def lines(self):
        """Return what was sent since the last time, line by line."""
        *lines, rest = self.serial.decode("ascii").split("\r\n")
        assert rest == ""
        self.serial = b""
        return lines

    @property
    def ink(self):
        """The strokes on the screen, each a list of points."""
        strokes = [[]]
        for point in next((d.points for d in self.emulator.draws if isinstance(d, Ink)), ()):
            if point == (255, 255):
                strokes.append([])
            else:
                strokes[-1].append(point)
        return [stroke for stroke in strokes if stroke]

    def _heard(self, effects: Effects):
        self.effects = effects
        self.serial += effects.serial
        self.tones += effects.tones
        return effects


@pytest.fixture
def device(command):
    """A device on its first day."""
    device = Device(command)
    yield device
    device.emulator.close()
