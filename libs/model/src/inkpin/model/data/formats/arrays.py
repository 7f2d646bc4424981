"""Samples as arrays of pictures: Kaggle's CSV, MNIST's IDX files, NumPy's NPZ.

A pixel above 0 is ink; what is written has ink 255 (or 1, in the CSV of zeros and ones).
"""

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inkpin.common import InputError
from inkpin.common.arrays import Bitmaps, GreyImages
from inkpin.common.files import replacing
from inkpin.common.limits import check_arrays
from inkpin.common.progress import Progress
from inkpin.model.data.formats import csv_images, idx
from inkpin.model.data.labelled import DIGITS, joined
from inkpin.model.data.picture import bitmaps_of, samples_of
from inkpin.model.data.samples import Sample
from inkpin.preprocess import SIDE

_ARRAYS = (("images", "labels"), ("x_train", "y_train"), ("x_test", "y_test"))


def read_csv(path: Path, progress: Progress) -> list[Sample]:
    """Read Kaggle's train.csv, or one like it."""
    images, labels = csv_images.read_kaggle(path)
    if labels is None:
        raise InputError(f"{path}: no column of labels: take Kaggle's train.csv")
    return samples_of([*map(str, labels)], images, progress)


def write_csv(samples: Sequence[Sample], path: Path, progress: Progress) -> list[Path]:
    """Write a CSV as Kaggle's train.csv, of 0 and 255."""
    csv_images.write_kaggle(path, bitmaps_of(samples, progress), _digits(samples, path))
    return [path]


def write_binary_csv(samples: Sequence[Sample], path: Path, progress: Progress) -> list[Path]:
    """Write a CSV as Kaggle's train.csv, but of 0 and 1."""
    csv_images.write_kaggle(path, bitmaps_of(samples, progress), _digits(samples, path), ink=1)
    return [path]


def read_idx(path: Path, progress: Progress) -> list[Sample]:
    """Read the pairs of IDX files in a folder, or the one pair that a file of it belongs to."""
    folder = path if path.is_dir() else path.parent
    splits = [
        split
        for split in idx.SPLITS
        for name in [idx.image_file(split)]
        if path.name in (name, f"{name}.gz")
        or (path.is_dir() and any((path / f"{name}{packed}").exists() for packed in ("", ".gz")))
    ]
    if not splits:
        names = " or ".join(map(idx.image_file, idx.SPLITS))
        raise InputError(f"{path}: no {names}: name a folder with IDX files called like MNIST's")
    parts = [idx.load_split(folder, split) for split in splits]
    digits = joined(parts)
    return samples_of(digits.texts, digits.bitmaps, progress)


def write_idx(samples: Sequence[Sample], path: Path, progress: Progress) -> list[Path]:
    """Write a folder's pair of IDX files, called as MNIST's training images are."""
    bits, labels = bitmaps_of(samples, progress), _digits(samples, path)
    files = [path / idx.image_file("train"), path / idx.label_file("train")]
    for file, array in zip(files, (_grey(bits), labels), strict=True):
        idx.write_idx(file, array)
    return files


def read_npz(path: Path, progress: Progress) -> list[Sample]:
    """Read arrays (n, 28, 28) with their labels (n,), numbers or text, named as in _ARRAYS."""
    check_arrays(path)
    try:
        # Opened here, since NumPy leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            parts = [
                (archive[images], archive[labels])
                for images, labels in _ARRAYS
                if images in archive and labels in archive
            ]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'no NPZ file'}: name an NPZ file") from error
    except (ValueError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: no sound NPZ file ({error}): save it again") from error
    if not parts:
        raise InputError(f"{path}: no arrays 'images' and 'labels' in it: save it with those names")
    for images, labels in parts:
        if images.dtype.kind not in "biuf" or images.shape != (len(labels), SIDE, SIDE):
            raise InputError(
                f"{path}: images of shape {images.shape} for {labels.shape} labels: "
                f"make them (n, {SIDE}, {SIDE}) and (n,)"
            )
        if labels.ndim != 1 or labels.dtype.kind not in "iuU" or (labels.astype(str) == "").any():
            raise InputError(f"{path}: labels that are neither whole numbers nor text: mend them")
    texts = [str(label) for _, labels in parts for label in labels.tolist()]
    return samples_of(texts, np.concatenate([images > 0 for images, _ in parts]), progress)


def write_npz(samples: Sequence[Sample], path: Path, progress: Progress) -> list[Path]:
    """Write `images`, uint8 (n, 28, 28), and `labels`, text (n,)."""
    made = io.BytesIO()
    labels = np.array([sample.label for sample in samples])
    np.savez_compressed(made, images=_grey(bitmaps_of(samples, progress)), labels=labels)
    with replacing(path) as file:
        file.write(made.getvalue())
    return [path]


def _grey(bits: Bitmaps) -> GreyImages:
    return bits.astype(np.uint8) * 255


def _digits(samples: Sequence[Sample], path: Path) -> npt.NDArray[np.uint8]:
    if strange := sorted({sample.label for sample in samples} - set(DIGITS)):
        raise InputError(
            f"{path}: this format holds digits, not {strange[0]!r}: take NPZ, PNG or InkML"
        )
    return np.array([int(sample.label) for sample in samples], np.uint8)
