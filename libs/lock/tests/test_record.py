"""The record's bytes, and what two slots amount to."""

import zlib
from dataclasses import replace

import pytest

from inkpin.lock import (
    DAMAGED,
    MARK,
    RECORD_SIZE,
    LoadStatus,
    MemoryHooks,
    Record,
    decode,
    reconcile,
)
from inkpin.lock.record import erase, load, store, stored

RECORD = Record(0x01020304, bytes(range(16)), 10_000, bytes(range(100, 132)), 3)
NEWER = Record(0x01020305, bytes(range(1, 17)), 10_000, bytes(range(99, 131)), 0)
LAST, FIRST = replace(RECORD, sequence=0xFFFFFFFF), replace(NEWER, sequence=0)
BLANK, BAD, ERROR = b"", RECORD.encode()[:-1], None


def counted(record, failed):
    return replace(record, failed=failed)


def test_the_bytes_are_as_documented():
    data = RECORD.encode()
    assert len(data) == RECORD_SIZE == 66
    assert data[:8] == b"INK\2" + bytes.fromhex("04030201")
    assert data[8:24] == RECORD.salt
    assert data[24:28] == bytes.fromhex("10270000")
    assert data[28:60] == RECORD.hash
    assert data[60:62] == b"\3\xfc"
    assert data[62:] == zlib.crc32(data[:62]).to_bytes(4, "little")
    assert decode(data) == RECORD


def test_every_flipped_bit_is_noticed():
    data = RECORD.encode()
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        assert decode(bytes(damaged)) is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        MARK,
        b"\0" * RECORD_SIZE,
        b"\xff" * RECORD_SIZE,
        RECORD.encode()[:-1],
        RECORD.encode() + b"\0",
    ],
)
def test_other_content_is_no_record(data):
    assert decode(data) is None


@pytest.mark.parametrize("iterations", [0, 1_000_001])
def test_iterations_have_limits(iterations):
    assert decode(replace(RECORD, iterations=iterations).encode()) is None


@pytest.mark.parametrize("iterations", [1, 1_000_000])
def test_iterations_at_their_limits_are_taken(iterations):
    record = replace(RECORD, iterations=iterations)
    assert decode(record.encode()) == record


def test_another_version_is_no_record(monkeypatch):
    monkeypatch.setattr("inkpin.lock.record._VERSION", 1)
    data = RECORD.encode()
    monkeypatch.undo()
    assert decode(data) is None


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (BLANK, BLANK, LoadStatus.BLANK),
        (BLANK, MARK, LoadStatus.BLANK),
        (BLANK, BAD, LoadStatus.UNREADABLE),
        (BLANK, ERROR, LoadStatus.FAILED),
        (BAD, BLANK, LoadStatus.UNREADABLE),
        (BAD, MARK, LoadStatus.BLANK),
        (BAD, BAD, LoadStatus.UNREADABLE),
        (BAD, ERROR, LoadStatus.FAILED),
        (ERROR, BLANK, LoadStatus.FAILED),
        (ERROR, MARK, LoadStatus.FAILED),
        (ERROR, BAD, LoadStatus.FAILED),
        (ERROR, ERROR, LoadStatus.FAILED),
        (MARK, BLANK, LoadStatus.BLANK),
        (MARK, MARK, LoadStatus.BLANK),
        (MARK, BAD, LoadStatus.BLANK),
        (MARK, ERROR, LoadStatus.FAILED),
        (DAMAGED, BLANK, LoadStatus.UNREADABLE),
        (DAMAGED, DAMAGED, LoadStatus.UNREADABLE),
        (RECORD.encode(), replace(NEWER, sequence=RECORD.sequence).encode(), LoadStatus.UNREADABLE),
    ],
)
def test_two_slots_without_a_record(first, second, status):
    assert reconcile((first, second))[:2] == (status, None)


@pytest.mark.parametrize("lost", [BLANK, MARK, BAD, ERROR])
def test_one_lost_slot_counts_as_an_attempt(lost):
    survivor = RECORD.encode()
    assert reconcile((survivor, lost)) == (LoadStatus.VALID, RECORD.changed(4), 0)
    assert reconcile((lost, survivor)) == (LoadStatus.VALID, RECORD.changed(4), 1)


def test_the_count_ends_at_what_its_byte_holds():
    assert reconcile((counted(RECORD, 255).encode(), BAD))[1].failed == 255


@pytest.mark.parametrize(
    ("first", "second", "record", "source"),
    [
        (RECORD, RECORD, RECORD, 0),
        (RECORD, RECORD.changed(4), RECORD.changed(4), 1),
        (RECORD.changed(4), RECORD, RECORD.changed(4), 0),
        (NEWER, RECORD, NEWER.changed(3), 0),
        (RECORD, NEWER, NEWER.changed(3), 1),
        (LAST, FIRST, FIRST.changed(3), 1),
    ],
)
def test_two_records_give_the_newer_one_and_the_higher_count(first, second, record, source):
    assert reconcile((first.encode(), second.encode())) == (LoadStatus.VALID, record, source)


@pytest.mark.parametrize("ahead", [2, 3, 1000, 0x7FFFFFFF])
@pytest.mark.parametrize(("old", "failed"), [(0, 4), (9, 9)])
def test_a_slot_that_was_put_back_counts_as_lost(ahead, old, failed):
    newer = replace(RECORD, sequence=RECORD.sequence + ahead)
    older = counted(RECORD, old)
    mended = (LoadStatus.VALID, newer.changed(failed))
    assert reconcile((older.encode(), newer.encode())) == (*mended, 1)
    assert reconcile((newer.encode(), older.encode())) == (*mended, 0)


def test_a_count_that_its_inverse_contradicts_is_no_record():
    data = bytearray(RECORD.encode()[:62])
    for place in (60, 61):
        wrong = data.copy()
        wrong[place] ^= 1
        assert decode(bytes(wrong) + zlib.crc32(wrong).to_bytes(4, "little")) is None
    assert decode(bytes(data) + zlib.crc32(data).to_bytes(4, "little")) == RECORD


class Watched(MemoryHooks):
    """Notes which slot is written with what."""

    def __init__(self, *slots):
        super().__init__()
        self.slots = list(slots)
        self.written = []

    def write(self, slot, data):
        self.written.append((slot, data))
        return super().write(slot, data)


def test_loading_repairs_the_lost_slot_first():
    repaired = RECORD.changed(4).encode()
    for lost in (0, 1):
        slots = [RECORD.encode(), RECORD.encode()]
        slots[lost] = BAD
        hooks = Watched(*slots)
        assert load(hooks) == (LoadStatus.VALID, RECORD.changed(4))
        assert hooks.written == [(lost, repaired), (1 - lost, repaired)]


def test_loading_what_is_whole_writes_nothing():
    hooks = Watched(RECORD.encode(), RECORD.encode())
    assert load(hooks) == (LoadStatus.VALID, RECORD)
    assert hooks.written == []


def test_loading_writes_nothing_that_it_cannot_reconcile():
    hooks = Watched(BLANK, BAD)
    assert load(hooks) == (LoadStatus.UNREADABLE, None)
    assert hooks.written == []


def test_a_repair_that_fails_is_a_fault():
    hooks = Watched(RECORD.encode(), BAD)
    hooks.power = 1
    assert load(hooks) == (LoadStatus.FAILED, None)


def test_first_use_is_looked_at_twice():
    class Misread(Watched):
        looks = 0

        def read(self, slot):
            self.looks += 1
            return b"" if self.looks <= 2 else super().read(slot)

    hooks = Misread(RECORD.encode(), RECORD.encode())
    assert load(hooks) == (LoadStatus.FAILED, None)
    assert hooks.written == []


@pytest.mark.parametrize("slots", [(RECORD.encode(), BLANK), (BLANK, RECORD.encode()), (BAD, BAD)])
def test_a_first_record_takes_no_other_ones_place(slots):
    hooks = Watched(*slots)
    assert not store(hooks, NEWER, first=True)
    assert hooks.written == []


@pytest.mark.parametrize("slots", [(BAD, MARK), (MARK, BAD), (DAMAGED, MARK)])
def test_loading_finishes_a_reset_or_a_setting_that_was_cut(slots):
    hooks = Watched(*slots)
    assert load(hooks) == (LoadStatus.BLANK, None)
    assert hooks.slots == [MARK, MARK]


def test_what_is_stored_is_read_anew():
    hooks = Watched(BAD, RECORD.encode())
    assert stored(hooks) == RECORD
    hooks.slots[1] = BAD
    assert stored(hooks) is None


@pytest.mark.parametrize("first", [BLANK, MARK, BAD])
@pytest.mark.parametrize("second", [BLANK, MARK])
def test_the_first_record_is_preceded_by_a_mark_that_is_not_written_twice(first, second):
    hooks = Watched(first, second)
    blank = first != BAD or second == MARK
    assert store(hooks, RECORD, first=True) == blank
    marked = [(1, MARK)] if second == BLANK else []
    kept = [*marked, (0, RECORD.encode()), (1, RECORD.encode())]
    assert hooks.written == (kept if blank else [])


def test_a_write_that_does_not_stick_stops_before_the_other_slot():
    class Forgetful(Watched):
        def write(self, slot, data):
            self.written.append((slot, data))
            return True

    hooks = Forgetful(RECORD.encode(), RECORD.encode())
    assert not store(hooks, NEWER)
    assert hooks.written == [(0, NEWER.encode())]


def test_erasing_leaves_marks_alone():
    hooks = Watched(RECORD.encode(), BAD)
    assert erase(hooks)
    assert hooks.slots == [MARK, MARK]
    assert hooks.written == [(0, b""), (0, MARK), (1, b""), (1, MARK)]
