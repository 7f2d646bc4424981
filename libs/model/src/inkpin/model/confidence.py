"""From the margin between the two largest logits to a confidence in percent.

To refuse counts as one more answer, whose logit is always 0: where no label's logit is above that,
there is no margin. The table is fitted on validation data by isotonic regression (pool adjacent
violators, Ayer et al. 1955), then rounded down to a ladder of levels, so that it never promises
more than was seen. The device looks the margin up in the same table; nobody takes an exponential.
"""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inkpin.common.arrays import Floats, Ints, Targets

LEVELS = (*range(0, 100, 5), 96, 97, 98, 99)
"""The confidences that there are, in percent."""

MAX_ENTRIES = 32
MAX_MARGIN = 65535  # the device keeps the margins in 16 bits


@dataclass(frozen=True)
class Confidence:
    """A monotone table and the threshold below which a reading is refused.

    Attributes:
        margins: least margin of each entry, ascending from 0.
        percents: confidence of each entry, ascending.
        threshold: a reading with less confidence is "?".
    """

    margins: tuple[int, ...]
    percents: tuple[int, ...]
    threshold: int

    def __post_init__(self) -> None:
        margins, percents = self.margins, self.percents
        if not (
            0 < len(margins) == len(percents) <= MAX_ENTRIES
            and margins[0] == 0
            and list(margins) == sorted(set(margins))
            and margins[-1] <= MAX_MARGIN
            and list(percents) == sorted(percents)
            and 0 <= percents[0] <= percents[-1] <= 100
            and 0 <= self.threshold <= 100
        ):
            raise ValueError("not a monotone confidence table")

    def of(self, logits: Ints) -> npt.NDArray[np.int64]:
        """Return the confidences, (n,), of logits (n, labels)."""
        entries = np.searchsorted(self.margins, margins_of(logits), side="right") - 1
        return np.array(self.percents, np.int64)[entries]

    def probabilities(self, logits: Ints) -> Floats:
        """Return how likely each label is, (labels,), to be looked at; what is left is none.

        The likeliest has its confidence; of the rest the others, and none, have shares as their
        logits have by softmax, at the temperature at which two labels would give this table.
        """
        rest = np.append(logits.astype(float), 0)  # to refuse counts as one more answer
        best = int(np.argmax(logits))
        rest[best] = -np.inf
        powers = np.exp((rest - rest.max()) / self._temperature)
        confidence = int(self.of(logits[None])[0]) / 100
        shares: Floats = (1 - confidence) * powers / powers.sum()
        shares[best] = confidence
        return shares[:-1]

    @property
    def _temperature(self) -> float:
        entries = zip(self.margins, self.percents, strict=True)
        found = [m / np.log(p / (100 - p)) for m, p in entries if m > 0 and 50 < p < 100]
        return float(np.median(found)) if found else float(max(self.margins[-1], 1))

    def to_json(self) -> str:
        """Return the text that goes into the model's metadata."""
        return json.dumps(vars(self))

    @classmethod
    def from_json(cls, text: str) -> "Confidence":
        """Return the table of a model's metadata.

        Raises:
            ValueError: the text is not such a table.
        """
        try:
            read = json.loads(text)
            return cls(
                tuple(map(int, read["margins"])),
                tuple(map(int, read["percents"])),
                int(read["threshold"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError("not a confidence table") from error


def margins_of(logits: Ints) -> npt.NDArray[np.int64]:
    """Return the margins, (n,), of logits (n, labels), at least two of them.

    A margin is the largest logit minus the second largest, 0 among them, and never below 0.
    """
    second, first = np.sort(logits.astype(np.int64), axis=1)[:, -2:].T
    margins: npt.NDArray[np.int64] = np.maximum(first - np.maximum(second, 0), 0)
    return margins


def fit(logits: Ints, targets: Targets, max_refused: float) -> Confidence:
    """Return the table that these validation samples support.

    Args:
        logits: (n, labels).
        targets: what is right, (n,).
        max_refused: share of the samples that the threshold may refuse; those without a margin
            are refused in any case.
    """
    margins = np.minimum(margins_of(logits), MAX_MARGIN)
    levels, group = np.unique(margins, return_inverse=True)
    seen = np.bincount(group)
    right = np.bincount(group, weights=logits.argmax(axis=1) == targets).astype(float)
    share = np.repeat(*_isotonic(right, seen))
    ladder = np.asarray(LEVELS)
    percent = ladder[np.searchsorted(ladder, np.floor(100 * share + 1e-9), side="right") - 1]
    # The threshold is to lie just where it refuses what it may: levels below it are lowered.
    below = (np.cumsum(seen) - seen) / len(margins)
    first = int(np.flatnonzero(below <= max_refused)[-1])
    if levels[0] == 0 and len(levels) > 1:
        first = max(first, 1)  # where nothing is as likely as the label, there is no reading
    lower = ladder[max(int(np.searchsorted(ladder, percent[first])) - 1, 0)]
    percent[:first] = np.minimum(percent[:first], lower)
    starts = np.flatnonzero(np.diff(percent, prepend=-1))
    table = [0, *(int(levels[start]) for start in starts[1:])]
    return Confidence(tuple(table), tuple(map(int, percent[starts])), int(percent[first]))


def _isotonic(right: Floats, seen: Ints) -> tuple[Floats, Ints]:
    """Return the non-decreasing shares nearest to right/seen, and how many groups each spans."""
    blocks: list[list[float]] = []
    for ok, n in zip(right, seen, strict=True):
        blocks.append([ok, n, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    shares, n, spans = np.array(blocks).T
    return shares / n, spans.astype(int)
