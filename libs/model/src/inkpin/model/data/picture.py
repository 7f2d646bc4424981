"""Samples that began as a picture and not on a pen: 28x28 bits, kept beside their strokes.

The picture stays what the network learns from; the strokes traced from it are for whoever
knows strokes alone. In a stroke file it is the key "picture": the bits row by row, the
leftmost first, as 196 hexadecimal digits.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from inkpin.common.arrays import AnyArray, Bitmap, Bitmaps
from inkpin.common.progress import Progress, silent
from inkpin.model.data.samples import Sample
from inkpin.model.data.skeleton import trace
from inkpin.preprocess import SIDE, bitmap

_KEY = "picture"
_DIGITS = SIDE * SIDE // 4
_BATCH = 500


class Pictured(Protocol):
    """A sample, of which what it says beside its drawing is enough."""

    @property
    def extra(self) -> Mapping[str, Any]:
        """The further keys of its line."""


def samples_of(
    labels: Sequence[str], pictures: AnyArray, progress: Progress = silent
) -> list[Sample]:
    """Return pictures as samples; those without any ink are left out.

    Args:
        labels: n, what they show.
        pictures: (n, 28, 28), non-zero where there is ink.
        progress: told how many are done.
    """
    samples = []
    for start in range(0, len(labels), _BATCH):
        progress(start, len(labels))
        batch = pictures[start : start + _BATCH] != 0
        chosen = labels[start : start + _BATCH]
        for label, bits, strokes in zip(chosen, batch, trace(batch), strict=True):
            if strokes:
                text = np.packbits(bits).tobytes().hex()
                key = hashlib.sha256(f"{label} {text}".encode()).hexdigest()[:16]
                extra = {"key_id": key, _KEY: text}
                samples.append(Sample(label, strokes, [None] * len(strokes), extra))
    progress(len(labels), len(labels))
    return samples


def bitmaps_of(samples: Sequence[Sample], progress: Progress = silent) -> Bitmaps:
    """Return what the network sees of samples.

    Args:
        samples: any number.
        progress: told how many are done.
    """
    bitmaps = np.zeros((len(samples), SIDE, SIDE), bool)
    for place, sample in enumerate(samples):
        progress(place, len(samples))
        bitmaps[place] = bitmap_of(sample)
    return bitmaps


def is_picture(sample: Pictured) -> bool:
    """Tell whether a sample began as a picture."""
    text = sample.extra.get(_KEY)
    return isinstance(text, str) and len(text) == _DIGITS


def bitmap_of(sample: Sample) -> Bitmap:
    """Return what the network sees of a sample."""
    text = sample.extra.get(_KEY)
    if isinstance(text, str) and len(text) == _DIGITS:
        try:
            packed = np.frombuffer(bytes.fromhex(text), np.uint8)
        except ValueError:
            pass  # not ours
        else:
            return np.unpackbits(packed).astype(bool).reshape(SIDE, SIDE)
    return bitmap(sample.strokes)
