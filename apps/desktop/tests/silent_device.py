"""A device that says nothing, and notes how it is touched."""

from queue import SimpleQueue


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
    """A link on which nothing comes, and what is sent is noted."""

    def __init__(self):
        self.updates = SimpleQueue()
        self.sent = []
        self.send = self.sent.append

    def start(self):
        pass

    stop = start
