"""UNIPEN text (I. Guyon, UNIPEN 1.0 Format Definition, 1994), as far as single characters go.

    .COORD X Y T                   what a point is made of; X Y where it is not said
    .PEN_DOWN                      a component begins, its points follow, y up
    .PEN_UP                        the pen hovers; where points follow, that is a component too
    .SEGMENT DIGIT 10-11 ? "2"     the components 10 and 11, counted from 0, are a 2

Other keywords are skipped. The original file of the UCI pen digits, in Unix compress, says more:

    .COMMENT 2 12 7                after a segment: its label again, the writer, the writer's sample
    .DT 100                        ms until the next stroke begins
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.common.installation import typed
from inkpin.common.progress import Progress
from inkpin.model.data.formats.rescale import to_area
from inkpin.model.data.formats.unix_compress import MAGIC, unpacked
from inkpin.model.data.samples import Sample, scaled

BOX = 500
"""The largest coordinate of the UCI pen digits, which were written in a box of 500; both its edges
belong to it."""

SAMPLING = 100
"""ms from point to point, as that data set's description has it."""

_PEN = (".PEN_DOWN", ".PEN_UP")
_SEGMENT = re.compile(r'\.SEGMENT\s+(?:CHARACTER|DIGIT)\s+([-\d,]+)\s+\S+\s+"(.+)"\s*')
_LARGEST = 1e9  # of a coordinate
_REMEDY = "take a file of single characters as UNIPEN has them"
_FETCH = f"run `{typed('inkpin-model fetch')}` again"


@dataclass(frozen=True)
class Statement:
    """A line with a keyword, and the lines of numbers that follow it.

    Attributes:
        number: of the line.
        line: the whole of it.
        rows: each of the lines of numbers, with its own number.
    """

    number: int
    line: str
    rows: list[tuple[int, str]] = field(default_factory=list)


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text; the first has no keyword."""
    statement = Statement(0, "")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("."):
            yield statement
            statement = Statement(number, line)
        elif line.strip():
            statement.rows.append((number, line))
    yield statement


def read(path: Path, progress: Progress) -> list[Sample]:
    """Read the segments that are characters or digits.

    Raises:
        InputError: it cannot be read, or says what makes no sense.
    """
    content = read_bytes(path, "copy the file again")
    if content.startswith(MAGIC):
        return load_pendigits(path)
    ink: list[npt.NDArray[np.float64] | None] = []  # by component, None for a hovering one
    segments: list[tuple[int, str, list[int]]] = []  # line, label, components
    axes = ["X", "Y"]
    for statement in statements(content.decode("latin1")):
        keyword, *words = statement.line.split() or [""]
        if keyword == ".COORD":
            axes = words
        elif match := _SEGMENT.fullmatch(statement.line):
            segments.append((statement.number, match[2], [*_components(match[1])]))
        elif keyword in _PEN and statement.rows:
            where = f"{path}, line {statement.number}"
            points = [row.split() for _, row in statement.rows]
            ink.append(component(points, axes, where) if keyword == _PEN[0] else None)
    samples = []
    for place, (number, label, components) in enumerate(segments):
        progress(place, len(segments))
        drawn = [ink[k] for k in components if k < len(ink)]
        strokes = [stroke for stroke in drawn if stroke is not None]
        if len(drawn) != len(components) or not strokes:
            raise InputError(f"{path}, line {number}: components that are not there: {_REMEDY}")
        samples.append(Sample(label, to_area(strokes), [None] * len(strokes)))
    return samples


def load_pendigits(path: Path) -> list[Sample]:
    """Read `pendigits-orig.tra.Z`, written by 30 people, into samples.

    The 501 values of either axis are scaled to 240 as a canvas of 501: that fits every point,
    keeps the aspect, and leaves the digit where in the box it was written. `extra` holds the
    `writer` ("pendigits-12") and, as `key_id`, the writer and the sample ("pendigits-12-224").

    Raises:
        InputError: it cannot be read, or is no such file.
    """
    try:
        text = unpacked(read_bytes(path, _FETCH), path).decode("ascii")
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{path}: no text in Unix compress ({error}): {_FETCH}") from error
    samples: list[Sample] = []
    clock = 0  # ms since the digit's first point
    for statement in statements(text):
        number, line = statement.number, statement.line
        try:
            match line.split():
                case [".PEN_DOWN"] if statement.rows:
                    points = np.array([*_box_points(statement.rows)])
                    samples[-1].strokes.append(scaled(points, BOX + 1))
                    samples[-1].times.append(clock + SAMPLING * np.arange(len(points)))
                    clock += SAMPLING * (len(points) - 1)
                case _ if statement.rows:
                    raise _NonsenseError(*statement.rows[0])
                case [] | [".INCLUDE" | ".LEXICON" | ".HIERARCHY" | ".PEN_UP", *_]:
                    pass
                case [".SEGMENT", "DIGIT", _, "?", label]:
                    samples.append(Sample(label.strip('"'), [], []))
                    clock = 0
                case [".COMMENT", _, writer, which]:
                    name = f"pendigits-{int(writer)}"
                    samples[-1].extra.update(key_id=f"{name}-{int(which)}", writer=name)
                case [".DT", ms]:
                    clock += int(ms)
                case _:
                    raise _NonsenseError(number, line)
        except _NonsenseError as error:
            raise _refused(path, *error.args) from error
        except (ValueError, IndexError) as error:
            raise _refused(path, number, line) from error
    return samples


class _NonsenseError(Exception):
    """A line, with its number, that says nothing of a pen digit."""


def _refused(path: Path, number: int, line: str) -> InputError:
    message = f"not UNIPEN as these digits use it ({line.strip()[:40]!r})"
    return InputError(f"{path}, line {number}: {message}: {_FETCH}")


def _box_points(rows: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """Yield a stroke's points in the box, y down."""
    for number, line in rows:
        try:
            x, y = line.split()
            yield int(x), BOX - int(y)
        except ValueError as error:
            raise _NonsenseError(number, line) from error


def component(
    points: Sequence[Sequence[str]], axes: Sequence[str], where: str
) -> npt.NDArray[np.float64]:
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
