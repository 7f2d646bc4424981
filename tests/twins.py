"""The C of lock, log and screen, built for this machine and looking like Python's.

Two devices, `PythonDevice` and `CDevice`, put panel, lock, log and stroke buffer together as a
shell does; what they order and draw is given as the same flat bytes, so that it can be compared.
"""

import ctypes
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any, Protocol

from inkpin import common, lock, screen
from inkpin.common import host_compiler
from inkpin.lock import (
    LOG_ENTRIES,
    Config,
    Effect,
    Event,
    Hooks,
    Lock,
    Log,
    MemoryHooks,
    Message,
    Slots,
    State,
)
from inkpin.screen import Bitmap, Button, Draw, Ink, Order, Output, Panel, Rect, Text, Touch, view
from inkpin.screen.draw import Triangle
from inkpin.screen.layout import FONTS, PALETTE

LOCK_SOURCES = [
    common.C_FOLDER / "ink_bytes.c",
    *(lock.C_FOLDER / f"ink_{name}.c" for name in ("lock", "record", "log")),
]
SCREEN_SOURCES = [screen.C_FOLDER / f"ink_{name}.c" for name in ("panel", "text", "view")]
INCLUDE = [common.C_FOLDER, lock.C_FOLDER, screen.C_FOLDER]

NO_SYMBOL = 0xFF
LINE_SIZE = 44
PUBLIC = ("state", "message", "filled", "shown", "seconds_left", "attempts_left")

_Bytes = ctypes.POINTER(ctypes.c_uint8)
_Derive = ctypes.CFUNCTYPE(
    ctypes.c_bool, ctypes.c_void_p, _Bytes, ctypes.c_size_t, _Bytes, ctypes.c_uint32, _Bytes
)
_Random = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, _Bytes, ctypes.c_size_t)
_Read = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, _Bytes, ctypes.c_size_t)
_Write = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_uint, _Bytes, ctypes.c_size_t)


class LockLike(Protocol):
    """What every implementation of the lock shows, as inkpin.lock.Lock does."""

    state: State
    message: Message
    filled: int
    shown: int | None
    seconds_left: int
    attempts_left: int

    def step(self, event: Event, now_ms: int, symbol: int = 0) -> Effect:
        """Let one thing happen."""


MakeLock = Callable[[Hooks, Config, int], LockLike]


class CSlots(ctypes.Structure):
    """The C's slots that lead to a Python object's."""

    _fields_ = [("user", ctypes.c_void_p), ("read", _Read), ("write", _Write)]

    def __init__(self, slots: Slots) -> None:
        def read(_: Any, slot: int, out: Any, capacity: int) -> int:
            data = slots.read(slot)
            if data is None:
                return -1
            ctypes.memmove(out, data, min(len(data), capacity))
            return len(data)

        def write(_: Any, slot: int, data: Any, length: int) -> bool:
            return slots.write(slot, ctypes.string_at(data, length))

        super().__init__(None, _Read(read), _Write(write))


class _LockHooks(ctypes.Structure):
    _fields_ = [
        ("user", ctypes.c_void_p),
        ("derive", _Derive),
        ("random", _Random),
        ("slots", CSlots),
    ]


class _Config(ctypes.Structure):
    _fields_ = [
        ("length", ctypes.c_uint8),
        ("alphabet", ctypes.c_uint8),
        ("max_failures", ctypes.c_uint8),
        ("iterations", ctypes.c_uint32),
        ("reveal_ms", ctypes.c_uint32),
        ("open_ms", ctypes.c_uint32),
    ]


class _Public(ctypes.Structure):
    """The head of ink_lock; behind it lies the lock's own."""

    _fields_ = [
        ("state", ctypes.c_int),
        ("message", ctypes.c_int),
        ("filled", ctypes.c_uint8),
        ("shown", ctypes.c_uint8),
        ("attempts_left", ctypes.c_uint8),
        ("seconds_left", ctypes.c_uint16),
        ("config", _Config),
    ]


@cache
def library() -> ctypes.CDLL:
    """Return the C of lock, log and screen, compiled on the first call.

    Raises:
        InputError: there is no C compiler.
    """
    own = Path(__file__).with_suffix(".c")
    loaded = host_compiler.load([*LOCK_SOURCES, *SCREEN_SOURCES, own], INCLUDE)
    pointer, u8, u32, i32 = ctypes.c_void_p, ctypes.c_uint8, ctypes.c_uint32, ctypes.c_int32
    for name, result, arguments in (
        ("ink_lock_start", None, (pointer, pointer, pointer, u32)),
        ("ink_lock_step", u32, (pointer, ctypes.c_int, u8, u32)),
        ("ink_lock_equal", ctypes.c_bool, (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)),
        ("ink_log_start", None, (pointer, pointer, ctypes.c_int, u32)),
        ("ink_log_take", None, (pointer, u32, ctypes.c_int, u32)),
        ("ink_log_line", ctypes.c_bool, (pointer, ctypes.c_uint, ctypes.c_char_p)),
        ("ink_panel_start", None, (pointer, pointer, pointer)),
        ("ink_panel_tick", None, (pointer, u32, pointer)),
        ("ink_panel_touch", None, (pointer, ctypes.c_int, i32, i32, u32, pointer)),
        ("ink_panel_key", None, (pointer, u8, u32, pointer)),
        ("ink_panel_reading", None, (pointer, ctypes.c_char_p, u8, u32, pointer)),
        ("ink_panel_reset", None, (pointer, u32, pointer)),
        ("twins_outputs", ctypes.c_size_t, (pointer, pointer)),
        ("twins_draws", ctypes.c_size_t, (pointer, ctypes.c_char_p, ctypes.c_uint16, pointer)),
        ("twins_preview", None, (pointer, u32)),
    ):
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


def _buffer(type_name: str) -> ctypes.Array:
    """Return memory for a C object, filled with what is certainly not its start."""
    size = ctypes.c_size_t.in_dll(library(), f"{type_name}_size").value
    return ctypes.create_string_buffer(b"\xaa" * size, size)


def _give(answer: bytes | None, out: Any) -> bool:
    if answer is not None:
        ctypes.memmove(out, answer, len(answer))
    return answer is not None


def _lock_hooks(hooks: Hooks) -> _LockHooks:
    """Return the C's hooks that lead to a Python object's."""

    def derive(_: Any, pin: Any, length: int, salt: Any, iterations: int, out: Any) -> bool:
        answer = hooks.derive(ctypes.string_at(pin, length), ctypes.string_at(salt, 16), iterations)
        return _give(answer, out)

    def random(_: Any, out: Any, count: int) -> bool:
        return _give(hooks.random(count), out)

    return _LockHooks(None, _Derive(derive), _Random(random), CSlots(hooks))


class CLock:
    """The C's lock, looking like Python's."""

    def __init__(self, hooks: Hooks, config: Config, now_ms: int) -> None:
        self._step = library().ink_lock_step
        self._hooks = _lock_hooks(hooks)
        self._config = _Config(**vars(config))
        self.memory = _buffer("ink_lock")
        self._public = _Public.from_buffer(self.memory)
        self.start(now_ms)

    def start(self, now_ms: int) -> None:
        """Start anew, in the same memory."""
        hooks, config = ctypes.byref(self._hooks), ctypes.byref(self._config)
        library().ink_lock_start(self.memory, hooks, config, now_ms)

    def step(self, event: Event, now_ms: int, symbol: int = 0) -> Effect:
        """Let one thing happen."""
        return Effect(self._step(self.memory, event, symbol, now_ms))

    @property
    def shown(self) -> int | None:
        """The symbol in the newest place while it may be seen."""
        return None if self._public.shown == NO_SYMBOL else self._public.shown

    def __getattr__(self, name: str) -> int:
        return getattr(self._public, name)


class CLog:
    """The C's log, looking like Python's."""

    def __init__(self, slots: Slots, message: Message, now_ms: int) -> None:
        self._slots = CSlots(slots)
        self._log = _buffer("ink_log")
        library().ink_log_start(self._log, ctypes.byref(self._slots), message, now_ms)

    def take(self, effects: Effect, message: Message, now_ms: int) -> None:
        """Note what a step of the lock brought about."""
        library().ink_log_take(self._log, effects, message, now_ms)

    def lines(self) -> list[str]:
        """Return a line for each event, oldest first."""
        line = ctypes.create_string_buffer(LINE_SIZE)
        return [
            line.value.decode()
            for place in range(LOG_ENTRIES)
            if library().ink_log_line(self._log, place, line)
        ]


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
        self.boot(now)

    def boot(self, now: int) -> None:
        """Switch on: all but the storage is new."""
        self.ink = bytearray()
        self._now = now
        self._start(now)
        self._call("start")

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

    def draws(self) -> bytes:
        points = tuple(zip(self.ink[::2], self.ink[1::2], strict=True))
        return b"".join(map(_flat_draw, view(self._panel, points)))


class CDevice(Device):
    """The C's."""

    def _start(self, now: int) -> None:
        self.lock = CLock(self.hooks, self.config, now)
        self.log = CLog(self.storage, Message(self.lock.message), now)
        self._panel, self._outputs = _buffer("ink_panel"), _buffer("ink_outputs")
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
        return self._flat[: library().twins_outputs(self._outputs, self._flat)]

    def preview(self, row: int) -> None:
        library().twins_preview(self._panel, row)

    def draws(self) -> bytes:
        ink = bytes(self.ink)
        return self._flat[: library().twins_draws(self._panel, ink, len(ink) // 2, self._flat)]
