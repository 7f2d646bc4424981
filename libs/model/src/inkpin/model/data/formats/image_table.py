"""Labelled images out of CSV files in Kaggle's layout: `label,pixel0,...,pixel783`, any label.

A row is an image of 28 rows of 28 pixels, 0 to 255, bright ink on black; the label comes first.
With a line of names above, it may stand wherever that says `label`, and a column `writer` says
who wrote the image. Sign-Language-MNIST and EMNIST are published so. `kaggle` is about MNIST's own
files, and stricter.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.model.data.labelled import LabelledBitmaps
from inkpin.preprocess import SIDE

_PIXELS = SIDE * SIDE
_REMEDY = "give rows of a label and 784 pixels of 0 to 255"


def read_table(path: Path, *, transposed: bool = False) -> LabelledBitmaps:
    """Read grey images and their writers from a CSV file, through gzip if its name ends in .gz.

    Args:
        path: the file.
        transposed: whether its pixels go column by column, as in EMNIST's files.

    Raises:
        InputError: the file or one of its lines is unusable; the message names both.
    """
    try:
        text = read_bytes(path, "copy the file again").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text in UTF-8: {_REMEDY}") from error
    rows = csv.reader(io.StringIO(text))
    pixels, texts, writers = [], [], []
    label, writer = 0, None
    try:
        for row in tqdm(rows, f"{path.name}: reading", unit="image", leave=False, delay=1):
            if not row:
                continue
            if rows.line_num == 1 and _is_header(row):
                label, writer = _columns(row)
                continue
            writers.append("" if writer is None else row[writer].strip())
            texts.append(row[label].strip())
            pixels.append(_image(row, label, writer))
    except (ValueError, IndexError, csv.Error) as error:
        raise InputError(f"{path}, line {rows.line_num}: {error}: {_REMEDY}") from error
    if not texts:
        raise InputError(f"{path}: no images: {_REMEDY}")
    images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, SIDE, SIDE)
    return LabelledBitmaps.of(images.transpose(0, 2, 1) if transposed else images, texts, writers)


def _is_header(row: Sequence[str]) -> bool:
    return any(name.strip().lower() == "label" for name in row) or not row[-1].strip().isdigit()


def _columns(names: Sequence[str]) -> tuple[int, int | None]:
    """Return which columns hold the label and, if any does, the writer."""
    known = [name.strip().lower() for name in names]
    if "label" not in known:
        raise ValueError("no column is named label")
    return known.index("label"), known.index("writer") if "writer" in known else None


def _image(row: Sequence[str], label: int, writer: int | None) -> bytes:
    """Return the pixels of a row, or say by a ValueError what is wrong with it."""
    values = [value for i, value in enumerate(row) if i not in (label, writer)]
    if len(values) != _PIXELS:
        raise ValueError(f"{len(values)} pixels")
    if not row[label].strip():
        raise ValueError("no label")
    try:
        return bytes(map(int, values))
    except ValueError:
        place, value = next((i, v) for i, v in enumerate(values) if not _is_pixel(v))
        raise ValueError(f"pixel {place} is {value.strip()[:20]!r}") from None


def _is_pixel(value: str) -> bool:
    try:
        return 0 <= int(value) <= 255
    except ValueError:
        return False
