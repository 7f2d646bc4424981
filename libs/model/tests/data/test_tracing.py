import numpy as np
import pytest

from inkpin.model.data.tracing import trace
from inkpin.preprocess import normalised


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
