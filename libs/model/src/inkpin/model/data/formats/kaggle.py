"""The CSV files of Kaggle's digit recogniser: `label,pixel0,...,pixel783`, or without label.

An image is 28 rows of 28 pixels, 0 to 255; the pixel in row r and column c is pixel28r+c.
"""

import re
from io import BytesIO
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.files import opened, replacing

PIXELS = tuple(f"pixel{place}" for place in range(28 * 28))
_REMEDY = "copy the file again as Kaggle has it"


def read_csv(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """Read train.csv or the label-less test.csv, compressed or not.

    Returns:
        Images (n, 28, 28) uint8, and labels (n,) uint8 or None.

    Raises:
        InputError: the file or one of its lines is unusable; the message names both.
    """
    with opened(path, _REMEDY) as file:
        labelled = _labelled(file.readline(), path)
        body = file.read()
    if not body.strip():
        raise InputError(f"{path}, line 2: no images: {_REMEDY}")
    columns = labelled + len(PIXELS)
    try:
        table = np.loadtxt(
            BytesIO(body), np.uint8, comments=None, delimiter=",", ndmin=2, encoding="latin1"
        )
    except ValueError:
        sound = False
    else:
        sound = table.shape[1] == columns and not (labelled and (table[:, 0] > 9).any())
    if not sound:
        raise InputError(f"{path}, {_first_fault(body, columns)}: {_REMEDY}")
    images = table[:, labelled:].reshape(-1, 28, 28)
    return images, table[:, 0] if labelled else None


def write_binarised(path: Path, images: np.ndarray, labels: np.ndarray | None) -> None:
    """Write images as a CSV of the same layout with every pixel above 0 made 1.

    Args:
        path: the file to write, whole or not at all; compressed if its name ends in .gz.
        images: (n, 28, 28).
        labels: (n,) in 0..9, or None for a file without them.

    Raises:
        InputError: it cannot be written.
    """
    bits = images.reshape(len(images), -1) > 0
    table = bits if labels is None else np.column_stack([labels, bits])
    text = np.full((len(table), 2 * table.shape[1]), ord(","), np.uint8)
    text[:, ::2] = table + ord("0")
    text[:, -1] = ord("\n")
    header = ",".join(PIXELS if labels is None else ("label", *PIXELS))
    with replacing(path) as file:
        file.write(header.encode() + b"\n" + text.tobytes())


def _labelled(header: bytes, path: Path) -> bool:
    """Return whether the first column holds labels."""
    names = tuple(name.strip() for name in header.decode("utf-8-sig", "replace").split(","))
    for labelled in (False, True):
        if names == ("label",) * labelled + PIXELS:
            return labelled
    wanted = "[label,]pixel0,...,pixel783"
    raise InputError(f"{path}, line 1: {len(names)} columns that are not {wanted}: {_REMEDY}")


def _first_fault(body: bytes, columns: int) -> str:
    """Say in which line the text below the header first goes wrong, and how."""
    names = PIXELS if columns == len(PIXELS) else ("label", *PIXELS)
    for number, line in enumerate(body.split(b"\n"), 2):
        fields = line.removesuffix(b"\r").split(b",")
        if fields == [b""]:
            continue
        if len(fields) != columns:
            return f"line {number}: {len(fields)} columns where the header has {columns}"
        for name, field in zip(names, fields, strict=False):
            limit = 9 if name == "label" else 255
            shown = repr(field.strip()[:20].decode("utf-8", "replace"))
            if not re.fullmatch(rb"[ \t]*\+?[0-9]{1,9}[ \t]*", field):
                return f"line {number}: {name} is {shown}, not a number in 0..{limit}"
            if int(field) > limit:
                return f"line {number}: {name} is {shown}, outside 0..{limit}"
    raise AssertionError("called for a sound text")
