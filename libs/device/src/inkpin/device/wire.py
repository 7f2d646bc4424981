"""The lines between a device and a program: `@NAME FIELD ...*CCCC`, one of them a message.

c/ink_wire.h describes a line, docs/wire.md the names. What a device says to a person carries no
check and arrives as `Said`; so does anything else that is not whole.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inkpin.preprocess import SIDE

VERSION = 1
"""Of the lines that this module understands."""

LONGEST = 4096
"""Bytes after which a line without an end is given up."""


@dataclass(frozen=True)
class Said:
    """A line for a person, or one that is damaged: its text."""

    text: str


@dataclass(frozen=True)
class Damaged:
    """A line that began as a program's and is not whole: its text."""

    text: str


@dataclass(frozen=True)
class Info:
    """What the device is; sent at its start as well.

    Attributes:
        wire: version of its lines.
        firmware: version of its program.
        model: how the SHA-256 of its network's ONNX file begins.
        board: one word.
        battery: percent, or None where it does not know.
        powered: whether its bolt can be driven.
    """

    wire: int
    firmware: str
    model: str
    board: str
    battery: int | None
    powered: bool


@dataclass(frozen=True)
class Setting:
    """A setting and its value."""

    name: str
    value: int


@dataclass(frozen=True)
class Logged:
    """An event of the log, as a line: number, what it was, seconds since the start before it."""

    text: str


@dataclass(frozen=True)
class Helped:
    """A command and what it takes."""

    command: str
    form: str


@dataclass(frozen=True)
class Done:
    """A command was carried out; all that it answered came before."""

    command: str


@dataclass(frozen=True)
class Refused:
    """A line was not taken: why."""

    why: str


@dataclass(frozen=True)
class Trying:
    """Whether the device is in *try it*; its ink, bits and readings follow."""

    on: bool


@dataclass(frozen=True)
class Point:
    """A touch sample on the drawing area; time in ms of the device's clock."""

    x: int
    y: int
    time: int


@dataclass(frozen=True)
class PenUp:
    """The stroke ended."""


@dataclass(frozen=True)
class Erased:
    """All ink is gone."""


@dataclass(frozen=True)
class Bits:
    """The bitmap that the device made of the ink, 28 rows; bit c of a row is column c."""

    rows: tuple[int, ...]

    def bitmap(self) -> np.ndarray:
        """Return it as bool, (28, 28)."""
        rows = np.array(self.rows, np.uint32)
        return (rows[:, None] >> np.arange(SIDE, dtype=np.uint32) & 1).astype(bool)


@dataclass(frozen=True)
class Prediction:
    """What the device's network made of the bits; without a label it was rejected."""

    label: str | None
    confidence: int
    logits: tuple[int, ...]


Message = (
    Said
    | Damaged
    | Info
    | Setting
    | Logged
    | Helped
    | Done
    | Refused
    | Trying
    | Point
    | PenUp
    | Erased
    | Bits
    | Prediction
)


def crc16(data: bytes) -> int:
    """Return the CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = crc << 1 ^ (0x1021 if crc & 0x8000 else 0)
        crc &= 0xFFFF
    return crc


def encode_line(body: str) -> bytes:
    """Return a command as a line to send.

    Args:
        body: name and fields, printable ASCII.
    """
    data = body.encode("ascii")
    return b"@%s*%04X\r\n" % (data, crc16(data))


class Reader:
    """Makes messages of the bytes that arrive, however they are cut."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes; return the messages that they complete."""
        self._pending += data.replace(b"\r", b"\n")
        lines = self._pending.split(b"\n")
        self._pending = bytearray() if len(lines[-1]) > LONGEST else lines.pop()
        return [_message(bytes(line)) for line in lines if line]


def _message(line: bytes) -> Message:
    text = "".join(chr(byte) if 32 <= byte < 127 else "\N{REPLACEMENT CHARACTER}" for byte in line)
    if not line.startswith(b"@"):
        return Said(text)
    body, star, check = line[1:].rpartition(b"*")
    if not star or check != b"%04X" % crc16(body):
        return Damaged(text)
    name, _, rest = body.decode("ascii", "replace").partition(" ")
    try:
        return _READ[name](rest)
    except (KeyError, ValueError):  # of a newer device, perhaps
        return Said(text)


def _info(rest: str) -> Info:
    wire, firmware, model, board, battery, powered = rest.split(" ")
    percent = int(battery)
    known = percent if 0 <= percent <= 100 else None
    return Info(int(wire), firmware, model, board, known, bool(int(powered)))


def _setting(rest: str) -> Setting:
    name, value = rest.split(" ")
    return Setting(name, int(value))


def _point(rest: str) -> Point:
    x, y, time = map(int, rest.split(" "))
    return Point(x, y, time)


def _bits(rest: str) -> Bits:
    digits = SIDE // 4
    if len(rest) != SIDE * digits:
        raise ValueError(rest)
    return Bits(tuple(int(rest[i : i + digits], 16) for i in range(0, len(rest), digits)))


def _prediction(rest: str) -> Prediction:
    confidence, logits, label = rest.split(" ", 2)
    return Prediction(label or None, int(confidence), tuple(map(int, logits.split(","))))


def _helped(rest: str) -> Helped:
    command, _, form = rest.partition(" ")
    return Helped(command, form)


_READ: dict[str, Callable[[str], Message]] = {
    "info": _info,
    "setting": _setting,
    "log": Logged,
    "help": _helped,
    "ok": Done,
    "error": Refused,
    "try": lambda rest: Trying(rest == "on"),
    "ink": _point,
    "up": lambda _: PenUp(),
    "erase": lambda _: Erased(),
    "bits": _bits,
    "read": _prediction,
}
