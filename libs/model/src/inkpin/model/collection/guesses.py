"""As what a network reads the samples of a collection."""

from collections.abc import Iterator, Sequence

import numpy as np

from inkpin.model.collection.sample import Entry
from inkpin.model.inference.engine import Classifier
from inkpin.model.inference.refusal import UNREAD

_BATCH = 500


def guesses(entries: Sequence[Entry], classifier: Classifier) -> Iterator[dict[str, str]]:
    """Yield by id as what a network reads samples, UNREAD for "?", some hundreds at a time."""
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        read = classifier.predictions(np.stack([entry.bitmap for entry in batch]))
        yield {
            entry.id: (entry.stored.legible and prediction.label) or UNREAD
            for entry, prediction in zip(batch, read, strict=True)
        }
