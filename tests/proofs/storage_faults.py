"""Storage that comes back wrong, or fails: never open, never a lower count, never a crash.

One damaged slot costs an attempt and is mended; two are a fault, which a factory reset mends.
"""

import itertools
from collections.abc import Callable, Iterator

from bindings import LockLike, MakeLock

from inkpin.lock import MARK, RECORD_SIZE, Event, Message, State, decode
from proofs.locks import (
    HOUR,
    OTHER,
    PIN,
    QUICK,
    WRONG,
    Contents,
    CountingHooks,
    change_pin,
    enter,
    opens,
    prepared,
    resets,
    set_pin,
    spent,
    wait,
)
from proofs.tally import Tally

BITS = 8 * RECORD_SIZE
FAILED = 2
WRECKS: dict[str, bytes | None] = {
    "erased": b"",
    "all ones": b"\xff" * RECORD_SIZE,
    "all zeros": bytes(RECORD_SIZE),
    "one byte": b"\0",
    "a mark": MARK,
    "too long": b"INK\2" + bytes(100),
    "a read error": None,
}


def flipped(data: bytes, bit: int) -> bytes:
    """Return the data with a bit changed."""
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def _wrecks(whole: bytes) -> Iterator[tuple[str, bytes | None]]:
    """Yield what a slot may hold instead of its record."""
    yield from WRECKS.items()
    for length in range(1, RECORD_SIZE):
        yield f"{length} bytes", whole[:length]
    yield "a byte more", whole + b"\0"
    for bit in range(BITS):
        yield f"bit {bit}", flipped(whole, bit)


def expect_mended(make: MakeLock, slots: Contents, failures: int, pin: bytes = PIN) -> None:
    """Check that a start mends the slots with this count, and that the PIN alone opens."""
    hooks = CountingHooks(slots)
    lock = make(hooks, QUICK, 0)
    assert lock.state == State.WAITING, f"{State(lock.state).name} after a start"
    assert spent(lock) == failures, f"{spent(lock)} failures, not {failures}"
    assert hooks.slots[0] == hooks.slots[1], "not mended"
    assert not opens(make, hooks.slots, WRONG), "another PIN opens"
    assert opens(make, hooks.slots, pin), "the PIN does not open"


def expect_fault(make: MakeLock, slots: Contents) -> None:
    """Check that the slots are a fault that the right PIN does not end, but a reset does."""
    lock = make(CountingHooks(slots), QUICK, 0)
    reason = Message.STORAGE if None in slots else Message.RECORD
    assert (lock.state, lock.message) == (State.FAULT, reason), "no fault"
    wait(lock)
    assert not enter(lock, PIN, HOUR), "a fault heeds a PIN"
    assert lock.state == State.FAULT, "a fault ends"
    assert resets(make, slots), "no way out"


def one_slot(tally: Tally, name: str, make: MakeLock, stride: int) -> None:
    """Damage one slot of a lock with failures, in every way."""
    whole = prepared(make, FAILED)
    for slot in (0, 1):
        for what, wreck in itertools.islice(_wrecks(whole[slot]), 0, None, stride):
            slots = list(whole)
            slots[slot] = wreck
            with tally.case(f"{name}, slot {slot}: {what}"):
                expect_mended(make, slots, FAILED + 1)


def both_slots(tally: Tally, name: str, make: MakeLock, stride: int) -> None:
    """Damage both slots: in the same way, in any two ways, by any two bits."""
    whole = prepared(make, FAILED)[0]
    pairs = [((what, wreck),) * 2 for what, wreck in _wrecks(whole)]
    pairs += itertools.product(WRECKS.items(), repeat=2)
    for (first, one), (second, two) in pairs[::stride]:
        with tally.case(f"{name}, both slots: {first}, {second}"):
            marked = MARK in (one, two) and None not in (one, two)
            if (one, two) == (b"", b"") or marked:
                assert make(CountingHooks([one, two]), QUICK, 0).state == State.CHOOSE
            else:
                expect_fault(make, [one, two])
    for one, two in itertools.islice(itertools.product(range(BITS), repeat=2), 0, None, stride):
        with tally.case(f"{name}, both slots: bits {one} and {two}"):
            slots = [flipped(whole, one), flipped(whole, two)]
            lock = make(CountingHooks(slots), QUICK, 0)
            assert (lock.state, lock.message) == (State.FAULT, Message.RECORD), "no fault"


def _history(make: MakeLock) -> list[tuple[Contents, int, bytes]]:
    """Return the slots, the failures and the PIN at moments of a long life, the oldest first."""
    hooks = CountingHooks()
    set_pin(make(hooks, QUICK, 0))
    moments = [(list(hooks.slots), 0, PIN)]

    def reach(failures: int, pin: bytes, entry: bytes) -> None:
        lock = make(hooks, QUICK, 0)
        wait(lock)
        enter(lock, entry, HOUR)
        moments.append((list(hooks.slots), failures, pin))

    for failures in range(1, 10):
        reach(failures, PIN, WRONG)
    reach(0, PIN, PIN)
    for failures in range(1, 4):
        reach(failures, PIN, WRONG)
    reach(0, PIN, PIN)
    change_pin(make(hooks, QUICK, 0))
    moments.append((list(hooks.slots), 0, OTHER))
    for failures in range(1, 10):
        reach(failures, OTHER, WRONG)
    return moments


def _sequence(slots: Contents) -> int:
    record = decode(slots[0])
    assert record
    return record.sequence


def exchanged(tally: Tally, name: str, make: MakeLock) -> None:
    """Swap the slots; put an older copy, of the same PIN or the one before it, back in one."""
    moments = _history(make)
    for now, (slots, failures, pin) in enumerate(moments):
        with tally.case(f"{name}, moment {now}: swapped"):
            hooks = CountingHooks(slots[::-1])
            assert spent(make(hooks, QUICK, 0)) == failures, "another count"
            assert hooks.slots == slots, "changed"
            assert opens(make, slots[::-1], pin), "the PIN does not open"
        for then, slot in itertools.product(range(now), (0, 1)):
            with tally.case(f"{name}, moment {now}: slot {slot} of moment {then} put back"):
                mixed = list(slots)
                mixed[slot] = moments[then][0][slot]
                count = spent(make(CountingHooks(mixed), QUICK, 0))
                lost = _sequence(slots) - _sequence(moments[then][0]) > 1
                expected = max(failures + lost, moments[then][1])
                assert count == min(expected, QUICK.max_failures), f"{count} failures"
                if count == QUICK.max_failures:
                    continue
                assert opens(make, mixed, pin), "the PIN does not open"
                assert not opens(make, mixed, OTHER if pin == PIN else PIN), "another PIN opens"


KINDS = ("read", "write", "lie", "late", "full", "deaf")


class Failing(CountingHooks):
    """Storage of which an access fails.

    Args:
        slots: what it holds at first.
        kind: "read", "write", "lie" (a write that does nothing but claims to have), "late" (one
            that is done but claims not to be), "full" (no write from then on), "deaf" (neither, but
            each claims to be done).
        number: which access of that kind fails, from 0.
    """

    def __init__(self, slots: Contents, kind: str, number: int) -> None:
        super().__init__(slots)
        self.kind, self.left = kind, number

    def _fails(self, kinds: tuple[str, ...]) -> bool:
        if self.kind not in kinds:
            return False
        self.left -= 1
        return self.left == -1 or (self.kind in ("full", "deaf") and self.left < 0)

    def read(self, slot: int) -> bytes | None:
        """Read, or fail."""
        return None if self._fails(("read",)) else super().read(slot)

    def write(self, slot: int, data: bytes) -> bool:
        """Write, or fail."""
        if not self._fails(("write", "lie", "late", "full", "deaf")):
            return super().write(slot, data)
        if self.kind == "late":
            super().write(slot, data)
        return self.kind in ("lie", "deaf")


ACTS: dict[str, Callable[[LockLike], object]] = {
    "wrong PIN": lambda lock: enter(lock, WRONG, HOUR),
    "right PIN": lambda lock: enter(lock, PIN, HOUR),
    "change of PIN": lambda lock: change_pin(lock, HOUR),
    "factory reset": lambda lock: lock.step(Event.RESET, HOUR),
}


def accesses(tally: Tally, name: str, make: MakeLock) -> None:
    """Let each access of each operation fail, once or from then on."""
    for failed, kind in itertools.product((0, FAILED), KINDS):
        whole = prepared(make, failed)
        for what, act in ACTS.items():
            for number in itertools.count():
                hooks = Failing(whole, kind, number)
                with tally.case(f"{name}, {what} after {failed}: {kind} {number}"):
                    lock = make(hooks, QUICK, 0)
                    wait(lock)
                    act(lock)
                    wrong = what == "wrong PIN"
                    assert not wrong or lock.state != State.OPEN, "open without the PIN"
                    _examine(make, hooks, failed + (wrong and hooks.derived), what)
                if hooks.left >= 0:
                    break
    for number in itertools.count():
        hooks = Failing([b"", b""], "full", number)
        with tally.case(f"{name}, first setting: full after {number}"):
            set_pin(make(hooks, QUICK, 0))
            state = make(CountingHooks(hooks.slots), QUICK, 0).state
            assert state == State.CHOOSE or opens(make, hooks.slots, PIN), "neither PIN nor use"
        if hooks.left >= 0:
            break


def _examine(make: MakeLock, hooks: Failing, failed: int, what: str) -> None:
    """Check what a lock finds once its storage works again."""
    lock = make(CountingHooks(hooks.slots), QUICK, 0)
    assert lock.state != State.OPEN, "open right after a start"
    if lock.state == State.CHOOSE:
        assert what == "factory reset", "back to first use"
        return
    forgiven = hooks.derived and what != "wrong PIN"
    assert forgiven or spent(lock) >= failed, "a failure is forgotten"
    pins = [pin for pin in (PIN, OTHER) if opens(make, hooks.slots, pin)]
    assert pins == [PIN] or (what == "change of PIN" and pins == [OTHER]), f"{pins} open"


def run(tally: Tally, name: str, make: MakeLock, stride: int = 1) -> None:
    """Break the storage of one implementation; a stride of n tries every n-th of many damages."""
    one_slot(tally, name, make, stride)
    both_slots(tally, name, make, stride)
    exchanged(tally, name, make)
    accesses(tally, name, make)
