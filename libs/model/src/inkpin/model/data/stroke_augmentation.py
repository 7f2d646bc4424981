"""Strokes drawn again: elsewhere in the area, in another size, by another hand."""

import math
from collections.abc import Sequence

import numpy as np

from inkpin.preprocess import AREA


def bent_strokes(strokes: Sequence[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Return strokes (n, 2) of any unit redrawn by another hand, int64 pixels of the area.

    Rotation to 10 degrees, shear to 0.25, aspect 0.75 to 1.3, a slow wave of up to 4 % of the
    larger side along each axis; then `placed`; then jitter of a pixel, and up to a fifth of the
    inner samples dropped.
    """
    points = np.concatenate(strokes).astype(float)
    points -= points.min(axis=0)
    points /= max(points.max(), 1e-9)
    waves, phases = rng.uniform(-3, 3, (2, 2)), rng.uniform(0, 2 * math.pi, 2)
    points += rng.uniform(0, 0.04, 2) * np.sin(points @ waves + phases)
    angle, shear = rng.uniform(-0.17, 0.17), rng.uniform(-0.25, 0.25)
    aspect = math.exp(rng.uniform(-0.28, 0.28))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = _placed(points @ (turn @ np.array([[aspect, shear], [0, 1]])).T, rng)
    points += rng.normal(0, 1, points.shape)
    ends = np.cumsum([len(stroke) for stroke in strokes])
    keep = rng.uniform(size=len(points)) >= rng.uniform(0, 0.2)
    keep[ends - 1] = keep[0] = True
    keep[ends[:-1]] = True
    return np.split(_pixels(points)[keep], np.cumsum(keep)[ends[:-1] - 1])


def placed(strokes: Sequence[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Return strokes (n, 2) anywhere in the area, larger side 45 to 90 % of its, in pixels."""
    points = _placed(np.concatenate(strokes).astype(float), rng)
    return np.split(_pixels(points), np.cumsum([len(stroke) for stroke in strokes])[:-1])


def _placed(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    points = points - points.min(axis=0)
    points *= rng.uniform(0.45, 0.9) * AREA / max(points.max(), 1e-9)
    return points + rng.uniform(0, 1, 2) * np.maximum(AREA - 1 - points.max(axis=0), 0)


def _pixels(points: np.ndarray) -> np.ndarray:
    return np.clip(np.floor(points), 0, AREA - 1).astype(np.int64)
