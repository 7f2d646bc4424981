"""The event log: what it notes, keeps and forgets."""

import zlib

import pytest

from inkpin.lock import (
    LOG_ENTRIES,
    LOG_SIZE,
    Config,
    Effect,
    Event,
    FileSlots,
    Lock,
    Log,
    LogKind,
    MemoryHooks,
    Message,
    State,
)

PIN, WRONG = "3141", "2718"
FRESH = ["Log 1 reboot 0 s"]
LOST = [*FRESH, "Log 2 storage fault 0 s"]


class Desk:
    """A lock with a log, and a clock that each step moves by a second."""

    def __init__(self, max_failures=10):
        self.hooks, self.storage = MemoryHooks(), MemoryHooks()
        self.config = Config(iterations=1, max_failures=max_failures)
        self.now = 0
        self.boot()

    def boot(self):
        self.lock = Lock(self.hooks, self.config, self.now)
        self.log = Log(self.storage, self.lock.message, self.now)

    def do(self, event, symbol=0):
        self.now += 1000
        self.log.take(self.lock.step(event, self.now, symbol), self.lock.message, self.now)

    def enter(self, pin):
        while self.lock.state == State.WAITING:
            self.do(Event.TICK)
        for digit in pin:
            self.do(Event.DIGIT, int(digit))
        self.do(Event.ENTER)

    def kinds(self):
        return [entry.kind.name for entry in self.log.entries]


def with_crc(body):
    return bytes(body) + zlib.crc32(bytes(body)).to_bytes(4, "little")


@pytest.fixture
def desk():
    return Desk()


def test_everything_is_noted(desk):
    desk.enter(PIN)
    desk.enter(PIN)
    desk.enter(WRONG)
    desk.enter(PIN)
    desk.do(Event.CLEAR)
    for pin in (PIN, WRONG, WRONG):
        desk.enter(pin)
    desk.boot()
    assert desk.log.lines() == [
        "Log 1 reboot 0 s",
        "Log 2 PIN set 10 s",
        "Log 3 refused 15 s",
        "Log 4 opened 21 s",
        "Log 5 PIN changed 37 s",
        "Log 6 reboot 0 s",
    ]


def test_seconds_count_from_the_start_though_the_clock_wraps():
    storage = MemoryHooks()
    log = Log(storage, Message.NONE, 2**32 - 500)
    log.take(Effect.OPENED, Message.NONE, 2**32 + 499)
    log.take(Effect.OPENED, Message.NONE, 500)
    assert [entry.seconds for entry in log.entries] == [0, 0, 1]


def test_too_many_failures_are_a_refusal_and_a_lock_out():
    desk = Desk(max_failures=2)
    for pin in (PIN, PIN, WRONG, WRONG):
        desk.enter(pin)
    assert desk.kinds() == ["REBOOT", "PIN_SET", "REFUSED", "REFUSED", "LOCKED_OUT"]
    desk.boot()
    assert desk.kinds()[-1] == "REBOOT"


def test_storage_that_fails_is_noted(desk):
    desk.enter(PIN)
    desk.hooks.power = 0
    desk.enter(PIN)
    assert desk.kinds() == ["REBOOT", "STORAGE_FAULT"]
    desk.boot()
    assert desk.kinds()[-2:] == ["REBOOT", "STORAGE_FAULT"]


def test_a_record_that_cannot_be_read_is_noted(desk):
    desk.hooks.slots = [b"bad", b"bad"]
    desk.boot()
    assert desk.kinds() == ["REBOOT", "STORAGE_FAULT"]


def test_a_factory_reset_leaves_nothing_before_it(desk):
    desk.enter(PIN)
    desk.enter(PIN)
    desk.do(Event.RESET)
    assert desk.log.lines() == ["Log 3 factory reset 11 s"]
    assert sorted(map(len, desk.storage.slots)) == [0, LOG_SIZE]
    desk.boot()
    assert desk.kinds() == ["RESET", "REBOOT"]


def test_the_last_events_are_kept(desk):
    for _ in range(50):
        desk.log.take(Effect.OPENED, Message.NONE, desk.now)
    for log in (desk.log, Log(desk.storage, Message.NONE, 0)):
        numbers = [entry.number for entry in log.entries]
        assert len(numbers) == LOG_ENTRIES
        assert numbers == list(range(numbers[-1] - 31, numbers[-1] + 1))
    assert numbers[-1] == 52


def test_reboots_in_a_row_are_noted_once(desk):
    for _ in range(50):
        desk.boot()
    assert desk.kinds() == ["REBOOT"]


@pytest.mark.parametrize("effects", [Effect(0), Effect.DIGIT, Effect.UNREAD, Effect.LOCKED])
def test_the_rest_is_not_noted(desk, effects):
    slots = list(desk.storage.slots)
    desk.log.take(effects, Message.NONE, 0)
    assert desk.storage.slots == slots


def test_the_bytes_are_as_documented(desk):
    desk.log.take(Effect.OPENED, Message.NONE, 0x01020304 * 1000 % 2**32)
    data = desk.storage.slots[0]
    assert len(data) == LOG_SIZE == 172
    assert data[:8] == b"LOG\1" + (2).to_bytes(4, "little")
    assert data[8:13] == b"\1" + bytes(4)
    assert data[13:18] == b"\4" + (0x01020304 * 1000 % 2**32 // 1000).to_bytes(4, "little")
    assert not any(data[18:168])
    assert data == with_crc(data[:168])


def test_a_power_cut_loses_the_newest_event_at_most(desk):
    for _ in range(3):
        desk.log.take(Effect.REFUSED, Message.NONE, 0)
        before, slots = desk.kinds(), list(desk.storage.slots)
        for power in range(LOG_SIZE + 2):
            storage = MemoryHooks()
            storage.slots = list(slots)
            log = Log(storage, Message.NONE, 0)
            noted = len(log.entries)
            storage.power = power
            log.take(Effect.OPENED, Message.NONE, 0)
            storage.power = None
            after = [entry.kind.name for entry in Log(storage, Message.NONE, 0).entries]
            whole = power > LOG_SIZE
            assert noted == len(before) + 1
            assert after == [*before, "REBOOT", *(["OPENED", "REBOOT"] if whole else [])]


@pytest.mark.parametrize(
    "wreck",
    [None, b"", b"LOG\1", b"\xff" * 172, bytes(172), bytes(171), with_crc(b"LOG\2" + bytes(164))],
)
def test_a_log_that_cannot_be_read_is_empty_and_says_so(wreck):
    class Wrecked(MemoryHooks):
        def read(self, slot):
            return wreck

    assert Log(Wrecked(), Message.NONE, 0).lines() == (FRESH if wreck == b"" else LOST)


def test_every_flipped_bit_is_noticed(desk):
    desk.enter(PIN)
    desk.enter(PIN)
    whole = list(desk.storage.slots)
    newest = whole[1 - (len(desk.kinds()) % 2 == 0)]
    for bit in range(8 * LOG_SIZE):
        damaged = bytearray(newest)
        damaged[bit // 8] ^= 1 << bit % 8
        storage = MemoryHooks()
        storage.slots = [bytes(damaged), b""]
        assert Log(storage, Message.NONE, 0).lines() == LOST


def test_an_unknown_kind_of_event_makes_no_log():
    body = bytearray(b"LOG\1" + (1).to_bytes(4, "little") + bytes(160))
    body[8] = max(LogKind)
    storage = MemoryHooks()
    storage.slots = [with_crc(body), b""]
    assert [entry.kind for entry in Log(storage, Message.NONE, 0).entries] == [
        max(LogKind),
        LogKind.REBOOT,
    ]
    body[8 + 5 * 31] = max(LogKind) + 1
    storage.slots = [with_crc(body), b""]
    assert Log(storage, Message.NONE, 0).lines() == LOST


def test_storage_that_cannot_be_written_keeps_the_log_until_the_power_goes(desk):
    desk.storage.power = 0
    desk.enter(PIN)
    desk.enter(PIN)
    assert desk.lock.message == Message.SET
    assert desk.kinds() == ["REBOOT", "PIN_SET"]


def test_a_log_in_files(tmp_path):
    slots = FileSlots(tmp_path, "log", LOG_SIZE)
    Log(slots, Message.NONE, 0).take(Effect.OPENED, Message.NONE, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log-0.bin", "log-1.bin"]
    log = Log(slots, Message.NONE, 0)
    assert [entry.kind.name for entry in log.entries] == ["REBOOT", "OPENED", "REBOOT"]
