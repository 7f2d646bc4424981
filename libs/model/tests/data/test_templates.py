"""Strokes that nobody wrote: the tables of templates, and what is redrawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.cli import main
from inkpin.model.data import stroke_augmentation, templates
from inkpin.model.data.samples import load_samples
from inkpin.preprocess import AREA


def test_a_curve_runs_through_its_points_and_turns_sharply_at_corners():
    rng = np.random.default_rng(0)
    (curve,) = templates.draw((np.array([[0.0, 0], [50, 0], [50, 0], [50, 50]]),), rng)
    corner = np.abs(curve - [50, 0]).max(axis=1).min()
    assert corner < 15
    assert np.abs(np.diff(curve, axis=0)).max() < 20


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_redrawn_strokes_lie_in_the_area(seed):
    rng = np.random.default_rng(seed)
    for drawing in (templates.scribble(rng), templates.draw(templates.NON_DIGITS[seed % 30], rng)):
        for redrawn in (
            stroke_augmentation.augment_strokes(drawing, rng),
            placed := stroke_augmentation.place_strokes(drawing, rng),
        ):
            assert len(drawing) <= len(redrawn) <= 2 * len(drawing), (
                "the pen may leave for a moment"
            )
            points = np.concatenate(redrawn)
            assert points.min() >= 0
            assert points.max() < AREA
        assert len(placed) == len(drawing)
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
