"""Strokes that nobody wrote: skeletons of images, the table of templates, and both redrawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.cli import main
from inkpin.model.data import skeleton, stroke_augmentation, templates
from inkpin.model.data.samples import load_samples
from inkpin.preprocess import AREA, bitmap


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
    drawn = bitmap(
        stroke_augmentation.augment_strokes(
            templates.draw(table[rng.integers(len(table))], rng), rng
        )
    )
    thin = skeleton.skeletonise(drawn[None])[0]
    assert not (thin & ~drawn).any()
    assert parts(thin) == parts(drawn)
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


def test_a_curve_runs_through_its_points_and_turns_sharply_at_corners():
    rng = np.random.default_rng(0)
    (curve,) = templates.draw((np.array([[0.0, 0], [50, 0], [50, 0], [50, 50]]),), rng)
    corner = np.abs(curve - [50, 0]).max(axis=1).min()
    assert corner < 15
    assert np.abs(np.diff(curve, axis=0)).max() < 20


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_redrawn_strokes_lie_in_the_area_and_keep_their_number(seed):
    rng = np.random.default_rng(seed)
    for drawing in (templates.scribble(rng), templates.draw(templates.NON_DIGITS[seed % 30], rng)):
        for redrawn in (
            stroke_augmentation.augment_strokes(drawing, rng),
            stroke_augmentation.place_strokes(drawing, rng),
        ):
            assert len(redrawn) == len(drawing)
            points = np.concatenate(redrawn)
            assert points.min() >= 0
            assert points.max() < AREA
        assert np.ptp(points, axis=0).max() >= 0.4 * AREA


def test_a_dot_can_be_redrawn():
    rng = np.random.default_rng(0)
    (dot,) = stroke_augmentation.augment_strokes([np.array([[7, 7]])], rng)
    assert dot.shape == (1, 2)


@pytest.mark.parametrize(("what", "labels"), [("gestures", 8), ("digits", 10)])
def test_the_table_is_drawn_into_a_stroke_file(tmp_path, what, labels):
    path = tmp_path / "drawn.jsonl"
    assert main(["draw", what, "--out", str(path), "--samples", "3"]) == 0
    samples = load_samples(path)
    assert len(samples) == 3 * labels
    assert len({sample.label for sample in samples}) == labels
    content = path.read_bytes()
    assert main(["draw", what, "--out", str(path), "--samples", "3"]) == 0
    assert path.read_bytes() == content
    assert main(["draw", what, "--out", str(path), "--samples", "0"]) == 2
