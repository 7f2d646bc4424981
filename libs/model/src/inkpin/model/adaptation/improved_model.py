"""A network that was improved, and what that brought."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How well a network reads a set of samples.

    Attributes:
        counts: how often each label was read as each other, (labels, labels), rows are what was
            written.
    """

    counts: npt.NDArray[np.int64]

    @property
    def n(self) -> int:
        """Samples."""
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        """Samples read as what they are, were they refused or not."""
        return int(self.counts.trace())

    @property
    def accuracy(self) -> float:
        """The share of them; 0 for no samples."""
        return self.right / max(self.n, 1)


@dataclass(frozen=True)
class BeforeAfter:
    """How well a set is read before and after."""

    before: ConfusionMatrix
    after: ConfusionMatrix


@dataclass(frozen=True)
class ImprovedModel:
    """A network that learned somebody's handwriting.

    Attributes:
        model: the bytes of its ONNX file.
        labels: the texts of its classes.
        trained_on: samples that it learned from.
        unknown: samples with a label that it does not know.
        own: how it does on the user's samples that it did not learn from.
        reference: how it does on other people's.
    """

    model: bytes
    labels: tuple[str, ...]
    trained_on: int
    unknown: int
    own: BeforeAfter
    reference: BeforeAfter
