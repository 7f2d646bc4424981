"""Samples of a collection: what they say is known at once, their points when wanted.

To turn all points of 50,000 samples into arrays takes seconds, and most of them are never
looked at. A line as this project writes it is therefore only proven to be a sound one, by a
regular expression, and its drawing is kept as text. Any other line is read in full, so that
the same files are taken and refused as by `load_samples`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from inkpin.common.arrays import Bitmap, Drawing, Points, Times
from inkpin.model.data.picture import bitmap_of
from inkpin.model.data.samples import OWN_KEYS, Sample, UnusableError, parsed, read_lines, sample_of
from inkpin.preprocess import AREA, SIDE, Strokes

_NUMBER = r"(?:0|[1-9]\d{0,14})"  # far from where a float no longer counts one by one
_AXIS = rf"\[{_NUMBER}(?:,{_NUMBER})*\]"
_STROKE = rf"\[{_AXIS},{_AXIS}(?:,{_AXIS})?\]"
_LINE = re.compile(
    rf'\{{"word":"(?P<word>[ !#-\[\]-~]+)","drawing":(?P<drawing>\[{_STROKE}(?:,{_STROKE})*\]),'
    rf'"canvas":\[{AREA},{AREA}\](?:,(?P<extra>".*)|\}})\s*'.encode(),
    re.DOTALL,
)


@dataclass(frozen=True, eq=False)
class StoredSample:
    """A sample whose points are text.

    Attributes:
        label: what was drawn.
        drawing: its strokes as JSON, on the canvas of 240.
        extra: the line's other keys.
    """

    label: str
    drawing: bytes
    extra: Mapping[str, Any]

    @classmethod
    def of(cls, sample: Sample) -> Self:
        """Return a sample as it is stored."""
        return cls(sample.label, _dumped(sample.record()["drawing"]), sample.extra)

    @classmethod
    def of_line(cls, line: bytes) -> Self:
        """Return the sample of one line of a stroke file.

        Raises:
            UnusableError: the line is no sample.
        """
        match = _LINE.fullmatch(line)
        if match and _even(match["drawing"]):
            with suppress(UnusableError):  # told below, in the words for the whole line
                extra = parsed(b"{" + match["extra"]) if match["extra"] else {}
                if not set(OWN_KEYS) & set(extra):  # a key that comes twice counts the last time
                    return cls(match["word"].decode(), match["drawing"], extra)
        return cls.of(sample_of(line))

    @property
    def sample(self) -> Sample:
        """The sample, made anew each time."""
        strokes: list[Points] = []
        times: list[Times | None] = []
        for x, y, *t in json.loads(self.drawing):
            points = np.array([x, y], np.int64).T
            strokes.append(np.minimum(points, AREA - 1).astype(np.int32, order="C"))
            times.append(np.array(t[0], np.int64) if t else None)
        return Sample(self.label, strokes, times, dict(self.extra))

    @property
    def writer(self) -> str:
        """Who drew it; empty where nobody is named."""
        return str(self.extra.get("writer", ""))

    @property
    def has_ink(self) -> bool:
        """Whether there is a point in it."""
        return re.search(rb"\d", self.drawing) is not None

    @property
    def legible(self) -> bool:
        """Whether a lock would read it at all: neither too small nor an overflowing scribble."""
        return Strokes.of(self.sample.strokes).legible

    @property
    def line(self) -> bytes:
        """The line of the stroke file, with its end."""
        start = b'{"word":%b,"drawing":%b' % (_dumped(self.label), self.drawing)
        more = b"," + _dumped(dict(self.extra))[1:] if self.extra else b"}"
        return b'%b,"canvas":[%d,%d]%b\n' % (start, AREA, AREA, more)

    @property
    def bitmap(self) -> Bitmap:
        """What the network sees; worked out once."""
        return np.unpackbits(self._bits).astype(bool).reshape(SIDE, SIDE)

    @cached_property
    def _bits(self) -> npt.NDArray[np.uint8]:
        return np.packbits(bitmap_of(self.sample))


@dataclass(frozen=True, eq=False)
class Entry:
    """One sample of a collection.

    Attributes:
        id: its key_id, unique in the collection.
        stored: with the label that it has now.
    """

    id: str
    stored: StoredSample

    @property
    def label(self) -> str:
        """The label."""
        return self.stored.label

    @property
    def writer(self) -> str:
        """Who wrote it; empty where nobody is named."""
        return self.stored.writer

    @property
    def session(self) -> str:
        """In which session; empty where none is named."""
        return str(self.stored.extra.get("session", ""))

    @property
    def sample(self) -> Sample:
        """The sample with its points."""
        return self.stored.sample

    @property
    def bitmap(self) -> Bitmap:
        """What the network sees of it."""
        return self.stored.bitmap


def new_sample(
    label: str,
    strokes: Drawing,
    times: Sequence[Times | None],
    writer: str,
    session: str,
    device: str = "desktop",
) -> Sample:
    """Return a drawing as a sample that says where it comes from; empty names are left out.

    Args:
        label: what was drawn.
        strokes: in 0..239.
        times: for each stroke the ms of its points, or None.
        writer: who wrote it.
        session: in which session.
        device: on what.
    """
    names = {"writer": writer, "session": session, "device": device}
    return Sample(label, [*strokes], [*times], {key: name for key, name in names.items() if name})


def load_stored(path: Path, *, ours: bool = False) -> tuple[list[StoredSample], list[bytes]]:
    """Read a stroke file as `load_samples` does, several times faster.

    Args:
        path: the file.
        ours: whether it can be no other kind of file.

    Returns:
        The samples, and the lines that are none.

    Raises:
        InputError: the file cannot be read, or there are lines and none of them is a sample or ever
            was one: then it is no stroke file.
    """
    damaged: list[bytes] = []

    def take(line: bytes) -> StoredSample | None:
        try:
            return StoredSample.of_line(line)
        except UnusableError:
            damaged.append(line)
            return None

    samples = [sample for sample in read_lines(path, take) if sample]
    if damaged and not (samples or ours or any(b'"drawing"' in line for line in damaged)):
        read_lines(path, StoredSample.of_line)  # which says what is wrong
    return samples, damaged


def _dumped(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def _even(drawing: bytes) -> bool:
    """Tell whether the axes of each stroke are equally long."""
    strokes = drawing[3:-3].split(b"]],[[")
    return all(len({axis.count(b",") for axis in s.split(b"],[")}) == 1 for s in strokes)
