"""What no answer of a lock shows: what it compares with what, and what it forgets; also in C."""

import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from bindings import INCLUDE, LOCK_SOURCES, CLock, library

from inkpin.common import host_compiler
from inkpin.lock import Config, Effect, Event, Lock, MemoryHooks, Message, State, decode

PIN, WRONG = b"3141", b"2718"
QUICK = Config(iterations=1)
COMMON = ["0000", "1004", "1111", "1212", "1234", "2000", "2222", "4444", "6969", "7777"]
HASH_TO_COUNT = 32  # in the C's record, and from there to its inverse 1


class Hooks(MemoryHooks):
    """Memory whose writes may be lost, and which lets something happen while a hash is made."""

    def __init__(self):
        super().__init__()
        self.lost = False
        self.derived = 0
        self.during = lambda found: None

    def derive(self, pin, salt, iterations):
        self.derived += 1
        found = super().derive(pin, salt, iterations)
        self.during(found)
        return found

    def write(self, slot, data):
        return self.lost or super().write(slot, data)


@pytest.fixture(params=[Lock, CLock], ids=["Python", "C"])
def make(request):
    if request.param == CLock:
        library()
    return request.param


def enter(lock, pin, now=0):
    for digit in pin:
        lock.step(Event.DIGIT, now, digit - ord("0"))
    return lock.step(Event.ENTER, now)


def locked(make):
    hooks = Hooks()
    lock = make(hooks, QUICK, 0)
    enter(lock, PIN)
    assert Effect.SET in enter(lock, PIN)
    return lock, hooks


def fault(lock):
    return (lock.state, lock.message) == (State.FAULT, Message.STORAGE)


@pytest.mark.parametrize("pin", COMMON)
def test_the_common_pins_are_these(make, pin):
    lock = make(Hooks(), QUICK, 0)
    enter(lock, pin.encode())
    assert (lock.state, lock.message) == (State.CHOOSE, Message.COMMON)


@pytest.mark.parametrize("pin", [b"1234", b"27472", b"314413", b"31400413", b"13131", b"24680246"])
def test_common_pins_are_refused_in_a_change_too(make, pin):
    lock, _ = locked(make)
    enter(lock, PIN)
    lock.step(Event.CLEAR, 0)
    enter(lock, PIN)
    enter(lock, pin)
    assert (lock.state, lock.message) == (State.CHANGE_NEW, Message.COMMON)


@pytest.mark.parametrize("pin", [b"1111", b"12345"])
def test_other_alphabets_know_no_common_pins(make, pin):
    lock = make(Hooks(), Config(iterations=1, alphabet=9), 0)
    enter(lock, pin)
    assert lock.state == State.REPEAT


def test_how_often_a_new_pin_is_hashed(make):
    hooks = Hooks()
    lock = make(hooks, Config(), 0)
    enter(lock, PIN)
    assert Effect.SET in enter(lock, PIN)
    assert decode(hooks.slots[0]).iterations == 10_000


def test_a_digit_that_was_taken_back_is_no_part_of_the_pin(make):
    lock = make(Hooks(), QUICK, 0)
    for digit in PIN + b"5":
        lock.step(Event.DIGIT, 0, digit - ord("0"))
    lock.step(Event.CLEAR, 0)
    lock.step(Event.ENTER, 0)
    assert enter(lock, PIN) == Effect.SET


@pytest.mark.parametrize("symbol", [10, 255])
def test_a_symbol_beyond_the_alphabet_takes_no_place(make, symbol):
    lock = make(Hooks(), QUICK, 0)
    assert lock.step(Event.DIGIT, 0, symbol) == Effect.UNREAD
    assert (lock.filled, lock.message) == (0, Message.UNREAD)


def test_a_record_keeps_its_own_iterations(make):
    """Firmware that raises them opens what was set before."""
    _, hooks = locked(make)
    assert Effect.OPENED in enter(make(hooks, Config(iterations=2), 0), PIN)
    assert decode(hooks.slots[0]).iterations == 1


def test_a_wait_is_an_hour_at_most(make):
    _, hooks = locked(make)
    lock, now = make(hooks, Config(iterations=1, max_failures=255), 0), 0
    for failed in range(1, 255):
        assert enter(lock, WRONG, now) == Effect.REFUSED
        assert lock.seconds_left == min(2**failed - 1, 3600)
        now += 1000 * lock.seconds_left
    assert enter(lock, WRONG, now) == Effect.REFUSED | Effect.FAULT


def test_an_attempt_that_leaves_no_trace_is_not_checked(make):
    lock, hooks = locked(make)
    derived = hooks.derived
    hooks.lost = True
    assert enter(lock, WRONG) == Effect.FAULT
    assert fault(lock)
    assert hooks.derived == derived


def test_a_pin_that_leaves_no_trace_is_not_set(make):
    hooks = Hooks()
    lock = make(hooks, QUICK, 0)
    enter(lock, PIN)
    hooks.lost = True
    assert enter(lock, PIN) == Effect.FAULT
    assert fault(lock)


def disturb(lock, old, new, offset=0):
    """Change bytes of a lock's memory, found by what stands there; Python's record likewise."""
    if isinstance(lock, Lock):
        assert lock._record.hash == old
        object.__setattr__(lock._record, "hash", new)
    else:
        at = bytes(lock.memory).index(old) + offset
        lock.memory[at : at + len(new)] = new


def test_a_reset_that_leaves_no_trace_is_a_fault(make):
    lock, hooks = locked(make)
    hooks.lost = True
    assert lock.step(Event.RESET, 0) == Effect.FAULT
    assert fault(lock)


def test_a_hash_that_changed_in_memory_does_not_open(make):
    """As if the comparison of the hashes were skipped: the second one looks at the storage."""
    lock, hooks = locked(make)
    known = decode(hooks.slots[0]).hash
    hooks.during = lambda found: disturb(lock, known, found)
    assert enter(lock, WRONG) == Effect.FAULT
    assert fault(lock)
    assert make(hooks, QUICK, 0).attempts_left == 9


def test_a_pin_does_not_open_once_the_storage_lost_the_count(make):
    lock, hooks = locked(make)
    before = list(hooks.slots)
    hooks.during = lambda found: hooks.slots.__setitem__(slice(None), before)
    assert enter(lock, PIN) == Effect.FAULT
    assert fault(lock)


def test_a_pin_does_not_open_once_the_storage_has_no_record(make):
    lock, hooks = locked(make)
    hooks.during = lambda found: hooks.slots.__setitem__(1, b"")
    assert enter(lock, PIN) == Effect.FAULT
    assert fault(lock)


@pytest.fixture
def c_lock():
    library()
    return locked(CLock)


@pytest.mark.parametrize("offset", [HASH_TO_COUNT, HASH_TO_COUNT + 1])
@pytest.mark.parametrize("during", [False, True])
def test_a_count_that_changed_in_memory_does_not_open_in_c(c_lock, offset, during):
    lock, hooks = c_lock
    known = decode(hooks.slots[0]).hash
    at = bytes(lock.memory).index(known) + offset

    def change(found=None):
        lock.memory[at] = bytes([lock.memory[at][0] ^ 4])

    if during:
        hooks.during = change
    else:
        change()
    assert enter(lock, PIN) == Effect.FAULT
    assert fault(lock)
    assert hooks.derived - during == 1  # when it was set


@pytest.mark.parametrize("slot", [0, 1])
def test_a_record_that_is_once_misread_as_blank_is_no_first_use(make, slot):
    """Its other copy is lost: what is read as blank twice is blank, and no less."""
    _, hooks = locked(make)
    hooks.slots[1 - slot] = b""
    read, misread = hooks.read, [b""]
    hooks.read = lambda asked: misread.pop() if misread and asked == slot else read(asked)
    assert fault(make(hooks, QUICK, 0))
    assert misread == []


def test_counts_that_contradict_each_other_are_no_record(make):
    _, hooks = locked(make)
    whole = decode(hooks.slots[0])
    for failed in (0, 9, 255):
        data = bytearray(replace(whole, failed=failed).encode()[:62])
        for place in (60, 61):
            wrong = data.copy()
            wrong[place] ^= 1
            hooks.slots = [with_crc(wrong)] * 2
            assert make(hooks, QUICK, 0).message == Message.RECORD


def with_crc(body):
    return bytes(body) + zlib.crc32(body).to_bytes(4, "little")


def test_c_forgets_digits(c_lock):
    lock, _ = c_lock

    def known(*pins):
        return [pin for pin in pins if pin in bytes(lock.memory)]

    assert not known(PIN)
    for digit in PIN[:3]:
        lock.step(Event.DIGIT, 0, digit - ord("0"))
    assert known(PIN[:3])
    lock.step(Event.CLEAR, 0)
    assert not known(PIN[:3])
    assert known(PIN[:2])
    lock.step(Event.TRY, 0)
    assert not known(PIN[:2])
    lock.step(Event.TRY, 0)
    enter(lock, PIN)
    assert lock.state == State.OPEN
    assert not known(PIN)
    lock.step(Event.CLEAR, 0)
    enter(lock, PIN)
    enter(lock, WRONG)
    assert known(WRONG)
    enter(lock, WRONG)
    assert lock.message == Message.CHANGED
    assert not known(PIN, WRONG)
    enter(lock, PIN)
    assert lock.state == State.WAITING
    assert not known(PIN, WRONG)


@pytest.mark.parametrize("then", [Event.CLEAR, Event.TICK])
def test_c_forgets_the_first_entry_of_what_is_given_up(then):
    library()
    lock = CLock(Hooks(), QUICK, 0)
    enter(lock, PIN)
    assert PIN in bytes(lock.memory)
    lock.step(then, 30_000)
    assert lock.state == State.CHOOSE
    assert PIN not in bytes(lock.memory)


def test_c_forgets_what_it_made_of_a_pin():
    """It lies on the stack, where a compiler leaves out what nobody reads any more."""
    own = Path(__file__).parent / "forgets.c"
    program = host_compiler.build([*LOCK_SOURCES, own], INCLUDE, shared=False)
    done = subprocess.run([program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "chosen, forgotten\nrefused, forgotten\n")


def test_all_other_pins_may_be_chosen(make):
    refused = set()
    for number in range(0, 10_000, 7):
        lock = make(Hooks(), QUICK, 0)
        enter(lock, b"%04d" % number)
        if lock.state != State.REPEAT:
            refused.add(f"{number:04}")
    assert refused == {pin for pin in COMMON if int(pin) % 7 == 0}


def test_without_power_for_its_bolt_a_lock_does_not_open(make):
    lock, _ = locked(make)
    lock.power(on=False)
    assert enter(lock, WRONG) == Effect.REFUSED
    assert lock.attempts_left == 9
    assert enter(lock, PIN, 1000) == Effect.UNPOWERED
    assert (lock.state, lock.message) == (State.LOCKED, Message.POWER)
    assert lock.attempts_left == 10  # it was the right one
    lock.power(on=True)
    assert Effect.OPENED in enter(lock, PIN)


def test_a_lock_whose_bolt_loses_its_power_is_open_no_longer(make):
    lock, _ = locked(make)
    enter(lock, PIN)
    lock.power(on=False)
    assert lock.state == State.OPEN  # until the next step
    assert lock.step(Event.TICK, 1) == Effect.UNPOWERED | Effect.LOCKED
    assert (lock.state, lock.message) == (State.LOCKED, Message.POWER)


@pytest.mark.parametrize("event", [Event.CLEAR, Event.TRY, Event.ENTER])
def test_no_event_leads_past_that(make, event):
    lock, _ = locked(make)
    enter(lock, PIN)
    lock.power(on=False)
    assert Effect.LOCKED in lock.step(event, 1)
    assert lock.state in (State.LOCKED, State.TRY)


@pytest.mark.parametrize(
    ("event", "effect"),
    [
        (Event.DIGIT, Effect.DIGIT),
        (Event.UNREAD, Effect.UNREAD),
        (Event.RESET, Effect.RESET),
    ],
)
def test_what_the_loss_of_power_brought_about_is_told_beside_what_the_event_did(
    make, event, effect
):
    lock, _ = locked(make)
    enter(lock, PIN)
    lock.power(on=False)
    assert lock.step(event, 1, 3) == Effect.UNPOWERED | Effect.LOCKED | effect


def test_a_change_of_pin_needs_no_power(make):
    lock, _ = locked(make)
    enter(lock, PIN)
    lock.step(Event.CLEAR, 0)
    lock.power(on=False)
    enter(lock, PIN)
    assert lock.state == State.CHANGE_NEW
    enter(lock, WRONG)
    assert Effect.SET in enter(lock, WRONG)


CHIP, OTHER_CHIP = bytes(range(6)).ljust(16, b"\0"), bytes(range(1, 7)).ljust(16, b"\0")


def bound(make):
    hooks = Hooks()
    hooks.own = CHIP
    lock = make(hooks, QUICK, 0)
    enter(lock, PIN)
    assert Effect.SET in enter(lock, PIN)
    return hooks


def test_a_pin_opens_on_its_own_chip_alone(make):
    hooks = bound(make)
    assert [decode(slot).bound for slot in hooks.slots] == [True, True]
    assert [slot[3] for slot in hooks.slots] == [3, 3]
    assert Effect.OPENED in enter(make(hooks, QUICK, 0), PIN)
    hooks.own = OTHER_CHIP
    assert enter(make(hooks, QUICK, 0), PIN) == Effect.REFUSED
    hooks.own = None
    lock = make(hooks, QUICK, 0)
    assert Effect.FAULT in enter(lock, PIN, 3_600_000)
    assert fault(lock)


def test_the_salt_is_the_records_and_the_chips(make):
    hooks = bound(make)
    record = decode(hooks.slots[0])
    salt = bytes(a ^ b for a, b in zip(record.salt, CHIP, strict=True))
    assert record.hash == hooks.derive(PIN, salt, 1) != hooks.derive(PIN, record.salt, 1)


def test_a_record_of_before_opens_and_is_bound_with_the_next_pin(make):
    lock, hooks = locked(make)
    assert [slot[3] for slot in hooks.slots] == [2, 2]
    hooks.own = CHIP
    lock = make(hooks, QUICK, 0)
    assert Effect.OPENED in enter(lock, PIN)
    assert [slot[3] for slot in hooks.slots] == [2, 2]
    lock.step(Event.CLEAR, 0)
    enter(lock, PIN)
    enter(lock, WRONG)
    assert Effect.SET in enter(lock, WRONG)
    assert [slot[3] for slot in hooks.slots] == [3, 3]
    assert Effect.OPENED in enter(make(hooks, QUICK, 0), WRONG)
