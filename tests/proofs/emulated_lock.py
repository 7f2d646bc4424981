"""The lock on the emulated Xtensa core, looking like Python's.

One program serves one lock at a time; c/emulated_lock.c is its other end. Frames are of fixed size,
by their first byte, integers little-endian. To the program goes a request of 24 bytes, "s" for
start or "e" for an event; from there come "a", the answer to it, and before that its questions: "d"
derive, "r" random, "c" the chip's own, "g" get a slot, "p" put a slot. Where the surroundings have
a flash, the slots are the C's own in it: "f" read, "w" program, "x" erase.
"""

import struct
import subprocess
from pathlib import Path
from typing import Self

from bindings import INCLUDE, LOCK_SOURCES
from nor import Nor

from inkpin import xtensa
from inkpin.lock import RECORD_SIZE, Config, Effect, Event, Hooks, Message, State

_START = struct.Struct("<c4B?2x4I")
_EVENT = struct.Struct("<cBB17xI")
_FRAMES = {
    b"a": struct.Struct("<I5BI"),
    b"d": struct.Struct("<B8s16sI"),
    b"r": struct.Struct("<"),
    b"c": struct.Struct("<"),
    b"g": struct.Struct("<B"),
    b"p": struct.Struct(f"<BB{RECORD_SIZE}s"),
    b"f": struct.Struct("<IH"),
    b"w": struct.Struct("<I256s"),
    b"x": struct.Struct("<I"),
}


class EmulatedLocks:
    """The program, running; a context manager, and then a maker of locks.

    Raises:
        InputError: the toolchain is not there.
    """

    def __enter__(self) -> Self:
        own = Path(__file__).parent / "c" / "emulated_lock.c"
        elf = xtensa.build([*LOCK_SOURCES, own], INCLUDE)
        self._process = subprocess.Popen(
            xtensa.command(elf), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def __call__(self, hooks: Hooks, config: Config, now_ms: int) -> "EmulatedLock":
        """Start a lock; the one before it ends."""
        self._hooks = hooks
        return EmulatedLock(self, hooks, config, now_ms)

    def request(self, hooks: Hooks, frame: bytes) -> tuple[int, ...]:
        """Send a request of the running lock, answer its questions, return its answer."""
        assert hooks is self._hooks, "another lock is running"
        self._send(frame)
        while (kind := self._receive(1)) != b"a":
            layout = _FRAMES[kind]
            self._send(_answer(hooks, kind, layout.unpack(self._receive(layout.size))))
        layout = _FRAMES[kind]
        return layout.unpack(self._receive(layout.size))

    def _send(self, data: bytes) -> None:
        self._process.stdin.write(data)

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._process.stdout.read(size - len(data))
            if not more:
                raise EOFError("the emulated lock has died")
            data += more
        return data


def _answer(hooks: Hooks, kind: bytes, fields: tuple) -> bytes:
    if kind == b"g":
        data = hooks.read(*fields)
        length = -1 if data is None else len(data)
        return struct.pack(f"<h{RECORD_SIZE}s", length, (data or b"")[:RECORD_SIZE])
    if kind == b"p":
        slot, length, data = fields
        return struct.pack("<?", hooks.write(slot, data[:length]))
    if kind == b"d":
        length, pin, salt, iterations = fields
        answer = hooks.derive(pin[:length], salt, iterations)
        return struct.pack("<?32s", answer is not None, answer or b"")
    if kind in (b"f", b"w", b"x"):
        return _flash_answer(_flash(hooks), kind, fields)
    answer = hooks.random(16) if kind == b"r" else hooks.chip()
    return struct.pack("<?16s", answer is not None, answer or b"")


def _flash(hooks: Hooks) -> Nor | None:
    return getattr(hooks, "nor", None)


def _flash_answer(flash: Nor, kind: bytes, fields: tuple) -> bytes:
    if kind == b"f":
        data = flash.read(*fields)
        return struct.pack("<?", data is not None) + (data or bytes(fields[1]))
    return struct.pack("<?", flash.program(*fields) if kind == b"w" else flash.erase(*fields))


class EmulatedLock:
    """One of them; it ends with the start of the next."""

    def __init__(self, locks: EmulatedLocks, hooks: Hooks, config: Config, now_ms: int) -> None:
        self._locks, self._hooks = locks, hooks
        numbers = (config.shortest, config.longest, config.alphabet, config.max_failures)
        times = (config.iterations, config.reveal_ms, config.open_ms)
        self._request(_START.pack(b"s", *numbers, _flash(hooks) is not None, *times, now_ms))

    def step(self, event: Event, now_ms: int, symbol: int = 0) -> Effect:
        """Let one thing happen."""
        return self._request(_EVENT.pack(b"e", event, symbol, now_ms))

    def _request(self, frame: bytes) -> Effect:
        effects, state, message, *figures = self._locks.request(self._hooks, frame)
        self.state, self.message = State(state), Message(message)
        self.filled, shown, self.attempts_left, self.seconds_left = figures
        self.shown = None if shown == 0xFF else shown
        return Effect(effects)
