"""The command that compares ways to frame a drawing, the device's among them.

For each the strokes are drawn anew, MNIST's re-stroked ones as well, and the shipped design is
trained shortly on labels alone. MNIST's own images stay as they are.
"""

import argparse
from dataclasses import dataclass
from functools import partial

from inkpin.common import InputError
from inkpin.model.training.train import add_fold, add_recipe, check_recipe, load
from inkpin.preprocess import BOX, PEN, normalised

TIMES = 4
"""That each held-out stroke is drawn, each time elsewhere and in another size."""


@dataclass(frozen=True)
class Framing:
    """What `normalised` takes beside strokes.

    Attributes:
        box: cells along the longer side.
        pen: its side in cells.
        widened: whether the shorter side becomes more than its share.
    """

    box: int
    pen: int
    widened: bool


FRAMINGS = (
    Framing(18, 3, widened=False),
    Framing(18, 3, widened=True),
    Framing(BOX, PEN, widened=False),
    Framing(BOX, PEN, widened=True),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_fold(parser)
    add_recipe(parser)
    parser.set_defaults(epochs=18)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model framings`."""
    try:
        from inkpin.model.training import loop, sampling
        from inkpin.model.training.training_set import Pool
    except ImportError as error:
        raise InputError("this takes PyTorch: pip install 'inkpin[train]'") from error
    check_recipe(arguments)
    split = load(arguments, arguments.fold)
    if not split.validation.pens:
        raise InputError("no strokes to frame: run `inkpin-model fetch`, or name --strokes")
    recipe = loop.Recipe(loop.DESIGN, arguments.epochs, arguments.seed, workers=arguments.workers)
    for framing in FRAMINGS:
        rasterise = partial(normalised, box=framing.box, pen=framing.pen, widened=framing.widened)
        drawings = sampling.sources(split.training, arguments.seed, sampling.FEW, rasterise)
        pool = Pool(drawings.values(), len(split.training.labels))
        found = loop.fit_shortly(pool, recipe, split.validation.bitmaps(rasterise, TIMES)).accuracy
        right = ", ".join(f"{name} {share:.2%}" for name, share in found.items())
        widened = "widened" if framing.widened else "as drawn"
        print(f"box {framing.box}, pen {framing.pen}, shorter side {widened}: {right}")
