import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.data.stroke_variation import restyle, vary

RING = np.array([[0.5 + 0.3 * np.sin(t), 0.5 - 0.5 * np.cos(t)] for t in np.linspace(0, 6.28, 30)])
BAR = np.column_stack([np.full(20, 0.5), np.linspace(0, 1, 20)])


def many(make, times=400):
    rng = np.random.default_rng(0)
    return [make(rng) for _ in range(times)]


@pytest.mark.parametrize(("label", "drawn"), [("0", RING), ("7", BAR), ("1", BAR)])
def test_some_digits_get_what_some_writers_add(label, drawn):
    styled = many(lambda rng: restyle([drawn], label, rng))
    added = [strokes for strokes in styled if len(strokes) == 2]
    assert 0.05 < len(added) / len(styled) < 0.3
    assert all((strokes[0] == drawn).all() for strokes in styled)
    for _, stroke in added:
        assert np.ptp(stroke, axis=0).max() > 0.05
        assert np.abs(stroke - drawn.mean(axis=0)).max() < 1.5


def test_slashes_run_through_the_middle_of_a_zero():
    added = [s[1] for s in many(lambda rng: restyle([RING], "0", rng)) if len(s) == 2]
    middles = np.array([stroke.mean(axis=0) for stroke in added])
    assert np.abs(middles - RING.mean(axis=0)).max() < 0.4
    assert all(stroke[0, 1] < stroke[-1, 1] for stroke in added), "from the top"


def test_others_stay_as_they_are():
    for label in ("", "2", "3", "4", "5", "6", "8", "9", "A"):
        assert all(
            len(s) == 1 for s in many(lambda rng, label=label: restyle([RING], label, rng), 50)
        )
    assert all(len(s) == 2 for s in many(lambda rng: restyle([RING, BAR], "0", rng), 50))


@settings(max_examples=80)
@given(st.integers(0, 2**32 - 1))
def test_what_hands_do_leaves_the_digit_where_it_is(seed):
    varied = vary([RING, BAR], np.random.default_rng(seed))
    assert 2 <= len(varied) <= 4
    points = np.concatenate(varied)
    assert all(len(stroke) for stroke in varied)
    assert np.isfinite(points).all()
    assert points.min() > -0.6
    assert points.max() < 1.6


def test_many_drawings_stay_and_many_change():
    same = [
        all((a == b).all() for a, b in zip(v, [BAR], strict=False) if len(a) == len(b))
        and len(np.concatenate(v)) == len(BAR)
        for v in many(lambda rng: vary([BAR], rng))
    ]
    assert 0.4 < np.mean(same) < 0.85


def test_ends_are_drawn_on_cut_off_and_hooked():
    """A straight bar from y 0 to 1: some end below it, some above, some aside."""
    ends = np.array([v[-1][-1] for v in many(lambda rng: vary([BAR], rng), 1500)])
    assert (ends[:, 1] > 1.05).any()
    assert (ends[:, 1] < 0.95).any()
    assert (np.abs(ends[:, 0] - 0.5) > 0.08).any()


def test_a_dot_and_a_traced_picture_stay():
    rng = np.random.default_rng(0)
    traced = [BAR[i : i + 2] for i in range(10)]
    assert all(len(vary(traced, rng)) == 10 for _ in range(50))
    assert all(len(np.concatenate(vary([np.array([[0.5, 0.5]])], rng))) == 1 for _ in range(50))
