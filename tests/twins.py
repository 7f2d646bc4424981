"""Two devices, Python's and C's: panel, lock, log and stroke buffer, as a shell has them.

What they order and draw is given as the same flat bytes, so that it can be compared.
"""

import ctypes
import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from bindings import PUBLIC, CLock, CLog, LockLike, buffer, library

from inkpin.lock import Config, Effect, Lock, Log, MemoryHooks, Message
from inkpin.screen import Bitmap, Button, Draw, Ink, Order, Output, Panel, Rect, Text, Touch, view
from inkpin.screen.draw import Triangle
from inkpin.screen.layout import FONTS, PALETTE


class BreakableHooks(MemoryHooks):
    """Memory whose services can be made to fail.

    Attributes:
        broken: what fails: "derive", "random", and "read" or "write" with the slot's number.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__(Random(seed).randbytes)
        self.broken: frozenset[str] = frozenset()

    def derive(self, pin: bytes, salt: bytes, iterations: int) -> bytes | None:
        """Derive as ever, unless that is broken."""
        return None if "derive" in self.broken else super().derive(pin, salt, iterations)

    def random(self, count: int) -> bytes | None:
        """Return seeded bytes, unless that is broken."""
        return None if "random" in self.broken else super().random(count)

    def read(self, slot: int) -> bytes | None:
        """Read as ever, unless that is broken."""
        return None if f"read {slot}" in self.broken else super().read(slot)

    def write(self, slot: int, data: bytes) -> bool:
        """Write as ever, unless that is broken."""
        return f"write {slot}" not in self.broken and super().write(slot, data)


@lru_cache(maxsize=50_000)
def _flat_draw(draw: Draw) -> bytes:
    colour = list(PALETTE).index(draw.colour)
    match draw:
        case Rect(x, y, w, h, radius):
            item = struct.pack("<BB5h", 0, colour, x, y, w, h, radius)
        case Triangle(x0, y0, x1, y1, x2, y2):
            item = struct.pack("<BB6h", 1, colour, x0, y0, x1, y1, x2, y2)
        case Text(x, y, anchor, font, _, string):
            font_number = list(FONTS).index(font)
            item = struct.pack("<BBhhBB", 2, colour, x, y, anchor, font_number) + string.encode()
        case Ink(points):
            item = bytes((3, colour, *(value for point in points for value in point)))
        case Bitmap(x, y, rows):
            item = struct.pack("<BBhh28I", 4, colour, x, y, *rows)
    return struct.pack("<H", len(item)) + item


def _flat_output(output: Output) -> bytes:
    head = struct.pack("<BBBI", output.order, output.x, output.y, output.effect)
    item = head + output.text.encode()
    return struct.pack("<H", len(item)) + item


def items(flat: bytes) -> Iterator[bytes]:
    """Yield the items of flat bytes, without their lengths."""
    at = 0
    while at < len(flat):
        end = at + 2 + int.from_bytes(flat[at : at + 2], "little")
        yield flat[at + 2 : end]
        at = end


class Device:
    """A screen, a lock and a log, as a shell puts them together.

    Attributes:
        hooks: the lock's surroundings; they outlive a boot.
        storage: the log's, likewise.
        lock: the lock, for reading.
        log: the log, for reading.
        outputs: what the last call ordered, as flat bytes.
        lines: what came over the serial line, since the caller emptied it.
        ink: the stroke buffer, x and y of each point; 255, 255 ends a stroke.
    """

    lock: LockLike
    log: Log | CLog

    def __init__(self, config: Config, now: int, seed: int = 0) -> None:
        self.config = config
        self.hooks = BreakableHooks(seed)
        self.storage = MemoryHooks()
        self.lines: list[str] = []
        self.auto_ms = 0
        self.boot(now)

    def boot(self, now: int) -> None:
        """Switch on: all but the storage is new."""
        self.ink = bytearray()
        self._now = now
        self._start(now)
        self._call("start")
        self.auto(self.auto_ms)

    def touch(self, phase: Touch, x: int, y: int, now: int) -> None:
        """Touch the screen."""
        self._call("touch", now, phase, x, y)

    def key(self, button: Button, now: int) -> None:
        """Press a button by a key."""
        self._call("key", now, button)

    def tick(self, now: int) -> None:
        """Let time pass."""
        self._call("tick", now)

    def reading(self, label: str | None, confidence: int, now: int) -> None:
        """Give the awaited reading."""
        self._call("reading", now, label, confidence)

    def reset(self, now: int) -> None:
        """Reset to first use."""
        self._call("reset", now)

    def preview(self, row: int) -> None:
        """Give a bitmap of 28 equal rows."""
        raise NotImplementedError

    def auto(self, ms: int) -> None:
        """Set auto-enter, also for the next boots."""
        self.auto_ms = ms

    def draws(self) -> bytes:
        """Return what the screen shows, as flat bytes."""
        raise NotImplementedError

    @property
    def public(self) -> list[int | None]:
        """What the lock shows of itself."""
        return [getattr(self.lock, name) for name in PUBLIC]

    def _start(self, now: int) -> None:
        raise NotImplementedError

    def _order(self, name: str, arguments: Sequence[Any], now: int) -> bytes:
        raise NotImplementedError

    def _call(self, name: str, now: int | None = None, *arguments: Any) -> None:
        self._now = self._now if now is None else now
        self.outputs = self._order(name, arguments, self._now)
        for item in items(self.outputs):
            order = item[0]
            if order == Order.POINT:
                self.ink += item[1:3]
            elif order == Order.PEN_UP:
                self.ink += b"\xff\xff"
            elif order == Order.ERASE:
                self.ink.clear()
            elif order == Order.LINE:
                self.lines.append(item[7:].decode())
            elif order == Order.LOCK:
                effect = Effect(int.from_bytes(item[3:7], "little"))
                self.log.take(effect, Message(self.lock.message), self._now)


class PythonDevice(Device):
    """Python's."""

    def _start(self, now: int) -> None:
        self.lock = Lock(self.hooks, self.config, now)
        self.log = Log(self.storage, self.lock.message, now)
        self._panel = Panel(self.lock)

    def _order(self, name: str, arguments: Sequence[Any], now: int) -> bytes:
        outputs = (
            self._panel.begin() if name == "start" else getattr(self._panel, name)(*arguments, now)
        )
        return b"".join(map(_flat_output, outputs))

    def preview(self, row: int) -> None:
        self._panel.preview([row] * 28)

    def auto(self, ms: int) -> None:
        super().auto(ms)
        self._panel.auto_ms = ms

    def draws(self) -> bytes:
        points = tuple(zip(self.ink[::2], self.ink[1::2], strict=True))
        return b"".join(map(_flat_draw, view(self._panel, points)))


class CDevice(Device):
    """The C's."""

    def _start(self, now: int) -> None:
        self.lock = CLock(self.hooks, self.config, now)
        self.log = CLog(self.storage, Message(self.lock.message), now)
        self._panel, self._outputs = buffer("ink_panel"), buffer("ink_outputs")
        self._flat = ctypes.create_string_buffer(1 << 16)

    def _order(self, name: str, arguments: Sequence[Any], now: int) -> bytes:
        call = getattr(library(), f"ink_panel_{name}")
        if name == "start":
            call(self._panel, self.lock.memory, self._outputs)
        elif name == "reading":
            label, confidence = arguments
            call(self._panel, label and label.encode(), confidence, now, self._outputs)
        else:
            call(self._panel, *arguments, now, self._outputs)
        return self._flat[: library().flat_outputs(self._outputs, self._flat)]

    def preview(self, row: int) -> None:
        library().flat_preview(self._panel, row)

    def auto(self, ms: int) -> None:
        super().auto(ms)
        library().ink_panel_auto(self._panel, ms)

    @property
    def panel_memory(self) -> bytes:
        """All that the panel keeps."""
        return bytes(self._panel)

    def draws(self) -> bytes:
        ink = bytes(self.ink)
        return self._flat[: library().flat_draws(self._panel, ink, len(ink) // 2, self._flat)]
