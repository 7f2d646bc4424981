import pytest

from inkpin.lock import Config, Lock
from inkpin.lock.host import MemoryHooks
from inkpin.screen import Button, Order, Panel, Touch, view
from inkpin.screen.layout import BUTTONS


class Hand:
    """A panel over a lock in memory; a hand that writes and presses, and a clock.

    Keeps the points of the ink as a shell would, and all outputs and serial lines.
    """

    def __init__(self, **config):
        self.hooks = MemoryHooks()
        self.config = Config(**{"iterations": 1, **config})
        self.now = 0
        self.boot()

    def boot(self):
        self.lock = Lock(self.hooks, self.config, self.now)
        self.panel = Panel(self.lock)
        self.points = []
        self.orders = []
        self.lines = []
        self.take(self.panel.begin())

    def take(self, outputs):
        for output in outputs:
            self.orders.append(output.order)
            if output.order is Order.POINT:
                self.points.append((output.x, output.y))
            elif output.order is Order.PEN_UP:
                self.points.append((255, 255))
            elif output.order is Order.ERASE:
                self.points.clear()
            elif output.order is Order.LINE:
                self.lines.append(output.text)
        return outputs

    def touch(self, phase, x, y):
        return self.take(self.panel.touch(phase, x, y, self.now))

    def draw(self, *points):
        """Draw one stroke, by default a short one, and give its preview."""
        points = points or ((100, 100), (120, 140))
        self.touch(Touch.DOWN, *points[0])
        for point in points[1:]:
            self.touch(Touch.MOVE, *point)
        self.touch(Touch.UP, *points[-1])
        self.panel.preview([1 << len(self.points)] * 28)

    def press(self, button):
        box = BUTTONS[button]
        middle = (box.x + box.w // 2, box.y + box.h // 2)
        return self.touch(Touch.DOWN, *middle) + self.touch(Touch.UP, *middle)

    def enter(self):
        return self.press(Button.ENTER)

    def read(self, label, confidence=98):
        return self.take(self.panel.reading(label, confidence, self.now))

    def refuse(self, unread, *between):
        return self.take(self.panel.refuse(unread, between, self.now))

    def write(self, label):
        self.draw()
        self.enter()
        return self.read(label)

    def pin(self, digits):
        """Write a PIN and submit it."""
        for digit in digits:
            self.write(digit)
        self.enter()

    def wait(self, ms):
        self.now += ms
        return self.take(self.panel.tick(self.now))

    def view(self):
        return view(self.panel, self.points)

    def set_pin(self, digits="2580"):
        self.pin(digits)
        self.pin(digits)
        self.lines.clear()
        self.orders.clear()


@pytest.fixture
def hand():
    return Hand()

    return Hand


@pytest.fixture(scope="session")
def new_hand():
    return Hand
