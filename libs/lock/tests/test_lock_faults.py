"""Storage, key derivation and random bytes that fail: a fault, and never open."""

import pytest

from inkpin.lock import Effect, Event, MemoryHooks, Message, State

PIN = "3141"


class Failing(MemoryHooks):
    """Storage whose n-th write, or the read after it, goes wrong; and services that may fail."""

    def __init__(self, **services):
        super().__init__()
        self.writes_left = self.reads_left = None
        self.services = services

    def derive(self, pin, salt, iterations):
        return None if "derive" in self.services else super().derive(pin, salt, iterations)

    def random(self, count):
        return None if "random" in self.services else super().random(count)

    def write(self, slot, data):
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left < 0:
                return False
        return super().write(slot, data)

    def read(self, slot):
        if self.reads_left is not None:
            self.reads_left -= 1
            if self.reads_left < 0:
                return None
        return super().read(slot)


@pytest.mark.parametrize("good_writes", range(3))
def test_a_pin_that_cannot_be_stored_is_a_fault(make_desk, good_writes):
    desk = make_desk(hooks=Failing())
    desk.enter(PIN)
    desk.hooks.writes_left = good_writes
    assert desk.enter(PIN) == Effect.FAULT
    assert desk.look() == (State.FAULT, Message.STORAGE)
    assert desk.do(Event.RESET) == Effect(0)
    assert desk.look() == (State.FAULT, Message.STORAGE)


@pytest.mark.parametrize("fault", ["writes_left", "reads_left"])
@pytest.mark.parametrize("good", range(2))
def test_an_attempt_that_cannot_be_counted_is_never_checked(make_desk, fault, good):
    desk = make_desk(hooks=Failing())
    desk.enter(PIN)
    desk.enter(PIN)
    desk.hooks.derive = None
    setattr(desk.hooks, fault, good)
    assert desk.enter(PIN) == Effect.FAULT
    assert desk.look() == (State.FAULT, Message.STORAGE)


@pytest.mark.parametrize("fault", ["writes_left", "reads_left"])
@pytest.mark.parametrize("good", [2, 3])
def test_a_success_that_cannot_be_stored_does_not_open(make_desk, fault, good):
    desk = make_desk(hooks=Failing())
    desk.enter(PIN)
    desk.enter(PIN)
    setattr(desk.hooks, fault, good)
    assert desk.enter(PIN) == Effect.FAULT
    assert desk.look() == (State.FAULT, Message.STORAGE)
    setattr(desk.hooks, fault, None)
    desk.reboot()
    desk.wait(1000)
    assert desk.enter(PIN) == Effect.OPENED


@pytest.mark.parametrize("service", ["derive", "random"])
def test_no_pin_without_key_derivation_and_salt(make_desk, service):
    desk = make_desk(hooks=Failing(**{service: "broken"}))
    desk.enter(PIN)
    assert desk.enter(PIN) == Effect.FAULT
    assert desk.hooks.slots == [b"", b""]


def test_no_opening_without_key_derivation(make_desk):
    desk = make_desk(hooks=Failing())
    desk.enter(PIN)
    desk.enter(PIN)
    desk.hooks.services = {"derive": "broken"}
    assert desk.enter(PIN) == Effect.FAULT
    assert desk.look() == (State.FAULT, Message.STORAGE)
