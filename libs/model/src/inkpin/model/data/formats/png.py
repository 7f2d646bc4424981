"""A folder of pictures: in it a folder for each label, in that the pictures.

Of 28x28 pixels they are what the network sees, and so they are written, black on white. Larger
or smaller ones are traced, and the strokes then go the way of all strokes. Which of light and
dark is ink shows at the picture's edge, most of which is paper. Characters that not every disk
takes in a folder's name are written as %XX, as in web addresses.
"""

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from PIL import Image, UnidentifiedImageError

from inkpin.common import InputError
from inkpin.common.arrays import Bitmap
from inkpin.common.files import replacing
from inkpin.common.limits import check_picture
from inkpin.common.progress import Progress
from inkpin.model.data.picture import bitmap_of, samples_of
from inkpin.model.data.samples import Sample
from inkpin.model.data.skeleton import trace
from inkpin.preprocess import AREA, SIDE

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")  # no capitals: 'A' is 'a' to many


def read(path: Path, progress: Progress) -> list[Sample]:
    """Read the PNG, BMP and GIF pictures of a folder's folders."""
    files = [
        file
        for file in sorted(path.glob("*/*"))
        if file.suffix.lower() in (".png", ".bmp", ".gif") and not file.name.startswith(".")
    ]
    if not files:
        raise InputError(f"{path}: no folders with PNG pictures, one for each label: make them so")
    samples = []
    for place, file in enumerate(files):
        progress(place, len(files))
        label, ink = unquote(file.parent.name), _ink(file)
        if ink.shape == (SIDE, SIDE):
            samples += samples_of([label], ink[None])
        elif strokes := trace(ink[None])[0]:
            key = "/".join(file.parts[-2:])
            samples.append(Sample(label, strokes, [None] * len(strokes), {"key_id": key}))
    return samples


def write(samples: Sequence[Sample], path: Path, progress: Progress) -> list[Path]:
    """Write LABEL/00001.png and so on."""
    files = []
    numbers: Counter[str] = Counter()
    for place, sample in enumerate(samples):
        progress(place, len(samples))
        numbers[sample.label] += 1
        file = path / _folder(sample.label) / f"{numbers[sample.label]:05}.png"
        made = io.BytesIO()
        Image.fromarray(~bitmap_of(sample)).save(made, "PNG")
        with replacing(file) as out:
            out.write(made.getvalue())
        files.append(file)
    return files


def _folder(label: str) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in label.encode())


def _ink(file: Path) -> Bitmap:
    """Return where a picture has ink, (h, w), its larger side at most the area's."""
    try:
        with Image.open(file) as picture:
            check_picture(file, *picture.size)
            on_white = Image.new("RGBA", picture.size, "white")
            on_white.alpha_composite(picture.convert("RGBA"))
    except InputError:
        raise
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{file}: no picture that can be read: mend or delete it") from error
    grey_picture = on_white.convert("L")
    grey_picture.thumbnail((AREA, AREA))
    grey = np.asarray(grey_picture)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ink = 255 - grey if np.median(edge) > 127 else grey
    return ink > (0 if grey.shape == (SIDE, SIDE) else 127)
