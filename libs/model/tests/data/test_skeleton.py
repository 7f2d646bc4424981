import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.data import skeleton, stroke_augmentation, templates
from inkpin.model.data.skeleton import trace
from inkpin.preprocess import bitmap, normalised


def drawn(*rows):
    """Return a 28x28 bitmap with rows of '#' and '.' in it, each cell three wide and high."""
    cells = np.array([[cell == "#" for cell in row] for row in rows])
    large = np.kron(cells, np.ones((3, 3), bool))
    picture = np.zeros((28, 28), bool)
    picture[3 : 3 + large.shape[0], 3 : 3 + large.shape[1]] = large
    return picture


def test_a_line_is_one_stroke_from_end_to_end():
    (strokes,) = trace(drawn("#######")[None])
    assert len(strokes) == 1
    xs, ys = strokes[0].T
    assert set(ys) == {int(4.5 * 240 / 28)}
    assert (np.diff(xs) > 0).all()


def test_a_ring_is_closed():
    (strokes,) = trace(drawn(".###.", "#...#", "#...#", ".###.")[None])
    assert len(strokes) == 1
    np.testing.assert_array_equal(strokes[0][0], strokes[0][-1])


def test_a_crossing_stays_connected():
    (strokes,) = trace(drawn("..#..", "..#..", "#####", "..#..", "..#..")[None])
    assert 2 <= len(strokes) <= 3
    points = [{tuple(point) for point in stroke.tolist()} for stroke in strokes]
    for place, stroke in enumerate(strokes[1:], 1):
        others = set().union(*points[:place])
        assert others & {tuple(stroke[0].tolist()), tuple(stroke[-1].tolist())}


def test_a_dot_is_a_stroke_and_no_ink_is_none():
    pictures = np.stack([drawn("#"), np.zeros((28, 28), bool)])
    dot, nothing = trace(pictures)
    assert len(dot) == 1
    assert nothing == []


def test_ink_at_the_edge_is_kept():
    picture = np.zeros((28, 28), bool)
    picture[0] = True
    (strokes,) = trace(picture[None])
    assert strokes[0][:, 0].min() < 20
    assert strokes[0][:, 0].max() > 220


@pytest.mark.parametrize("side", [40, 120])
def test_other_sizes_fill_the_area_too(side):
    picture = np.zeros((side, side // 2), bool)
    picture[:, side // 4 - 2 : side // 4 + 2] = True
    (strokes,) = trace(picture[None])
    ys = np.concatenate(strokes)[:, 1]
    assert ys.min() < 20
    assert ys.max() > 220


def test_the_strokes_look_like_the_picture(mirror):
    from inkpin.model.data.formats.idx import load_split

    images = load_split(mirror / "mnist", "train").bitmaps
    pictures = images[:300] > 0
    # With the pen and in the frame that the pictures were made with, as nearly as it goes.
    bitmaps = [normalised(strokes, 18, 3, aspect_corrected=False) for strokes in trace(pictures)]
    overlap = [
        (bits & picture).sum() / (bits | picture).sum()
        for bits, picture in zip(bitmaps, pictures, strict=True)
    ]
    assert np.mean(overlap) > 0.6


def parts(ink):
    """Return how many pieces the ink has, corners joining."""
    left, count = {tuple(cell) for cell in np.argwhere(ink)}, 0
    while left:
        count, edge = count + 1, [left.pop()]
        while edge:
            y, x = edge.pop()
            near = {(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge += near
    return count


def test_a_skeleton_is_the_middle_line():
    ink = np.zeros((1, 9, 12), bool)
    ink[0, 3:6, 2:10] = True
    thin = skeleton.skeletonise(ink)[0]
    assert np.argwhere(thin)[:, 0].tolist() == [4] * thin.sum()
    assert 4 <= thin.sum() <= 8


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_a_skeleton_stays_in_the_ink_and_in_one_piece(seed):
    rng = np.random.default_rng(seed)
    table = templates.DIGITS[str(rng.integers(10))]
    strokes = templates.draw(table[rng.integers(len(table))], rng)
    ink = bitmap(stroke_augmentation.augment_strokes(strokes, rng))
    thin = skeleton.skeletonise(ink[None])[0]
    assert not (thin & ~ink).any()
    assert parts(thin) == parts(ink)
    assert skeleton.skeletonise(thin[None]).sum() == thin.sum()


def test_no_images_have_no_skeletons():
    assert skeleton.skeletonise(np.zeros((0, 28, 28), bool)).shape == (0, 28, 28)


def test_a_skeleton_becomes_strokes_between_neighbours():
    thin = np.zeros((9, 9), bool)
    thin[[2, 3, 4], [2, 3, 4]] = True
    strokes = skeleton.to_strokes(thin)
    assert [stroke.shape for stroke in strokes] == [(2, 2), (2, 2)]
    assert np.allclose(strokes[0][1], [3, 3])
    alone = np.zeros((9, 9), bool)
    alone[5, 1] = True
    assert np.array_equal(skeleton.to_strokes(alone), [[[1, 5]]])
    assert skeleton.to_strokes(np.zeros((9, 9), bool)) == []
