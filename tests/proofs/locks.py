"""What a person does at a lock of any implementation, and what its storage then amounts to."""

from random import Random

from bindings import LockLike, MakeLock

from inkpin.lock import Config, Effect, Event, MemoryHooks, Message, State

QUICK = Config(iterations=1)
PIN, OTHER, WRONG = b"3141", b"2718", b"5772"
HOUR = 3_600_000

Contents = list[bytes | None]


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


def prepared(make: MakeLock, failed: int = 0) -> Contents:
    """Return the slots of a lock with PIN, and `failed` failures on it."""
    hooks = CountingHooks()
    set_pin(make(hooks, QUICK, 0))
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
    lock = make(CountingHooks(slots), QUICK, 0)
    assert lock.state != State.OPEN, "open right after a start"
    wait(lock)
    return Effect.OPENED in enter(lock, pin, HOUR)


def resets(make: MakeLock, slots: Contents) -> bool:
    """Return whether a factory reset leads a lock on a copy of these slots to first use."""
    hooks = CountingHooks(slots)
    lock = make(hooks, QUICK, 0)
    done = lock.step(Event.RESET, 0)
    again = make(hooks, QUICK, 0)
    return Effect.RESET in done and lock.state == again.state == State.CHOOSE
