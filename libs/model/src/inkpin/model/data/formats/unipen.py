"""UNIPEN text (I. Guyon, UNIPEN 1.0 Format Definition, 1994), as far as single characters go.

    .COORD X Y T                   what a point is made of; X Y where it is not said
    .PEN_DOWN                      a component begins, its points follow, y up
    .PEN_UP                        the pen hovers; where points follow, that is a component too
    .SEGMENT DIGIT 10-11 ? "2"     the components 10 and 11, counted from 0, are a 2

Other keywords are skipped. The original file of the UCI pen digits, in Unix compress, goes to
its own reader, which knows its writers as well.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.common.progress import Progress
from inkpin.model.data.formats.pendigits import load_pendigits
from inkpin.model.data.formats.rescale import to_area
from inkpin.model.data.samples import Sample

_PEN = (".PEN_DOWN", ".PEN_UP")
_COMPRESSED = b"\x1f\x9d"  # Unix compress
_SEGMENT = re.compile(r'\.SEGMENT\s+(?:CHARACTER|DIGIT)\s+([-\d,]+)\s+\S+\s+"(.+)"\s*')
_LARGEST = 1e9  # of a coordinate
_REMEDY = "take a file of single characters as UNIPEN has them"


def read(path: Path, progress: Progress) -> list[Sample]:
    """Read the segments that are characters or digits."""
    content = read_bytes(path, "copy the file again")
    if content.startswith(_COMPRESSED):
        return load_pendigits(path)
    ink: list[np.ndarray | None] = []  # by component, None for a hovering one
    segments: list[tuple[int, str, list[int]]] = []  # line, label, components
    axes, points, keyword = ["X", "Y"], [], ""
    for number, line in enumerate([*content.decode("latin1").splitlines(), ".PEN_UP"], 1):
        if not line.startswith("."):
            if keyword in _PEN and line.strip():
                points.append(line.split())
            continue
        if points:
            where = f"{path}, before line {number}"
            ink.append(_component(points, axes, where) if keyword == _PEN[0] else None)
            points = []
        keyword, *words = line.split()
        if keyword == ".COORD":
            axes = words
        elif match := _SEGMENT.fullmatch(line):
            segments.append((number, match[2], [*_components(match[1])]))
    samples = []
    for place, (number, label, components) in enumerate(segments):
        progress(place, len(segments))
        drawn = [ink[k] for k in components if k < len(ink)]
        strokes = [stroke for stroke in drawn if stroke is not None]
        if len(drawn) != len(components) or not strokes:
            raise InputError(f"{path}, line {number}: components that are not there: {_REMEDY}")
        samples.append(Sample(label, to_area(strokes), [None] * len(strokes)))
    return samples


def _component(points: list[list[str]], axes: list[str], where: str) -> np.ndarray:
    """Return a component's points, float (n, 2), y down."""
    try:
        table = np.array(points, np.float64)
        x, y = (table[:, axes.index(axis)] for axis in "XY")
    except (ValueError, IndexError) as error:
        raise InputError(f"{where}: points that are not of {' '.join(axes)}: {_REMEDY}") from error
    if not (np.abs(table) < _LARGEST).all():
        raise InputError(f"{where}: a number out of range: {_REMEDY}")
    return np.column_stack([x, -y])


def _components(text: str) -> Iterator[int]:
    """Yield the numbers that "0-2,5" names."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first.isdigit() and (last.isdigit() or not last):
            yield from range(int(first), min(int(last or first), int(first) + 1000) + 1)
