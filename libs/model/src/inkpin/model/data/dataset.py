"""What a training sees: MNIST and pen strokes, and what is held out to choose by.

Held out are whole writers, since a network does better on those that it knows. There are five
folds: number k holds out the pen writers whose number leaves k when divided by five, and of
MNIST those whose number leaves 2k when divided by ten.
"""

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Bitmap, Drawing
from inkpin.common.installation import typed
from inkpin.model.data import fetch
from inkpin.model.data.formats.csv_images import read_csv
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps, joined, targets_of
from inkpin.model.data.samples import Sample, load_samples
from inkpin.model.data.stroke_augmentation import place_strokes
from inkpin.preprocess import bitmap

MNIST_WRITERS = files("inkpin.samples") / "mnist_writers.npz"
"""The number of the writer of each of MNIST's training images, uint16 (60000,), out of QMNIST."""

Rasteriser = Callable[[Drawing], Bitmap]
"""Makes a bitmap of strokes."""

FOLDS = 5
_MIN_SAMPLES = 5  # of a label: one is held out, and the others are to differ
_MAX_INK = 0.5  # share of an image's pixels; handwriting has a fifth


@dataclass(frozen=True)
class Dataset:
    """Images and strokes of some writers.

    Attributes:
        images: grey.
        pens: strokes, of the same labels.
        title: what to call the images.
    """

    images: LabelledBitmaps
    pens: list[Sample]
    title: str = "MNIST"

    @property
    def labels(self) -> tuple[str, ...]:
        """The texts that there are."""
        return self.images.labels

    def bitmaps(self, rasterise: Rasteriser = bitmap, times: int = 1) -> dict[str, LabelledBitmaps]:
        """Return what to count accuracy on, by name.

        Of images every pixel with ink counts; strokes are drawn anywhere in the area.

        Args:
            rasterise: makes bitmaps of strokes.
            times: that strokes are drawn.
        """
        found = {}
        if len(self.images):
            found[self.title] = replace(self.images, bitmaps=self.images.bitmaps > 0)
        if self.pens:
            rng = np.random.default_rng(0)
            pens = self.pens * times
            bitmaps = np.stack([rasterise(place_strokes(sample.strokes, rng)) for sample in pens])
            targets = targets_of([sample.label for sample in pens], self.labels)
            found["pens"] = LabelledBitmaps(bitmaps, targets, self.labels)
        return found


@dataclass(frozen=True)
class Split:
    """Everything that a training sees.

    Attributes:
        training: the writers to learn from.
        validation: those who are held out.
        files: by name, SHA-256 of what was read.
    """

    training: Dataset
    validation: Dataset
    files: dict[str, str]


def load_digits(strokes: list[Path] | None, fold: int) -> Split:
    """Read MNIST and pen strokes of digits, and split them.

    Args:
        strokes: files of stroke samples; None for the fetched ones.
        fold: whose writers are held out, 0 to 4.

    Raises:
        InputError: data that is missing or unusable.
    """
    folder = fetch.mnist_folder()
    images = load_split(folder, "train")
    with np.load(str(MNIST_WRITERS)) as archive:
        writers = archive["writers"]
    if len(images) != len(writers):
        raise InputError(
            f"{folder}: not MNIST's 60,000 training images: run `{typed('inkpin-model fetch')}`"
        )
    held_out = writers % 10 == 2 * fold
    paths = _fetched_strokes() if strokes is None else strokes
    samples = [sample for path in paths for sample in load_samples(path)]
    if strange := sorted({sample.label for sample in samples} - set(DIGITS)):
        raise InputError(
            f"strokes of {strange[0]!r}: leave them out, or train on the labels of the strokes "
            "alone, with --labels strokes"
        )
    kept, others = _split(samples, [_writers_fold(sample.writer) == fold for sample in samples])
    return Split(
        Dataset(images[~held_out], kept),
        Dataset(images[held_out], others),
        _hashes([*sorted(folder.glob("train-*")), *paths]),
    )


def load_strokes(paths: list[Path], fold: int) -> Split:
    """Read strokes of any labels, and split them; see `load_labelled`."""
    return load_labelled([], paths, fold)


def load_labelled(
    tables: list[Path], strokes: list[Path], fold: int, *, transposed: bool = False
) -> Split:
    """Read images and strokes of any labels, and split each: by writers, if all are numbered.

    Otherwise every fifth of a label's images, or strokes, is held out.

    Args:
        tables: CSV files of images.
        strokes: files of stroke samples.
        fold: which fifth is held out, 0 to 4.
        transposed: whether the images go column by column.

    Raises:
        InputError: an unusable file, or too few labels or samples to tell them apart.
    """
    parts = [read_csv(path, transposed=transposed) for path in tables]
    if parts and (share := float(np.mean(joined(parts).bitmaps > 0))) > _MAX_INK:
        print(
            f"warning: {share:.0%} of the pixels are above 0, which is ink: "
            "give bright ink on black, or expect little",
            file=sys.stderr,
        )
    samples = [sample for path in strokes for sample in load_samples(path)]
    names = ", ".join(path.name for path in (*tables, *strokes))
    texts = [sample.label for sample in samples]
    counts = Counter([*(text for part in parts for text in part.texts), *texts])
    labels = tuple(sorted(counts))
    if len(labels) < 2:
        found = repr(labels[0]) if labels else "no sample"
        raise InputError(f"{names}: {found} alone: give samples of at least two labels")
    for label, count in counts.items():
        if count < _MIN_SAMPLES:
            raise InputError(
                f"{names}: {count} of {label!r}: give at least {_MIN_SAMPLES} samples of each label"
            )
    images = joined([LabelledBitmaps.empty(labels), *(part.among(labels) for part in parts)])
    held_out = np.array(_folds(images.texts, images.writers), int) == fold
    drawn = _folds(texts, [sample.writer for sample in samples])
    kept, others = _split(samples, [number == fold for number in drawn])
    if not others and not held_out.any():
        raise InputError(f"{names}: no writer belongs to fold {fold}: name another --fold")
    left = {sample.label for sample in kept} | set(images[~held_out].texts)
    if lost := set(labels) - left:
        raise InputError(f"{names}: {min(lost)!r} only by writers that are held out: add others")
    return Split(
        Dataset(images[~held_out], kept, "images"),
        Dataset(images[held_out], others, "images"),
        {name + " (transposed)" * transposed: found for name, found in _hashes(tables).items()}
        | _hashes(strokes),
    )


def _folds(texts: Iterable[str], writers: Iterable[str]) -> list[int]:
    """Return which fold holds each sample out: its writer's, or where one has none by turns."""
    by_writer = [_writers_fold(writer) for writer in writers]
    if -1 not in by_writer:
        return by_writer
    seen: Counter[str] = Counter()
    turns = []
    for text in texts:
        turns.append(seen[text] % FOLDS)
        seen[text] += 1
    return turns


def _split(samples: list[Sample], held_out: list[bool]) -> tuple[list[Sample], list[Sample]]:
    pairs = list(zip(samples, held_out, strict=True))
    return [s for s, held in pairs if not held], [s for s, held in pairs if held]


def _hashes(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def _fetched_strokes() -> list[Path]:
    try:
        return [fetch.pen_strokes()]
    except InputError as error:
        print(f"training on MNIST alone: {error}", file=sys.stderr)
        return []


def _writers_fold(writer: str) -> int:
    """Return the fold that holds a writer out, or -1 for one without a number."""
    number = re.search(r"\d+$", writer)
    return int(number[0]) % FOLDS if number else -1
