"""How the gesture network reads drawings that its table did not draw.

`./dev run python tests/gestures/outside.py` counts them: those of by_hand.jsonl, and those of the
UNIPEN writers that `inkpin-model fetch` gets: an X is a cross, a 0 is a circle unless it has a
slash, and other letters and digits are to be refused. Left out are V and v, which a tick looks
like, and t, which is a cross with a bow.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from inkpin.model import Recogniser
from inkpin.model.data import fetch
from inkpin.model.data.samples import Sample, load_samples
from inkpin.preprocess.many import bitmaps

GESTURES = Path(__file__).with_name("gestures.onnx")
BY_HAND = Path(__file__).with_name("by_hand.jsonl")

_GESTURES_OF_LETTERS = {"0": "circle", "X": "cross", "x": "cross"}
_LEFT_OUT = "Vvt"


class Count(NamedTuple):
    """Of so many drawings, those read rightly, and those read as another gesture."""

    n: int
    right: int
    wrong: int

    @property
    def refused(self) -> int:
        """Drawings of which it says "?"."""
        return self.n - self.right - self.wrong


def by_hand() -> dict[str, Count]:
    """Return the counts of by_hand.jsonl by label; "other" is right if it is refused."""
    samples = load_samples(BY_HAND)
    return _counts(samples, [sample.label for sample in samples])


def unipen(step: int = 1) -> dict[str, Count]:
    """Return likewise what UNIPEN's writers wrote, every so many of it.

    Raises:
        InputError: it was not fetched.
    """
    paths = fetch.unipen_digits(), fetch.unipen_letters()
    samples = [sample for path in paths for sample in load_samples(path)][::step]
    known = [sample for sample in samples if sample.label not in _LEFT_OUT]
    return _counts(known, [_GESTURES_OF_LETTERS.get(sample.label, "other") for sample in known])


def _counts(samples: Iterable[Sample], wanted: list[str]) -> dict[str, Count]:
    network = Recogniser.load(GESTURES)
    read = network.predictions(bitmaps([sample.strokes for sample in samples]))
    counts: dict[str, Count] = {}
    for label, prediction in zip(wanted, read, strict=True):
        n, right, wrong = counts.get(label, Count(0, 0, 0))
        got = prediction.label or "other"
        missed = got not in (label, "other")
        counts[label] = Count(n + 1, right + (got == label), wrong + missed)
    return counts


def main() -> None:
    """Print both."""
    for title, counts in (("by hand", by_hand()), ("UNIPEN", unipen())):
        print(title)
        for label, count in sorted(counts.items()):
            print(
                f"  {label:9} {count.n:6,}: right {count.right / count.n:6.1%}, "
                f"read as another {count.wrong / count.n:.1%}"
            )


if __name__ == "__main__":
    sys.exit(main())
