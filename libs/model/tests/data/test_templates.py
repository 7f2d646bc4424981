"""Strokes that nobody wrote: the tables of templates, and what is redrawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.cli import main
from inkpin.model.data import gesture_templates, stroke_augmentation, templates
from inkpin.model.data.samples import load_samples
from inkpin.preprocess import AREA

SIGNS = [*templates.NON_DIGITS.values(), *gesture_templates.OTHERS]


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
    for drawing in (templates.scribble(rng), templates.draw(SIGNS[seed % len(SIGNS)], rng)):
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


def test_arrows_point_where_their_names_say():
    tips = {"right": (0, 1), "left": (0, -1), "down": (1, 1), "up": (1, -1)}
    for label, (axis, sign) in tips.items():
        for strokes in gesture_templates.GESTURES[label]:
            points = np.concatenate(strokes)
            middle = (points.min(axis=0) + points.max(axis=0)) / 2
            # A head has its points near the tip.
            assert sign * (points.mean(axis=0) - middle)[axis] > 0


@pytest.mark.parametrize(("what", "labels"), [("gestures", 8), ("others", 1), ("digits", 10)])
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
