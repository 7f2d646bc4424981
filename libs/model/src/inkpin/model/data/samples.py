"""Stroke files: JSON Lines, one sample a line, in Quick, Draw!'s raw layout.

A line is `{"word": "7", "drawing": [[[x...], [y...], [t...]], ...], "canvas": [240, 240]}` with x
right, y down, t in ms; t, canvas and further keys are optional. Coordinates are brought to the
240x240 area once, here, so that nobody else ever meets another canvas.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Floats, Points, Times
from inkpin.common.files import DAMAGED, opened, replacing
from inkpin.common.installation import typed
from inkpin.preprocess import AREA

OWN_KEYS = ("word", "drawing", "canvas")
"""Keys of a line that are not `extra`."""

_REMEDY = f"copy the file again, or delete it and run `{typed('inkpin-model fetch')}`"
_LATEST = 2**53  # ms; beyond it a float no longer counts them one by one

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Sample:
    """One drawing and what it shows.

    Attributes:
        label: what was drawn; the key "word" of a line.
        strokes: in 0..239.
        times: for each stroke the ms of its points, or None.
        extra: the line's other keys (writer, session, device, ...) as they were.
    """

    label: str
    strokes: list[Points]
    times: list[Times | None]
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def writer(self) -> str:
        """Who drew it; empty where nobody is named."""
        return str(self.extra.get("writer", ""))

    def record(self) -> dict[str, Any]:
        """Return the sample as a line of a stroke file holds it, on a canvas of 240."""
        drawing = [
            [*points.T.tolist(), *([] if times is None else [times.tolist()])]
            for points, times in zip(self.strokes, self.times, strict=True)
        ]
        return {"word": self.label, "drawing": drawing, "canvas": [AREA, AREA], **self.extra}


class UnusableError(ValueError):
    """What is wrong with one line; the caller knows which."""


def load_samples(path: Path) -> list[Sample]:
    """Read a stroke file (.jsonl, or .jsonl.gz).

    Coordinates of another canvas are scaled to 240 by its larger side, floored and clamped to
    0..239. Strokes without points carry no ink and are left out, as are blank lines.

    Raises:
        InputError: the file or one of its lines is unusable; the message names both.
    """
    return read_lines(path, sample_of)


def bundled_samples() -> list[Sample]:
    """Return the twelve digits that the package carries: a PIN to set, to repeat and to open."""
    with as_file(files("inkpin.samples") / "pin.jsonl") as path:
        return load_samples(path)


def read_lines(path: Path, take: Callable[[bytes], T]) -> list[T]:
    """Return what `take` makes of each line of a stroke file that is not blank.

    Raises:
        InputError: the file cannot be read, or `take` raised an UnusableError.
    """
    taken = []
    with opened(path, _REMEDY) as file:
        number = 0
        try:
            for line in file:
                number += 1
                if not line.isspace():
                    taken.append(take(line))
        except UnusableError as error:
            remedy = "mend or delete the line" if taken else _strokes_remedy(path)
            raise InputError(f"{path}, line {number}: {error}: {remedy}") from error
        except DAMAGED as error:
            where = f"{path}, after line {number}"
            raise InputError(f"{where}: truncated or damaged gzip: {_REMEDY}") from error
    return taken


def _strokes_remedy(path: Path) -> str:
    """Return what to do where no line could be read: the file may be of another format."""
    return f"mend or delete the line, or run `{typed('inkpin-model exchange')} {path} TO.jsonl`"


def save_samples(path: Path, samples: Iterable[Sample]) -> None:
    """Write a stroke file (compressed if the name ends in .gz) whole, or not at all.

    Raises:
        InputError: it cannot be written.
    """
    with replacing(path) as file:
        for sample in samples:
            line = json.dumps(sample.record(), separators=(",", ":"), allow_nan=False)
            file.write(line.encode() + b"\n")


def scaled(points: Points | Floats, side: float) -> Points:
    """Bring points (n, 2) of a square canvas to integers in 0..239, int32."""
    inside = np.clip(points, 0, side)  # first, so that a huge number cannot overflow
    pixels: Points = np.floor_divide(inside * AREA, side)
    return np.minimum(pixels, AREA - 1).astype(np.int32)


def parsed(line: bytes) -> Any:
    """Return what a text of JSON says.

    Raises:
        UnusableError: it is none, or has what JSON does not: NaN and the infinities.
    """
    try:
        return json.loads(line, parse_constant=_no_number)
    except UnusableError:
        raise
    except (ValueError, RecursionError) as error:
        raise UnusableError(f"no JSON ({error})") from error


def _no_number(name: str) -> NoReturn:
    raise UnusableError(f"{name} is no number")


def sample_of(line: bytes) -> Sample:
    """Return the sample of one line of a stroke file.

    Raises:
        UnusableError: the line is no sample.
    """
    record = parsed(line)
    if not isinstance(record, dict):
        raise UnusableError("no JSON object")
    label, drawing = record.get("word"), record.get("drawing")
    if not isinstance(label, str) or not label:
        raise UnusableError('no "word" that says what was drawn')
    if not isinstance(drawing, list):
        raise UnusableError('no "drawing", a list of strokes')
    side = _canvas_side(record)
    strokes: list[Points] = []
    times: list[Times | None] = []
    for number, stroke in enumerate(drawing, 1):
        points, ms = _stroke(stroke, f"stroke {number}")
        if len(points):
            strokes.append(scaled(points, side))
            times.append(ms)
    if not strokes:
        raise UnusableError("the drawing has no points")
    extra = {key: value for key, value in record.items() if key not in OWN_KEYS}
    return Sample(label, strokes, times, extra)


def _canvas_side(record: Mapping[str, Any]) -> float:
    """Return the larger side: it decides for both axes, so that a drawing keeps its aspect."""
    canvas = _numbers(record.get("canvas", [AREA, AREA]), '"canvas"')
    if canvas.shape != (2,) or canvas.min() <= 0:
        raise UnusableError('"canvas" is not [width, height]')
    return float(canvas.max())


def _stroke(stroke: Any, name: str) -> tuple[Floats, Times | None]:
    """Return a stroke's points (n, 2), and its times or None."""
    if not isinstance(stroke, list) or len(stroke) not in (2, 3):
        raise UnusableError(f"{name} is not [[x...], [y...]] or [[x...], [y...], [t...]]")
    axes = [_numbers(axis, f"{a} of {name}") for a, axis in zip("xyt", stroke, strict=False)]
    if len({len(axis) for axis in axes}) > 1:
        counts = " and ".join(f"{len(axis)} {a}" for a, axis in zip("xyt", axes, strict=False))
        raise UnusableError(f"{name} has {counts}, not equally many")
    x, y, *t = axes
    if t and (np.abs(t[0]) > _LATEST).any():
        raise UnusableError(f"t of {name} is out of range")
    return np.column_stack([x, y]), np.floor(t[0]).astype(np.int64) if t else None


def _numbers(values: Any, name: str) -> Floats:
    """Return a list of finite JSON numbers as floats; true and false are none."""
    if not isinstance(values, list) or not set(map(type, values)) <= {int, float}:
        raise UnusableError(f"{name} is not a list of numbers")
    try:
        numbers = np.array(values, np.float64)
    except OverflowError as error:
        raise UnusableError(f"{name} has a number out of range") from error
    if not np.isfinite(numbers).all():
        raise UnusableError(f"{name} has a number out of range")
    return numbers
