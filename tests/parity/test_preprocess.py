"""Bitmaps of the C preprocess against Python's."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.common import host_compiler
from inkpin.model.inference.c_engine import CStrokes
from inkpin.preprocess import MODES, Strokes, bitmap, many

COORDINATE = st.integers(-40, 300)
STROKE = st.one_of(
    st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=60),
    st.tuples(COORDINATE, COORDINATE, st.integers(1, 400)).map(lambda p: [(p[0], p[1])] * p[2]),
    st.integers(0, 2**32 - 1).map(lambda seed: _wander(seed, 700)),
)


def _wander(seed, length):
    steps = np.random.default_rng(seed).integers(-9, 10, (length, 2))
    return (120 + np.cumsum(steps, axis=0)).tolist()


def assert_equal(strokes):
    python, device = Strokes.of(strokes), CStrokes.of(strokes)
    assert device.points == python.points
    assert (device.overflow, device.legible) == (python.overflow, python.legible)
    for likely in (False, True):
        assert device.unread(likely=likely) is python.unread(likely=likely)
    for mode in MODES:
        assert (device.bitmap(mode) == python.bitmap(mode)).all()


@settings(max_examples=400)
@given(st.lists(STROKE, max_size=6))
def test_random_strokes(strokes):
    assert_equal(strokes)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(100, 600))
def test_scribbles_that_overflow(seed, count):
    points = np.random.default_rng(seed).integers(0, 240, (count, 3, 2))
    assert_equal(points.tolist())


def test_a_cleared_buffer_is_as_new():
    full = [[(i % 240, 0), (i % 240, 200)] for i in range(400)]
    for kind in (Strokes, CStrokes):
        buffer = kind.of(full)
        assert buffer.overflow
        assert not buffer.legible
        buffer.clear()
        assert (buffer.overflow, buffer.points) == (False, [])
        for y in range(40, 200, 8):
            buffer.point(120, y)
        buffer.up()
        assert buffer.legible
        assert buffer.bitmap().any()


def test_every_sort_of_odd_ink():
    for strokes in (
        [],
        [[]],
        [[(0, 0)]],
        [[(239, 239)]],
        [[(5, 5), (5, 5)]],
        [[(0, 100), (239, 100)]],
        [[(100, 0), (100, 239)]],
        [[(0, 0), (239, 239), (0, 239), (239, 0)]],
        [[(x % 240, x * 7 % 240) for x in range(10_000)]],
        [[(60, 60), (120, 60), (80, 180)], [(160, 60), (158, 180)]],
        [[(60, 60), (120, 60), (80, 180)], [(160, 60), (158, 119)]],
        [[(60, 60), (120, 60), (80, 180)], [(121, 60), (158, 180)]],
        [[(60, 60), (120, 60)], [(160, 60), (170, 60)]],
    ):
        assert_equal(strokes)


def drawings(rng, count):
    """Return drawings of one to four strokes, some longer than the buffer, one without a point."""
    for _ in range(count):
        lengths = rng.integers(1, rng.choice([5, 60, 400]), rng.integers(1, 5))
        yield [rng.integers(0, 240, (length, 2)) for length in lengths]
    yield [np.zeros((0, 2), int)]


def test_many_at_once(rng, monkeypatch, record_property):
    drawn = list(drawings(rng, 600))
    at_once = many.bitmaps(drawn)
    record_property("drawings compared", len(drawn))
    assert np.array_equal(at_once, [bitmap(strokes) for strokes in drawn])
    assert many.bitmaps([]).shape == (0, 28, 28)
    monkeypatch.setattr(host_compiler, "find", lambda: None)
    assert np.array_equal(at_once[:50], many.bitmaps(drawn[:50]))
