import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkpin.preprocess import BOX, DIRECT, NORMALISED, SIDE, bitmap, normalised
from inkpin.preprocess.raster import fit_to_box

ZERO = [np.array([[120, 40], [160, 80], [160, 160], [120, 200], [80, 160], [80, 80], [120, 40]])]
SEVEN = [np.array([[60, 50], [180, 52], [110, 200]]), np.array([[90, 125], [160, 122]])]
SHAPES = {"zero": ZERO, "seven": SEVEN, "one": [np.array([[100, 30], [100, 220]])]}


def picture(bits):
    return ["".join(".#"[cell] for cell in row) for row in bits.astype(int)]


def moved(strokes, factor, dx, dy):
    return [np.floor(s * factor).astype(int) + np.array([dx, dy]) for s in strokes]


def hamming_share(a, b):
    return (a != b).sum() / max(a.sum(), b.sum())


def test_no_ink_is_an_empty_bitmap():
    assert not bitmap([]).any()
    assert not bitmap([np.zeros((0, 2), int)], DIRECT).any()


@pytest.mark.parametrize("strokes", [[[[7, 9]]], [[[7, 9]] * 5], [[[239, 239]]]])
def test_a_dot_is_one_stamp_in_the_middle(strokes):
    expected = np.zeros((SIDE, SIDE), bool)
    expected[13:15, 13:15] = True
    assert (bitmap([np.array(s) for s in strokes]) == expected).all()


@pytest.mark.parametrize(("end", "height", "width"), [((100, 200), 21, 2), ((200, 100), 2, 21)])
def test_a_straight_stroke_fills_the_box_one_stamp_wide(end, height, width):
    bits = bitmap([np.array([(100, 100), end])])
    rows, columns = np.flatnonzero(bits.any(axis=1)), np.flatnonzero(bits.any(axis=0))
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (height, width)
    assert bits.sum() == height * width


@pytest.mark.parametrize(("side", "share"), [(20, 0.19), (100, 0.75), (200, 1.0)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_longer_side_fills_the_box_and_the_shorter_grows(side, share, turned):
    corners = np.array([[10, 10], [210, 10], [210, 10 + side], [10, 10 + side], [10, 10]])
    bits = bitmap([corners[:, ::-1] if turned else corners])
    wide, high = (np.ptp(np.flatnonzero(bits.any(axis=axis))) + 1 for axis in (0, 1))
    longer, shorter = (high, wide) if turned else (wide, high)
    assert longer == BOX + 1
    assert shorter == pytest.approx(share * (BOX - 1) + 2, abs=0.6)


def test_other_framings():
    oblong = [np.array([[10, 10], [210, 10], [210, 110], [10, 110], [10, 10]])]
    bits = normalised(oblong, box=16, pen=3, aspect_corrected=False)
    assert np.ptp(np.flatnonzero(bits.any(axis=0))) + 1 == 16 + 2
    assert np.ptp(np.flatnonzero(bits.any(axis=1))) + 1 == pytest.approx(16 / 2 + 2, abs=1)
    np.testing.assert_array_equal(normalised(oblong), bitmap(oblong))


def test_the_loops_of_a_slim_digit_stay_open():
    turns = np.linspace(0, 2 * np.pi, 40)
    slim = np.stack([120 + 22 * np.sin(2 * turns), 120 - 80 * np.cos(turns)], axis=1)
    bits = bitmap([slim.astype(int)])
    across = [int((np.diff(row.astype(int)) == 1).sum()) for row in bits]
    assert across.count(2) >= 8  # rows with paper between two lines


def test_sparse_samples_are_joined():
    sparse = bitmap([np.array([[0, 0], [239, 239]])])
    dense = bitmap([np.stack([np.arange(240)] * 2, axis=1)])
    assert picture(sparse) == picture(dense)


def test_strokes_are_not_joined_to_each_other():
    bits = bitmap([np.array([[0, 0], [0, 200]]), np.array([[200, 0], [200, 200]])])
    assert not bits[:, 13:15].any()


@pytest.mark.parametrize("strokes", SHAPES.values(), ids=SHAPES)
def test_place_does_not_matter(strokes):
    small = moved(strokes, 0.4, 0, 0)
    low = np.concatenate(small).min(axis=0)
    high = np.concatenate(small).max(axis=0)
    for dx, dy in [(-low[0], -low[1]), (239 - high[0], 239 - high[1]), (3, 17)]:
        assert (bitmap(moved(small, 1, dx, dy)) == bitmap(small)).all()


@pytest.mark.parametrize("strokes", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("factor", [0.3, 0.5, 0.9])
def test_size_does_not_matter_but_for_rounding(strokes, factor):
    assert hamming_share(bitmap(moved(strokes, factor, 0, 0)), bitmap(strokes)) < 0.12


@given(st.lists(st.tuples(st.integers(0, 239), st.integers(0, 239)), min_size=1, max_size=60))
def test_ink_stays_whole_and_its_mass_in_the_middle(points):
    bits = bitmap([np.array(points)])
    rows, columns = np.nonzero(bits)
    for cells in (rows, columns):
        at_an_edge = cells.min() == 0 or cells.max() == SIDE - 1
        assert at_an_edge or abs(cells.mean() - 13.5) <= 0.5


def test_direct_scales_each_sample_into_the_grid():
    bits = bitmap([np.array([[120, 60]])], DIRECT)
    expected = np.zeros((SIDE, SIDE), bool)
    expected[6:9, 13:16] = True
    assert (bits == expected).all()


def test_direct_cuts_the_stamp_at_the_edge():
    bits = bitmap([np.array([[0, 0]]), np.array([[239, 239]])], DIRECT)
    assert bits.sum() == 8
    assert bits[:2, :2].all()
    assert bits[-2:, -2:].all()


def test_direct_sets_samples_alone():
    assert bitmap([np.array([[0, 0], [239, 0]])], DIRECT).sum() == 8


def test_an_unknown_mode_is_an_error():
    with pytest.raises(KeyError):
        bitmap(ZERO, "askew")
    assert NORMALISED != DIRECT


def test_a_side_of_half_the_length_takes_three_quarters_of_the_box():
    assert fit_to_box(np.array([[7, 5], [107, 55]])).tolist() == [[0, 0], [19 * 256, 19 * 192]]


def test_places_in_the_box_are_rounded_to_the_nearest():
    places = fit_to_box(np.array([[7, 5], [8, 5], [9, 5], [10, 5]]))
    assert places.tolist() == [[0, 0], [1621, 0], [3243, 0], [4864, 0]]
