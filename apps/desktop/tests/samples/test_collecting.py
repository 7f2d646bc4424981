import pytest

from inkpin.common import InputError
from inkpin.desktop.samples.collecting import Collecting
from inkpin.desktop.samples.pad import Pad
from inkpin.model.collection.collection import Collection
from inkpin.model.data.samples import load_samples
from inkpin.screen import Touch


class Reads:
    """A network of three labels that always reads the same one."""

    labels = ("a", "b", "c")

    def __init__(self, best=0):
        self.best = best

    def predict(self, _bitmap):
        return self

    confidence = 77


@pytest.fixture
def path(tmp_path):
    return tmp_path / "samples.jsonl"


@pytest.fixture
def collecting(path):
    with Collection.open(path) as collection:
        yield Collecting(collection, Reads(), Pad(), "Ada", "first", 2)


def write(collecting):
    collecting.pad.touch(Touch.DOWN, 50, 50)
    collecting.pad.touch(Touch.MOVE, 150, 150)
    collecting.pad.touch(Touch.UP, 150, 150)


def test_each_label_is_asked_for_in_turn_until_the_target(collecting, path):
    asked = []
    while collecting.total[0] < collecting.total[1]:
        asked.append(collecting.label)
        write(collecting)
        collecting.accept()
    assert asked == list("abcabc")
    assert collecting.counts == {"a": 2, "b": 2, "c": 2}
    saved = load_samples(path)
    assert [sample.label for sample in saved] == asked
    assert saved[0].writer == "Ada"
    assert saved[0].extra["session"] == "first"
    assert saved[0].strokes[0].tolist() == [[50, 50], [150, 150], [150, 150]]
    assert saved[0].times[0] is not None


def test_the_network_is_asked_after_saving(collecting):
    write(collecting)
    saved = collecting.accept()
    assert (saved.entry.label, saved.guess, saved.confidence, saved.agrees) == ("a", "a", 77, True)
    write(collecting)
    saved = collecting.accept()
    assert (saved.entry.label, saved.guess, saved.agrees) == ("b", "a", False)
    assert collecting.collection.find(disagreeing=True) == [saved.entry]


def test_too_little_ink_is_refused_and_stays(collecting):
    collecting.pad.touch(Touch.DOWN, 50, 50)
    with pytest.raises(InputError, match="little ink"):
        collecting.accept()
    assert len(collecting.collection) == 0
    assert len(collecting.pad.strokes) == 1


def test_a_skipped_label_comes_last(collecting):
    write(collecting)
    collecting.skip()
    assert collecting.pad.strokes == []
    assert collecting.label == "b"
    collecting.skip()
    assert collecting.label == "c"
    collecting.skip()
    assert collecting.label == "a"


def test_a_label_can_be_chosen(collecting):
    assert collecting.choose("c")
    assert not collecting.choose("x")
    write(collecting)
    assert collecting.accept().entry.label == "c"
    assert collecting.label == "a"


def test_the_label_before_and_after_can_be_asked_for(collecting):
    collecting.turn(1)
    assert collecting.label == "b"
    collecting.turn(-2)
    assert collecting.label == "c"
    collecting.turn(1)
    assert collecting.label == "a"


def test_the_label_of_a_sample_taken_back_is_asked_for_again(collecting):
    write(collecting)
    collecting.accept()
    assert collecting.label == "b"
    collecting.undo()
    assert collecting.label == "a"
    collecting.redo()
    write(collecting)
    collecting.undo()
    assert collecting.label == "b"  # that is being drawn


def test_undo_and_redo_count_too(collecting, path):
    write(collecting)
    collecting.accept()
    assert "a" in collecting.undo()
    assert collecting.counts == {}
    assert collecting.total == (0, 6)
    assert collecting.redo()
    assert collecting.counts == {"a": 1}
    assert collecting.redo() is None
    assert len(load_samples(path)) == 1


def test_samples_of_other_writers_do_not_count(collecting):
    write(collecting)
    collecting.accept()
    collecting.writer = "Bob"
    collecting.recount()
    assert collecting.counts == {}


def test_more_than_the_target_is_no_more_than_the_target(collecting):
    for _ in range(3):
        collecting.choose("a")
        write(collecting)
        collecting.accept()
    assert collecting.total == (2, 6)
