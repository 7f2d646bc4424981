"""IDX files, the format of MNIST: a magic number, the sizes, the values, all big-endian."""

import math
import struct
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import AnyArray
from inkpin.common.files import read_bytes, replacing
from inkpin.common.installation import typed
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps

_TYPES: dict[int, np.dtype[np.generic]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
SPLITS = {"train": "train", "test": "t10k"}
"""The splits of a data set and how the names of their files begin."""

_REMEDY = f"run `{typed('inkpin-model fetch')}` or copy the file again"


def read_idx(path: Path) -> AnyArray:
    """Read an IDX file (through gzip if its name ends in .gz) into an array of its shape.

    Raises:
        InputError: it cannot be read, is no IDX file, or is shorter or longer than it says.
    """
    content = read_bytes(path, _REMEDY)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES or not content[3]:
        raise InputError(f"{path}: no IDX file (it begins {content[:4].hex()}): {_REMEDY}")
    dtype, start = _TYPES[content[2]], 4 + 4 * content[3]
    if len(content) < start:
        raise InputError(f"{path}: truncated within its header: {_REMEDY}")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    expected = math.prod(shape) * dtype.itemsize
    if len(content) - start != expected:
        sizes = "x".join(map(str, shape))
        found = f"{len(content) - start} bytes of values where {sizes} takes {expected}"
        raise InputError(f"{path}: {found}: {_REMEDY}")
    values = np.frombuffer(content, dtype, offset=start)
    return values.reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def write_idx(path: Path, array: AnyArray) -> None:
    """Write an array as an IDX file (compressed if the name ends in .gz) whole, or not at all.

    Raises:
        InputError: it cannot be written.
        ValueError: the format has no such type or no such shape.
    """
    dtype = array.dtype.newbyteorder(">")
    code = next((code for code, known in _TYPES.items() if known == dtype), None)
    if code is None or not 0 < array.ndim < 256:
        raise ValueError(f"IDX holds no {array.ndim}-dimensional array of {array.dtype}")
    with replacing(path) as file:
        file.write(struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape))
        file.write(np.ascontiguousarray(array, dtype).tobytes())


def image_file(split: str) -> str:
    """Return the name of the images' file of "train" or "test"."""
    return f"{SPLITS[split]}-images-idx3-ubyte"


def label_file(split: str) -> str:
    """Return the name of the labels' file of "train" or "test"."""
    return f"{SPLITS[split]}-labels-idx1-ubyte"


def load_split(folder: Path, split: str) -> LabelledBitmaps:
    """Read one split of MNIST or of a data set laid out like it, compressed or not.

    Args:
        folder: where the four files are.
        split: "train" or "test".

    Returns:
        Grey images of digits.

    Raises:
        InputError: a file is missing or damaged, or is not what its name says.
    """
    image_path, label_path = (
        _either(folder / name) for name in (image_file(split), label_file(split))
    )
    images, labels = read_idx(image_path), read_idx(label_path)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28):
        raise InputError(f"{image_path}: holds no 28x28 images of bytes: {_REMEDY}")
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise InputError(f"{label_path}: not one label for each of {len(images)} images: {_REMEDY}")
    digits = labels.astype(np.int64)
    if (digits > 9).any():
        place = int(np.argmax(digits > 9))
        raise InputError(f"{label_path}: label {digits[place]} of image {place}: {_REMEDY}")
    return LabelledBitmaps(images.astype(np.uint8, copy=False), digits, DIGITS)


def _either(path: Path) -> Path:
    """Return the file's path, with .gz if only that is there."""
    packed = path.with_name(path.name + ".gz")
    return packed if packed.exists() and not path.exists() else path
