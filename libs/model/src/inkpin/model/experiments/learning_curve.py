"""What writers gain from their own samples, over how many they wrote.

`python -m inkpin.model.experiments.learning_curve MODEL.onnx PNG` prints it and draws it.

The writers are the six pen writers whose number divides by five: `inkpin-model train --keep-out`
leaves them out, and they are not in what is rehearsed. Each wrote every digit 25 times. Of those
the same number is given to `improve` as a user would have written them, and five others are
counted on; five times over, so that each one is counted on once. So many samples that one
writer did not write them are given by three together, as if they shared a lock.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.extras import extra
from inkpin.common.files import read_bytes, replacing
from inkpin.common.parser import Parser
from inkpin.model.adaptation.improve import improve
from inkpin.model.data import fetch
from inkpin.model.data.labelled import DIGITS
from inkpin.model.data.picture import bitmap_of
from inkpin.model.data.samples import Sample, load_samples
from inkpin.model.inference.recogniser import Recogniser

_WRITERS = (5, 10, 15, 20, 25, 30)
_SIZES = {1: (5, 10, 20), 3: (10, 20, 50)}  # samples of each digit, by writers on one lock
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
        for fold in tqdm(range(_FOLDS), f"{writers}, {written} of each", leave=False):
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table, draw the picture; return the exit status."""
    parser = Parser(
        prog="python -m inkpin.model.experiments.learning_curve",
        description="What writers gain from their own samples.",
    )
    parser.add_argument("model", type=Path, help="trained without the writers that learn here")
    parser.add_argument("png", type=Path)
    try:
        options = parser.parse_args(arguments)
        _run(options.model, options.png)
    except InputError as error:
        print(f"inkpin.model.experiments.learning_curve: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _run(model: Path, picture: Path) -> None:
    with extra("report", "the picture takes matplotlib"):
        from inkpin.model.evaluation.charts import png
        from inkpin.model.experiments.charts import learning_curves
    base = read_bytes(model, "name a network of `inkpin-model train --keep-out`")
    samples = load_samples(fetch.pen_strokes())
    points: list[Point] = []
    for writers in [*((writer,) for writer in _WRITERS), _WRITERS[:3], _WRITERS[3:]]:
        for point in learning_curve(base, samples, writers, _SIZES[len(writers)]):
            points.append(point)
            print(
                f"writers {', '.join(map(str, writers)):11} {point.written:3} of each: "
                f"{point.right} of {point.n} right, {point.right / point.n:.2%}; "
                f"reference {point.reference:.2%}",
                flush=True,
            )
    for count, sizes in _SIZES.items():
        for size in (0, *sizes):
            chosen = [point for point in points if len(point.writers) == count]
            print(f"{count} on a lock, {size} of each: {share(chosen, size):.2%}")
    with replacing(picture) as file:
        file.write(png(learning_curves(points)))


if __name__ == "__main__":
    sys.exit(main())
