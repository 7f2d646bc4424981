"""A lock, and somebody who writes on it."""

import pytest

from inkpin.lock import Config, Event, Lock, MemoryHooks

QUICK = Config(iterations=1)
PIN = "3141"


class Desk:
    """A lock, its storage, and somebody who writes on it; each step takes 10 ms."""

    def __init__(self, config=QUICK, hooks=None, now=0):
        self.hooks = hooks or MemoryHooks()
        self.config = config
        self.now = now
        self.reboot()

    def reboot(self):
        self.lock = Lock(self.hooks, self.config, self.now)

    def do(self, event, symbol=0):
        self.now += 10
        return self.lock.step(event, self.now, symbol)

    def wait(self, ms):
        self.now += ms
        return self.lock.step(Event.TICK, self.now)

    def write(self, digits):
        return [self.do(Event.DIGIT, int(digit)) for digit in digits]

    def enter(self, digits):
        self.write(digits)
        return self.do(Event.ENTER)

    def look(self):
        return self.lock.state, self.lock.message


@pytest.fixture
def make_desk():
    return Desk


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def locked(desk):
    desk.enter(PIN)
    desk.enter(PIN)
    return desk


@pytest.fixture
def opened(locked):
    locked.enter(PIN)
    return locked


@pytest.fixture
def changing(opened):
    opened.do(Event.CLEAR)
    opened.enter(PIN)
    return opened
