import pytest

from inkpin.desktop.samples.review_list import Filter, Order, ReviewList
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess


@pytest.fixture
def review(tmp_path, samples):
    with Collection.open(tmp_path / "samples.jsonl") as collection:
        for sample in samples("2011"):
            sample.extra["writer"] = "Ada" if sample.label == "1" else "Bob"
            collection.append(sample)
        yield ReviewList(collection)


def shown(review):
    return "".join(entry.label for entry in review.entries)


def test_samples_are_shown_by_label_and_the_first_is_looked_at(review):
    assert shown(review) == "0112"
    assert review.current.label == "0"
    assert review.selected == {review.current.id}


def test_nothing_to_look_at(tmp_path):
    with Collection.open(tmp_path / "none.jsonl") as collection:
        empty = ReviewList(collection)
        empty.move_to(3)
        assert empty.current is None
        assert empty.delete() == 0
        assert empty.relabel("1") == 0
        assert empty.undo() is None


def test_going_selecting_and_selecting_more(review):
    review.move_to(1)
    assert review.selected == {review.entries[1].id}
    review.move_to(99, extend=True)
    assert review.cursor == 3
    assert len(review.selected) == 3
    review.move_to(2, toggle=True)
    assert len(review.selected) == 2
    review.select_all()
    assert len(review.selected) == 4
    review.move_to(-5)
    assert review.cursor == 0
    assert len(review.selected) == 1


def test_filters(review):
    review.show(Filter(label="1"))
    assert shown(review) == "11"
    review.show(Filter(writer="Bob"))
    assert shown(review) == "02"
    review.collection.guesses[review.entries[0].id] = Guess("7", 90)
    assert review.disagrees(review.entries[0]) == "7"
    assert review.disagrees(review.entries[1]) is None
    review.show(Filter(disagreeing=True))
    assert shown(review) == "0"
    review.show(Filter(session="none"))
    assert review.current is None


def test_what_is_relabelled_keeps_its_place_until_the_view_is_left(review):
    zero = review.current.id
    assert review.relabel("2") == 1
    assert shown(review) == "2112"
    assert review.current.id == zero
    assert review.relabel("2") == 0
    assert review.undo()
    assert shown(review) == "0112"
    assert review.redo()
    assert shown(review) == "2112"
    review.leave()
    assert shown(review) == "1122"
    assert review.current.id == zero


def test_what_a_filter_no_longer_takes_stays_until_the_view_is_left(review):
    review.show(Filter(label="1"))
    review.relabel("2")
    assert shown(review) == "21"
    assert review.delete() == 1
    assert shown(review) == "1"
    assert review.undo()
    assert shown(review) == "21"
    review.show(Filter(label="1"))
    assert shown(review) == "1"


def test_the_next_disagreement_is_found_round_and_round(review):
    assert not review.next_disagreement()
    ids = [entry.id for entry in review.entries]
    review.collection.guesses.update(
        {ids[0]: Guess("7", 90), ids[1]: Guess("1", 80), ids[2]: Guess("?", 9)}
    )
    for place in (2, 0, 2):
        assert review.next_disagreement()
        assert review.cursor == place
    review.select_all()
    assert review.as_read("0127") == {ids[0]: "7"}  # what is refused is no label
    assert review.label_as_read("0127") == 1
    assert shown(review) == "7112"


def test_after_deleting_the_next_is_looked_at(review):
    review.move_to(1)
    review.move_to(2, extend=True)
    assert review.delete() == 2
    assert shown(review) == "02"
    assert review.current.label == "2"
    assert review.undo()
    assert shown(review) == "0112"


def test_the_last_one_deleted_leaves_the_one_before(review):
    review.move_to(3)
    review.delete()
    assert review.cursor == 2


def test_samples_are_sorted_by_how_sure_the_network_is(review):
    two, zero, *ones = review.collection.find()
    review.collection.guesses.update(
        {zero.id: Guess("0", 70), two.id: Guess("?", 12), ones[0].id: Guess("1", 99)}
    )

    def order(wanted):
        review.show(Filter(order=wanted))
        return [entry.id for entry in review.entries]

    assert order(Order.DOUBTFUL) == [two.id, zero.id, ones[0].id, ones[1].id]
    assert order(Order.SURE) == [ones[0].id, zero.id, two.id, ones[1].id]
    review.collection.guesses[ones[1].id] = Guess("1", 80)
    review.leave()
    assert [entry.id for entry in review.entries] == [ones[0].id, ones[1].id, zero.id, two.id]
