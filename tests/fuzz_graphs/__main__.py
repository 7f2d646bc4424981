"""`python -m fuzz_graphs [COUNT [FIRST]]`: random graphs of so many seeds, 5,000 of the day.

Prints what is wrong as it comes, and what came out; ends with 1 if anything is wrong.
"""

import sys
import time
from collections import Counter

import numpy as np

from fuzz_graphs.judging import FINE, REFUSED, WARNED, WRONG, Verdict, verdicts

BATCH = 50  # graphs that are compiled together


def main(arguments: list[str]) -> int:
    """Judge graphs and say what came out."""
    count = int(arguments[0]) if arguments else 5000
    first = int(arguments[1]) if len(arguments) > 1 else int(time.time()) // 86400 * 10_000
    found: list[Verdict] = []
    for start in range(first, first + count, BATCH):
        for one in verdicts(range(start, min(start + BATCH, first + count))):
            found.append(one)
            if one.outcome in (WRONG, WARNED):
                print(
                    f"{one.outcome} seed {one.seed}, {one.way}: {one.ours} dB where onnxruntime's "
                    f"int8 has {one.theirs}: {one.detail}: {' '.join(one.operators)}",
                    flush=True,
                )
    outcomes = Counter(one.outcome for one in found)
    print(", ".join(f"{outcome} {number:,}" for outcome, number in outcomes.most_common()))
    fine = [one for one in found if one.outcome == FINE and one.ours is not None]
    ours, theirs = (np.median([getattr(one, who) for one in fine]) for who in ("ours", "theirs"))
    print(f"median {ours:.1f} dB, onnxruntime's int8 {theirs:.1f} dB")
    reasons = Counter(_reason(one) for one in found if one.outcome == REFUSED)
    for reason, number in reasons.most_common():
        print(f"{number:5,} refused: {reason}")
    return int(outcomes[WRONG] > 0)


def _reason(one: Verdict) -> str:
    """Return why a graph was refused, without the names of nodes and values."""
    words = one.detail.split("'")
    return "...".join(words[::2])[:120]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
