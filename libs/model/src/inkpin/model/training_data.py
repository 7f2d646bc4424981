"""What a training sees: MNIST and pen strokes, and what is held out to choose by."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inkpin.model import fetch
from inkpin.model.idx import load_split
from inkpin.model.samples import Sample, load_samples
from inkpin.preprocess import InputError, bitmap

LABELS = tuple("0123456789")


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
    tenth = np.arange(len(images)) % 10 == 9
    held_out = {"MNIST": (images[tenth] > 0, labels[tenth])}
    paths = [fetch.pen_strokes()] if strokes is None else strokes
    samples = [sample for path in paths for sample in load_samples(path)]
    if strange := sorted({sample.word for sample in samples} - set(LABELS)):
        raise InputError(f"strokes of {strange[0]!r}: this network reads 0 to 9; leave them out")
    kept = [sample for sample in samples if not _is_held_out(sample)]
    if aside := [sample for sample in samples if _is_held_out(sample)]:
        held_out["pens"] = (
            np.stack([bitmap(sample.strokes) for sample in aside]),
            np.array([LABELS.index(sample.word) for sample in aside]),
        )
    files = [*sorted(folder.glob("train-*")), *paths]
    sources = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return Data(images[~tenth], labels[~tenth], kept, held_out, sources)


def _is_held_out(sample: Sample) -> bool:
    number = re.search(r"\d+$", str(sample.extra.get("writer", "")))
    return number is not None and int(number[0]) % 5 == 0
