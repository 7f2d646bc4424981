"""What a hand gains from its own samples: `python -m inkpin.model.experiments.gain MODEL.onnx PNG`.

The hands are the six pen writers whose number divides by five: `inkpin-model train --keep-out`
leaves them out, and they are not in what is rehearsed. Each wrote every digit 25 times. Of those
the same number is given to `improve` as a user would have written them, and five others are
counted on; five times over, so that each one is counted on once. So many samples that one
writer did not write them are given by three together, as if they shared a lock.
"""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.files import read_bytes, replacing
from inkpin.common.parser import Parser
from inkpin.model.adaptation.improve import improve
from inkpin.model.data import fetch
from inkpin.model.data.picture import bitmap_of
from inkpin.model.data.samples import Sample, load_samples
from inkpin.model.inference.recogniser import Recogniser

_WRITERS = (5, 10, 15, 20, 25, 30)
_SIZES = {1: (5, 10, 20), 3: (10, 20, 50)}  # samples of each digit, by hands on one lock
_FOLDS = 5


@dataclass(frozen=True)
class Result:
    """How often one network read what it was not taught.

    Attributes:
        hands: numbers of the writers.
        written: samples of each digit; 0 for the network as it was.
        right: of these hands' samples.
        n: of these hands' samples.
        reference: share of the reference set that was read right.
    """

    hands: tuple[int, ...]
    written: int
    right: int
    n: int
    reference: float


def measure(
    base: bytes, samples: Sequence[Sample], hands: tuple[int, ...], sizes: Sequence[int]
) -> list[Result]:
    """Return what the hands together gain, the sum over all folds for each size.

    Args:
        base: the bytes of a network that was trained without them.
        samples: of all writers.
        hands: numbers of the writers.
        sizes: samples of each digit that they write.
    """
    writers = {f"pendigits-{hand}" for hand in hands}
    own = [sample for sample in samples if sample.writer in writers]
    before = _right(base, own)
    results = []
    for written in sizes:
        right, reference = 0, []
        for fold in tqdm(range(_FOLDS), f"{hands}, {written} of each", leave=False):
            taught, counted = _split(own, written, fold)
            made = improve(base, "the network", taught)
            right += _right(made.model, counted)
            reference.append(made.reference.after.accuracy)
        results.append(Result(hands, written, right, len(own), float(np.mean(reference))))
    return [Result(hands, 0, before, len(own), made.reference.before.accuracy), *results]


def _split(samples: Sequence[Sample], written: int, fold: int) -> tuple[list[Sample], list[Sample]]:
    """Return `written` samples of each digit, and every fifth one, which is none of them."""
    taught: list[Sample] = []
    counted: list[Sample] = []
    for digit in "0123456789":
        of_digit = [sample for sample in samples if sample.label == digit]
        counted += of_digit[fold::_FOLDS]
        others = [s for place, s in enumerate(of_digit) if place % _FOLDS != fold]
        places = np.arange(written) * len(others) // written  # of all the hands, evenly
        taught += [others[place] for place in places]
    return taught, counted


def _right(model: bytes, samples: Sequence[Sample]) -> int:
    recogniser = Recogniser(model, "the network")
    read = recogniser.predictions(np.stack([bitmap_of(sample) for sample in samples]))
    return sum(
        recogniser.labels[prediction.best] == sample.label
        for prediction, sample in zip(read, samples, strict=True)
    )


def draw(results: Sequence[Result], path: Path) -> None:
    """Draw the share of right readings over the samples written, into a PNG.

    Raises:
        InputError: matplotlib is missing, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("the picture takes matplotlib: pip install 'inkpin[report]'") from error
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    for count, colour, name in (
        (1, "tab:blue", "one writer, mean of six"),
        (3, "tab:orange", "three writers on one lock, mean of two groups"),
    ):
        chosen = [result for result in results if len(result.hands) == count]
        sizes = sorted({result.written for result in chosen})
        for hands in dict.fromkeys(result.hands for result in chosen):
            shares = [100 * r.right / r.n for r in chosen if r.hands == hands]
            axes.plot(sizes, shares, color=colour, alpha=0.25, linewidth=1)
        axes.plot(
            sizes,
            [100 * _share(chosen, size) for size in sizes],
            "o-",
            color=colour,
            label=name,
        )
    sizes = sorted({result.written for result in results})
    others = [
        100 * float(np.mean([r.reference for r in results if r.written == size])) for size in sizes
    ]
    axes.plot(sizes, others, "s--", color="gray", label="reference: many writers")
    axes.set_xticks(sizes)
    axes.set_xlabel("samples written of each digit")
    axes.set_ylabel("read right, %")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": None})
    with replacing(path) as file:
        file.write(picture.getvalue())


def _share(results: Sequence[Result], written: int) -> float:
    chosen = [result for result in results if result.written == written]
    return sum(result.right for result in chosen) / sum(result.n for result in chosen)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table, draw the picture; return the exit status."""
    parser = Parser(
        prog="python -m inkpin.model.experiments.gain", description="What a hand gains."
    )
    parser.add_argument("model", type=Path, help="trained without the writers that learn here")
    parser.add_argument("png", type=Path)
    try:
        options = parser.parse_args(arguments)
        base = read_bytes(options.model, "name a network of `inkpin-model train --keep-out`")
        samples = load_samples(fetch.pen_strokes())
        groups = [(hand,) for hand in _WRITERS] + [_WRITERS[:3], _WRITERS[3:]]
        results = []
        for hands in groups:
            for result in measure(base, samples, hands, _SIZES[len(hands)]):
                results.append(result)
                print(
                    f"writers {', '.join(map(str, hands)):11} {result.written:3} of each: "
                    f"{result.right} of {result.n} right, {result.right / result.n:.2%}; "
                    f"reference {result.reference:.2%}",
                    flush=True,
                )
        for count, sizes in _SIZES.items():
            for size in (0, *sizes):
                chosen = [result for result in results if len(result.hands) == count]
                print(f"{count} on a lock, {size} of each: {_share(chosen, size):.2%}")
        draw(results, options.png)
    except InputError as error:
        print(f"inkpin.model.experiments.gain: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
