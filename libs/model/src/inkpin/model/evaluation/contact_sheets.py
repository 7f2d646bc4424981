"""Contact sheets of drawings, as PNG: what the data are, and what a training makes of them."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from inkpin.common.arrays import Ints
from inkpin.common.extras import extra
from inkpin.model.data.dataset import Dataset
from inkpin.model.data.labelled import REJECT, LabelledBitmaps
from inkpin.preprocess import SIDE

COLUMNS = 24
_CELL = SIDE + 2
_ZOOM = 2
_TITLE = 64  # pixels at the left, for the label


def training_sheets(data: Dataset) -> dict[str, bytes]:
    """Return a sheet of each kind of drawing that a training on these data sees.

    Raises:
        InputError: there is no PyTorch.
    """
    with extra("the drawings take PyTorch", "train"):
        from inkpin.model.training import sampling
    amounts = {
        **dict.fromkeys(sampling.REAL, sampling.Amount(1, 1)),
        "templates": sampling.Amount(12, 12),
        "scribbles": sampling.Amount(0.2, 0.2),
    }
    subsets = sampling.subsets(_some(data), 1, amounts)
    return {kind: _sheet(subset.drawings) for kind, subset in subsets.items()}


def plain_sheets(data: Dataset) -> dict[str, bytes]:
    """Return a sheet of the images, and one of the strokes."""
    return {name: _sheet(drawings) for name, drawings in _some(data).bitmaps().items()}


def _sheet(drawings: LabelledBitmaps) -> bytes:
    """Return a PNG with the bitmaps of each label, COLUMNS to a line."""
    titles = [*enumerate(drawings.labels), (REJECT, "none")]
    rows = [(title, drawings[drawings.targets == target].bitmaps) for target, title in titles]
    lines = [
        (title, bitmaps[start : start + COLUMNS])
        for title, bitmaps in rows
        for start in range(0, len(bitmaps), COLUMNS)
    ]
    size = (_TITLE + COLUMNS * _CELL * _ZOOM, len(lines) * _CELL * _ZOOM)
    picture = Image.new("L", size, 255)
    pen = ImageDraw.Draw(picture)
    for number, (title, bitmaps) in enumerate(lines):
        top = number * _CELL * _ZOOM
        pen.text((4, top + _CELL * _ZOOM // 3), title, 0, font_size=28 if len(title) < 4 else 14)
        paper = np.ones((_CELL, len(bitmaps), _CELL), bool)
        paper[1:-1, :, 1:-1] = ~bitmaps.transpose(1, 0, 2)
        line = Image.fromarray(paper.reshape(_CELL, -1))
        picture.paste(line.resize((line.width * _ZOOM, line.height * _ZOOM)), (_TITLE, top))
    png = io.BytesIO()
    picture.save(png, "png", optimize=True)
    return png.getvalue()


def _some(data: Dataset) -> Dataset:
    """Return two lines' worth of each label's images and strokes, over all writers evenly."""
    images = [_evenly(np.flatnonzero(data.images.targets == k)) for k in range(len(data.labels))]
    texts = np.array([sample.label for sample in data.pens])
    pens = [i for label in data.labels for i in _evenly(np.flatnonzero(texts == label))]
    return replace(
        data, images=data.images[np.concatenate(images)], pens=[data.pens[i] for i in pens]
    )


def _evenly(indices: Ints) -> Ints:
    """Return some of the indices, spread over all."""
    return indices[:: max(1, len(indices) // (2 * COLUMNS))][: 2 * COLUMNS]
