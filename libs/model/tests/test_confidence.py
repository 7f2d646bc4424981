import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.confidence import LEVELS, MAX_ENTRIES, Confidence, fit, margins_of


def test_margin_is_the_largest_minus_the_second_largest_logit_with_nothing_at_0():
    logits = np.array([[5, -3, 9], [7, 7, 0], [-2, 8, -4], [-2, -9, -4]], np.int32)
    assert margins_of(logits).tolist() == [4, 0, 8, 0]


def test_margin_does_not_overflow():
    logits = np.array([[2**31 - 1, -(2**31)]], np.int32)
    assert margins_of(logits).tolist() == [2**31 - 1]


def test_looks_up_the_last_entry_that_the_margin_reaches():
    table = Confidence((0, 10, 50), (20, 70, 99), 60)
    logits = np.array([[0, 0], [9, 0], [10, 0], [49, 0], [0, 50], [70000, 0]])
    assert table.of(logits).tolist() == [20, 20, 70, 70, 99, 99]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 400), st.floats(0, 1))
def test_a_fitted_table_is_monotone_short_and_refuses_no_more_than_asked(seed, n, refused):
    rng = np.random.default_rng(seed)
    logits = rng.integers(-200, 200, (n, 4))
    labels = np.where(rng.random(n) < 0.8, logits.argmax(axis=1), rng.integers(0, 4, n))
    table = fit(logits, labels, refused)
    assert len(table.margins) <= MAX_ENTRIES
    assert set(table.percents) <= set(LEVELS)
    assert list(table.percents) == sorted(set(table.percents))
    none = np.mean(margins_of(logits) == 0)  # these are refused whatever is asked
    assert np.mean(table.of(logits) < table.threshold) <= max(refused, none)
    assert Confidence.from_json(table.to_json()) == table


def test_a_fitted_confidence_is_the_share_that_was_right():
    margins = np.repeat([5, 100], 1000)
    logits = np.stack([margins, np.zeros_like(margins)], axis=1)
    labels = np.concatenate([np.arange(1000) >= 620, np.zeros(1000)]).astype(int)
    table = fit(logits, labels, 0)
    assert table.of(logits[[0, -1]]).tolist() == [60, 99]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "no",
        '{"margins": [0], "percents": [1, 2], "threshold": 1}',
        '{"margins": [1], "percents": [1], "threshold": 1}',
        '{"margins": [0, 0], "percents": [1, 2], "threshold": 1}',
        '{"margins": [0, 5], "percents": [2, 1], "threshold": 1}',
        '{"margins": [0], "percents": [101], "threshold": 1}',
        '{"margins": [0, 70000], "percents": [1, 2], "threshold": 1}',
    ],
)
def test_what_is_no_table_is_refused(text):
    with pytest.raises(ValueError, match=r"table|JSON|Expecting"):
        Confidence.from_json(text)


def test_what_has_no_margin_is_refused_however_much_of_it_there_is():
    logits = np.array([[-5, -9]] * 60 + [[40, -9]] * 40)
    table = fit(logits, np.zeros(100, int), 0.01)
    assert list(table.of(logits) < table.threshold) == [True] * 60 + [False] * 40


def test_probabilities_have_the_confidence_and_share_the_rest():
    table = Confidence((0, 10, 20, 40), (10, 60, 80, 95), 50)
    logits = np.array([30, 5, -10, 5])
    shares = table.probabilities(logits)
    assert shares[0] == table.of(logits[None])[0] / 100
    assert shares[1] == shares[3] > shares[2] > 0
    assert shares.sum() < 1  # it may be none of them
    for nothing in (np.array([-5, -5]), np.array([0, 0])):
        assert table.probabilities(nothing)[0] == 0.1
