"""What a person does at a lock of any implementation, and what its storage then amounts to."""

import hashlib
from functools import cached_property
from random import Random

from bindings import CFlashSlots, LockLike, MakeLock
from nor import Nor

from inkpin.lock import Config, Effect, Event, FlashSlots, MemoryHooks, Message, State
from inkpin.lock.flash import AREA

QUICK = Config(iterations=1)
PIN, OTHER, WRONG = b"3141", b"2718", b"5772"
HOUR = 3_600_000

Contents = list[bytes | None] | bytes
"""What storage holds: the content of two slots, or the bytes of a flash with their areas."""

BLANK_FLASH = b"\xff" * (2 * AREA)


class CountingHooks(MemoryHooks):
    """Memory that starts from given slots and counts how often a PIN was checked or made.

    Attributes:
        derived: that count.
    """

    def __init__(self, slots: Contents | None = None) -> None:
        super().__init__(Random(1 if slots is None else 2).randbytes)
        self.slots = list(slots or (b"", b""))
        self.derived = 0

    def derive(self, pin: bytes, salt: bytes, iterations: int) -> bytes | None:
        """Derive, and count."""
        self.derived += 1
        return super().derive(pin, salt, iterations)


class Chip:
    """A flash that starts from given bytes, and the rest of a lock's surroundings.

    Attributes:
        nor: the flash.
        derived: how often a PIN was checked or made.
    """

    def __init__(self, image: bytes) -> None:
        self.nor = Nor(image, seed=len(image))
        self._slots = FlashSlots(self.nor, (0, AREA))
        self._random = Random(1 if image == BLANK_FLASH else 2)
        self.derived = 0

    @cached_property
    def c_slots(self) -> CFlashSlots:
        """The C's slots in it; what reading does wrong is to be settled before."""
        return CFlashSlots(self.nor, (0, AREA))

    @property
    def slots(self) -> bytes:
        """The flash's bytes."""
        return bytes(self.nor.cells)

    @property
    def power(self) -> int | None:
        """The flash's."""
        return self.nor.power

    @power.setter
    def power(self, power: int | None) -> None:
        self.nor.power = power

    def derive(self, pin: bytes, salt: bytes, iterations: int) -> bytes | None:
        """Derive, and count."""
        self.derived += 1
        return hashlib.pbkdf2_hmac("sha256", pin, salt, iterations)

    def random(self, count: int) -> bytes | None:
        """Return seeded bytes."""
        return self._random.randbytes(count)

    def chip(self) -> bytes | None:
        """Return what a board's chip has of its own."""
        return b"\x24\x6f\x28\xaa\x55\x01".ljust(16, b"\0")

    def read(self, slot: int) -> bytes | None:
        """Return a slot's content."""
        return self._slots.read(slot)

    def write(self, slot: int, data: bytes) -> bool:
        """Write a slot's content."""
        return self._slots.write(slot, data)


def surroundings(slots: Contents) -> CountingHooks | Chip:
    """Return hooks whose storage starts from these slots."""
    return Chip(slots) if isinstance(slots, bytes) else CountingHooks(slots)


def enter(lock: LockLike, pin: bytes, now: int = 0) -> Effect:
    """Write a PIN and submit it."""
    for digit in pin:
        lock.step(Event.DIGIT, now, digit - ord("0"))
    return lock.step(Event.ENTER, now)


def wait(lock: LockLike) -> None:
    """Wait as long as the lock may demand; it has to have started at 0."""
    lock.step(Event.TICK, HOUR)


def set_pin(lock: LockLike) -> None:
    """Set the first PIN."""
    enter(lock, PIN)
    enter(lock, PIN)


def change_pin(lock: LockLike, now: int = 0) -> None:
    """Open, and change the PIN."""
    enter(lock, PIN, now)
    lock.step(Event.CLEAR, now)
    for pin in (PIN, OTHER, OTHER):
        enter(lock, pin, now)


def prepared(
    make: MakeLock, failed: int = 0, blank: Contents | None = None, opened: int = 0
) -> Contents:
    """Return the slots of a lock with PIN, after openings and then `failed` failures.

    Args:
        make: the lock.
        failed: the failures.
        blank: the storage before the PIN was set; two empty slots if that is not given.
        opened: how often it was opened.
    """
    hooks = surroundings(blank) if isinstance(blank, bytes) else CountingHooks()
    lock = make(hooks, QUICK, 0)
    set_pin(lock)
    for _ in range(opened):
        enter(lock, PIN)
        lock.step(Event.ENTER, 0)
    for _ in range(failed):
        lock = make(hooks, QUICK, 0)
        wait(lock)
        enter(lock, WRONG, HOUR)
    return hooks.slots


def spent(lock: LockLike) -> int:
    """Return the failures that a lock, not in first use, has counted; its fault must be those."""
    if lock.state == State.FAULT:
        assert lock.message == Message.ATTEMPTS, f"a fault: {Message(lock.message).name}"
        return QUICK.max_failures
    return QUICK.max_failures - lock.attempts_left


def opens(make: MakeLock, slots: Contents, pin: bytes) -> bool:
    """Return whether a lock on a copy of these slots opens with the PIN, after whatever wait."""
    lock = make(surroundings(slots), QUICK, 0)
    assert lock.state != State.OPEN, "open right after a start"
    wait(lock)
    return Effect.OPENED in enter(lock, pin, HOUR)


def resets(make: MakeLock, slots: Contents) -> bool:
    """Return whether a factory reset leads a lock on a copy of these slots to first use."""
    hooks = surroundings(slots)
    lock = make(hooks, QUICK, 0)
    done = lock.step(Event.RESET, 0)
    again = make(hooks, QUICK, 0)
    return Effect.RESET in done and lock.state == again.state == State.CHOOSE
