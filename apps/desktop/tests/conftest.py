from dataclasses import dataclass, field

import numpy as np
import pytest

from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import memory_store
from inkpin.lock import Config
from inkpin.model.data.samples import Sample

QUICK = Config(iterations=1)


@dataclass
class Answer:
    label: str | None
    confidence: int = 97
    logits: np.ndarray = field(default_factory=lambda: np.arange(10, dtype=np.int32))


class Scripted:
    """A recogniser that gives the labels it was told, one after the other."""

    labels = tuple("0123456789")

    def __init__(self, answers):
        self.answers = list(answers)
        self.bitmaps = []

    def predict(self, bitmap):
        self.bitmaps.append(bitmap)
        return Answer(self.answers.pop(0))

    def predictions(self, bitmaps):
        return [self.predict(bitmap) for bitmap in bitmaps]


class Bench:
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
            config=QUICK,
        )

    def play(self, waits):
        for wait in waits:
            self.now += wait
            self.session.tick()


def sample(label="7"):
    """Return a sample of two strokes."""
    strokes = [np.array([[60, 60], [150, 60], [90, 200]]), np.array([[70, 130], [140, 130]])]
    return Sample(label, strokes, [None, None])


@pytest.fixture
def bench():
    return Bench


@pytest.fixture
def samples():
    return lambda labels: [sample(label) for label in labels]
