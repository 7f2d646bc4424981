"""The bitmaps that a training learns from: every drawing many times over, beforehand.

An epoch is then a random choice out of these, which costs nothing, and a teacher needs to be asked
about each but once.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from inkpin.common.arrays import Bitmaps, Drawing, GreyImages, Targets, UnscaledDrawing
from inkpin.model.data import skeleton, templates
from inkpin.model.data.dataset import Dataset
from inkpin.model.data.labelled import DIGITS, REJECT, LabelledBitmaps
from inkpin.model.data.stroke_augmentation import augment_strokes
from inkpin.preprocess.many import bitmaps

_BATCH = 2000
_GREY_INK = 100  # of 255: an image's ink when it is re-stroked; paler edges would close loops


@dataclass(frozen=True)
class Subset:
    """Bitmaps of one kind.

    Attributes:
        drawings: all of them.
        per_epoch: how many an epoch shows.
    """

    drawings: LabelledBitmaps
    per_epoch: int

    def choice(self, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Return the indices that one epoch shows."""
        return rng.choice(len(self.drawings), self.per_epoch, replace=False)


@dataclass(frozen=True)
class Amount:
    """How often each thing of a kind is drawn beforehand, and how often an epoch shows it."""

    drawn: float
    shown: float


REAL: Mapping[str, Amount] = {
    "MNIST": Amount(1, 0.8),
    "augmented": Amount(8, 1.2),
    "re-stroked": Amount(1, 0.1),
    "pens": Amount(20, 5),
    "letters": Amount(12, 3),
}
"""What people wrote, by kind."""

SYNTHETIC: Mapping[str, Amount] = {"templates": Amount(600, 120), "scribbles": Amount(0.4, 0.11)}
"""What comes out of a table and chance: so much of each template, and so many scribbles for each
drawing of another kind that an epoch shows."""

FEW: Mapping[str, Amount] = {
    **{kind: Amount(max(1, amount.drawn // 4), amount.shown / 3) for kind, amount in REAL.items()},
    **SYNTHETIC,
}
"""Enough for a few short epochs, to compare by."""


def subsets(
    data: Dataset,
    seed: int,
    amounts: Mapping[str, Amount],
    rasterise: Callable[[Sequence[Drawing]], Bitmaps] = bitmaps,
) -> dict[str, Subset]:
    """Return all that a training learns from, by kind; kinds without data are left out.

    Args:
        data: what people wrote.
        seed: of all chance.
        amounts: of REAL and SYNTHETIC, what is wanted.
        rasterise: makes bitmaps of drawings, (n, 28, 28).
    """
    rng = np.random.default_rng(seed)
    made: dict[str, Subset] = {}

    def add(kind: str, bitmaps: Bitmaps, targets: Targets) -> None:
        amount = amounts[kind]
        shown = max(1, round(len(targets) * min(1, amount.shown / amount.drawn)))
        made[kind] = Subset(LabelledBitmaps(bitmaps, targets, data.labels), shown)

    def name(target: int) -> str:
        return "" if target == REJECT else data.labels[target]

    def draw(kind: str, drawings: Iterable[tuple[UnscaledDrawing, int]]) -> None:
        if pairs := list(drawings):
            bar = tqdm(pairs, desc=kind, unit="drawing", mininterval=5, disable=None)
            drawn = (augment_strokes(strokes, rng, name(target)) for strokes, target in bar)
            parts = []
            while batch := list(islice(drawn, _BATCH)):
                parts.append(rasterise(batch))
            add(kind, np.concatenate(parts), np.array([target for _, target in pairs], np.int64))

    images, targets = data.images.bitmaps, data.images.targets
    if len(images) and "MNIST" in amounts:
        add("MNIST", images > 0, targets)
    if len(images) and "augmented" in amounts:
        times = int(amounts["augmented"].drawn)
        add("augmented", _augmented(images, times, seed), np.tile(targets, times))
    if len(images) and "re-stroked" in amounts:
        lines = map(skeleton.to_strokes, skeleton.skeletonise(images > _GREY_INK))
        inked = [(line, target) for line, target in zip(lines, targets, strict=True) if line]
        draw("re-stroked", inked * int(amounts["re-stroked"].drawn))
    places = {label: place for place, label in enumerate(data.labels)}
    if "pens" in amounts:
        pens = [(sample.strokes, places[sample.label]) for sample in data.pens]
        draw("pens", pens * int(amounts["pens"].drawn))
    if "letters" in amounts:
        letters = [(sample.strokes, REJECT) for sample in data.letters]
        draw("letters", letters * int(amounts["letters"].drawn))
    digits = data.labels == DIGITS
    if digits and "templates" in amounts:
        table = [
            (template, places[name])
            for name, known in templates.DIGITS.items()
            for template in known
        ]
        again = table * int(amounts["templates"].drawn)
        draw("templates", ((templates.draw(template, rng), target) for template, target in again))
    if "scribbles" in amounts:
        others = sum(subset.per_epoch for subset in made.values())
        wanted = range(math.ceil(others * amounts["scribbles"].drawn))
        draw("scribbles", ((templates.draw_reject(rng, digits=digits), REJECT) for _ in wanted))
    return made


def _augmented(images: Bitmaps | GreyImages, times: int, seed: int) -> Bitmaps:
    """Return bitmaps of n grey images, (times * n, 28, 28)."""
    generator = torch.Generator().manual_seed(seed)
    parts = [
        augment_images(part[:, None].float() / 255, generator)[:, 0]
        for _ in range(times)
        for part in torch.from_numpy(images).split(4096)
    ]
    augmented: Bitmaps = torch.cat(parts).numpy()
    return augmented


def augment_images(images: Tensor, generator: torch.Generator) -> Tensor:
    """Return grey images (n, 1, h, w) of 0..1, each randomly moved, and cut to zeros and ones.

    Rotation to 10 degrees, shear to 0.15, scale 0.89 to 1.12 for each side, shift to 5 % of the
    side, ink threshold 0.02 to 0.5 of full black.
    """
    n = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=generator) * (high - low) + low

    angle, shear = uniform(-0.175, 0.175), uniform(-0.15, 0.15)
    wide, tall = uniform(0.89, 1.12), uniform(0.89, 1.12)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cos * wide, (shear * cos - sin) * wide, uniform(-0.1, 0.1)], 1),
        torch.stack([sin * tall, (shear * sin + cos) * tall, uniform(-0.1, 0.1)], 1),
    ]
    grid = functional.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    moved = functional.grid_sample(images, grid, align_corners=False)
    return moved > uniform(0.02, 0.5)[:, None, None, None]
