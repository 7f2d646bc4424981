"""The event log in Python and in C: the same bytes in storage, the same lines."""

import ctypes
import struct
import zlib
from random import Random

import bindings
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.lock import LOG_SIZE, Effect, Log, LogKind, MemoryHooks, Message

pytestmark = pytest.mark.usefixtures("library")

MESSAGES = list(Message)
EFFECTS = [Effect(0), *Effect, Effect.REFUSED | Effect.FAULT, Effect.RESET | Effect.LOCKED]


@pytest.fixture(scope="session")
def library():
    return bindings.library()


class Pair:
    """Both logs, each on its own storage, compared after whatever happens to them."""

    def __init__(self, slots=(b"", b""), message=Message.NONE, now=0):
        self.storages = [MemoryHooks(), MemoryHooks()]
        for storage in self.storages:
            storage.slots = list(slots)
        self.events = 0
        self.boot(message, now)

    def boot(self, message, now):
        python, c = self.storages
        self.logs = [Log(python, message, now), bindings.CLog(c, message, now)]
        self.compare()

    def take(self, effects, message, now):
        for log in self.logs:
            log.take(effects, message, now)
        self.compare()

    def limit(self, power):
        for storage in self.storages:
            storage.power = power

    def compare(self):
        self.events += 1
        python, c = self.storages
        assert c.slots == python.slots
        assert c.power == python.power
        assert self.logs[1].lines() == self.logs[0].lines()


def test_random_lives(record_property):
    random = Random(6)
    pair, lines, now = Pair(), set(), 2**32 - 10_000_000
    while pair.events < 5000:
        now = (now + random.choice((0, 10, 999, 100_000))) % 2**32
        if random.random() < 0.1:
            pair.limit(random.choice((None, random.randrange(400))))
        if random.random() < 0.1:
            pair.boot(random.choice(MESSAGES), now)
        pair.take(random.choice(EFFECTS), random.choice(MESSAGES), now)
        lines |= {line.split(" ", 2)[2].rsplit(" ", 2)[0] for line in pair.logs[0].lines()}
    assert len(lines) == len(LogKind)
    record_property("log events compared", pair.events)


@pytest.mark.parametrize("place", [1, 31, 32, 2**32 - 1])
def test_where_there_is_no_event_the_line_is_empty(library, place):
    log, slots = bindings.buffer("ink_log"), bindings.CSlots(MemoryHooks())
    library.ink_log_start(log, ctypes.byref(slots), Message.NONE, 0)
    line = ctypes.create_string_buffer(b"left over", bindings.LINE_SIZE)
    assert not library.ink_log_line(log, ctypes.c_uint(place), line)
    assert line.value == b""


def with_crc(count, kinds):
    """Return the bytes of a log of this count, its entries of these kinds."""
    entries = b"".join(struct.pack("<BI", kind, 0xFFFFFFFF - kind) for kind in kinds)
    body = struct.pack("<4sI", b"LOG\1", count) + entries
    return body + struct.pack("<I", zlib.crc32(body))


@pytest.mark.parametrize("slot", [0, 1])
@pytest.mark.parametrize("place", [0, 31])
def test_a_kind_of_event_is_known_or_there_is_no_log(slot, place):
    for kind in (max(LogKind), max(LogKind) + 1, 255):
        slots = [b"", b""]
        slots[slot] = with_crc(40, [kind if i == place else 1 for i in range(32)])
        known = kind <= max(LogKind)
        assert len(Pair(slots).logs[1].lines()) == (32 if known else 2)


@pytest.mark.parametrize("place", range(4))
def test_what_begins_otherwise_is_no_log_whatever_its_check_sum(place):
    body = bytearray(with_crc(40, [1] * 32)[:-4])
    body[place] ^= 2
    data = bytes(body) + struct.pack("<I", zlib.crc32(body))
    assert [line.split()[2] for line in Pair((data, data)).logs[1].lines()] == ["reboot", "storage"]


kinds = st.lists(st.integers(0, len(LogKind)), min_size=32, max_size=32)
slots = st.binary(max_size=LOG_SIZE + 8) | st.builds(
    with_crc, st.integers(0, 100) | st.integers(0, 2**32 - 1), kinds
)


@settings(max_examples=300)
@given(first=slots, second=slots, message=st.sampled_from(MESSAGES))
def test_whatever_the_slots_hold(first, second, message):
    pair = Pair([first, second], message)
    pair.take(Effect.OPENED, Message.NONE, 5000)
    pair.boot(Message.NONE, 0)
