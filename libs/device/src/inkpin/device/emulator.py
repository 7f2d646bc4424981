"""The emulated device: the whole firmware but for its M5 shell, in a process of its own.

Events go in one by one, each with its time, and what it brings about comes back: two runs of one
session are equal. c/emulated/main.c has the lines between the two.
"""

import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from inkpin.common import InputError
from inkpin.common.files import read_bytes, replacing
from inkpin.screen import Anchor, Bitmap, Draw, Ink, Rect, Text, Touch, Triangle
from inkpin.screen.layout import FONTS, PALETTE

STORES = ("lock", "log", "settings")
"""What is kept, each in two slots."""

_SLOT_SIZE = 172
_COLOURS, _FONTS = list(PALETTE), list(FONTS)


class Storage:
    """What the device keeps, in memory and, given a path, in a file that is always whole.

    Args:
        path: the file; made when something is first kept.

    Raises:
        InputError: the file is not one of ours, or cannot be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._slots = {(store, slot): b"" for store in STORES for slot in (0, 1)}
        if path and path.exists():
            data = read_bytes(path, _REMEDY)
            size = 2 + _SLOT_SIZE
            if len(data) != size * len(self._slots):
                raise InputError(f"{path}: not the storage of an emulated device: {_REMEDY}")
            for number, place in enumerate(self._slots):
                (length,) = struct.unpack_from("<H", data, number * size)
                self._slots[place] = data[number * size + 2 :][: min(length, _SLOT_SIZE)]

    def __getitem__(self, place: tuple[str, int]) -> bytes:
        """Return what a slot, (store, 0 or 1), holds."""
        return self._slots[place]

    def __setitem__(self, place: tuple[str, int], data: bytes) -> None:
        """Replace what a slot holds, and keep it.

        Raises:
            InputError: the file cannot be written.
        """
        self._slots[place] = data
        if self._path:
            with replacing(self._path, private=True) as file:
                for content in self._slots.values():
                    file.write(struct.pack(f"<H{_SLOT_SIZE}s", len(content), content))


_REMEDY = "delete it, or name another file"


@dataclass
class Effects:
    """What an event brought about.

    Attributes:
        serial: bytes that the device sent.
        stored: slots that it wrote, in order: store, number, content.
        painted: the boxes (x, y, w, h) that it painted anew.
        tones: hertz and ms of the tones that it began.
    """

    serial: bytes = b""
    stored: list[tuple[str, int, bytes]] = field(default_factory=list)
    painted: list[tuple[int, ...]] = field(default_factory=list)
    tones: list[tuple[int, ...]] = field(default_factory=list)


class Emulator:
    """A running device; to be closed, or used in a `with`.

    Args:
        command: what starts its program, from inkpin.device.build.command().
        storage: what it keeps.

    Attributes:
        draws: what its screen shows.
        bolt_open: whether the bolt is drawn back.
        light: of the screen, in percent.
        vibrating: whether it vibrates.
    """

    def __init__(self, command: Sequence[str], storage: Storage | None = None) -> None:
        self._storage = storage or Storage()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=-1
        )
        self.draws: list[Draw] = []
        self.bolt_open = self.vibrating = False
        self.light = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        self._process.kill()
        self._process.wait()

    def boot(self, now: int, iterations: int = 10_000, seed: int = 0) -> Effects:
        """Switch it on: all but the storage is new.

        Args:
            now: ms, as everywhere below; it may wrap at 2^32.
            iterations: of the key derivation, for a new PIN.
            seed: of its random bytes.
        """
        for number, store in enumerate(STORES):
            for slot in (0, 1):
                self._event("slot", number, slot, self._storage[store, slot].hex())
        return self._event("boot", iterations, seed, now)

    def poll(self, fingers: int, x: int, y: int, now: int) -> Effects:
        """Let the touch panel report some fingers, one of them at (x, y)."""
        return self._event("poll", fingers, x, y, now)

    def touch(self, phase: Touch, x: int, y: int, now: int) -> Effects:
        """Touch the screen with a pointer that can be trusted."""
        return self._event("touch", int(phase), x, y, now)

    def serial(self, data: bytes, now: int) -> Effects:
        """Let bytes arrive, at most 1024."""
        return self._event("serial", data.hex(), now)

    def tick(self, now: int) -> Effects:
        """Let time pass."""
        return self._event("tick", now)

    def pass_(self, fingers: int, x: int, y: int, now: int) -> Effects:
        """Let the firmware's loop run once: the panel reports, and at most a slice is painted."""
        return self._event("pass", fingers, x, y, now)

    def battery(self, percent: int | None) -> None:
        """Set what the battery says."""
        self._event("battery", -1 if percent is None else percent)

    def power(self, *, on: bool) -> None:
        """Set whether the bolt can be driven."""
        self._event("power", int(on))

    def _event(self, *words: str | int) -> Effects:
        """Send an event and take in what follows.

        Raises:
            InputError: the program has ended.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        effects = Effects()
        try:
            stdin.write(" ".join(map(str, words)).encode() + b"\n")
            stdin.flush()
            for line in iter(stdout.readline, b""):
                name, _, rest = line.rstrip(b"\n").decode("ascii").partition(" ")
                if name == ".":
                    return effects
                self._take(name, rest, effects)
        except (BrokenPipeError, ValueError) as error:
            raise InputError(f"the emulated device has ended ({error}): start it again") from error
        raise InputError(
            f"the emulated device has ended (status {self._process.wait()}): start it again"
        )

    def _take(self, name: str, rest: str, effects: Effects) -> None:
        match name:
            case "draw":
                self.draws.append(_draw(rest))
            case "picture":
                self.draws.clear()
            case "paint":
                effects.painted.append(tuple(map(int, rest.split())))
            case "serial":
                effects.serial += bytes.fromhex(rest)
            case "store":
                store, slot, data = rest.split(" ")
                place = STORES[int(store)], int(slot)
                self._storage[place] = bytes.fromhex(data)
                effects.stored.append((*place, bytes.fromhex(data)))
            case "bolt":
                self.bolt_open = rest == "1"
            case "light":
                self.light = int(rest)
            case "vibrate":
                self.vibrating = rest == "1"
            case "tone":
                effects.tones.append(tuple(map(int, rest.split())))


def _draw(line: str) -> Draw:
    kind, number, rest = line.split(" ", 2)
    colour = _COLOURS[int(number)]
    match int(kind):
        case 0:
            x, y, w, h, radius = map(int, rest.split())
            return Rect(x, y, w, h, radius, colour)
        case 1:
            x0, y0, x1, y1, x2, y2 = map(int, rest.split())
            return Triangle(x0, y0, x1, y1, x2, y2, colour)
        case 2:
            *numbers, text = rest.split(" ", 4)
            x, y, anchor, font = map(int, numbers)
            return Text(x, y, Anchor(anchor), _FONTS[font], colour, text)
        case 3:
            data = bytes.fromhex(rest)
            return Ink(tuple(zip(data[::2], data[1::2], strict=True)), colour)
        case _:
            x, y, *rows = map(int, rest.split())
            return Bitmap(x, y, tuple(rows), colour)
