"""How well drawings are read that are written smaller than they were: what is too small to read?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Drawing, Points
from inkpin.model.data.samples import Sample
from inkpin.model.inference.engine import Classifier
from inkpin.preprocess import AREA
from inkpin.preprocess.many import bitmaps

SIZES = (4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 30, 60, 120, 200)
"""Pixels of the longer side."""


@dataclass(frozen=True)
class ReadAtSize:
    """What becomes of drawings of one size.

    Attributes:
        refused: the share that the network refuses; none is too small for it.
        misread: of the others, the share read as another label.
    """

    refused: float
    misread: float


def read_at_size(samples: Sequence[Sample], size: int, classifier: Classifier) -> ReadAtSize:
    """Return how samples are read whose longer side is `size` pixels, anywhere in the area.

    Raises:
        InputError: there is no sample with ink.
    """
    inked = [sample for sample in samples if any(map(len, sample.strokes))]
    if not inked:
        raise InputError("no drawings: name files of strokes")
    rng = np.random.default_rng(0)
    drawn = [_scaled(sample.strokes, size, rng) for sample in inked]
    predictions = classifier.predictions(bitmaps(drawn))
    read = [(p.label, s.label) for p, s in zip(predictions, inked, strict=True) if p.label]
    wrong = sum(label != truth for label, truth in read)
    return ReadAtSize(1 - len(read) / len(inked), wrong / max(len(read), 1))


def _scaled(strokes: Drawing, size: int, rng: np.random.Generator) -> list[Points]:
    points = np.concatenate(strokes)
    corner = points.min(axis=0)
    longer = max(int((points.max(axis=0) - corner).max()), 1)
    place = rng.integers(0, AREA - size, 2)
    return [((stroke - corner) * size // longer + place).astype(np.int32) for stroke in strokes]
