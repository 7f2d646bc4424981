import numpy as np
import pytest

from inkpin.desktop.samples.wording import (
    how_it_learns,
    last_events,
    natural_order,
    percent,
    sample_count,
    shortened,
    verdict,
)
from inkpin.model.adaptation.improved_model import BeforeAfter, ConfusionMatrix, ImprovedModel


def score(right, wrong):
    return ConfusionMatrix(np.array([[right, wrong], [0, 0]]))


def improvement(own, reference):
    return ImprovedModel(b"", ("a", "b"), 80, 0, BeforeAfter(*own), BeforeAfter(*reference))


SAME = (score(98, 2), score(98, 2))


@pytest.mark.parametrize(
    ("own", "reference", "expected"),
    [
        ((score(15, 5), score(19, 1)), SAME, ["4 more of your 20", "as well as", "worth using"]),
        ((score(15, 5), score(15, 5)), SAME, ["as many of your 20", "not worth"]),
        ((score(15, 5), score(14, 6)), SAME, ["1 fewer of your 20", "not worth"]),
        ((score(20, 0), score(20, 0)), SAME, ["knows your hand already"]),
        (
            (score(18, 2), score(19, 1)),
            (score(98, 2), score(90, 10)),
            ["8.0 points less", "not worth"],
        ),
        ((score(15, 5), score(19, 1)), (score(98, 2), score(99, 1)), ["1.0 points more"]),
    ],
)
def test_a_verdict_says_what_is_gained_and_lost(own, reference, expected):
    text = verdict(improvement(own, reference))
    for words in expected:
        assert words in text


def test_a_verdict_says_nothing_of_people_who_drew_nothing():
    none = ConfusionMatrix(np.zeros((2, 2), np.int64))
    text = verdict(improvement((score(15, 5), score(16, 4)), (none, none)))
    assert text == "It reads 1 more of your 20 samples held back. It is worth using."


def test_what_is_learned_beside_the_samples_depends_on_the_labels():
    assert "digits of many people" in how_it_learns("0123456789")
    assert "nobody else's" in how_it_learns(["circle", "cross"])


def test_scores_for_people():
    assert percent(score(19, 1)) == "95.0\N{NO-BREAK SPACE}%  (19 of 20)"


def test_labels_are_in_the_order_of_people():
    assert natural_order(["b", "10", "9", "A"]) == ["9", "10", "A", "b"]


def test_counts_for_people():
    assert [sample_count(count) for count in (0, 1, 1234)] == [
        "0 samples",
        "1 sample",
        "1,234 samples",
    ]
    assert [last_events(count) for count in (0, 1, 2)] == [
        "No event yet",
        "The last event",
        "The last 2 events, the newest below",
    ]


@pytest.mark.parametrize(
    ("text", "room", "short"),
    [
        ("Ada", 3, "Ada"),
        ("Bartholomew", 5, "Bart…"),
        ("a b c", 4, "a b…"),
        ("a bcd", 3, "a…"),
        ("漢字漢字", 3, "漢字…"),
        ("Ada", 0, "…"),
        ("", 0, ""),
    ],
)
def test_what_is_too_long_ends_in_an_ellipsis(text, room, short):
    assert shortened(text, room, len) == short
