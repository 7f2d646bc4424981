"""The C of lock, log, screen and settings, built for this machine; lock and log as in Python."""

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from nor import Nor

from inkpin import common, device, lock, screen
from inkpin.common import host_compiler
from inkpin.lock import LOG_ENTRIES, Config, Effect, Event, Flash, Hooks, Message, Slots, State

LOCK_SOURCES = [
    common.C_FOLDER / "ink_bytes.c",
    *(lock.C_FOLDER / f"ink_{name}.c" for name in ("lock", "record", "log", "flash")),
]
SCREEN_SOURCES = [screen.C_FOLDER / f"ink_{name}.c" for name in ("panel", "text", "view")]
SETTINGS_SOURCES = [device.C_FOLDER / f"ink_{name}.c" for name in ("settings", "calibration")]
INCLUDE = [common.C_FOLDER, lock.C_FOLDER, screen.C_FOLDER, device.C_FOLDER]

NO_SYMBOL = 0xFF
LINE_SIZE = 44
PUBLIC = ("state", "message", "filled", "shown", "seconds_left", "attempts_left", "powered")

_Bytes = ctypes.POINTER(ctypes.c_uint8)
_Derive = ctypes.CFUNCTYPE(
    ctypes.c_bool, ctypes.c_void_p, _Bytes, ctypes.c_size_t, _Bytes, ctypes.c_uint32, _Bytes
)
_Random = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, _Bytes, ctypes.c_size_t)
_Chip = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, _Bytes)
_Read = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, _Bytes, ctypes.c_size_t)
_FlashRead = ctypes.CFUNCTYPE(
    ctypes.c_bool, ctypes.c_void_p, ctypes.c_uint32, _Bytes, ctypes.c_size_t
)
_FlashErase = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_uint32)
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

    def touch(self, now_ms: int) -> None:
        """Learn that somebody is there."""


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


class _Flash(ctypes.Structure):
    """The C's flash that leads to a Python object's.

    What is merely memory for now, as a Nor that reads without a fault, is read without a detour.
    """

    _fields_ = [
        ("user", ctypes.c_void_p),
        ("read", _FlashRead),
        ("program", _FlashRead),
        ("erase", _FlashErase),
    ]

    def __init__(self, flash: Flash) -> None:
        def read(_: Any, at: int, out: Any, count: int) -> bool:
            return _give(flash.read(at, count), out)

        def program(_: Any, at: int, data: Any, count: int) -> bool:
            return flash.program(at, ctypes.string_at(data, count))

        def erase(_: Any, at: int) -> bool:
            return flash.erase(at)

        user, direct = None, _FlashRead(read)
        if isinstance(flash, Nor) and flash.power is None and flash.spoil is None:
            cells = (ctypes.c_uint8 * len(flash.cells)).from_buffer(flash.cells)
            user = ctypes.cast(cells, ctypes.c_void_p)
            direct = ctypes.cast(library().memory_read, _FlashRead)
        super().__init__(user, direct, _FlashRead(program), _FlashErase(erase))


class _Areas(ctypes.Structure):
    _fields_ = [("flash", ctypes.POINTER(_Flash)), ("at", ctypes.c_uint32 * 2)]


class CFlashSlots:
    """The C's slots in a flash, looking like Python's.

    Attributes:
        slots: the C's own, for a lock in C.
    """

    def __init__(self, flash: Flash, at: tuple[int, int]) -> None:
        self._flash = _Flash(flash)
        self._areas = _Areas(ctypes.pointer(self._flash), at)
        user = ctypes.cast(ctypes.pointer(self._areas), ctypes.c_void_p)
        read, write = (getattr(library(), f"ink_flash_{name}") for name in ("read", "write"))
        self.slots = CSlots.__new__(CSlots)
        ctypes.Structure.__init__(
            self.slots, user, ctypes.cast(read, _Read), ctypes.cast(write, _Write)
        )

    def read(self, slot: int) -> bytes | None:
        """Return the content."""
        data = (ctypes.c_uint8 * 256)()
        length = self.slots.read(self.slots.user, slot, data, 256)
        return None if length < 0 else bytes(data[:length])

    def write(self, slot: int, data: bytes) -> bool:
        """Write content, and take away the old."""
        copy = (ctypes.c_uint8 * max(len(data), 1))(*data)
        return self.slots.write(self.slots.user, slot, copy, len(data))


class _LockHooks(ctypes.Structure):
    _fields_ = [
        ("user", ctypes.c_void_p),
        ("derive", _Derive),
        ("random", _Random),
        ("slots", CSlots),
        ("chip", _Chip),
    ]


class _Config(ctypes.Structure):
    _fields_ = [
        ("shortest", ctypes.c_uint8),
        ("longest", ctypes.c_uint8),
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
        ("seconds_left", ctypes.c_uint32),
        ("powered", ctypes.c_bool),
        ("config", _Config),
    ]


@cache
def library() -> ctypes.CDLL:
    """Return the C of lock, log, screen and settings, compiled on the first call.

    Raises:
        InputError: there is no C compiler.
    """
    return load([*LOCK_SOURCES, *SCREEN_SOURCES, *SETTINGS_SOURCES])


def load(sources: Sequence[Path], *flags: str) -> ctypes.CDLL:
    """Return these sources of the C, compiled; by itself with -O2.

    Raises:
        InputError: there is no C compiler.
    """
    own = Path(__file__).with_suffix(".c")
    built = host_compiler.build([*sources, own], INCLUDE, flags or ("-O2",))
    loaded = ctypes.CDLL(str(built))
    pointer, u8, u32, i32 = ctypes.c_void_p, ctypes.c_uint8, ctypes.c_uint32, ctypes.c_int32
    for name, result, arguments in (
        ("ink_lock_start", None, (pointer, pointer, pointer, u32)),
        ("ink_lock_touch", None, (pointer, u32)),
        ("ink_lock_power", None, (pointer, ctypes.c_bool)),
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
        ("ink_panel_auto", None, (pointer, ctypes.c_uint16)),
        ("ink_settings_load", ctypes.c_bool, (pointer, pointer)),
        ("ink_settings_set", ctypes.c_bool, (pointer, pointer, ctypes.c_int, u32)),
        ("ink_settings_calibrate", ctypes.c_bool, (pointer, pointer, pointer)),
        ("ink_settings_erase", ctypes.c_bool, (pointer, pointer)),
        ("flat_outputs", ctypes.c_size_t, (pointer, pointer)),
        ("flat_draws", ctypes.c_size_t, (pointer, ctypes.c_char_p, ctypes.c_uint16, pointer)),
        ("flat_preview", None, (pointer, u32)),
    ):
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


def buffer(type_name: str) -> ctypes.Array:
    """Return memory for a C object, filled with what is certainly not its start."""
    size = ctypes.c_size_t.in_dll(library(), f"{type_name}_size").value
    return ctypes.create_string_buffer(b"\xaa" * size, size)


def _give(answer: bytes | None, out: Any) -> bool:
    if answer is not None:
        ctypes.memmove(out, answer, len(answer))
    return answer is not None


def _lock_hooks(hooks: Hooks) -> _LockHooks:
    """Return the C's hooks that lead to a Python object's, or to the C's slots that it has."""

    def derive(_: Any, pin: Any, length: int, salt: Any, iterations: int, out: Any) -> bool:
        answer = hooks.derive(ctypes.string_at(pin, length), ctypes.string_at(salt, 16), iterations)
        return _give(answer, out)

    def random(_: Any, out: Any, count: int) -> bool:
        return _give(hooks.random(count), out)

    def chip(_: Any, out: Any) -> bool:
        return _give(hooks.chip(), out)

    own = getattr(hooks, "c_slots", None)
    slots = own.slots if own else CSlots(hooks)
    return _LockHooks(None, _Derive(derive), _Random(random), slots, _Chip(chip))


class CLock:
    """The C's lock, looking like Python's."""

    def __init__(self, hooks: Hooks, config: Config, now_ms: int) -> None:
        self._step = library().ink_lock_step
        self._hooks = _lock_hooks(hooks)
        self._config = _Config(**vars(config))
        self.memory = buffer("ink_lock")
        self._public = _Public.from_buffer(self.memory)
        self.start(now_ms)

    def start(self, now_ms: int) -> None:
        """Start anew, in the same memory."""
        hooks, config = ctypes.byref(self._hooks), ctypes.byref(self._config)
        library().ink_lock_start(self.memory, hooks, config, now_ms)

    def step(self, event: Event, now_ms: int, symbol: int = 0) -> Effect:
        """Let one thing happen."""
        return Effect(self._step(self.memory, event, symbol, now_ms))

    def touch(self, now_ms: int) -> None:
        """Learn that somebody is there."""
        library().ink_lock_touch(self.memory, now_ms)

    def power(self, *, on: bool) -> None:
        """Learn whether the bolt can be driven."""
        library().ink_lock_power(self.memory, on)

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
        self._log = buffer("ink_log")
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
