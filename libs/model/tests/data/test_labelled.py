import numpy as np

from inkpin.model.data.labelled import REJECT, LabelledBitmaps, joined

BITMAPS = np.arange(4 * 28 * 28).reshape(4, 28, 28) % 3 == 0
SOME = LabelledBitmaps.of(BITMAPS, ["b", "a", "c", "a"], ["ann", "", "bob", "ann"])


def test_labels_are_the_different_texts_in_order():
    assert SOME.labels == ("a", "b", "c")
    assert SOME.targets.tolist() == [1, 0, 2, 0]
    assert SOME.texts == ["b", "a", "c", "a"]


def test_parts_keep_what_belongs_together():
    for chosen in (np.array([3, 0]), slice(None, None, -3)):
        part = SOME[chosen]
        assert (part.texts, part.writers) == (["a", "b"], ("ann", "ann"))
        np.testing.assert_array_equal(part.bitmaps, BITMAPS[[3, 0]])
    assert SOME[SOME.targets == 0].writers == ("", "ann")
    again = joined([SOME[:1], SOME[1:]])
    assert (again.texts, again.writers, len(again)) == (SOME.texts, SOME.writers, 4)
    np.testing.assert_array_equal(again.bitmaps, BITMAPS)


def test_among_other_labels_the_unknown_and_the_rejected_are_left_out():
    known = SOME.among(("x", "c", "a"))
    assert (known.labels, known.targets.tolist()) == (("x", "c", "a"), [2, 1, 2])
    assert known.writers == ("", "bob", "ann")
    rejected = LabelledBitmaps(BITMAPS, np.array([REJECT, 2, 0, REJECT]), SOME.labels)
    assert rejected.among(("c", "b")).targets.tolist() == [0]


def test_none_at_all():
    nothing = LabelledBitmaps.empty(("a", "b"))
    assert (len(nothing), nothing.texts, nothing.bitmaps.shape) == (0, [], (0, 28, 28))
    assert joined([nothing, nothing]).among(("b",)).labels == ("b",)
