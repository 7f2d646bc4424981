"""Bitmaps and what they show: the one shape in which they go from room to room."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inkpin.common.arrays import AnyArray, Bitmaps, GreyImages, Targets
from inkpin.preprocess import SIDE

DIGITS = tuple("0123456789")

REJECT = -1
"""The target of what should be refused."""

MIN_SAMPLES = 5
"""Of a label, to learn it from: one is held out, and the others are to differ."""


@dataclass(frozen=True, eq=False)
class LabelledBitmaps:
    """Bitmaps and what they show.

    Attributes:
        bitmaps: (n, 28, 28), or grey images, of which every pixel above 0 is ink.
        targets: (n,), places in `labels`; REJECT for what should be refused.
        labels: the texts that there are.
        writers: who wrote each, empty texts where that is not said; none at all where nobody asks.
    """

    bitmaps: Bitmaps | GreyImages
    targets: Targets
    labels: tuple[str, ...]
    writers: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, bitmaps: Bitmaps | GreyImages, texts: Sequence[str], writers: Sequence[str] = ()
    ) -> "LabelledBitmaps":
        """Return bitmaps (n, 28, 28) with the label of each; `labels` are the different ones."""
        labels = tuple(sorted(set(texts)))
        return cls(bitmaps, targets_of(texts, labels), labels, tuple(writers))

    @classmethod
    def empty(cls, labels: tuple[str, ...]) -> "LabelledBitmaps":
        """Return no grey images at all."""
        return cls(np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0, np.int64), labels)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, chosen: AnyArray | slice) -> "LabelledBitmaps":
        """Return those at some places, or where a mask (n,) is true."""
        writers = tuple(np.array(self.writers)[chosen].tolist()) if self.writers else ()
        return replace(
            self, bitmaps=self.bitmaps[chosen], targets=self.targets[chosen], writers=writers
        )

    @property
    def texts(self) -> list[str]:
        """The label of each, none of which should be refused."""
        return [self.labels[target] for target in self.targets]

    def among(self, labels: tuple[str, ...]) -> "LabelledBitmaps":
        """Return those whose label is one of `labels`, which are its labels then."""
        places = [labels.index(label) if label in labels else REJECT for label in self.labels]
        targets = np.array([*places, REJECT], np.int64)[self.targets]  # REJECT is the last place
        return replace(self, targets=targets, labels=labels)[targets != REJECT]


def targets_of(texts: Sequence[str], labels: Sequence[str]) -> Targets:
    """Return the place of each text among the labels, all of which are there."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places[text] for text in texts], np.int64)


def joined(parts: Sequence[LabelledBitmaps]) -> LabelledBitmaps:
    """Return at least one part, all of the same labels, as one."""
    return LabelledBitmaps(
        np.concatenate([part.bitmaps for part in parts]),
        np.concatenate([part.targets for part in parts]),
        parts[0].labels,
        tuple(writer for part in parts for writer in part.writers),
    )
