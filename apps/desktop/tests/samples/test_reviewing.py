import pytest

from inkpin.desktop.samples.reviewing import Filter, Reviewing
from inkpin.model.collection.collection import Collection


@pytest.fixture
def reviewing(tmp_path, samples):
    with Collection.open(tmp_path / "samples.jsonl") as collection:
        for sample in samples("2011"):
            sample.extra["writer"] = "Ada" if sample.label == "1" else "Bob"
            collection.append(sample)
        yield Reviewing(collection)


def shown(reviewing):
    return "".join(entry.label for entry in reviewing.entries)


def test_samples_are_shown_by_label_and_the_first_is_looked_at(reviewing):
    assert shown(reviewing) == "0112"
    assert reviewing.current.label == "0"
    assert reviewing.chosen == {reviewing.current.id}


def test_nothing_to_look_at(tmp_path):
    with Collection.open(tmp_path / "none.jsonl") as collection:
        empty = Reviewing(collection)
        empty.go(3)
        assert empty.current is None
        assert empty.delete() == 0
        assert empty.relabel("1") == 0
        assert empty.undo() is None


def test_going_choosing_and_choosing_more(reviewing):
    reviewing.go(1)
    assert reviewing.chosen == {reviewing.entries[1].id}
    reviewing.go(99, extend=True)
    assert reviewing.cursor == 3
    assert len(reviewing.chosen) == 3
    reviewing.go(2, toggle=True)
    assert len(reviewing.chosen) == 2
    reviewing.choose_all()
    assert len(reviewing.chosen) == 4
    reviewing.go(-5)
    assert reviewing.cursor == 0
    assert len(reviewing.chosen) == 1


def test_filters(reviewing):
    reviewing.show(Filter(label="1"))
    assert shown(reviewing) == "11"
    reviewing.show(Filter(writer="Bob"))
    assert shown(reviewing) == "02"
    reviewing.collection.guesses[reviewing.entries[0].id] = "7"
    assert reviewing.disagrees(reviewing.entries[0]) == "7"
    assert reviewing.disagrees(reviewing.entries[1]) is None
    reviewing.show(Filter(disagreeing=True))
    assert shown(reviewing) == "0"
    reviewing.show(Filter(session="none"))
    assert reviewing.current is None


def test_what_is_relabelled_moves_to_its_label_and_back(reviewing):
    zero = reviewing.current.id
    assert reviewing.relabel("2") == 1
    assert shown(reviewing) == "1122"
    assert reviewing.current.id == zero
    assert reviewing.relabel("2") == 0
    assert reviewing.undo()
    assert shown(reviewing) == "0112"
    assert reviewing.redo()
    assert shown(reviewing) == "1122"


def test_after_deleting_the_next_is_looked_at(reviewing):
    reviewing.go(1)
    reviewing.go(2, extend=True)
    assert reviewing.delete() == 2
    assert shown(reviewing) == "02"
    assert reviewing.current.label == "2"
    assert reviewing.undo()
    assert shown(reviewing) == "0112"


def test_the_last_one_deleted_leaves_the_one_before(reviewing):
    reviewing.go(3)
    reviewing.delete()
    assert reviewing.cursor == 2
