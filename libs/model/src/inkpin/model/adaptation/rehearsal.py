"""What other people draw, to keep a network from forgetting it while it learns a hand.

Some digits are to learn from, as are the user's own; others are a reference to count on. No
writer is in both, and those of the reference are the ones that a training holds out as well.
Then there are scribbles and letters, which a network that refuses them is to go on refusing.
`python -m inkpin.model.adaptation.rehearsal` makes the file anew, out of what
`inkpin-model fetch` got.
"""

import io
import re
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from inkpin.common.arrays import Bitmaps
from inkpin.common.files import replacing
from inkpin.model.data.formats.rescale import to_area
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps, joined, targets_of
from inkpin.preprocess import SIDE, bitmap

_FILE = files("inkpin.samples") / "rehearsal.npz"
_LEARNED, _COUNTED = 50, 100  # bitmaps of each digit and each source
_SCRIBBLES = 300


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """The file.

    Attributes:
        learned: 1,000 digits to learn from, half of them MNIST's, half from pens.
        reference: 2,000 digits to count on, likewise.
        scribbles: 300 of what is no digit.
    """

    learned: LabelledBitmaps
    reference: LabelledBitmaps
    scribbles: Bitmaps


def load() -> Rehearsal:
    """Return what ships with the project."""
    with as_file(_FILE) as path, np.load(path) as archive:
        learned, reference = (
            LabelledBitmaps(
                _unpacked(archive[f"{part}_bitmaps"]),
                archive[f"{part}_digits"].astype(np.int64),
                DIGITS,
            )
            for part in ("learned", "reference")
        )
        return Rehearsal(learned, reference, _unpacked(archive["scribbles"]))


def make() -> dict[str, np.ndarray]:
    """Return the arrays of the file, the digits chosen evenly out of what there is.

    Raises:
        InputError: the data were not fetched.
    """
    from inkpin.model.data import fetch, templates
    from inkpin.model.data.dataset import MNIST_WRITERS
    from inkpin.model.data.formats.idx import load_split
    from inkpin.model.data.samples import load_samples

    mnist = load_split(fetch.mnist_folder(), "train")
    with np.load(str(MNIST_WRITERS)) as archive:
        writers = archive["writers"]
    pens = load_samples(fetch.pen_strokes())
    drawn = np.stack([bitmap(sample.strokes) for sample in pens])
    numbers = [int(re.sub(r"\D", "", sample.writer)) for sample in pens]
    written = LabelledBitmaps(drawn, targets_of([sample.label for sample in pens], DIGITS), DIGITS)
    sources = (
        (replace(mnist, bitmaps=mnist.bitmaps > 0), writers % 10 == 0),
        (written, np.array(numbers) % 5 == 0),
    )
    arrays = {}
    for part, count, held_out in (("learned", _LEARNED, False), ("reference", _COUNTED, True)):
        chosen = joined(
            [
                source[
                    _evenly(np.flatnonzero((source.targets == digit) & (aside == held_out)), count)
                ]
                for source, aside in sources
                for digit in range(10)
            ]
        )
        arrays[f"{part}_bitmaps"] = _packed(chosen.bitmaps)
        arrays[f"{part}_digits"] = chosen.targets.astype(np.uint8)
    rng = np.random.default_rng(0)
    scribbles = [to_area(templates.nothing(rng, digits=True)) for _ in range(_SCRIBBLES)]
    arrays["scribbles"] = _packed(np.stack([bitmap(strokes) for strokes in scribbles]))
    return arrays


def _packed(bitmaps: np.ndarray) -> np.ndarray:
    return np.packbits(bitmaps.reshape(len(bitmaps), -1), axis=1)


def _unpacked(packed: np.ndarray) -> np.ndarray:
    return np.unpackbits(packed, axis=1).astype(bool).reshape(-1, SIDE, SIDE)


def _evenly(places: np.ndarray, count: int) -> np.ndarray:
    return places[np.arange(count) * len(places) // count]


if __name__ == "__main__":
    made = io.BytesIO()
    np.savez_compressed(made, **make())
    with replacing(Path(str(_FILE))) as file:
        file.write(made.getvalue())
    print(_FILE)
