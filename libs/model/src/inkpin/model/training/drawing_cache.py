"""Drawings kept between the starts of a training: making them takes minutes, reading them a second.

They lie in the cache folder, named by all that they are made of; the latest few are kept.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from inkpin import preprocess
from inkpin.common.arrays import AnyArray
from inkpin.common.cache import cache_folder, key, make_once
from inkpin.model.data import skeleton, stroke_augmentation, stroke_variation, templates
from inkpin.model.data.dataset import Dataset
from inkpin.model.data.labelled import LabelledBitmaps
from inkpin.model.training import sampling
from inkpin.model.training.sampling import Amount, Subset
from inkpin.preprocess import SIDE

KEPT = 4
"""Trainings whose drawings are kept, at some 100 MB each."""

_FILE = "drawings.npz"
_MODULES = (sampling, skeleton, stroke_augmentation, stroke_variation, templates)
_MAKERS = (
    *(Path(str(module.__file__)) for module in _MODULES),
    *sorted(Path(str(preprocess.__file__)).parent.glob("*.py")),
)


def kept_subsets(data: Dataset, seed: int, amounts: Mapping[str, Amount]) -> dict[str, Subset]:
    """Return what `sampling.subsets` makes, from the cache where it was made before."""
    folder = cache_folder("drawings")
    target = folder / _key(data, seed, amounts)
    if target.is_dir():
        with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):
            found = _read(target, data.labels)
            os.utime(target)
            return found
        shutil.rmtree(target, ignore_errors=True)  # damaged
    print(f"drawing what to learn from, minutes of it; kept in {target}", file=sys.stderr)
    made = sampling.subsets(data, seed, amounts)
    with suppress(OSError):  # without room for it the next start draws again
        make_once(target, partial(_write, made))
        for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    return made


def _key(data: Dataset, seed: int, amounts: Mapping[str, Amount]) -> str:
    pens: list[str | bytes] = []
    for sample in (*data.pens, *data.letters):
        pens.append(sample.label)
        pens += [stroke.astype(np.int64).tobytes() for stroke in sample.strokes]
    images = data.images
    return key(
        *_MAKERS,
        version("numpy"),
        version("torch"),
        repr((seed, sorted(amounts.items()), data.labels)),
        images.bitmaps.tobytes(),
        images.targets.tobytes(),
        *pens,
    )


def _write(made: Mapping[str, Subset], folder: Path) -> None:
    arrays: dict[str, AnyArray] = {}
    for kind, subset in made.items():
        bitmaps = subset.drawings.bitmaps
        arrays[f"{kind} bits"] = np.packbits(bitmaps.reshape(len(bitmaps), -1), axis=1)
        arrays[f"{kind} targets"] = subset.drawings.targets
        arrays[f"{kind} per epoch"] = np.array(subset.per_epoch)
    np.savez(folder / _FILE, allow_pickle=False, **arrays)


def _read(folder: Path, labels: tuple[str, ...]) -> dict[str, Subset]:
    with (folder / _FILE).open("rb") as file, np.load(file) as kept:
        kinds = [name.removesuffix(" bits") for name in kept.files if name.endswith(" bits")]
        return {
            kind: Subset(
                LabelledBitmaps(
                    np.unpackbits(kept[f"{kind} bits"], axis=1)
                    .astype(bool)
                    .reshape(-1, SIDE, SIDE),
                    kept[f"{kind} targets"],
                    labels,
                ),
                int(kept[f"{kind} per epoch"]),
            )
            for kind in kinds
        }
