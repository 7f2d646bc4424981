"""The draw commands: all that a shell must be able to paint. Mirrored by c/ink_view.h.

Colours and fonts are names of screen.toml; coordinates are pixels of the 320x240 screen.
"""

from dataclasses import dataclass
from enum import IntEnum


class Anchor(IntEnum):
    """What the point of a text is: its centre, or the middle of its left end."""

    CENTRE = 0
    LEFT = 1


@dataclass(frozen=True)
class Rect:
    """A filled rectangle; with a radius its corners are round."""

    x: int
    y: int
    w: int
    h: int
    radius: int
    colour: str


@dataclass(frozen=True)
class Triangle:
    """A filled triangle."""

    x0: int
    y0: int
    x1: int
    y1: int
    x2: int
    y2: int
    colour: str


@dataclass(frozen=True)
class Text:
    """A line of text."""

    x: int
    y: int
    anchor: Anchor
    font: str
    colour: str
    string: str


@dataclass(frozen=True)
class Ink:
    """The strokes: points (x, y) of the area, (255, 255) ends a stroke."""

    points: tuple[tuple[int, int], ...]
    colour: str


@dataclass(frozen=True)
class Bitmap:
    """28 rows of 28 cells, a pixel each; bit c of a row is the cell in column c."""

    x: int
    y: int
    rows: tuple[int, ...]
    colour: str


Draw = Rect | Triangle | Text | Ink | Bitmap
