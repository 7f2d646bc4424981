import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inkpin.preprocess import SIDE, bitmap
from inkpin.preprocess.steps import explained

POINTS = st.lists(st.tuples(st.integers(0, 239), st.integers(0, 239)), min_size=1, max_size=40)
DRAWINGS = st.lists(POINTS.map(np.array), min_size=1, max_size=4)


@given(DRAWINGS)
def test_the_steps_lead_to_the_bitmap(strokes):
    steps = explained(strokes)
    np.testing.assert_array_equal(steps.bitmap, bitmap(strokes))
    right, down = steps.shift
    moved = np.roll(steps.uncentred, (down, right), axis=(0, 1))
    np.testing.assert_array_equal(moved, steps.bitmap)
    assert steps.uncentred.sum() == steps.bitmap.sum()


@given(DRAWINGS)
def test_the_frame_is_the_box_and_the_pen(strokes):
    steps = explained(strokes)
    rows, columns = np.nonzero(steps.uncentred)
    assert (rows.min(), columns.min()) == (4, 4)
    x0, y0, x1, y1 = steps.box
    if max(x1 - x0, y1 - y0) > 0:
        assert max(rows.max(), columns.max()) == 4 + 20


def test_a_stroke_in_a_corner_is_framed_and_then_centred():
    steps = explained([np.array([[0, 0], [0, 34]])])
    assert steps.box == (0, 0, 0, 34)
    assert steps.legible
    assert steps.centre == (4.5, 14.0)
    assert steps.shift == (9, 0)
    assert np.flatnonzero(steps.bitmap.any(axis=0)).tolist() == [13, 14]


def test_no_ink_has_no_box():
    steps = explained([])
    assert (steps.box, steps.centre, steps.strokes, steps.legible) == (None, None, [], False)
    assert steps.bitmap.shape == (SIDE, SIDE)
    assert not steps.bitmap.any()
