"""What writers gain from their own samples, over how many they wrote.

The writers are the six pen writers whose number divides by five: `inkpin-model train --keep-out`
leaves them out, and they are not in what is rehearsed. Each wrote every digit 25 times. Of those
the same number is given to `improve` as a user would have written them, and five others are
counted on; five times over, so that each one is counted on once. So many samples that one
writer did not write them are given by three together, as if they shared a lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from inkpin.model.adaptation.improve import improve
from inkpin.model.data.labelled import DIGITS
from inkpin.model.data.picture import bitmap_of
from inkpin.model.data.samples import Sample
from inkpin.model.inference.recogniser import Recogniser

WRITERS = (5, 10, 15, 20, 25, 30)
SIZES = {1: (5, 10, 20), 3: (10, 20, 50)}  # samples of each digit, by writers on one lock
_FOLDS = 5


@dataclass(frozen=True)
class Point:
    """How often one network read what it was not taught.

    Attributes:
        writers: their numbers.
        written: samples of each digit; 0 for the network as it was.
        right: of these writers' samples.
        n: of these writers' samples.
        reference: share of the reference set that was read right.
    """

    writers: tuple[int, ...]
    written: int
    right: int
    n: int
    reference: float


def learning_curve(
    base: bytes, samples: Sequence[Sample], writers: tuple[int, ...], sizes: Sequence[int]
) -> list[Point]:
    """Return what the writers together gain, the sum over all folds for each size.

    Args:
        base: the bytes of a network that was trained without them.
        samples: of all writers.
        writers: their numbers.
        sizes: samples of each digit that they write.
    """
    names = {f"pendigits-{writer}" for writer in writers}
    own = [sample for sample in samples if sample.writer in names]
    points = []
    for written in sizes:
        right, reference = 0, []
        for fold in tqdm(range(_FOLDS), f"{writers}, {written} of each", leave=False, disable=None):
            training, test = split(own, written, fold)
            improved = improve(base, "the network", training)
            right += _right(improved.model, test)
            reference.append(improved.reference.after.accuracy)
        points.append(Point(writers, written, right, len(own), float(np.mean(reference))))
    before = Point(writers, 0, _right(base, own), len(own), improved.reference.before.accuracy)
    return [before, *points]


def split(samples: Sequence[Sample], written: int, fold: int) -> tuple[list[Sample], list[Sample]]:
    """Return `written` samples of each digit, and every fifth one, which is none of them."""
    training: list[Sample] = []
    test: list[Sample] = []
    for digit in DIGITS:
        of_digit = [sample for sample in samples if sample.label == digit]
        test += of_digit[fold::_FOLDS]
        others = [s for place, s in enumerate(of_digit) if place % _FOLDS != fold]
        places = np.arange(written) * len(others) // written  # of all the writers, evenly
        training += [others[place] for place in places]
    return training, test


def _right(model: bytes, samples: Sequence[Sample]) -> int:
    recogniser = Recogniser(model, "the network")
    read = recogniser.predictions(np.stack([bitmap_of(sample) for sample in samples]))
    return sum(
        recogniser.labels[prediction.best] == sample.label
        for prediction, sample in zip(read, samples, strict=True)
    )


def share(points: Sequence[Point], written: int) -> float:
    """Return the share right of all the points with so many samples written."""
    chosen = [point for point in points if point.written == written]
    return sum(point.right for point in chosen) / sum(point.n for point in chosen)
