"""Power cut at every byte of every operation, and storage that comes back wrong."""

import itertools
from random import Random

import pytest

from inkpin.lock import MARK, Config, Effect, Event, Lock, MemoryHooks, Message, State

QUICK = Config(iterations=1)
PIN, OTHER, WRONG = b"3141", b"2718", b"5772"
TEARS = {
    "in place": lambda fresh, old: fresh + old[len(fresh) :],
    "shortened": lambda fresh, old: fresh,
    "erased to ones": lambda fresh, old: fresh.ljust(65, b"\xff") if fresh else old,
}


def enter(lock, pin, now=0):
    for digit in pin:
        lock.step(Event.DIGIT, now, digit - ord("0"))
    return lock.step(Event.ENTER, now)


def wait(lock):
    lock.step(Event.TICK, 3_600_000)


def prepared(failed=0):
    """Return the storage of a lock with PIN, and `failed` failures on it."""
    hooks = MemoryHooks(Random(1).randbytes)
    lock = Lock(hooks, QUICK, 0)
    enter(lock, PIN)
    enter(lock, PIN)
    for _ in range(failed):
        enter(lock, WRONG)
        wait(lock)
        lock = Lock(hooks, QUICK, 0)
        wait(lock)
    return hooks


def opens(hooks, pin):
    """Return whether a rebooted lock opens with the PIN, after whatever wait."""
    lock = Lock(hooks, QUICK, 0)
    assert lock.state != State.OPEN
    wait(lock)
    return Effect.OPENED in enter(lock, pin, 3_600_000)


def failures(hooks):
    return QUICK.max_failures - Lock(hooks, QUICK, 0).attempts_left


def set_pin(lock):
    enter(lock, PIN)
    enter(lock, PIN)


def change_pin(lock):
    enter(lock, PIN)
    lock.step(Event.CLEAR, 0)
    enter(lock, PIN)
    enter(lock, OTHER)
    enter(lock, OTHER)


class Observed(MemoryHooks):
    """Notes whether a PIN was ever checked or made."""

    derived = False

    def derive(self, pin, salt, iterations):
        self.derived = True
        return super().derive(pin, salt, iterations)


def cuts(operation, start, torn):
    """Yield storage and lock for each point at which the power can end during the operation."""
    for power in itertools.count():
        hooks = Observed(Random(2).randbytes)
        hooks.slots, hooks.torn = list(start.slots), torn
        lock = Lock(hooks, QUICK, 0)
        wait(lock)
        hooks.power = power
        operation(lock)
        whole = bool(hooks.power)
        hooks.power = None
        yield hooks, lock
        if whole:
            return


@pytest.mark.parametrize("torn", TEARS.values(), ids=TEARS)
def test_a_cut_first_setting_leads_to_first_use_or_the_pin(torn):
    first_uses = pins = 0
    for hooks, _ in cuts(set_pin, MemoryHooks(), torn):
        if Lock(hooks, QUICK, 0).state == State.CHOOSE:
            first_uses += 1
            set_pin(Lock(hooks, QUICK, 0))
        else:
            pins += 1
        assert opens(hooks, PIN)
    assert first_uses > 65
    assert pins > 65


@pytest.mark.parametrize("torn", TEARS.values(), ids=TEARS)
@pytest.mark.parametrize("failed", [0, 1, 7])
def test_a_cut_wrong_attempt_is_never_forgotten(torn, failed):
    start = prepared(failed)
    seen = set()
    for hooks, lock in cuts(lambda lock: enter(lock, WRONG), start, torn):
        assert lock.state != State.OPEN
        assert failures(hooks) >= failed + hooks.derived
        seen.add(failures(hooks))
        assert opens(hooks, PIN)
    assert seen == {failed, failed + 1, failed + 2}


@pytest.mark.parametrize("torn", TEARS.values(), ids=TEARS)
@pytest.mark.parametrize("failed", [0, 1, 7])
def test_a_cut_right_attempt_keeps_the_pin_and_the_count(torn, failed):
    start = prepared(failed)
    for hooks, _ in cuts(lambda lock: enter(lock, PIN), start, torn):
        assert hooks.derived or failures(hooks) >= failed
        assert opens(hooks, PIN)


@pytest.mark.parametrize("torn", TEARS.values(), ids=TEARS)
def test_a_cut_change_leaves_the_old_pin_or_the_new_one(torn):
    outcomes = set()
    for hooks, _ in cuts(change_pin, prepared(), torn):
        slots = list(hooks.slots)
        old = opens(hooks, PIN)
        hooks.slots = slots
        assert opens(hooks, OTHER) is not old
        outcomes.add(old)
    assert outcomes == {True, False}


@pytest.mark.parametrize("failed", [0, 5])
def test_a_cut_reset_keeps_the_record_or_loses_it_all(failed):
    outcomes = []
    start, torn = prepared(failed), TEARS["shortened"]
    for hooks, _ in cuts(lambda lock: lock.step(Event.RESET, 0), start, torn):
        lock = Lock(hooks, QUICK, 0)
        outcomes.append(lock.state)
        if lock.state != State.CHOOSE:
            assert failures(hooks) >= failed
            assert opens(hooks, PIN)
    assert outcomes[-1] == State.CHOOSE
    assert len(outcomes) == 4


@pytest.mark.parametrize("torn", TEARS.values(), ids=TEARS)
@pytest.mark.parametrize("lost", [0, 1])
def test_a_cut_repair_keeps_the_pin_and_the_count(torn, lost):
    broken = prepared(3)
    broken.slots[lost] = b"torn"
    for power in itertools.count():
        hooks = MemoryHooks()
        hooks.slots, hooks.torn, hooks.power = list(broken.slots), torn, power
        Lock(hooks, QUICK, 0)
        whole = bool(hooks.power)
        hooks.power = None
        assert failures(hooks) >= 4
        assert opens(hooks, PIN)
        if whole:
            break
    assert power == 2 * 66 + 1


@pytest.mark.parametrize("slot", [0, 1])
def test_any_flipped_bit_costs_an_attempt_and_is_mended(slot):
    start = prepared(2)
    for bit in range(8 * 65):
        hooks = MemoryHooks()
        hooks.slots = list(start.slots)
        damaged = bytearray(hooks.slots[slot])
        damaged[bit // 8] ^= 1 << bit % 8
        hooks.slots[slot] = bytes(damaged)
        lock = Lock(hooks, QUICK, 0)
        assert (lock.state, lock.attempts_left, lock.seconds_left) == (State.WAITING, 7, 7)
        assert hooks.slots[0] == hooks.slots[1]
        assert opens(hooks, PIN)


def test_any_bit_flipped_in_both_slots_is_a_fault():
    start = prepared()
    for bit in range(8 * 65):
        hooks = MemoryHooks()
        damaged = bytearray(start.slots[0])
        damaged[bit // 8] ^= 1 << bit % 8
        hooks.slots = [bytes(damaged)] * 2
        lock = Lock(hooks, QUICK, 0)
        assert (lock.state, lock.message) == (State.FAULT, Message.RECORD)


WRECKS = {
    "zeros": b"\0" * 65,
    "ones": b"\xff" * 65,
    "long": b"INK\1" + b"\0" * 96,
    "short": b"INK\1",
    "one byte": b"\0",
    "error": None,
}


class Wrecked(MemoryHooks):
    """Storage with a slot that cannot be read until it is written."""

    def read(self, slot):
        return self.slots[slot]


@pytest.mark.parametrize("slot", [0, 1])
@pytest.mark.parametrize("wreck", [b"", MARK, *WRECKS.values()])
def test_a_wrecked_slot_costs_an_attempt_and_is_mended(slot, wreck):
    hooks = Wrecked()
    hooks.slots = list(prepared(2).slots)
    hooks.slots[slot] = wreck
    assert failures(hooks) == 3
    assert hooks.slots[0] == hooks.slots[1]
    assert opens(hooks, PIN)


@pytest.mark.parametrize("second", [b"", *WRECKS.values()])
@pytest.mark.parametrize("first", [b"", *WRECKS.values()])
def test_two_wrecked_slots_are_a_fault_that_a_reset_mends(first, second):
    hooks = Wrecked()
    hooks.slots = [first, second]
    lock = Lock(hooks, QUICK, 0)
    if first == second == b"":
        assert lock.state == State.CHOOSE
        return
    reason = Message.STORAGE if None in (first, second) else Message.RECORD
    assert (lock.state, lock.message, lock.attempts_left) == (State.FAULT, reason, 0)
    assert enter(lock, PIN) == Effect(0)
    assert lock.step(Event.RESET, 0) == Effect.RESET
    assert lock.state == State.CHOOSE


def test_swapped_slots_change_nothing():
    hooks = prepared(3)
    hooks.slots.reverse()
    assert failures(hooks) == 3
    assert opens(hooks, PIN)


@pytest.mark.parametrize("slot", [0, 1])
def test_an_older_count_put_back_is_overruled(slot):
    older = prepared(1).slots[slot]
    hooks = prepared(6)
    hooks.slots[slot] = older
    assert failures(hooks) == 6
    assert hooks.slots[0] == hooks.slots[1]


@pytest.mark.parametrize("slot", [0, 1])
def test_an_older_pin_put_back_is_overruled(slot):
    hooks = prepared(4)
    older = hooks.slots[slot]
    lock = Lock(hooks, QUICK, 0)
    wait(lock)
    change_pin(lock)
    hooks.slots[slot] = older
    assert failures(hooks) == 4
    slots = list(hooks.slots)
    assert not opens(hooks, PIN)
    hooks.slots = slots
    assert opens(hooks, OTHER)


def test_another_pin_of_the_same_age_is_a_fault():
    hooks = prepared()
    other = MemoryHooks(Random(3).randbytes)
    set_pin(Lock(other, QUICK, 0))
    hooks.slots[1] = other.slots[1]
    lock = Lock(hooks, QUICK, 0)
    assert (lock.state, lock.message) == (State.FAULT, Message.RECORD)
