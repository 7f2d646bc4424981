"""What other people draw, to keep a network from forgetting it while it learns one writer.

Some digits are to learn from, as are the user's own; others are a reference to count on. No
writer is in both, and those of the reference are the ones that a training holds out as well.
Then there are scribbles and letters, which a network that refuses them is to go on refusing.
`make_rehearsal` makes the file.
"""

from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

from inkpin.common.arrays import Bitmaps
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.preprocess import SIDE

FILE = files("inkpin.samples") / "rehearsal.npz"


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """The file.

    Attributes:
        training: 1,000 digits to learn from, half of them MNIST's, half from pens.
        reference: 2,000 digits to count on, likewise.
        scribbles: 300 of what is no digit.
    """

    training: LabelledBitmaps
    reference: LabelledBitmaps
    scribbles: Bitmaps


def load() -> Rehearsal:
    """Return what ships with the project."""
    with as_file(FILE) as path, np.load(path) as archive:
        training, reference = (
            LabelledBitmaps(
                _unpacked(archive[f"{part}_bitmaps"]),
                archive[f"{part}_digits"].astype(np.int64),
                DIGITS,
            )
            for part in ("learned", "reference")
        )
        return Rehearsal(training, reference, _unpacked(archive["scribbles"]))


def _unpacked(packed: npt.NDArray[np.uint8]) -> Bitmaps:
    return np.unpackbits(packed, axis=1).astype(bool).reshape(-1, SIDE, SIDE)
