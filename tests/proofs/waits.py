"""The waits: as long as they are said to be, to the millisecond, in every way there is into one.

The clock is set so that it wraps within them, too. Nothing that is done in a wait is heeded,
shortens it or is checked; a start in its midst begins it anew. What stands unsent, is being chosen
or changed, or is open, ends after half a minute.
"""

import itertools
from collections.abc import Callable, Iterator

from bindings import LockLike, MakeLock

from inkpin.lock import Config, Effect, Event, State
from proofs.locks import OTHER, PIN, WRONG, CountingHooks, enter
from proofs.tally import Tally

WAITS_S = (1, 3, 7, 15, 31, 63, 127, 255, 511)
"""After each failure but the last, as docs/threat-model.md has them."""
IDLE_MS = 30_000
WRAP = 1 << 32
REAL = Config(iterations=1)


class Person:
    """Somebody before a lock, and the clock.

    Attributes:
        make: makes the lock.
        hooks: its surroundings.
        lock: the lock.
        now: the clock.
    """

    def __init__(self, make: MakeLock, hooks: CountingHooks, now: int) -> None:
        self.make, self.hooks, self.now = make, hooks, now % WRAP
        self.boot()

    def boot(self) -> None:
        """Switch it off and on."""
        self.lock: LockLike = self.make(self.hooks, REAL, self.now)

    def after(self, ms: int) -> None:
        """Let time pass in one go."""
        self.now = (self.now + ms) % WRAP
        self.lock.step(Event.TICK, self.now)

    def enter(self, pin: bytes) -> Effect:
        """Write a PIN and submit it."""
        return enter(self.lock, pin, self.now)

    def do(self, event: Event) -> Effect:
        """Press something."""
        return self.lock.step(event, self.now)


def _ways(make: MakeLock, failures: int, now: int) -> Iterator[tuple[str, Person]]:
    """Yield persons before a lock that has begun to wait, in each way."""
    hooks = CountingHooks()
    person = Person(make, hooks, 0)
    person.enter(PIN)
    person.enter(PIN)
    for wait_s in WAITS_S[: failures - 1]:
        person.enter(WRONG)
        person.after(1000 * wait_s)
    before = hooks.slots

    def again() -> Person:
        return Person(make, CountingHooks(before), now)

    last = 1000 * WAITS_S[failures - 2] if failures > 1 else 0
    refused = Person(make, CountingHooks(before), now - last)
    refused.after(last)
    refused.enter(WRONG)
    yield "refused", refused
    booted = Person(make, CountingHooks(before), now - last)
    booted.after(last)
    booted.enter(WRONG)
    booted.boot()
    yield "booted", booted
    torn = again()
    torn.hooks.slots[1] = b"torn"
    torn.boot()
    yield "mended", torn
    if failures == 1:
        changing = again()
        changing.enter(PIN)
        changing.do(Event.CLEAR)
        changing.enter(WRONG)
        yield "refused in a change", changing


def _starts(wait_ms: int) -> tuple[int, ...]:
    return 0, WRAP - 1, WRAP - wait_ms // 2, WRAP - wait_ms, WRAP - wait_ms + 1, 1 << 31


def waits(tally: Tally, name: str, make: MakeLock) -> None:
    """Wait after each number of failures, in each way, at each start of the clock."""
    for failures, wait_s in enumerate(WAITS_S, 1):
        for start in _starts(1000 * wait_s):
            for way, person in _ways(make, failures, start):
                what = f"{name}, {failures} failures, {way}, clock at {start}"
                _wait(tally, what, person, wait_s)


def _wait(tally: Tally, what: str, person: Person, wait_s: int) -> None:
    lock, derived, passed = person.lock, person.hooks.derived, 0
    left = lock.attempts_left
    seconds = sorted({1, 2, wait_s // 2, wait_s - 1, wait_s} - {0})
    moments = [ms for s in seconds for ms in (1000 * s - 1, 1000 * s, 1000 * s + 1)]
    for moment in (0, *(ms for ms in moments if ms < 1000 * wait_s)):
        person.after(moment - passed)
        passed = moment
        with tally.case(f"{what}: after {moment} ms"):
            assert lock.state == State.WAITING, f"{State(lock.state).name}"
            assert lock.seconds_left == -(-(1000 * wait_s - moment) // 1000), "seconds"
            assert not person.enter(PIN), "heeded"
            for event in set(Event) - {Event.RESET}:
                lock.touch(person.now)
                assert not person.do(event), "heeded"
            assert lock.state == State.WAITING, "ended"
            assert (person.hooks.derived, lock.attempts_left) == (derived, left), "checked"
    with tally.case(f"{what}: a start in its midst"):
        other = Person(person.make, CountingHooks(person.hooks.slots), person.now)
        other.after(1000 * wait_s - 1)
        assert other.lock.state == State.WAITING, "a start shortens it"
    with tally.case(f"{what}: its end"):
        person.after(1000 * wait_s - passed)
        assert lock.state == State.LOCKED, "it does not end"
        assert lock.seconds_left == 0
        assert Effect.OPENED in person.enter(PIN), "the PIN does not open"


def _digits(pin: bytes) -> Callable[[Person], None]:
    def write(person: Person) -> None:
        for digit in pin:
            person.lock.step(Event.DIGIT, person.now, digit - ord("0"))

    return write


def _unlock(person: Person) -> None:
    person.enter(PIN)


def _change(*pins: bytes) -> Callable[[Person], None]:
    def change(person: Person) -> None:
        person.enter(PIN)
        person.do(Event.CLEAR)
        for pin in pins:
            person.enter(pin)

    return change


IDLE: tuple[tuple[str, bool, Callable[[Person], None], State, State], ...] = (
    ("digits of a first PIN", False, _digits(PIN), State.CHOOSE, State.CHOOSE),
    ("a digit of a first PIN", False, _digits(PIN[:1]), State.CHOOSE, State.CHOOSE),
    ("a PIN to repeat", False, lambda person: _first(person), State.REPEAT, State.CHOOSE),
    ("digits", True, _digits(PIN), State.LOCKED, State.LOCKED),
    ("a digit", True, _digits(PIN[:1]), State.LOCKED, State.LOCKED),
    ("an open lock", True, _unlock, State.OPEN, State.LOCKED),
    ("a change, the old PIN", True, _change(), State.CHANGE_OLD, State.LOCKED),
    ("a change, the new PIN", True, _change(PIN), State.CHANGE_NEW, State.LOCKED),
    ("a change, the repetition", True, _change(PIN, OTHER), State.CHANGE_REPEAT, State.LOCKED),
)


def _first(person: Person) -> None:
    person.enter(PIN)
    _digits(PIN)(person)


def idle(tally: Tally, name: str, make: MakeLock) -> None:
    """Leave a lock alone with what was begun, for half a minute, and touch it within."""
    hooks = CountingHooks()
    setting = Person(make, hooks, 0)
    setting.enter(PIN)
    setting.enter(PIN)
    used = hooks.slots
    for what, with_pin, act, begun, ended in IDLE:
        for start, touched in itertools.product(_starts(IDLE_MS), (False, True)):
            with tally.case(f"{name}, {what}, clock at {start}, {touched=}"):
                person = Person(make, CountingHooks(used if with_pin else None), start)
                act(person)
                filled = person.lock.filled
                derived = person.hooks.derived
                person.after(IDLE_MS - 1)
                assert (person.lock.state, person.lock.filled) == (begun, filled), "ended early"
                if touched:
                    person.lock.touch(person.now)
                    person.after(1 if begun == State.OPEN else IDLE_MS - 1)
                    if begun != State.OPEN:
                        assert (person.lock.state, person.lock.filled) == (begun, filled)
                person.after(1)
                assert (person.lock.state, person.lock.filled) == (ended, 0), "stays"
                person.do(Event.ENTER)
                assert person.hooks.derived == derived, "checked or set after all"
                assert person.lock.state == ended, "sent after all"
        for start in _starts(IDLE_MS):
            with tally.case(f"{name}, {what}, clock at {start}, touched too late"):
                person = Person(make, CountingHooks(used if with_pin else None), start)
                act(person)
                person.now = (person.now + IDLE_MS) % WRAP
                person.lock.touch(person.now)  # before time is let pass
                person.after(0)
                assert (person.lock.state, person.lock.filled) == (ended, 0), "stays"


def countdown(tally: Tally, name: str, make: MakeLock) -> None:
    """Leave a lock open: the seconds that it says are left run down to one, then it locks."""
    for start in _starts(IDLE_MS):
        person = Person(make, CountingHooks(), start)
        person.enter(PIN)
        person.enter(PIN)
        with tally.case(f"{name}, closed, clock at {start}"):
            assert person.lock.seconds_left == 0
        person.enter(PIN)
        for left_s in range(IDLE_MS // 1000, 0, -1):
            for further in (0, 1, 998):
                with tally.case(f"{name}, {left_s} s left, {further=}, clock at {start}"):
                    person.after(further)
                    person.do(Event.UNREAD)
                    person.lock.touch(person.now)
                    assert person.lock.state == State.OPEN, "ended early"
                    assert person.lock.seconds_left == left_s
            person.after(1)
        with tally.case(f"{name}, open, its end, clock at {start}"):
            assert (person.lock.state, person.lock.seconds_left) == (State.LOCKED, 0), "stays"


def run(tally: Tally, name: str, make: MakeLock) -> None:
    """Try one implementation."""
    waits(tally, name, make)
    idle(tally, name, make)
    countdown(tally, name, make)
