"""As what a network reads the samples of a collection."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from inkpin.model.collection.sample import Entry
from inkpin.model.inference.engine import Classifier
from inkpin.model.inference.recogniser import Prediction
from inkpin.model.inference.refusal import UNREAD

_BATCH = 500


class Guess(NamedTuple):
    """As what a network reads a sample: a label, or UNREAD, and how sure it is in per cent."""

    label: str
    confidence: int

    @property
    def read(self) -> bool:
        """Whether it is read at all."""
        return self.label != UNREAD

    @classmethod
    def of(cls, prediction: Prediction, *, legible: bool = True) -> "Guess":
        """Return what is read; UNREAD for "?" and for ink that is not legible."""
        return cls((legible and prediction.label) or UNREAD, prediction.confidence)


def guesses(entries: Sequence[Entry], classifier: Classifier) -> Iterator[dict[str, Guess]]:
    """Yield by id as what a network reads samples, some hundreds at a time."""
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        read = classifier.predictions(np.stack([entry.bitmap for entry in batch]))
        yield {
            entry.id: Guess.of(prediction, legible=entry.stored.legible)
            for entry, prediction in zip(batch, read, strict=True)
        }
