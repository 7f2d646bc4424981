"""Every state that a lock of two places and two symbols can reach, and every way between them."""

import copy

from inkpin.lock import Config, Effect, Event, Lock, MemoryHooks, State

SMALL = Config(length=2, alphabet=2, iterations=1, max_failures=3)
EVENTS = [(event, 0) for event in Event] + [(Event.DIGIT, 1)]
HOUR = 3_600_000


REPEATING = (State.REPEAT, State.CHANGE_REPEAT)


class Person:
    """A lock, and what whoever stands before it has written."""

    def __init__(self):
        self.lock = Lock(MemoryHooks(lambda count: bytes(count)), SMALL, 0)
        self.now = 0
        self.written = ()
        self.chosen = None
        self.pin = None

    def step(self, event, symbol):
        """Let one thing happen, and check that only the PIN opens and that only it is set."""
        before, written = self.lock.state, self.written
        self.now += HOUR if event == Event.TICK else 1
        effects = self.lock.step(event, self.now, symbol)
        after = self.lock.state
        if Effect.DIGIT in effects and before != State.TRY:
            self.written = (*written, symbol)
        self.written = self.written[: self.lock.filled]
        if Effect.SET in effects:
            assert written == self.chosen
            self.pin = written
        if Effect.RESET in effects:
            self.pin = None
        if after in REPEATING and before != after:
            self.chosen = written
        if after not in REPEATING:
            self.chosen = None
        if before != after and (after == State.OPEN or before == State.CHANGE_OLD):
            assert after in (State.WAITING, State.LOCKED, State.FAULT, State.CHOOSE) or (
                written == self.pin
            )
        assert (Effect.OPENED in effects) == (before != State.OPEN == after)

    def key(self):
        lock = self.lock
        return lock.state, lock.message, self.written, self.chosen, self.pin, lock.attempts_left


def explore():
    """Return how each state leads on: key -> {event: keys}."""
    waiting, found = [Person()], {}
    while waiting:
        person = waiting.pop()
        key = person.key()
        if key in found:
            continue
        found[key] = {event: set() for event in Event}
        for event, symbol in EVENTS:
            after = copy.deepcopy(person)
            after.step(event, symbol)
            found[key][event].add(after.key())
            waiting.append(after)
    return found


def test_nothing_opens_without_the_pin_and_every_state_has_a_way_out():
    found = explore()
    assert len(found) > 500
    assert {state for state, *_ in found} == set(State)
    faults = {key for key in found if key[0] == State.FAULT}
    for key, ways in found.items():
        assert {state for state, *_ in ways[Event.RESET]} == {State.CHOOSE}
        if key in faults:
            assert all(after == {key} for event, after in ways.items() if event != Event.RESET)

    opening = {key for key in found if key[0] == State.OPEN}
    while (
        more := {
            key
            for key, ways in found.items()
            if any(after & opening for event, after in ways.items() if event != Event.RESET)
        }
        - opening
    ):
        opening |= more
    assert opening == set(found) - faults
