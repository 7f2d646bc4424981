"""Bitmaps of the C preprocess against Python's."""

import ctypes
import itertools
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.common import host_compiler
from inkpin.model.inference.c_engine import CStrokes
from inkpin.preprocess import C_FOLDER, CAPACITY, MODES, Strokes, Unread, bitmap, many

GUARD = 0xAAAAAAAA
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


def test_what_was_cleared_is_looked_at_no_more():
    """Two strokes that one column parts, where there was a point, and another far off."""
    for stale in ((121, 100), (200, 230)):
        buffer, fresh = CStrokes.of([[stale] * 2, [(30, 30)], [stale]] * 100), CStrokes()
        buffer.clear()
        for x, y in ((120, 60), (120, 120), (122, 60), (122, 120)):
            for each in (buffer, fresh):
                each.point(x, y)
                if y == 120:
                    each.up()
        assert buffer.points == fresh.points
        assert buffer.unread(likely=True) is fresh.unread(likely=True) is Unread.SEVERAL
        for mode in MODES:
            assert (buffer.bitmap(mode) == fresh.bitmap(mode)).all()


def test_c_writes_no_row_beside_the_bitmap():
    """Of ink on all edges, and of ink that is heavy at one, so that it is shifted."""
    c = host_compiler.load([C_FOLDER / "ink_preprocess.c"], [C_FOLDER])
    middle, *edges = ((120, 120), (120, 0), (120, 239), (0, 120), (239, 120))
    for mode, heavy in itertools.product(range(len(MODES)), (middle, *edges)):
        strokes, rows = (ctypes.c_uint16 * (CAPACITY + 8))(), (ctypes.c_uint32 * 32)(*[GUARD] * 32)
        c.ink_strokes_clear(strokes)
        for corner in itertools.product((0, 239), repeat=2):
            for x, y in (corner, heavy):
                c.ink_strokes_point(strokes, x, y)
            c.ink_strokes_up(strokes)
        c.ink_strokes_bitmap(strokes, mode, ctypes.byref(rows, 2 * ctypes.sizeof(ctypes.c_uint32)))
        assert rows[:2] == rows[30:] == [GUARD, GUARD]
        assert all(row < 1 << 28 for row in rows[2:30])


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


def test_ink_near_each_edge():
    for near, far in itertools.product((0, 1, 2), (237, 238, 239)):
        for corner in ((near, 60), (60, near), (far, 60), (60, far)):
            assert_equal([[(100, 120), corner]])


def test_ink_of_every_small_size():
    for size in range(20):
        assert_equal([[(100, 100), (100 + size, 100)]])
        assert_equal([[(100, 100), (100, 100 + size)]])


def test_ink_that_hardly_falls_apart_or_hardly_does_not(rng):
    """A few strokes on a few columns, of all and of half the height, and one pixel more or less."""
    why = Counter()
    for _ in range(600):
        columns = rng.integers(60, 63, (3, 2)) + np.array([[0], [3], [1]])
        rows = rng.choice([20, 40], (3, 1)) + rng.choice([[0, 19], [20, 0], [0, 21]], 3)
        strokes = np.stack([columns, rows], 2)[: rng.integers(2, 4)]
        python, device = Strokes.of(strokes), CStrokes.of(strokes)
        why[python.unread(likely=False)] += 1
        assert device.unread(likely=False) is python.unread(likely=False)
    assert min(why[Unread.SEVERAL], why[Unread.NOTHING]) > 50


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
