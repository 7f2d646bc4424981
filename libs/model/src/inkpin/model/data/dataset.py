"""What a training sees: MNIST and pen strokes, and what is held out to choose by.

Held out are whole writers, since a network does better on those that it knows. There are five
folds: number k holds out the pen writers whose number leaves k when divided by five, and of
MNIST those whose number leaves 2k when divided by ten. Or a whole source of pen strokes is held
out, as if its tablets were new, and of MNIST fold 0.
"""

import csv
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Bitmap, Bitmaps, Drawing
from inkpin.common.installation import typed
from inkpin.model.data import fetch
from inkpin.model.data.formats.csv_images import read_csv
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.labelled import (
    DIGITS,
    MIN_SAMPLES,
    LabelledBitmaps,
    joined,
    targets_of,
)
from inkpin.model.data.samples import Sample, load_samples
from inkpin.model.data.stroke_augmentation import place_strokes
from inkpin.preprocess import bitmap

MNIST_WRITERS = files("inkpin.samples") / "mnist_writers.npz"
"""The number of the writer of each of MNIST's training images, uint16 (60000,), out of QMNIST."""

Rasteriser = Callable[[Drawing], Bitmap]
"""Makes a bitmap of strokes."""

FOLDS = 5

HeldOut = int | str
"""A fold, or a name out of SOURCES."""

SOURCES: Mapping[str, Callable[[str, int], bool]] = {
    "pendigits": lambda name, number: name == "pendigits",
    "apple": lambda name, number: name == "unipen" and (number <= 61 or 75 <= number <= 84),
    "synaptics": lambda name, number: name == "unipen" and 62 <= number <= 70,
    "gmd": lambda name, number: name == "unipen" and number in (71, 72),
    "uqb": lambda name, number: name == "unipen" and number in (73, 74),
}
"""Whether a writer's name and number belong to those who gave pen strokes, each on own tablets."""

WRONG_LABELS = files("inkpin.model.data") / "wrong_labels.csv"
"""Of the fetched strokes those that are not what they are said to be: file, line, label, reason."""

_MAX_INK = 0.5  # share of an image's pixels; handwriting has a fifth


@dataclass(frozen=True)
class Dataset:
    """Images and strokes of some writers.

    Attributes:
        images: grey.
        pens: strokes, of the same labels.
        title: what to call the images.
        letters: strokes that should be refused.
    """

    images: LabelledBitmaps
    pens: list[Sample]
    title: str = "MNIST"
    letters: list[Sample] = field(default_factory=list)

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
            writers = tuple(sample.writer for sample in pens)
            found["pens"] = LabelledBitmaps(bitmaps, targets, self.labels, writers)
        return found

    def letter_bitmaps(self, rasterise: Rasteriser = bitmap) -> Bitmaps | None:
        """Return what should be refused, drawn anywhere in the area; None if there is nothing."""
        if not self.letters:
            return None
        rng = np.random.default_rng(0)
        drawn = [place_strokes(sample.strokes, rng) for sample in self.letters]
        return np.stack([rasterise(strokes) for strokes in drawn])


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


def load_digits(strokes: list[Path] | None, held_out: HeldOut) -> Split:
    """Read MNIST and pen strokes of digits, and split them.

    Args:
        strokes: files of stroke samples; None for the fetched ones, without those of
            WRONG_LABELS, and with letters.
        held_out: whose writers are, a fold of 0 to 4 or a source.

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
    aside = writers % 10 == (2 * held_out if isinstance(held_out, int) else 0)
    if strokes is None:
        paths, letter_paths = _fetched()
        lists = [Path(str(WRONG_LABELS))]
        samples, letters = (
            [sample for path in some for sample in _trusted(path)] for some in (paths, letter_paths)
        )
    else:
        paths, letter_paths, letters, lists = strokes, [], [], []
        samples = [sample for path in paths for sample in load_samples(path)]
    if strange := sorted({sample.label for sample in samples} - set(DIGITS)):
        raise InputError(
            f"strokes of {strange[0]!r}: leave them out, or train on the labels of the strokes "
            "alone, with --labels strokes"
        )
    pens, others = (
        _split(some, [_is_held_out(sample.writer, held_out) for sample in some])
        for some in (samples, letters)
    )
    return Split(
        Dataset(images[~aside], pens[0], letters=others[0]),
        Dataset(images[aside], pens[1], letters=others[1]),
        _hashes([*sorted(folder.glob("train-*")), *paths, *letter_paths, *lists]),
    )


def may_be_shown(writer: str) -> bool:
    """Return whether pictures of somebody's drawings may be published: not those of UNIPEN."""
    return not writer.startswith("unipen-")


def source_of(writer: str) -> str | None:
    """Return the name in SOURCES of who gave a writer's strokes; None for other writers."""
    name, _, number = writer.rpartition("-")
    if not number.isdecimal():
        return None
    return next((source for source, has in SOURCES.items() if has(name, int(number))), None)


def load_strokes(paths: list[Path], fold: int, refuse: Sequence[Path] = ()) -> Split:
    """Read strokes of any labels, and split them; see `load_labelled`."""
    return load_labelled([], paths, fold, refuse=refuse)


def load_labelled(
    tables: list[Path],
    strokes: list[Path],
    fold: int,
    *,
    transposed: bool = False,
    refuse: Sequence[Path] = (),
) -> Split:
    """Read images and strokes of any labels, and split each: by writers, if all are numbered.

    Otherwise every fifth of a label's images, or strokes, is held out.

    Args:
        tables: CSV files of images.
        strokes: files of stroke samples.
        fold: which fifth is held out, 0 to 4.
        transposed: whether the images go column by column.
        refuse: files of stroke samples that should be refused, whatever their labels say.

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
        if count < MIN_SAMPLES:
            raise InputError(
                f"{names}: {count} of {label!r}: give at least {MIN_SAMPLES} samples of each label"
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
    signs = [sample for path in refuse for sample in load_samples(path)]
    by_turns = _folds([sample.label for sample in signs], [sample.writer for sample in signs])
    refused = _split(signs, [number == fold for number in by_turns])
    return Split(
        Dataset(images[~held_out], kept, "images", refused[0]),
        Dataset(images[held_out], others, "images", refused[1]),
        {name + " (transposed)" * transposed: found for name, found in _hashes(tables).items()}
        | _hashes(strokes)
        | _hashes(refuse),
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


def _fetched() -> tuple[list[Path], list[Path]]:
    """Return the fetched files of digits, and those of letters; what is missing is said."""
    digits: list[Path] = []
    letters: list[Path] = []
    for found, find in (
        (digits, fetch.pen_strokes),
        (digits, fetch.unipen_digits),
        (letters, fetch.unipen_letters),
    ):
        try:
            found.append(find())
        except InputError as error:
            print(f"training without: {error}", file=sys.stderr)
    return digits, letters


def _trusted(path: Path) -> list[Sample]:
    """Return a fetched file's samples without those of WRONG_LABELS."""
    with WRONG_LABELS.open(encoding="utf-8") as file:
        wrong = {int(row["line"]) for row in csv.DictReader(file) if row["file"] == path.name}
    return [sample for line, sample in enumerate(load_samples(path), 1) if line not in wrong]


def _is_held_out(writer: str, held_out: HeldOut) -> bool:
    if isinstance(held_out, int):
        return _writers_fold(writer) == held_out
    return source_of(writer) == held_out


def _writers_fold(writer: str) -> int:
    """Return the fold that holds a writer out, or -1 for one without a number."""
    number = re.search(r"\d+$", writer)
    return int(number[0]) % FOLDS if number else -1
