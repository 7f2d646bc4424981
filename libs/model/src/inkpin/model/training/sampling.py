"""The bitmaps that a training learns from: every source drawn many times over, beforehand.

An epoch is then a random choice out of these, which costs nothing, and what a teacher says of
each needs to be asked but once.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from inkpin.model.data import skeleton, templates
from inkpin.model.data.dataset import Dataset, Rasteriser
from inkpin.model.data.labelled import DIGITS, REJECT, LabelledBitmaps
from inkpin.model.data.stroke_augmentation import bent_strokes
from inkpin.model.training.image_augmentation import bent_images
from inkpin.preprocess import bitmap

_GREY_INK = 100  # of 255: an image's ink when it is re-stroked; paler edges would close loops


@dataclass(frozen=True)
class Source:
    """Bitmaps of one kind.

    Attributes:
        drawings: all of them.
        per_epoch: how many an epoch shows.
    """

    drawings: LabelledBitmaps
    per_epoch: int

    def choice(self, rng: np.random.Generator) -> np.ndarray:
        """Return the indices that one epoch shows."""
        return rng.choice(len(self.drawings), self.per_epoch, replace=False)


@dataclass(frozen=True)
class Amount:
    """How often each thing of a kind is drawn beforehand, and how often an epoch shows it."""

    drawn: float
    shown: float


WRITTEN: Mapping[str, Amount] = {
    "MNIST": Amount(1, 0.8),
    "bent": Amount(8, 1.2),
    "re-stroked": Amount(1, 0.1),
    "pens": Amount(20, 5),
}
"""What people wrote, by kind."""

MADE_UP: Mapping[str, Amount] = {"forms": Amount(600, 120), "scribbles": Amount(0.4, 0.11)}
"""What comes out of a table and chance: so much of each form, and so many scribbles for each
drawing of another kind that an epoch shows."""


FEW: Mapping[str, Amount] = {
    **{
        kind: Amount(max(1, amount.drawn // 4), amount.shown / 3)
        for kind, amount in WRITTEN.items()
    },
    **MADE_UP,
}
"""Enough for a few short epochs, to compare by."""


def sources(
    data: Dataset, seed: int, amounts: Mapping[str, Amount], rasterise: Rasteriser = bitmap
) -> dict[str, Source]:
    """Return all that a training learns from, by kind; kinds without data are left out.

    Args:
        data: what people wrote.
        seed: of all chance.
        amounts: of WRITTEN and MADE_UP, what is wanted.
        rasterise: makes bitmaps of strokes.
    """
    rng = np.random.default_rng(seed)
    made = {}

    def add(kind: str, bitmaps: np.ndarray, targets: Sequence[int] | np.ndarray) -> None:
        amount = amounts[kind]
        shown = max(1, round(len(targets) * min(1, amount.shown / amount.drawn)))
        drawings = LabelledBitmaps(bitmaps, np.asarray(targets, np.int64), data.labels)
        made[kind] = Source(drawings, shown)

    def draw(kind: str, drawings: Iterable[tuple[Sequence[np.ndarray], int]]) -> None:
        if pairs := list(drawings):
            bar = tqdm(pairs, desc=kind, unit="drawing", mininterval=5)
            bitmaps = [rasterise(bent_strokes(strokes, rng)) for strokes, _ in bar]
            add(kind, np.stack(bitmaps), [target for _, target in pairs])

    images, targets = data.images.bitmaps, data.images.targets
    if len(images) and "MNIST" in amounts:
        add("MNIST", images > 0, targets)
    if len(images) and "bent" in amounts:
        times = int(amounts["bent"].drawn)
        add("bent", _bent(images, times, seed), np.tile(targets, times))
    if len(images) and "re-stroked" in amounts:
        lines = map(skeleton.strokes, skeleton.thinned(images > _GREY_INK))
        inked = [(line, target) for line, target in zip(lines, targets, strict=True) if line]
        draw("re-stroked", inked * int(amounts["re-stroked"].drawn))
    places = {label: place for place, label in enumerate(data.labels)}
    if "pens" in amounts:
        pens = [(sample.strokes, places[sample.label]) for sample in data.pens]
        draw("pens", pens * int(amounts["pens"].drawn))
    digits = data.labels == DIGITS
    if digits and "forms" in amounts:
        table = [(form, places[name]) for name, known in templates.DIGITS.items() for form in known]
        again = table * int(amounts["forms"].drawn)
        draw("forms", ((templates.draw(form, rng), target) for form, target in again))
    if "scribbles" in amounts:
        others = sum(source.per_epoch for source in made.values())
        wanted = range(math.ceil(others * amounts["scribbles"].drawn))
        draw("scribbles", ((templates.nothing(rng, digits=digits), REJECT) for _ in wanted))
    return made


def _bent(images: np.ndarray, times: int, seed: int) -> np.ndarray:
    generator = torch.Generator().manual_seed(seed)
    parts = [
        bent_images(part[:, None].float() / 255, generator)[:, 0]
        for _ in range(times)
        for part in torch.from_numpy(images).split(4096)
    ]
    return torch.cat(parts).numpy()
