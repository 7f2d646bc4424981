"""The UNIPEN corpus, train_r01_v07: characters in files that name the ink of others.

    .INCLUDE apb/app.doc               another file below include/, read here
    .COORD X Y                         what a point is made of
    .WRITER_ID name                    who writes from here on
    .PEN_DOWN                          a component begins, counted from 0 over all that is included
    .SEGMENT CHARACTER 3-4,7:2-7:9 OK "5"
                                       components 3 and 4, and of 7 the points 2 to 9, are a 5

A range `a-b` or `a:p-b:q` takes both its ends; the quality may be left out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Floats
from inkpin.model.data.formats.unipen import component, statements

Text = Callable[[str], bytes]
"""Returns the content of a file of the corpus by its path in it; a KeyError says there is none."""

_SEGMENT = re.compile(r'\.SEGMENT\s+CHARACTER\s+(\S+)(?:\s+[^"\s]\S*)?\s+"(.+)"\s*')
_RANGE = re.compile(r"(\d+)(?::(\d+))?(?:-(\d+)(?::(\d+))?)?")
_DEEPEST = 8  # files that include each other


@dataclass(frozen=True)
class Character:
    """A segment of the corpus.

    Attributes:
        label: what it is said to be.
        writer: who wrote its first component; empty where nobody is named.
        strokes: (n, 2) in the tablet's units, y down.
    """

    label: str
    writer: str
    strokes: list[Floats]


@dataclass
class _Ink:
    """The components so far, who wrote each, and the segments, which may come before their ink."""

    components: list[Floats] = field(default_factory=list)
    writers: list[str] = field(default_factory=list)
    segments: list[tuple[str, str]] = field(default_factory=list)
    writer: str = ""
    axes: tuple[str, ...] = ("X", "Y")


def characters(path: str, text: Text) -> Iterator[Character]:
    """Yield the characters of one file of the corpus, in its order.

    A segment that names components that are not there is left out: the corpus has a few.

    Args:
        path: of the file, "data/1a/...".
        text: gives the corpus's files.

    Raises:
        InputError: a file is missing, or holds points that are none.
    """
    ink = _Ink()
    _read(path, text, ink, 0)
    for where, label in ink.segments:
        if chosen := _chosen(where, ink.components):
            first, strokes = chosen
            yield Character(label, ink.writers[first], strokes)


def _read(path: str, text: Text, ink: _Ink, depth: int) -> None:
    try:
        content = text(path).decode("latin1")
    except KeyError as error:
        raise InputError(f"{path}: not in the corpus: fetch it again") from error
    if depth > _DEEPEST:
        raise InputError(f"{path}: files that include each other: fetch the corpus again")
    for statement in statements(content):
        match statement.line.split():
            case [".INCLUDE", other]:
                _read(f"include/{other}", text, ink, depth + 1)
            case [".WRITER_ID", *words]:
                ink.writer = " ".join(words)
            case [".COORD", *axes]:
                ink.axes = tuple(axes)
            case [".PEN_DOWN", *_]:
                points = [row.split() for _, row in statement.rows]
                where = f"{path}, line {statement.number}"
                drawn = component(points, ink.axes, where) if points else np.zeros((0, 2))
                ink.components.append(drawn)
                ink.writers.append(ink.writer)
            case [".SEGMENT", *_] if match := _SEGMENT.fullmatch(statement.line):
                ink.segments.append((match[1], match[2]))
            case _:
                pass


def _chosen(where: str, components: list[Floats]) -> tuple[int, list[Floats]] | None:
    """Return the first component that a delineation names, and the strokes; None if there is none.

    Args:
        where: "3-4,7:2-7:9".
        components: all there are.
    """
    strokes: list[Floats] = []
    firsts: list[int] = []
    for part in where.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            return None
        first, start = int(match[1]), int(match[2] or 0)
        last = int(match[3] or match[1])
        stop = match[4] if match[3] else None if match[2] is None else match[2]
        if last >= len(components):
            return None
        for number in range(first, last + 1):
            stroke = components[number]
            end = int(stop) + 1 if stop is not None and number == last else len(stroke)
            stroke = stroke[start if number == first else 0 : end]
            if len(stroke):
                strokes.append(stroke)
                firsts.append(number)
    return (firsts[0], strokes) if strokes else None
