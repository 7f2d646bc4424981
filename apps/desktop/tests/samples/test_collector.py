from dataclasses import replace

import numpy as np
import pytest

from inkpin.common import RefusedError
from inkpin.desktop.samples.collector import Collector
from inkpin.desktop.samples.pad import Pad
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess
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
        yield Collector(collection, Reads.labels, Reads(), Pad(), "Ada", "first", 2)


def write(collector):
    collector.pad.touch(Touch.DOWN, 50, 50, 0)
    collector.pad.touch(Touch.MOVE, 150, 150, 9)
    collector.pad.touch(Touch.UP, 150, 150, 9)


def save(collector):
    write(collector)
    return collector.accept().entry


def samples_of(collector, count):
    """Return samples as those that are there, under other ids."""
    one = collector.collection.find()[0].sample
    return [replace(one, extra={"key_id": f"more {n}"}) for n in range(count)]


def test_each_label_is_asked_for_as_often_until_the_target(collector, path):
    asked = []
    while collector.total[0] < collector.total[1]:
        asked.append(collector.label)
        write(collector)
        collector.accept()
    assert sorted(asked[:3]) == sorted(asked[3:]) == list("abc")
    assert collector.counts == {"a": 2, "b": 2, "c": 2}
    saved = load_samples(path)
    assert [sample.label for sample in saved] == asked
    assert saved[0].writer == "Ada"
    assert saved[0].extra["session"] == "first"
    assert saved[0].strokes[0].tolist() == [[50, 50], [150, 150], [150, 150]]
    assert saved[0].times[0] is not None


def test_the_network_is_asked_after_saving(collector):
    collector.choose("a")
    write(collector)
    saved = collector.accept()
    assert (saved.entry.label, saved.guess, saved.agrees) == ("a", Guess("a", 77), True)
    collector.choose("b")
    write(collector)
    saved = collector.accept()
    assert (saved.entry.label, saved.guess.label, saved.agrees) == ("b", "a", False)


def test_too_little_ink_is_refused_and_stays(collector):
    collector.pad.touch(Touch.DOWN, 50, 50, 0)
    with pytest.raises(RefusedError, match="little ink"):
        collector.accept()
    assert len(collector.collection) == 0
    assert len(collector.pad.strokes) == 1


def test_a_skipped_label_comes_last(collector):
    write(collector)
    asked = []
    for _ in range(3):
        asked.append(collector.label)
        collector.skip()
        assert collector.pad.strokes == []
    assert sorted(asked) == list("abc")
    assert collector.label != asked[-1]


def test_a_label_can_be_chosen(collector):
    assert collector.choose("c")
    assert not collector.choose("x")
    write(collector)
    assert collector.accept().entry.label == "c"
    assert collector.label in ("a", "b")


def test_the_label_before_and_after_can_be_asked_for(collector):
    collector.choose("a")
    collector.turn(1)
    assert collector.label == "b"
    collector.turn(-2)
    assert collector.label == "c"
    collector.turn(1)
    assert collector.label == "a"


def test_the_label_of_a_sample_taken_back_is_asked_for_again(collector):
    collector.choose("b")
    write(collector)
    collector.accept()
    assert collector.label in ("a", "c")
    collector.undo()
    assert collector.label == "b"
    collector.redo()
    assert collector.label in ("a", "c")


def test_what_was_saved_or_taken_back_last_is_known(collector):
    assert (collector.last, collector.last_is_saved) == (None, False)
    first, second = save(collector), save(collector)
    assert (collector.last, collector.last_is_saved) == (second, True)
    collector.undo()
    assert (collector.last.id, collector.last_is_saved) == (second.id, False)
    collector.undo()
    assert (collector.last.id, collector.last_is_saved) == (first.id, False)
    collector.redo()
    assert (collector.last.id, collector.last_is_saved) == (first.id, True)
    collector.collection.relabel([first.id], "c")
    assert collector.last.label == "c"
    collector.collection.extend(samples_of(collector, 2))
    collector.undo()
    assert collector.last is None


def test_the_last_sample_is_taken_back_beside_a_drawing_under_way(collector):
    saved = save(collector)
    write(collector)
    asked = collector.label
    collector.toggle_last()
    assert (len(collector.collection), len(collector.pad.strokes)) == (0, 1)
    assert (collector.label, collector.counts) == (asked, {})
    collector.toggle_last()
    assert collector.collection.find() == [saved]
    assert collector.collection.to_undo.what.startswith("saving")


def test_the_last_sample_is_taken_back_whatever_else_was_changed_since(collector):
    first, last = save(collector), save(collector)
    collector.collection.relabel([first.id], "c" if first.label != "c" else "a")
    collector.toggle_last()
    assert [entry.id for entry in collector.collection.find()] == [first.id]
    collector.collection.relabel([first.id], first.label)
    collector.toggle_last()
    assert [entry.id for entry in collector.collection.find()] == [first.id, last.id]
    assert collector.last_is_saved


def test_another_network_leaves_the_drawing_and_what_is_asked_for(collector):
    collector.choose("c")
    write(collector)
    collector.use(Reads(1))
    assert (collector.label, len(collector.pad.strokes)) == ("c", 1)
    assert collector.accept().guess.label == "b"
    other = Reads()
    other.labels = ("x", "y")
    collector.use(other)
    assert collector.label in ("x", "y")


def test_undo_with_ink_on_the_paper_takes_back_strokes_and_no_sample(collector):
    save(collector)
    asked = collector.label
    write(collector)
    write(collector)
    assert [collector.undo(), collector.undo()] == ["the last stroke"] * 2
    assert len(collector.collection) == 1
    assert collector.label == asked
    assert collector.redo() == "a stroke"
    assert len(collector.pad.strokes) == 1
    collector.undo()
    assert "saving" in collector.undo()
    assert len(collector.collection) == 0


def test_a_drawing_that_was_skipped_comes_back_with_its_label(collector):
    collector.choose("a")
    write(collector)
    collector.skip()
    assert collector.undo() == "skipping 'a'"
    assert collector.label == "a"
    assert len(collector.pad.strokes) == 1
    assert collector.accept().entry.label == "a"


def test_every_drawing_that_was_skipped_comes_back(collector):
    labels = []
    for skipping in range(2):
        labels.append(collector.label)
        for _ in range(skipping + 1):
            write(collector)
        collector.skip()
        collector.skip()  # an empty one drops nothing
    for strokes, label in ((2, labels[1]), (1, labels[0])):
        assert collector.undo() == f"skipping {label!r}"
        assert (collector.label, len(collector.pad.strokes)) == (label, strokes)
        collector.pad.clear()
    assert collector.undo() is None


def test_undo_and_redo_count_too(collector, path):
    collector.choose("a")
    write(collector)
    collector.accept()
    assert "a" in collector.undo()
    assert collector.counts == {}
    assert collector.total == (0, 6)
    assert collector.redo()
    assert collector.counts == {"a": 1}
    assert collector.redo() is None
    assert len(load_samples(path)) == 1


def test_what_was_undone_last_is_done_again_first_under_its_own_label(collector):
    collector.choose("a")
    save(collector)
    collector.choose("b")
    write(collector)
    assert collector.undo() == "the last stroke"
    assert collector.undo() == "saving 'a'"
    assert collector.label == "a"
    assert collector.redo() == "saving 'a'"
    assert collector.pad.strokes == []
    collector.choose("c")
    assert collector.redo() == "a stroke"
    assert collector.label == "b"
    assert collector.redo() is None


def test_a_stroke_comes_back_where_nothing_of_the_collection_can(collector):
    collector.choose("a")
    first = save(collector)
    collector.choose("b")
    write(collector)
    assert collector.take_back()
    assert not collector.take_back()
    assert collector.undo() == "saving 'a'"
    collector.collection.restore([first.id])  # in another tab, after which nothing is to be redone
    assert collector.redo() == "a stroke"
    assert collector.label == "b"


def test_a_drawing_begun_since_keeps_its_label(collector):
    collector.choose("a")
    save(collector)
    collector.choose("b")
    write(collector)
    for _ in range(2):
        collector.undo()
    collector.choose("c")
    write(collector)
    collector.undo()
    assert collector.redo() == "a stroke"
    assert collector.label == "c"


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
