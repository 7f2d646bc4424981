"""screen.toml as typed constants: geometry in pixels, colours, texts."""

import tomllib
from dataclasses import dataclass
from enum import IntEnum
from importlib import resources
from typing import Any, NamedTuple

from inkpin.lock import Message, State
from inkpin.preprocess import Unread

SOURCE = resources.files(__package__) / "screen.toml"
_DATA = tomllib.loads(SOURCE.read_text("utf-8"))

WIDTH = 320
HEIGHT = 240


class Box(NamedTuple):
    """A rectangle of the screen."""

    x: int
    y: int
    w: int
    h: int

    def holds(self, x: int, y: int) -> bool:
        """Whether the point lies inside."""
        return self.x <= x < self.x + self.w and self.y <= y < self.y + self.h

    def clamp(self, x: int, y: int) -> tuple[int, int]:
        """Return the nearest point inside."""
        return (
            min(max(x, self.x), self.x + self.w - 1),
            min(max(y, self.y), self.y + self.h - 1),
        )


class Button(IntEnum):
    """The buttons of the right column."""

    ENTER = 0
    CLEAR = 1
    TRY = 2


class Shape(NamedTuple):
    """One part of an icon on its grid: a rectangle (x, y, w, h, radius) or a triangle (6 numbers).

    A hole is painted in the colour of the ground.
    """

    kind: str
    numbers: tuple[int, ...]
    hole: bool


@dataclass(frozen=True)
class Look:
    """What a state looks like; `lines` fill the whole area, `enough` is a hint."""

    title: str
    icon: str
    colour: str
    serial: str
    buttons: frozenset[Button]
    places: bool = False
    lines: tuple[str, ...] = ()
    enough: str = ""


class Letters(NamedTuple):
    """What a text of a font can cover: pixels above and below the middle of its line, widths.

    `widths` are of the letters from " " to "~".
    """

    above: int
    below: int
    widths: tuple[int, ...]


class Notice(NamedTuple):
    """What a message of the lock says on the screen and on the serial line."""

    text: str
    serial: str


def _look(table: dict[str, Any]) -> Look:
    return Look(
        **{
            **table,
            "buttons": frozenset(Button[name] for name in table["buttons"]),
            "lines": tuple(table.get("lines", ())),
        }
    )


def _shape(table: dict[str, Any]) -> Shape:
    (kind,) = table.keys() - {"hole"}
    return Shape(kind, tuple(table[kind]), table.get("hole", False))


PALETTE: dict[str, str] = _DATA["palette"]
FONTS: dict[str, int] = _DATA["fonts"]
LETTERS: dict[str, Letters] = {
    font: Letters(**{**_DATA["letters"][font], "widths": tuple(_DATA["letters"][font]["widths"])})
    for font in FONTS
}
BOXES: dict[str, Box] = {name: Box(*box) for name, box in _DATA["boxes"].items()}
POINTS: dict[str, tuple[int, int]] = {name: (x, y) for name, (x, y) in _DATA["points"].items()}
NUMBERS: dict[str, int] = _DATA["numbers"]
CROSSES: tuple[tuple[int, int], ...] = tuple((x, y) for x, y in _DATA["crosses"])
BUTTONS: dict[Button, Box] = {button: Box(*_DATA["buttons"][button.name]) for button in Button}
LOOKS: dict[State, Look] = {state: _look(_DATA["states"][state.name]) for state in State}
NOTICES: dict[Message, Notice] = {
    message: Notice(**_DATA["messages"].get(message.name, {"text": "", "serial": ""}))
    for message in Message
}
UNREADS: dict[Unread, str] = {unread: _DATA["unread"][unread.name] for unread in Unread}
TEXTS: dict[str, str] = _DATA["texts"]
ICONS: dict[str, tuple[Shape, ...]] = {
    name: tuple(_shape(shape) for shape in shapes) for name, shapes in _DATA["icons"].items()
}

AREA = BOXES["area"]


def fill(template: str, number: int = 0, label: str = "") -> str:
    """Return a text with # replaced by the number and @ by the label."""
    return "".join({"#": str(number), "@": label}.get(char, char) for char in template)
