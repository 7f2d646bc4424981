from collections import Counter
from itertools import pairwise
from random import Random

from inkpin.model.collection.asking import next_label


def next_labels(labels, counts, **names):
    """Return what is asked for by many chances."""
    return {next_label(labels, counts, Random(seed), **names) for seed in range(50)}


def test_any_label_with_the_fewest_samples_is_asked_for():
    assert next_labels("0123", {}) == set("0123")
    assert next_labels("0123", {"0": 2, "1": 1, "3": 1}) == {"2"}
    assert next_labels("0123", {"0": 1}, skipped=["1", "2"]) == {"3"}
    assert next_labels("01", {"0": 1}, skipped=["0", "1"]) == {"1"}


def test_the_last_one_does_not_come_again_where_another_has_as_few():
    assert next_labels("012", {}, last="1") == {"0", "2"}
    assert next_labels("012", {"0": 1, "2": 1}, last="1") == {"1"}


def test_many_rounds_are_balanced_and_in_no_order():
    counts, asked, chance = Counter(), [], Random(1)
    for _ in range(200):
        asked.append(next_label("0123456789", counts, chance, last=asked[-1] if asked else None))
        counts[asked[-1]] += 1
        assert max(counts.values()) - min(counts[label] for label in "0123456789") <= 1
    assert len({tuple(asked[start : start + 10]) for start in range(0, 200, 10)}) == 20
    assert all(one != other for one, other in pairwise(asked))
