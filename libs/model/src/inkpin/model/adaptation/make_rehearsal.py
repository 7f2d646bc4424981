"""Make the file of `rehearsal` anew, out of what `inkpin-model fetch` got.

`python -m inkpin.model.adaptation.make_rehearsal`; the digits are chosen evenly out of what there
is.
"""

import io
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inkpin.common.arrays import Bitmaps, GreyImages
from inkpin.common.command import run_command
from inkpin.common.files import replacing
from inkpin.model.adaptation.rehearsal import FILE
from inkpin.model.data import fetch, templates
from inkpin.model.data.dataset import MNIST_WRITERS
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.formats.rescale import to_area
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps, joined, targets_of
from inkpin.model.data.samples import load_samples
from inkpin.preprocess import bitmap

_TRAINING, _REFERENCE = 50, 100  # bitmaps of each digit and each source
_SCRIBBLES = 300


def arrays() -> dict[str, npt.NDArray[np.uint8]]:
    """Return the arrays of the file.

    Raises:
        InputError: the data were not fetched.
    """
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
    made: dict[str, npt.NDArray[np.uint8]] = {}
    for part, count, held_out in (("learned", _TRAINING, False), ("reference", _REFERENCE, True)):
        digits = [source[mask == held_out] for source, mask in sources]
        chosen = joined(
            [_evenly(each[each.targets == digit], count) for each in digits for digit in range(10)]
        )
        made[f"{part}_bitmaps"] = _packed(chosen.bitmaps)
        made[f"{part}_digits"] = chosen.targets.astype(np.uint8)
    rng = np.random.default_rng(0)
    scribbles = [to_area(templates.draw_reject(rng, digits=True)) for _ in range(_SCRIBBLES)]
    made["scribbles"] = _packed(np.stack([bitmap(strokes) for strokes in scribbles]))
    return made


def _packed(bitmaps: Bitmaps | GreyImages) -> npt.NDArray[np.uint8]:
    return np.packbits(bitmaps.reshape(len(bitmaps), -1), axis=1)


def _evenly(digits: LabelledBitmaps, count: int) -> LabelledBitmaps:
    return digits[np.arange(count) * len(digits) // count]


def main() -> None:
    """Make it, and say where it is."""
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays())
    with replacing(Path(str(FILE))) as file:
        file.write(content.getvalue())
    print(FILE)


if __name__ == "__main__":
    sys.exit(run_command("make_rehearsal", main))
