from queue import SimpleQueue

import pytest

from inkpin.desktop.lock.device_connection import DeviceConnection
from inkpin.device import wire
from inkpin.model.data.samples import bundled_samples
from inkpin.model.inference.recogniser import Recogniser
from inkpin.preprocess.packing import pack_rows
from inkpin.screen import Text


class Wire:
    """A link on which a test puts what comes."""

    def __init__(self):
        self.updates = SimpleQueue()


@pytest.fixture
def link():
    return Wire()


@pytest.fixture
def connection(link, tmp_path):
    connection = DeviceConnection(link, None, tmp_path)
    connection.use(Recogniser.load())
    link.updates.put(wire.Trying(on=True))
    return connection


def draw(link, strokes):
    for stroke in strokes:
        for place, (x, y) in enumerate(stroke):
            link.updates.put(wire.Point(int(x), int(y), 10 * place))
        link.updates.put(wire.PenUp())


def read(connection, link):
    """Have the device read what was drawn, as one with this network does."""
    connection.updates()
    bitmap = connection.state.buffer.bitmap()
    link.updates.put(wire.Bits(tuple(pack_rows(bitmap).tolist())))
    prediction = Recogniser.load().predict(bitmap)
    logits = tuple(map(int, prediction.logits))
    link.updates.put(wire.Prediction(prediction.label, prediction.confidence, logits))
    connection.updates()


def texts(connection):
    return [each.string for each in connection.draws() if isinstance(each, Text)]


SCRIBBLE = [[(20 + 37 * n % 200, 30 + 53 * n % 190) for n in range(40)]]


def test_what_is_not_read_says_why(connection, link):
    draw(link, SCRIBBLE)
    read(connection, link)
    said = texts(connection)
    assert said.count("?") == 2  # by the device, and here
    assert any(text.startswith(("Not sure", "No digit", "More than one")) for text in said)
    link.updates.put(wire.Erased())
    connection.updates()
    assert texts(connection) == ["device", "desktop"]


def test_ink_that_the_network_was_never_asked_about_says_why_too(connection, link):
    draw(link, [[(100, 100), (104, 103)]])
    link.updates.put(wire.Said("Output ?"))
    connection.updates()
    assert "?" in texts(connection)
    assert any(text.startswith(("Too little", "Too small")) for text in texts(connection))


def test_what_is_read_says_nothing_more(connection, link):
    sample = bundled_samples()[0]
    draw(link, sample.strokes)
    read(connection, link)
    assert texts(connection).count(sample.label) == 2
    assert connection.refusal is None
