"""Which samples of a file a collection has already, under whatever name and format."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from inkpin.common.progress import Progress, silent
from inkpin.model.collection.sample import Entry
from inkpin.model.data.picture import bitmap_of, is_picture
from inkpin.model.data.samples import Sample


def new_samples(
    entries: Sequence[Entry], samples: Sequence[Sample], progress: Progress = silent
) -> list[Sample]:
    """Return the samples whose drawing is not among the entries yet.

    Two drawings are the same if their strokes are, point by point, whatever their times; where one
    of both began as a picture, if their pixels are. The label does not matter: it may have been
    corrected since.

    Args:
        entries: what is there.
        samples: what may be new.
        progress: told how many of both were looked at.
    """
    total = len(entries) + len(samples)
    with_pictures = any(is_picture(sample) for sample in samples)
    drawn: set[bytes] = set()
    pictures: set[bytes] = set()
    pixels: set[bytes] = set()
    for done, entry in enumerate(entries):
        progress(done, total)
        drawn.add(_strokes_of(stroke[:2] for stroke in json.loads(entry.stored.drawing)))
        if is_picture(entry.stored):
            pictures.add(entry.bitmap.tobytes())
        elif with_pictures:
            pixels.add(entry.bitmap.tobytes())
    fresh = []
    for done, sample in enumerate(samples, len(entries)):
        progress(done, total)
        same = _strokes_of(stroke.T.tolist() for stroke in sample.strokes) in drawn
        if not same and (pictures or pixels):
            seen = bitmap_of(sample).tobytes()
            same = seen in pictures or (is_picture(sample) and seen in pixels)
        if not same:
            fresh.append(sample)
    return fresh


def _strokes_of(axes: Iterable[list[list[int]]]) -> bytes:
    """Return a digest of strokes, each its xs and its ys."""
    return sha256(json.dumps([*axes], separators=(",", ":")).encode()).digest()
