"""Random variations of the training data: bent images and bent pen strokes."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from inkpin.preprocess import AREA


def bent_images(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return grey images (n, 1, h, w) of 0..1, each randomly moved, and cut to zeros and ones.

    Rotation to 10 degrees, shear to 0.15, scale 0.89 to 1.12 for each side, shift to 5 % of the
    side, ink threshold 0.02 to 0.5 of full black.
    """
    n = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=generator) * (high - low) + low

    angle, shear = uniform(-0.175, 0.175), uniform(-0.15, 0.15)
    wide, tall = uniform(0.89, 1.12), uniform(0.89, 1.12)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cos * wide, (shear * cos - sin) * wide, uniform(-0.1, 0.1)], 1),
        torch.stack([sin * tall, (shear * sin + cos) * tall, uniform(-0.1, 0.1)], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    bent = functional.grid_sample(images, grid, align_corners=False)
    return bent > uniform(0.02, 0.5)[:, None, None, None]


def bent_strokes(strokes: Sequence[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Return strokes (n, 2) redrawn with another slant, size, place and hand.

    Rotation to 10 degrees, shear to 0.25, aspect 0.75 to 1.3, larger side 45 to 90 % of the
    area anywhere in it, jitter of a pixel, up to a fifth of the inner samples dropped.
    """
    points = np.concatenate(strokes).astype(float)
    angle, shear = rng.uniform(-0.17, 0.17), rng.uniform(-0.25, 0.25)
    aspect = math.exp(rng.uniform(-0.28, 0.28))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = points @ (turn @ np.array([[aspect, shear], [0, 1]])).T
    points -= points.min(axis=0)
    side = rng.uniform(0.45, 0.9) * AREA
    points *= side / max(points.max(), 1)
    points += rng.uniform(0, 1, 2) * np.maximum(AREA - 1 - points.max(axis=0), 0)
    points += rng.normal(0, 1, points.shape)
    pixels = np.clip(np.floor(points), 0, AREA - 1).astype(np.int64)
    bent = np.split(pixels, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    drop = rng.uniform(0, 0.2)
    return [_thinned(stroke, drop, rng) for stroke in bent]


def _thinned(stroke: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    keep = rng.uniform(size=len(stroke)) >= share
    keep[[0, -1]] = True
    return stroke[keep]
