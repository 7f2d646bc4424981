"""Whether the confidence holds, and what the threshold refuses."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict

import numpy as np

from inkpin.common.arrays import Bitmaps
from inkpin.model.data import templates
from inkpin.model.data.dataset import Dataset
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.model.data.stroke_augmentation import augment_strokes
from inkpin.model.evaluation.evaluate import Answers, Writers, by_writer
from inkpin.model.inference.recogniser import Recogniser
from inkpin.preprocess import bitmap

SCRIBBLES = 2_000


class Level(TypedDict):
    """One confidence, in percent, how many predictions had it, and the share of these right."""

    confidence: int
    n: int
    right: float


class Reliability(TypedDict):
    """What the confidence is worth.

    Attributes:
        levels: the confidences that occur, ascending.
        refused: share refused, by name of the validation data, and of what should be.
        by_writer: what writers can expect, by name of the validation data that name them.
    """

    levels: list[Level]
    refused: dict[str, float]
    by_writer: dict[str, Writers]


def reliability(
    recogniser: Recogniser,
    validation: Mapping[str, LabelledBitmaps],
    rejects: Mapping[str, Bitmaps],
) -> Reliability:
    """Return what the confidence is worth.

    Args:
        recogniser: the network.
        validation: by name, what it is counted on.
        rejects: by name, what should be refused.
    """
    read = {name: recogniser.predictions(part.bitmaps) for name, part in validation.items()}
    pairs = [
        (prediction.confidence, prediction.best == target)
        for name, part in validation.items()
        for prediction, target in zip(read[name], part.targets, strict=True)
    ]
    confidence, right = map(np.array, zip(*pairs, strict=True))
    levels: list[Level] = [
        {
            "confidence": int(level),
            "n": int((confidence == level).sum()),
            "right": float(right[confidence == level].mean()),
        }
        for level in np.unique(confidence)
    ]
    read |= {name: recogniser.predictions(bitmaps) for name, bitmaps in rejects.items()}
    refused = {
        name: float(np.mean([prediction.label is None for prediction in predictions]))
        for name, predictions in read.items()
    }
    writers = {
        name: found
        for name, part in validation.items()
        if (found := by_writer(replace(Answers.of(part.targets, read[name]), writers=part.writers)))
    }
    return {"levels": levels, "refused": refused, "by_writer": writers}


def rejects(recogniser: Recogniser, validation: Dataset) -> dict[str, Bitmaps]:
    """Return by name what should be refused: SCRIBBLES drawn here, and letters of the writers."""
    letters = validation.letter_bitmaps() if recogniser.labels == DIGITS else None
    found = {"scribbles": _scribbles(recogniser)}
    return found if letters is None else {**found, "letters": letters}


def _scribbles(recogniser: Recogniser) -> Bitmaps:
    rng = np.random.default_rng(0)
    digits = recogniser.labels == DIGITS
    drawn = (
        augment_strokes(templates.draw_reject(rng, digits=digits), rng) for _ in range(SCRIBBLES)
    )
    return np.stack([bitmap(strokes) for strokes in drawn])
