"""What every way from ink to a prediction offers, so that any can stand in for another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from inkpin.common.arrays import AnyArray, Bitmap, Drawing
from inkpin.model.inference.recogniser import Prediction
from inkpin.preprocess import NORMALISED, Strokes


@dataclass(frozen=True, eq=False)
class Reading:
    """What becomes of one drawing.

    Attributes:
        bitmap: what the network saw.
        legible: whether the ink was worth reading.
        prediction: the network's, legible or not.
    """

    bitmap: Bitmap
    legible: bool
    prediction: Prediction


class Classifier(Protocol):
    """Reads bitmaps; `labels` are the texts that it knows."""

    labels: tuple[str, ...]

    def predictions(self, bitmaps: AnyArray) -> list[Prediction]:
        """Return what the network makes of bitmaps (n, 28, 28), n > 0."""


class Engine(Classifier, Protocol):
    """Reads drawings as well."""

    def readings(self, drawings: Sequence[Drawing], mode: str = NORMALISED) -> list[Reading]:
        """Return what becomes of drawings, at least one."""


class Pipeline:
    """An engine made of a stroke buffer and a classifier."""

    def __init__(self, strokes: type[Strokes], classifier: Classifier) -> None:
        self.labels = classifier.labels
        self.predictions = classifier.predictions
        self._strokes = strokes

    def readings(self, drawings: Sequence[Drawing], mode: str = NORMALISED) -> list[Reading]:
        """Return what becomes of drawings, at least one."""
        buffers = [self._strokes.of(drawing) for drawing in drawings]
        bitmaps = np.stack([buffer.bitmap(mode) for buffer in buffers])
        return [
            Reading(bitmap, buffer.legible, prediction)
            for bitmap, buffer, prediction in zip(
                bitmaps, buffers, self.predictions(bitmaps), strict=True
            )
        ]
