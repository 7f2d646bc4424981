"""The command that shows what a training learns from: a contact sheet for each kind, as PNG."""

import argparse
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.model.data.dataset import Dataset
from inkpin.model.data.labelled import REJECT
from inkpin.model.training.train import add_data, load
from inkpin.preprocess import SIDE

COLUMNS = 24
_CELL = SIDE + 2
_ZOOM = 2
_TITLE = 64  # pixels at the left, for the label


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the pictures")
    add_data(parser)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model sheets`."""
    for kind, png in contact_sheets(load(arguments, fold=0).training).items():
        path = arguments.out / f"{kind}.png"
        with replacing(path) as file:
            file.write(png)
        print(path)


def contact_sheets(data: Dataset) -> dict[str, bytes]:
    """Return a PNG of each kind of drawing that a training on these data sees.

    Raises:
        InputError: there is no PyTorch.
    """
    try:
        from inkpin.model.training import sampling
    except ImportError as error:
        raise InputError("the drawings take PyTorch: pip install 'inkpin[train]'") from error
    made_up = {"forms": sampling.Amount(12, 12), "scribbles": sampling.Amount(0.2, 0.2)}
    once = dict.fromkeys(sampling.WRITTEN, sampling.Amount(1, 1))
    sheets = {}
    for kind, source in sampling.sources(some(data), 1, {**once, **made_up}).items():
        rows = {
            label: source.drawings[source.drawings.targets == place].bitmaps
            for place, label in enumerate(data.labels)
        }
        rows["none"] = source.drawings[source.drawings.targets == REJECT].bitmaps
        sheets[kind] = sheet(rows)
    return sheets


def sheet(rows: dict[str, np.ndarray]) -> bytes:
    """Return a PNG with bitmaps (n, 28, 28) under each label, COLUMNS to a line."""
    lines = [
        (name, bitmaps[start : start + COLUMNS])
        for name, bitmaps in rows.items()
        for start in range(0, len(bitmaps), COLUMNS)
    ]
    size = (_TITLE + COLUMNS * _CELL * _ZOOM, len(lines) * _CELL * _ZOOM)
    picture = Image.new("L", size, 255)
    pen = ImageDraw.Draw(picture)
    for number, (name, bitmaps) in enumerate(lines):
        top = number * _CELL * _ZOOM
        pen.text((4, top + _CELL * _ZOOM // 3), name, 0, font_size=28 if len(name) < 4 else 14)
        paper = np.ones((_CELL, len(bitmaps), _CELL), bool)
        paper[1:-1, :, 1:-1] = ~bitmaps.transpose(1, 0, 2)
        line = Image.fromarray(paper.reshape(_CELL, -1))
        picture.paste(line.resize((line.width * _ZOOM, line.height * _ZOOM)), (_TITLE, top))
    png = io.BytesIO()
    picture.save(png, "png", optimize=True)
    return png.getvalue()


def some(data: Dataset) -> Dataset:
    """Return two lines' worth of each label's images and strokes, over all writers evenly."""
    images = [_evenly(np.flatnonzero(data.images.targets == k)) for k in range(len(data.labels))]
    texts = np.array([sample.label for sample in data.pens])
    pens = [i for label in data.labels for i in _evenly(np.flatnonzero(texts == label))]
    return replace(
        data, images=data.images[np.concatenate(images)], pens=[data.pens[i] for i in pens]
    )


def _evenly(indices: np.ndarray) -> np.ndarray:
    """Return some of the indices, spread over all."""
    return indices[:: max(1, len(indices) // (2 * COLUMNS))][: 2 * COLUMNS]
