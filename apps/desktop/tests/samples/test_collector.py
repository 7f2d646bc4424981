import numpy as np
import pytest

from inkpin.common import InputError
from inkpin.desktop.samples.collector import Collector
from inkpin.desktop.samples.pad import Pad
from inkpin.model.collection.collection import Collection
from inkpin.model.data.samples import load_samples
from inkpin.model.inference.recogniser import Prediction
from inkpin.screen import Touch


class Reads:
    """A network of three labels that always reads the same one."""

    labels = ("a", "b", "c")

    def __init__(self, best=0):
        self.best = best

    def predict(self, _bitmap):
        return Prediction(self.labels[self.best], self.best, 77, np.zeros(3, np.int32))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "samples.jsonl"


@pytest.fixture
def collector(path):
    with Collection.open(path) as collection:
        yield Collector(collection, Reads(), Pad(), "Ada", "first", 2)


def write(collector):
    collector.pad.touch(Touch.DOWN, 50, 50, 0)
    collector.pad.touch(Touch.MOVE, 150, 150, 9)
    collector.pad.touch(Touch.UP, 150, 150, 9)


def test_each_label_is_asked_for_in_turn_until_the_target(collector, path):
    asked = []
    while collector.total[0] < collector.total[1]:
        asked.append(collector.label)
        write(collector)
        collector.accept()
    assert asked == list("abcabc")
    assert collector.counts == {"a": 2, "b": 2, "c": 2}
    saved = load_samples(path)
    assert [sample.label for sample in saved] == asked
    assert saved[0].writer == "Ada"
    assert saved[0].extra["session"] == "first"
    assert saved[0].strokes[0].tolist() == [[50, 50], [150, 150], [150, 150]]
    assert saved[0].times[0] is not None


def test_the_network_is_asked_after_saving(collector):
    write(collector)
    saved = collector.accept()
    assert (saved.entry.label, saved.guess, saved.confidence, saved.agrees) == ("a", "a", 77, True)
    write(collector)
    saved = collector.accept()
    assert (saved.entry.label, saved.guess, saved.agrees) == ("b", "a", False)
    assert collector.collection.find(disagreeing=True) == [saved.entry]


def test_too_little_ink_is_refused_and_stays(collector):
    collector.pad.touch(Touch.DOWN, 50, 50, 0)
    with pytest.raises(InputError, match="little ink"):
        collector.accept()
    assert len(collector.collection) == 0
    assert len(collector.pad.strokes) == 1


def test_a_skipped_label_comes_last(collector):
    write(collector)
    collector.skip()
    assert collector.pad.strokes == []
    assert collector.label == "b"
    collector.skip()
    assert collector.label == "c"
    collector.skip()
    assert collector.label == "a"


def test_a_label_can_be_chosen(collector):
    assert collector.choose("c")
    assert not collector.choose("x")
    write(collector)
    assert collector.accept().entry.label == "c"
    assert collector.label == "a"


def test_the_label_before_and_after_can_be_asked_for(collector):
    collector.turn(1)
    assert collector.label == "b"
    collector.turn(-2)
    assert collector.label == "c"
    collector.turn(1)
    assert collector.label == "a"


def test_the_label_of_a_sample_taken_back_is_asked_for_again(collector):
    write(collector)
    collector.accept()
    assert collector.label == "b"
    collector.undo()
    assert collector.label == "a"
    collector.redo()
    assert collector.label == "b"


def test_undo_with_ink_on_the_paper_takes_back_strokes_and_no_sample(collector):
    write(collector)
    collector.accept()
    write(collector)
    write(collector)
    assert [collector.undo(), collector.undo()] == ["the last stroke"] * 2
    assert len(collector.collection) == 1
    assert collector.label == "b"
    assert collector.redo() == "a stroke"
    assert len(collector.pad.strokes) == 1
    collector.undo()
    assert "saving" in collector.undo()
    assert len(collector.collection) == 0


def test_a_drawing_that_was_skipped_comes_back_with_its_label(collector):
    write(collector)
    collector.skip()
    assert collector.undo() == "skipping 'a'"
    assert collector.label == "a"
    assert len(collector.pad.strokes) == 1
    assert collector.accept().entry.label == "a"


def test_undo_and_redo_count_too(collector, path):
    write(collector)
    collector.accept()
    assert "a" in collector.undo()
    assert collector.counts == {}
    assert collector.total == (0, 6)
    assert collector.redo()
    assert collector.counts == {"a": 1}
    assert collector.redo() is None
    assert len(load_samples(path)) == 1


def test_samples_of_other_writers_do_not_count(collector):
    write(collector)
    collector.accept()
    collector.writer = "Bob"
    collector.recount()
    assert collector.counts == {}


def test_more_than_the_target_is_no_more_than_the_target(collector):
    for _ in range(3):
        collector.choose("a")
        write(collector)
        collector.accept()
    assert collector.total == (2, 6)
