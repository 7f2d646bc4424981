"""Ways to frame a drawing, the device's among them, compared in PyTorch.

For each the strokes are drawn anew, MNIST's re-stroked ones as well, and the shipped architecture
is trained shortly on labels alone. MNIST's own images stay as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Bitmaps, Drawing
from inkpin.common.installation import typed
from inkpin.model.data.dataset import Rasteriser, Split
from inkpin.model.training import sampling
from inkpin.model.training.recipe import Recipe
from inkpin.model.training.train import fit_shortly
from inkpin.model.training.training_set import TrainingSet
from inkpin.preprocess import BOX, PEN, normalised

REPEATS = 4
"""Times that each validation stroke is drawn, each time elsewhere and in another size."""


@dataclass(frozen=True)
class Framing:
    """What `normalised` takes beside strokes.

    Attributes:
        box: cells along the longer side.
        pen: its side in cells.
        aspect_corrected: whether the shorter side becomes more than its share.
    """

    box: int
    pen: int
    aspect_corrected: bool


FRAMINGS = (
    Framing(18, 3, aspect_corrected=False),
    Framing(18, 3, aspect_corrected=True),
    Framing(BOX, PEN, aspect_corrected=False),
    Framing(BOX, PEN, aspect_corrected=True),
)


def compare(split: Split, recipe: Recipe) -> Iterator[tuple[Framing, dict[str, float]]]:
    """Yield each of the framings with the accuracy by name of the validation data.

    Raises:
        InputError: there are no strokes to validate with.
    """
    if not split.validation.pens:
        raise InputError(
            f"no strokes to frame: run `{typed('inkpin-model fetch')}`, or name --strokes"
        )
    for framing in FRAMINGS:
        rasterise = partial(
            normalised,
            box=framing.box,
            pen=framing.pen,
            aspect_corrected=framing.aspect_corrected,
        )
        subsets = sampling.subsets(split.training, recipe.seed, sampling.FEW, _each(rasterise))
        training_set = TrainingSet(subsets.values(), len(split.training.labels))
        validation = split.validation.bitmaps(rasterise, REPEATS)
        yield framing, fit_shortly(training_set, recipe, validation).accuracy


def _each(rasterise: Rasteriser) -> Callable[[Sequence[Drawing]], Bitmaps]:
    """Return what makes bitmaps of many drawings, one after the other."""
    return lambda drawings: np.stack([rasterise(strokes) for strokes in drawings])
