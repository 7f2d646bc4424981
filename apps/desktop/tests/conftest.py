import gc
import shutil

import numpy as np
import pytest
from silent_device import Emulated, Wire

from inkpin.desktop.lock.device_connection import DeviceConnection
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import memory_store
from inkpin.lock import Config
from inkpin.model.confidence import Confidence
from inkpin.model.data.samples import Sample
from inkpin.model.inference.recogniser import Prediction


class Scripted:
    """A recogniser that gives the labels it was told, one after the other, then the last for good.

    How often ink is read while it is being written is a matter of time.
    """

    labels = tuple("0123456789")
    model = "scripted"
    confidence = Confidence((0,), (97,), 50)

    def __init__(self, answers):
        self.answers = list(answers)
        self.bitmaps = []

    def predict(self, bitmap):
        self.bitmaps.append(bitmap)
        label = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Prediction(label, 9, 97, np.arange(10, dtype=np.int32))

    def predictions(self, bitmaps):
        return [self.predict(bitmap) for bitmap in bitmaps]


class Harness:
    """A session with a scripted recogniser, a clock to set and the lines it said."""

    def __init__(self, labels=(), store=None):
        self.now = 0
        self.lines = []
        self.store = store or memory_store()
        self.recogniser = Scripted(labels)
        self.session = Session(
            self.store,
            lambda: self.recogniser,
            self.lines.append,
            clock=lambda: self.now,
            config=Config(iterations=1),
        )

    def play(self, waits):
        for wait in waits:
            self.now += wait
            self.session.tick()


@pytest.fixture
def harness():
    return Harness


@pytest.fixture
def scripted():
    return Scripted


@pytest.fixture
def samples():
    """Make samples of two strokes with these labels."""
    strokes = [np.array([[60, 60], [150, 60], [90, 200]]), np.array([[70, 130], [140, 130]])]
    return lambda labels: [Sample(label, strokes, [None, None]) for label in labels]


@pytest.fixture
def screen(display, monkeypatch):
    """Let windows go to a screen of our own.

    Tk 8.6.13 may keep a pointer to what had the keyboard in an application that has ended, and the
    next one of the same process that takes it by force follows it: so each takes it before it ends.
    """
    from tkinter import Tk

    destroy = Tk.destroy

    def let_go(root):
        root.focus_force()
        destroy(root)

    monkeypatch.setattr(Tk, "destroy", let_go)
    monkeypatch.setenv("DISPLAY", display)
    yield
    gc.collect()  # Tk must be let go of by the thread that made it


@pytest.fixture
def lock_window(screen, tmp_path):
    """Make windows with the lock."""
    from drivers import LockDriver

    made = []

    def make(**options):
        made.append(LockDriver(tmp_path, **options))
        return made[-1]

    yield make
    while made:
        made.pop().worker.stop()


@pytest.fixture
def hand(screen):
    """Return a hand on the keyboard and the mouse of the screen."""
    from drivers import Hand

    if not shutil.which("xdotool"):
        pytest.skip("no hand to test with: install xdotool")
    return Hand()


@pytest.fixture
def tab_window(screen, tmp_path, told):
    """Make windows with a tab on the workspace of tmp_path."""
    from drivers import WorkspaceDriver

    return lambda tab: WorkspaceDriver(tab, tmp_path)


@pytest.fixture
def connection(tmp_path):
    """Return a connection to an emulated device on which nothing comes."""
    return DeviceConnection(Wire(), Emulated(), tmp_path)


@pytest.fixture
def told(monkeypatch):
    """The errors that the user is told of, each a line and its details."""
    from inkpin.desktop import window

    lines = []
    monkeypatch.setattr(
        window.messagebox, "showerror", lambda _, line, detail, **__: lines.append((line, detail))
    )
    return lines
