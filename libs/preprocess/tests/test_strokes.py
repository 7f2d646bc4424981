import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkpin.preprocess import CAPACITY, MIN_EXTENT, PEN_UP, TAP_EXTENT, Strokes, Unread, bitmap

POINTS = st.lists(st.tuples(st.integers(0, 239), st.integers(0, 239)), min_size=1, max_size=40)


def circle(count, turns=1):
    angle = np.linspace(0, turns * math.tau, count)
    return np.stack([120 + 90 * np.cos(angle), 120 + 90 * np.sin(angle)], axis=1).astype(int)


def test_keeps_every_point_while_there_is_room():
    buffer = Strokes.of([[(1, 2), (3, 4)], [(5, 6)]])
    assert buffer.points == [(1, 2), (3, 4), PEN_UP, (5, 6), PEN_UP]
    assert [stroke.tolist() for stroke in buffer.strokes()] == [[[1, 2], [3, 4]], [[5, 6]]]


def test_points_outside_move_to_the_edge():
    assert Strokes.of([[(-5, 300), (1000, -1)]]).points[:2] == [(0, 239), (239, 0)]


def test_repeated_points_take_no_room():
    buffer = Strokes.of([[(9, 9)] * 5000 + [(50, 60)]])
    assert buffer.points == [(9, 9), (50, 60), PEN_UP]


def test_pen_up_without_a_stroke_is_nothing():
    buffer = Strokes()
    buffer.up()
    assert buffer.points == []
    buffer.point(1, 1)
    buffer.up()
    buffer.up()
    assert buffer.points == [(1, 1), PEN_UP]


def test_a_long_drawing_is_thinned_and_keeps_its_end_and_its_shape():
    path = circle(20_000, turns=3)
    buffer = Strokes.of([path])
    assert len(buffer.points) <= CAPACITY
    assert not buffer.overflow
    assert buffer.points[0] == tuple(path[0])
    assert buffer.points[-2] == tuple(path[-1])
    different = (buffer.bitmap() != bitmap([circle(400)])).sum()
    assert different <= 0.06 * buffer.bitmap().sum()


def test_thinning_spares_the_ends_of_every_stroke():
    rows = [[(x, y) for x in range(0, 240, 2)] for y in range(0, 240, 20)]
    buffer = Strokes.of(rows)
    assert not buffer.overflow
    assert [(tuple(s[0]), tuple(s[-1])) for s in buffer.strokes()] == [
        (row[0], row[-1]) for row in rows
    ]


def test_more_strokes_than_fit_overflow_and_are_not_legible():
    buffer = Strokes.of([[(i % 240, 0), (i % 240, 200)] for i in range(CAPACITY)])
    assert buffer.overflow
    assert len(buffer.points) == CAPACITY
    assert not buffer.legible
    before = buffer.points
    buffer.point(3, 3)
    buffer.up()
    assert buffer.points == before
    buffer.clear()
    assert not buffer.overflow
    assert buffer.points == []


@pytest.mark.parametrize(
    ("strokes", "legible"),
    [
        ([], False),
        ([[(100, 100)]], False),
        ([[(100, 100)], [(100 + MIN_EXTENT - 1, 100)]], False),
        ([[(100, 100), (100, 100 + MIN_EXTENT)]], True),
        ([[(100, 100), (100 + MIN_EXTENT, 100)]], True),
    ],
)
def test_too_little_ink_is_not_legible(strokes, legible):
    assert Strokes.of(strokes).legible is legible


SEVEN = [(60, 60), (120, 60), (80, 180)]
ONE = [(160, 60), (158, 180)]


@pytest.mark.parametrize(
    ("strokes", "why"),
    [
        ([], Unread.LITTLE),
        ([[(100, 100), (100 + TAP_EXTENT - 1, 100)]], Unread.LITTLE),
        ([[(100, 100), (100, 100 + TAP_EXTENT)]], Unread.SMALL),
        ([[(100, 100), (100, 100 + MIN_EXTENT - 1)]], Unread.SMALL),
        ([SEVEN], Unread.NOTHING),
        ([[(0, 60), *SEVEN]], Unread.EDGE),
        ([[*SEVEN, (80, 239)]], Unread.EDGE),
        ([SEVEN, ONE], Unread.SEVERAL),
        ([ONE, SEVEN], Unread.SEVERAL),
        ([SEVEN, [(160, 60), (160, 118)]], Unread.NOTHING),  # a short stroke beside
        ([SEVEN, [(100, 60), *ONE]], Unread.NOTHING),  # they share columns
        ([[(i % 200 + 9, 9), (i % 200 + 9, 200)] for i in range(CAPACITY)], Unread.SEVERAL),
    ],
)
def test_ink_that_was_not_read_says_why(strokes, why):
    buffer = Strokes.of(strokes)
    assert buffer.unread(likely=False) is why
    unsure = Unread.UNSURE if why is Unread.NOTHING else why
    assert buffer.unread(likely=True) is unsure


@given(st.lists(POINTS, max_size=4))
def test_the_buffer_sees_what_whole_strokes_show(strokes):
    whole = [np.array(stroke) for stroke in strokes]
    for mode in ("normalised", "direct"):
        assert (Strokes.of(strokes).bitmap(mode) == bitmap(whole, mode)).all()


@pytest.mark.parametrize("count", [*range(CAPACITY - 2, CAPACITY + 3), 700, 900])
@pytest.mark.parametrize("reach", [2, 30, 240])
def test_whole_strokes_are_thinned_as_the_buffer_does(rng, count, reach):
    points = rng.integers(0, reach, (count, 2))
    assert (bitmap([points]) == Strokes.of([points]).bitmap()).all()
