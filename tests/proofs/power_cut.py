"""The power is cut within every write of every operation, torn at each byte.

Afterwards, whatever was torn: no failure is forgotten; the old PIN or the new one opens, and no
other, unless all attempts are spent; nothing but the factory reset leads back to first use.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bindings import LockLike, MakeLock

from inkpin.lock import RECORD_SIZE, Event, State
from inkpin.lock.flash import AREA
from proofs.locks import (
    HOUR,
    OTHER,
    PIN,
    QUICK,
    WRONG,
    Chip,
    Contents,
    CountingHooks,
    change_pin,
    enter,
    opens,
    prepared,
    resets,
    set_pin,
    spent,
    surroundings,
    wait,
)
from proofs.tally import Tally

Torn = Callable[[bytes, bytes], bytes]

TEARS: dict[str, Torn] = {
    "in place": lambda fresh, old: fresh + old[len(fresh) :],
    "shortened": lambda fresh, old: fresh,
    "erased to ones": lambda fresh, old: fresh.ljust(RECORD_SIZE, b"\xff") if fresh else old,
}


HALVES: dict[str, Torn] = {"half done": lambda fresh, old: fresh}
"""For a flash, which has its own way."""

TWO_SLOTS: Contents = [b"", b""]
MARKED = 280
"""Power that tears the first record in a flash, beside a mark in the other slot."""


@dataclass(frozen=True)
class Operation:
    """Something to cut.

    Attributes:
        name: what it is.
        slots: what it starts from.
        act: what is done after the start.
        outcomes: all that has to be met: each PIN, "first use", "locked out".
        failed: failures counted before.
        checks: whether the PIN is right, for each that is checked.
        pins: those of which one must open afterwards.
        blank: whether first use may follow.
    """

    name: str
    slots: Contents
    act: Callable[[LockLike], object]
    outcomes: frozenset[object]
    failed: int = 0
    checks: tuple[bool, ...] = ()
    pins: tuple[bytes, ...] = (PIN,)
    blank: bool = False

    def least(self, derived: int) -> int:
        """Return the failures that must be counted once so many hashes were derived."""
        failures = self.failed
        for right in self.checks[:derived]:
            failures = 0 if right else failures + 1
        return failures


def operations(make: MakeLock, blank: Contents, opened: int = 0) -> Iterator[Operation]:
    """Yield all that writes, on storage that was blank before the PIN; see `prepared`."""
    pin, first_use = frozenset({PIN}), frozenset({PIN, "first use"})
    enough = MARKED if isinstance(blank, bytes) else 20
    for name, slots in (
        ("blank", blank),
        (
            "a setting that was cut",
            _cut(make, blank, set_pin, enough),
        ),
        ("a reset", _cut(make, blank, lambda lock: lock.step(Event.RESET, 0), None)),
    ):
        yield Operation(f"setting on {name}", slots, set_pin, first_use, blank=True)
    for failed in (0, 1, 7, 9):
        slots = prepared(make, failed, blank, opened)
        met = pin | {"locked out"} if failed == 9 else pin
        yield Operation(f"wrong PIN after {failed}", slots, _enter_wrong, met, failed, (False,))
        yield Operation(f"right PIN after {failed}", slots, _enter_right, met, failed, (True,))
        for lost in (0, 1):
            torn = torn_slot(slots, lost)
            gone = frozenset({"locked out"}) if failed == 9 else pin
            yield Operation(f"repair of slot {lost} after {failed}", torn, wait, gone, failed + 1)
        yield Operation(
            f"factory reset after {failed}",
            slots,
            lambda lock: lock.step(Event.RESET, 0),
            first_use | met,
            failed,
            blank=True,
        )
    both = frozenset({PIN, OTHER})
    slots = prepared(make, 0, blank, opened)
    yield Operation("change", slots, change_pin, both, checks=(True, True), pins=(PIN, OTHER))
    yield Operation("change, wrong PIN", slots, _change_wrong, pin, checks=(True, False))


def _cut(
    make: MakeLock, slots: Contents, act: Callable[[LockLike], object], power: int | None
) -> Contents:
    """Return what an act leaves, if there is so much power."""
    hooks = surroundings(slots)
    lock = make(hooks, QUICK, 0)
    hooks.power = power
    act(lock)
    return hooks.slots


def torn_slot(slots: Contents, lost: int) -> Contents:
    """Return these slots with a wreck in one."""
    if isinstance(slots, bytes):
        begin = lost * AREA
        return slots[:begin] + b"torn" + slots[begin + 4 :]
    return [b"torn" if slot == lost else content for slot, content in enumerate(slots)]


def _enter_wrong(lock: LockLike) -> None:
    wait(lock)
    enter(lock, WRONG, HOUR)


def _enter_right(lock: LockLike) -> None:
    wait(lock)
    enter(lock, PIN, HOUR)


def _change_wrong(lock: LockLike) -> None:
    enter(lock, PIN)
    lock.step(Event.CLEAR, 0)
    enter(lock, WRONG)


def examine(make: MakeLock, operation: Operation, slots: Contents, derived: int) -> object:
    """Check what the slots amount to, and return the outcome.

    Args:
        make: the lock.
        operation: what was cut.
        slots: what that left.
        derived: how often a PIN was checked or made.
    """
    lock = make(surroundings(slots), QUICK, 0)
    assert lock.state != State.OPEN, "open right after a start"
    if lock.state == State.CHOOSE:
        assert operation.blank, "back to first use"
        return "first use"
    failures, least = spent(lock), operation.least(derived)
    assert failures >= min(least, QUICK.max_failures), f"{failures} failures, not {least}"
    if failures == QUICK.max_failures:
        assert resets(make, slots), "no way out"
        return "locked out"
    assert not opens(make, slots, WRONG), "another PIN opens"
    (opened,) = (pin for pin in operation.pins if opens(make, slots, pin))
    return opened


def run(
    tally: Tally,
    name: str,
    make: MakeLock,
    stride: int = 1,
    again: int = 0,
    blank: Contents = TWO_SLOTS,
    opened: int = 0,
) -> None:
    """Cut every operation of one implementation.

    Args:
        tally: counts each cut.
        name: the implementation's.
        make: the implementation.
        stride: 1 to cut at each byte, n to cut at every n-th.
        again: n to cut, after every n-th of these, the repair at the next start at each byte.
        blank: the storage to do it on, before a PIN is set.
        opened: how often the lock was opened before.
    """
    for operation in operations(make, blank, opened):
        met: set[object] = set()
        for tear, torn in (HALVES if isinstance(blank, bytes) else TEARS).items():
            for power in itertools.count(0, stride):
                hooks = _limited(operation.slots, torn, power)
                with tally.case(f"{name}, {operation.name}, cut after {power}, {tear}"):
                    lock = make(hooks, QUICK, 0)
                    operation.act(lock)
                    assert any(operation.checks) or lock.state != State.OPEN, "open without the PIN"
                    met.add(examine(make, operation, hooks.slots, hooks.derived))
                if again and power // stride % again == 0:
                    what = f"{name}, {operation.name}, {power}"
                    _cut_again(tally, what, make, operation, hooks, torn, stride)
                if hooks.power:
                    break
        with tally.case(f"{name}, {operation.name}: outcomes"):
            assert stride > 1 or met == operation.outcomes, f"{met}, not {operation.outcomes}"


def _cut_again(
    tally: Tally,
    what: str,
    make: MakeLock,
    operation: Operation,
    left: CountingHooks | Chip,
    torn: Torn,
    stride: int,
) -> None:
    for power in itertools.count(0, stride):
        hooks = _limited(left.slots, torn, power)
        with tally.case(f"{what}, cut again after {power}"):
            make(hooks, QUICK, 0)
            examine(make, operation, hooks.slots, left.derived)
        if hooks.power:
            break


def _limited(slots: Contents, torn: Torn, power: int) -> CountingHooks | Chip:
    hooks = surroundings(slots)
    if isinstance(hooks, CountingHooks):
        hooks.torn = torn
    hooks.power = power
    return hooks
