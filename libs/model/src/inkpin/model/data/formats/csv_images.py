"""Images in CSV files, a row each: `label,pixel0,...,pixel783`, as Kaggle has MNIST.

An image is 28 rows of 28 pixels, 0 to 255, bright ink on black; the pixel in row r and column c is
pixel28r+c. Labels of any kind are read too, as Sign-Language-MNIST and EMNIST are published: the
label first, or with a line of names above wherever that says `label`, and beside it perhaps a
column `writer`.
"""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inkpin.common import InputError
from inkpin.common.arrays import AnyArray, GreyImages, Ints
from inkpin.common.files import read_bytes, replacing
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.preprocess import SIDE

_BLOCK = 1000  # lines
PIXELS = tuple(f"pixel{place}" for place in range(SIDE * SIDE))


class _Columns(NamedTuple):
    """Which columns hold the label and the writer, if any does."""

    label: int | None = 0
    writer: int | None = None


class _Table(NamedTuple):
    """The images; for each its label and who wrote it, empty where there is no such column."""

    images: GreyImages
    labels: list[str]
    writers: list[str]


class _Plain(NamedTuple):
    """Images of lines: their labels, their pixels, and how many lines that were."""

    labels: list[str]
    pixels: bytes
    lines: int


def read_csv(path: Path, *, transposed: bool = False) -> LabelledBitmaps:
    """Read grey images of any labels, and their writers.

    Args:
        path: the file; packed if its name ends in .gz.
        transposed: whether its pixels go column by column, as in EMNIST's files.

    Raises:
        InputError: the file or one of its lines is unusable; the message names both.
    """
    remedy = "give rows of a label and 784 pixels of 0 to 255"
    images, labels, writers = _read(path, _named, remedy)
    return LabelledBitmaps.of(images.transpose(0, 2, 1) if transposed else images, labels, writers)


def read_kaggle(path: Path) -> tuple[GreyImages, npt.NDArray[np.uint8] | None]:
    """Read Kaggle's train.csv or the label-less test.csv, packed or not.

    Returns:
        Images, and labels (n,) in 0..9 or None.

    Raises:
        InputError: as for `read_csv`; any other line of names is refused too.
    """
    table = _read(path, _kaggles, "copy the file again as Kaggle has it", DIGITS)
    return table.images, np.array(table.labels, np.uint8) if table.labels[0] else None


def write_kaggle(path: Path, images: AnyArray, labels: Ints | None, ink: int = 255) -> None:
    """Write images as Kaggle has them, but with every pixel above 0 the same.

    Args:
        path: the file to write, whole or not at all; packed if its name ends in .gz.
        images: (n, 28, 28).
        labels: (n,) in 0..9, or None for a file without them.
        ink: what a pixel above 0 becomes.

    Raises:
        InputError: it cannot be written.
    """
    pixels = np.where(images.reshape(len(images), -1), b"%d" % ink, b"0")
    with replacing(path) as file:
        file.write(",".join(PIXELS if labels is None else ("label", *PIXELS)).encode() + b"\n")
        for place, row in enumerate(pixels):
            label = b"" if labels is None else b"%d," % labels[place]
            file.write(label + b",".join(row.tolist()) + b"\n")


def _read(
    path: Path,
    columns_of: Callable[[Sequence[str]], _Columns | None],
    remedy: str,
    labels: Sequence[str] = (),
) -> _Table:
    """Read a file.

    Args:
        path: the file.
        columns_of: told the first line, says what its names stand for; None where it has none.
        remedy: what messages tell the reader to do.
        labels: all that there may be; any if none is given.
    """
    from tqdm import tqdm  # the twin, which may never come here, starts sooner without it

    try:
        lines = read_bytes(path, remedy).decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text in UTF-8: {remedy}") from error
    pixels, found, writers = [], [], []
    done, rows = 0, csv.reader(lines[:1])
    try:
        first = next(rows)
        named = columns_of(first) if first else None
        columns = named or _Columns()
        done = 1 if named else 0
        with tqdm(
            lines[done:], f"{path.name}: reading", unit="line", leave=False, delay=1, disable=None
        ) as bar:
            while plain := _plain(lines[done : done + _BLOCK], columns, labels):
                found += plain.labels
                writers += [""] * len(plain.labels)
                pixels.append(plain.pixels)
                bar.update(plain.lines)
                done += plain.lines
            rows = csv.reader(f"{line}\n" for line in lines[done:])
            for row in rows:
                bar.update(1)
                if row:
                    found.append(_label(row, columns, labels))
                    writers.append("" if columns.writer is None else row[columns.writer].strip())
                    pixels.append(_pixels(row, columns))
    except (ValueError, IndexError, csv.Error) as error:
        raise InputError(f"{path}, line {done + rows.line_num}: {error}: {remedy}") from error
    if not found:
        raise InputError(f"{path}: no images: {remedy}")
    images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, SIDE, SIDE)
    return _Table(images, found, writers)


def _plain(lines: Sequence[str], columns: _Columns, labels: Sequence[str]) -> _Plain | None:
    """Read lines in which nothing but digits and commas follows the label, several times as fast.

    Returns:
        None for any other, which are to be read field by field, or not at all.
    """
    if not lines or columns.writer is not None or columns.label not in (0, None):
        return None
    full = [line.rstrip("\r") for line in lines if line not in ("", "\r")]
    if columns.label is None:
        found, rest = [""] * len(full), full
    else:
        names = [line.partition(",")[0] for line in full]
        rest = [line.partition(",")[2] for line in full]
        found = [name.strip() for name in names]
        if not all(found) or any('"' in name or "\r" in name for name in names):
            return None
        if labels and not {*labels} >= {*found}:
            return None
    if any(line.count(",") != len(PIXELS) - 1 for line in rest):
        return None
    values = _numbers(",".join(rest))
    return None if values is None else _Plain(found, values.tobytes(), len(lines))


def _numbers(text: str) -> npt.NDArray[np.uint8] | None:
    """Return the numbers from 0 to 255 between commas; None if there is anything else."""
    if not text:
        return np.empty(0, np.uint8)
    if not text.isascii():
        return None
    digits = np.frombuffer(f"{text},".encode(), np.uint8) - ord("0")  # a comma wraps around
    ends = np.flatnonzero(digits == (ord(",") - ord("0")) % 256)
    lengths = np.diff(ends, prepend=-1) - 1
    if np.count_nonzero(digits < 10) != len(digits) - len(ends):
        return None
    if lengths.min() < 1 or lengths.max() > 3:
        return None
    values = digits[ends - 1].astype(np.uint16)
    for place, weight in ((2, 10), (3, 100)):
        longer = np.flatnonzero(lengths >= place)
        values[longer] += np.uint16(weight) * digits[ends[longer] - place]
    return values.astype(np.uint8) if values.max() < 256 else None


def _named(row: Sequence[str]) -> _Columns | None:
    names = [name.strip().lower() for name in row]
    if "label" not in names:
        if names[-1].isdigit():
            return None
        raise ValueError("no column is named label")
    return _Columns(names.index("label"), names.index("writer") if "writer" in names else None)


def _kaggles(row: Sequence[str]) -> _Columns:
    names = tuple(name.strip() for name in row)
    if names == PIXELS:
        return _Columns(None)
    if names != ("label", *PIXELS):
        raise ValueError(f"{len(names)} columns that are not [label,]pixel0,...,pixel783")
    return _Columns()


def _label(row: Sequence[str], columns: _Columns, labels: Sequence[str]) -> str:
    if columns.label is None:
        return ""
    label = row[columns.label].strip()
    if not label:
        raise ValueError("no label")
    if labels and label not in labels:
        raise ValueError(f"label is {label[:20]!r}, not {labels[0]} to {labels[-1]}")
    return label


def _pixels(row: Sequence[str], columns: _Columns) -> bytes:
    """Return the pixels of a row, or say by a ValueError what is wrong with it."""
    values = [*row]
    for place in sorted((place for place in columns if place is not None), reverse=True):
        del values[place]
    if len(values) != len(PIXELS):
        raise ValueError(f"{len(values)} pixels, not {len(PIXELS)}")
    try:
        return bytes(map(int, values))
    except ValueError:
        place, value = next((i, v) for i, v in enumerate(values) if not _is_pixel(v))
        raise ValueError(f"pixel {place} is {value.strip()[:20]!r}, not 0 to 255") from None


def _is_pixel(value: str) -> bool:
    try:
        return 0 <= int(value) <= 255
    except ValueError:
        return False
