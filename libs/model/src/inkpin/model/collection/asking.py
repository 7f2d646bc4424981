"""Which label somebody is asked to write next."""

from collections.abc import Container, Mapping, Sequence
from random import Random


def next_label(
    labels: Sequence[str],
    counts: Mapping[str, int],
    chance: Random,
    skipped: Container[str] = (),
    last: str | None = None,
) -> str:
    """Return the label to ask for: any of those with the fewest samples.

    At random, as a hand that writes the same row again and again becomes another one.

    Args:
        labels: all that there are, at least one.
        counts: samples by label.
        chance: chooses.
        skipped: labels not to ask for, unless they are all.
        last: the one that was asked for before, which is not to come twice in a row.
    """
    wanted = [label for label in labels if label not in skipped] or labels
    fewest = min(counts.get(label, 0) for label in wanted)
    least = [label for label in wanted if counts.get(label, 0) == fewest]
    return chance.choice([label for label in least if label != last] or least)
