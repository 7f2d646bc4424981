"""What every way from ink to a prediction offers, so that any can stand in for another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from inkpin.model.inference.recogniser import Prediction
from inkpin.preprocess import NORMALISED, Strokes

Drawing = Sequence[np.ndarray]
"""Strokes, each int (n, 2), x right and y down in 0..239."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What becomes of one drawing.

    Attributes:
        bitmap: (28, 28) bool.
        legible: whether the ink was worth reading.
        prediction: the network's, legible or not.
    """

    bitmap: np.ndarray
    legible: bool
    prediction: Prediction


class Network(Protocol):
    """Reads bitmaps; `labels` are the texts of its classes."""

    labels: tuple[str, ...]

    def predictions(self, bitmaps: np.ndarray) -> list[Prediction]:
        """Return what the network makes of bitmaps (n, 28, 28), n > 0."""


class Engine(Network, Protocol):
    """Reads drawings as well."""

    def readings(self, drawings: Sequence[Drawing], mode: str = NORMALISED) -> list[Reading]:
        """Return what becomes of drawings, at least one."""


class Chain:
    """An engine made of a stroke buffer and a network."""

    def __init__(self, strokes: type[Strokes], network: Network) -> None:
        self.labels = network.labels
        self.predictions = network.predictions
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
