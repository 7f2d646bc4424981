"""Pictures as calibration data: a folder of PNG files for a network that reads images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from inkpin.common import InputError
from inkpin.model.converter.ir import Input

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read_pictures(folder: Path, inputs: Sequence[Input]) -> np.ndarray:
    """Return the pictures of a folder as samples of the one input.

    Args:
        folder: of PNG files, all of the input's height and width.
        inputs: of the network: one, (1, channels, height, width), channels last or without them.

    Returns:
        (samples, ...): 0..255 for an input of bytes (minus 128 for signed ones), else 0..1.

    Raises:
        InputError: the network reads no pictures, or a file is none of the right size.
    """
    sides = inputs[0].shape[1:]
    grey = (1, *sides) if len(sides) == 2 else sides
    channels_last = len(grey) == 3 and grey[0] not in _MODES and grey[2] in _MODES
    channels, height, width = (
        (grey[2], *grey[:2]) if channels_last else grey if len(grey) == 3 else (0, 0, 0)
    )
    if len(inputs) > 1 or channels not in _MODES:
        raise InputError(
            f"{folder}: a folder of PNG files is for a network of one input of pictures, not for "
            f"{inputs[0].shape}: write the data with numpy.savez"
        )
    paths = sorted(folder.glob("*.[pP][nN][gG]"))
    if not paths:
        raise InputError(f"{folder}: there is no PNG file in it")
    images = np.stack([_read(path, (width, height), _MODES[channels]) for path in paths])
    images = images.reshape(-1, height, width, channels)
    if not channels_last:
        images = images.transpose(0, 3, 1, 2)
    offset = inputs[0].byte_offset
    samples = images.astype(np.float32) / 255 if offset is None else images.astype(int) - offset
    return samples.reshape(-1, *sides)


def _read(path: Path, size: tuple[int, int], mode: str) -> np.ndarray:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if image.size == size:
                return np.asarray(image.convert(mode))
            found = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: not a PNG file that can be read: take it away") from error
    raise InputError(
        f"{path}: {found[0]}x{found[1]} pixels for an input of {size[0]}x{size[1]}: scale it"
    )
