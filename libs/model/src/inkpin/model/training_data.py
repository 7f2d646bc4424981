"""What a training sees: MNIST and pen strokes, and what is held out to choose by.

Held out are whole writers, since a network does better on hands that it knows: of MNIST those
whose number divides by ten, of pen strokes those whose number divides by five.
"""

import hashlib
import re
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from inkpin.model import fetch
from inkpin.model.idx import load_split
from inkpin.model.samples import Sample, load_samples
from inkpin.preprocess import InputError, bitmap

LABELS = tuple("0123456789")
MNIST_WRITERS = files("inkpin.samples") / "mnist_writers.npz"
"""The number of the writer of each of MNIST's training images, uint16 (60000,), out of QMNIST."""


@dataclass(frozen=True)
class Data:
    """Everything that a training sees.

    Attributes:
        images: grey training images, uint8 (n, 28, 28), and their labels, int64 (n,).
        pens: training strokes.
        held_out: by name, validation bitmaps, bool (n, 28, 28), and labels, int64 (n,).
        sources: by file name, SHA-256 of what was read.
    """

    images: np.ndarray
    labels: np.ndarray
    pens: list[Sample]
    held_out: dict[str, tuple[np.ndarray, np.ndarray]]
    sources: dict[str, str]


def load(strokes: list[Path] | None) -> Data:
    """Read the training data and split it.

    Args:
        strokes: files of stroke samples; None for the fetched ones.

    Raises:
        InputError: data that is missing or unusable.
    """
    folder = fetch.mnist_folder()
    images, labels = load_split(folder, "train")
    labels = labels.astype(np.int64)
    with np.load(str(MNIST_WRITERS)) as archive:
        aside = archive["writers"] % 10 == 0
    if len(images) != len(aside):
        raise InputError(f"{folder}: not MNIST's 60,000 training images: run `inkpin-model fetch`")
    held_out = {"MNIST": (images[aside] > 0, labels[aside])}
    paths = _fetched_strokes() if strokes is None else strokes
    samples = [sample for path in paths for sample in load_samples(path)]
    if strange := sorted({sample.word for sample in samples} - set(LABELS)):
        raise InputError(f"strokes of {strange[0]!r}: this network reads 0 to 9; leave them out")
    kept = [sample for sample in samples if not _is_held_out(sample)]
    if others := [sample for sample in samples if _is_held_out(sample)]:
        held_out["pens"] = (
            np.stack([bitmap(sample.strokes) for sample in others]),
            np.array([LABELS.index(sample.word) for sample in others]),
        )
    files = [*sorted(folder.glob("train-*")), *paths]
    sources = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return Data(images[~aside], labels[~aside], kept, held_out, sources)


def _fetched_strokes() -> list[Path]:
    try:
        return [fetch.pen_strokes()]
    except InputError as error:
        print(f"training on MNIST alone: {error}", file=sys.stderr)
        return []


def _is_held_out(sample: Sample) -> bool:
    number = re.search(r"\d+$", str(sample.extra.get("writer", "")))
    return number is not None and int(number[0]) % 5 == 0
