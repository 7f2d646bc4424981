"""Strokes drawn again: elsewhere in the area, in another size, as another writer would."""

import math

import numpy as np

from inkpin.common.arrays import Floats, Points, UnscaledDrawing
from inkpin.model.data.stroke_variation import restyle, vary
from inkpin.preprocess import AREA


def augment_strokes(
    strokes: UnscaledDrawing, rng: np.random.Generator, label: str = ""
) -> list[Points]:
    """Return strokes redrawn as another writer would.

    What `restyle` and `vary` do; rotation to 10 degrees, shear to 0.25, aspect 0.75 to 1.3, now
    and then twice of it all; a slow wave of up to 4 % of the larger side along each axis; then
    `place_strokes`; then jitter of a pixel, and up to a fifth of the inner samples dropped.

    Args:
        strokes: of any unit.
        rng: chance.
        label: what they show, if it is a digit.
    """
    points = np.concatenate(strokes).astype(float)
    points -= points.min(axis=0)
    points /= max(points.max(), 1e-9)
    drawn = np.split(points, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    drawn = vary(restyle(drawn, label, rng), rng)
    points = np.concatenate(drawn)
    waves, phases = rng.uniform(-3, 3, (2, 2)), rng.uniform(0, 2 * math.pi, 2)
    points += rng.uniform(0, 0.04, 2) * np.sin(points @ waves + phases)
    far = 2 if rng.random() < 0.15 else 1
    angle, shear = far * rng.uniform(-0.17, 0.17), far * rng.uniform(-0.25, 0.25)
    aspect = math.exp(far * rng.uniform(-0.28, 0.28))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = _place(points @ (turn @ np.array([[aspect, shear], [0, 1]])).T, rng)
    points += rng.normal(0, 1, points.shape)
    ends = np.cumsum([len(stroke) for stroke in drawn])
    keep = rng.uniform(size=len(points)) >= rng.uniform(0, 0.2)
    keep[ends - 1] = keep[0] = True
    keep[ends[:-1]] = True
    return np.split(_pixels(points)[keep], np.cumsum(keep)[ends[:-1] - 1])


def place_strokes(strokes: UnscaledDrawing, rng: np.random.Generator) -> list[Points]:
    """Return strokes anywhere in the area, their larger side 45 to 90 % of its."""
    points = _place(np.concatenate(strokes).astype(float), rng)
    return np.split(_pixels(points), np.cumsum([len(stroke) for stroke in strokes])[:-1])


def _place(points: Floats, rng: np.random.Generator) -> Floats:
    points = points - points.min(axis=0)
    points *= rng.uniform(0.45, 0.9) * AREA / max(points.max(), 1e-9)
    room: Floats = np.maximum(AREA - 1 - points.max(axis=0), 0)
    return points + rng.uniform(0, 1, 2) * room


def _pixels(points: Floats) -> Points:
    pixels: Floats = np.clip(np.floor(points), 0, AREA - 1)
    return pixels.astype(np.int64)
