"""What improving a network brought."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Score:
    """How well a network reads a set of samples.

    Attributes:
        confusion: how often each label was read as each other, int (classes, classes), rows
            are what was written.
    """

    confusion: np.ndarray

    @property
    def n(self) -> int:
        """Samples."""
        return int(self.confusion.sum())

    @property
    def right(self) -> int:
        """Samples read as what they are, were they refused or not."""
        return int(self.confusion.trace())

    @property
    def accuracy(self) -> float:
        """The share of them; 0 for no samples."""
        return self.right / max(self.n, 1)


@dataclass(frozen=True)
class Change:
    """How well a set is read before and after."""

    before: Score
    after: Score


@dataclass(frozen=True)
class Improvement:
    """A network that learned a hand.

    Attributes:
        model: the bytes of its ONNX file.
        labels: the texts of its classes.
        fitted: samples that it learned from.
        left_out: samples with a label that it does not know.
        own: how it does on the user's samples that it did not learn from.
        reference: how it does on other people's.
    """

    model: bytes
    labels: tuple[str, ...]
    fitted: int
    left_out: int
    own: Change
    reference: Change
