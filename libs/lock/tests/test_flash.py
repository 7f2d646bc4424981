"""Two slots in a flash, in Python and in C, on a chip that fails as chips do."""

import ctypes
import zlib

import pytest
from bindings import CFlashSlots, library
from nor import Nor

from inkpin.lock import DAMAGED, MARK, FlashSlots
from inkpin.lock.flash import AREA, CONTENT, SECTOR

ENTRY = 256
AT = (0, AREA)
BLANK = b"\xff" * (2 * AREA)


@pytest.fixture(params=["Python", "C"])
def slots_in(request):
    if request.param == "Python":
        return FlashSlots
    library()
    return CFlashSlots


@pytest.fixture
def chip():
    return Nor(BLANK)


@pytest.fixture
def slots(slots_in, chip):
    return slots_in(chip, AT)


def test_the_bytes_are_as_documented(slots, chip):
    assert slots.write(1, b"content")
    body = b"\7\0content" + b"\xff" * 243
    entry = zlib.crc32(body).to_bytes(4, "little") + body
    assert chip.cells == BLANK[:AREA] + entry + BLANK[: AREA - ENTRY]


def test_a_slot_holds_what_was_written_last(slots):
    assert [slots.read(0), slots.read(1)] == [b"", b""]
    for number in range(100):
        data = bytes([number]) * (number % CONTENT + 1)
        assert slots.write(0, data)
        assert slots.read(0) == data
    assert slots.read(1) == b""
    assert slots.write(0, b"")
    assert slots.read(0) == b""


def test_content_has_a_limit(slots):
    assert slots.write(0, bytes(CONTENT))
    assert slots.read(0) == bytes(CONTENT)
    assert not slots.write(0, bytes(CONTENT + 1))
    assert slots.read(0) == bytes(CONTENT)


def test_nothing_of_what_was_written_before_is_left(slots, chip):
    for number in range(100):
        slots.write(0, b"secret%02d" % number)
        assert bytes(chip.cells).count(b"secret") == 1
    slots.write(0, b"")
    assert chip.cells == BLANK


def test_a_sector_is_erased_once_in_32_writes(slots, chip):
    for number in range(1 + 32 * 10):
        slots.write(0, bytes([number % 256]))
    assert chip.erased == [10, 10, 0, 0]


@pytest.mark.parametrize("writes", [0, 1, 2, 15, 16, 17, 32, 40])
def test_each_changed_byte_is_damage_and_is_mended_by_a_write(slots_in, writes):
    chip = Nor(BLANK)
    for number in range(writes):
        slots_in(chip, AT).write(0, bytes([number]) * 60)
    whole = bytes(chip.cells)
    for at in range(0, AREA, 61):
        spoilt = Nor(whole)
        spoilt.cells[at] ^= 0x10
        slots = slots_in(spoilt, AT)
        assert slots.read(0) == (b"" if _part_of_a_mark(spoilt.cells) else DAMAGED)
        assert slots.write(0, b"anew")
        assert slots.read(0) == b"anew"


def _part_of_a_mark(cells):
    chip = Nor(BLANK)
    FlashSlots(chip, AT).write(0, MARK)
    return all(a & b == b for a, b in zip(cells[:AREA], chip.cells[:AREA], strict=True))


@pytest.mark.parametrize("places", [(), (0, 1), (0, 2), (1,), (16,), (0, 16), (3,)])
def test_entries_at_places_that_no_write_leaves_are_damage(slots, chip, places):
    slots.write(1, b"an entry")
    entry = chip.cells[AREA : AREA + ENTRY]
    for place in places:
        chip.cells[place * ENTRY : (place + 1) * ENTRY] = entry
    wanted = {(): b"", (16,): b"an entry"}
    assert slots.read(0) == wanted.get(places, DAMAGED)


@pytest.mark.parametrize("sector", [0, 1])
def test_spent_places_without_an_entry_are_damage_be_it_one(slots_in, sector):
    for count in range(1, 17):
        chip = Nor(BLANK)
        begin = sector * SECTOR
        chip.cells[begin : begin + count * ENTRY] = bytes(count * ENTRY)
        assert slots_in(chip, AT).read(0) == DAMAGED


@pytest.mark.parametrize("capacity", [0, 1, 6, 7, 8, 9, 60])
@pytest.mark.parametrize("content", [b"content", DAMAGED])
def test_c_writes_no_more_than_there_is_room_for(content, capacity):
    library()
    slots = CFlashSlots(chip := Nor(BLANK), AT)
    assert slots.write(0, b"content")
    if content == DAMAGED:
        chip.cells[0] ^= 1
    room = (ctypes.c_uint8 * 64)(*b"\xaa" * 64)
    assert slots.slots.read(slots.slots.user, 0, room, capacity) == len(content)
    assert bytes(room) == content[:capacity].ljust(64, b"\xaa")


@pytest.mark.parametrize("length", [0, 1, CONTENT, CONTENT + 1, 255, 256, 256 + 7, 0xFFFF])
def test_a_length_that_no_write_leaves_is_damage_whatever_the_check_sum(slots, chip, length):
    body = length.to_bytes(2, "little") + bytes(range(CONTENT))
    chip.cells[:ENTRY] = zlib.crc32(body).to_bytes(4, "little") + body
    whole = 1 <= length <= CONTENT
    assert slots.read(0) == (bytes(range(length)) if whole else DAMAGED)


def test_a_mark_that_is_begun_is_blank_and_is_finished_without_an_erase(slots_in):
    for power in range(1, ENTRY):
        chip = Nor(BLANK, seed=power)
        chip.power = power
        assert not slots_in(chip, AT).write(1, MARK)
        chip.power = None
        slots = slots_in(chip, AT)
        assert slots.read(1) in (b"", MARK)
        assert slots.write(1, MARK)
        assert slots.read(1) == MARK
        assert chip.erased == [0] * 4


def test_nothing_but_a_mark_is_blank_when_it_is_begun(slots_in):
    seen = set()
    for power in range(2, ENTRY + 1):
        chip = Nor(BLANK, seed=power)
        chip.power = power
        slots_in(chip, AT).write(1, b"content that is no mark")
        chip.power = None
        seen.add(slots_in(chip, AT).read(1))
    assert DAMAGED in seen
    assert seen <= {DAMAGED, b"", b"content that is no mark"}


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("sector", [0, 1])
def test_a_sector_that_does_not_change_is_not_believed(slots_in, sector, silent):
    chip = Nor(BLANK)
    for number in range(16):
        assert slots_in(chip, AT).write(0, bytes([number]))
    chip.broken, chip.silent = frozenset({sector}), silent
    assert not slots_in(chip, AT).write(0, b"more")


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("sector", [0, 1])
@pytest.mark.parametrize("damaged", [False, True])
def test_a_sector_that_cannot_be_erased_is_not_taken_for_blank(slots_in, sector, silent, damaged):
    chip = Nor(BLANK)
    for number in range(16 * sector + 1):
        assert slots_in(chip, AT).write(0, bytes([number]))
    if damaged:
        chip.cells[sector * SECTOR + 7] ^= 1
    chip.broken, chip.silent = frozenset({sector}), silent
    before = slots_in(chip, AT).read(0)
    assert not slots_in(chip, AT).write(0, b"")
    assert slots_in(chip, AT).read(0) == before != b""


def test_a_read_error_is_one(slots_in, chip):
    assert slots_in(chip, AT).write(0, b"content")
    chip.spoil = lambda number, data: None
    slots = slots_in(chip, AT)
    assert slots.read(0) is None
    assert not slots.write(0, b"other")


class PartlyUnread(Nor):
    """A chip of which one sector cannot be read."""

    unread = None

    def __init__(self):
        super().__init__(BLANK)
        self.spoil = lambda _, data: data  # so that the C asks it, too

    def read(self, at, count):
        return None if at // SECTOR == self.unread else super().read(at, count)


@pytest.mark.parametrize("unread", [0, 1])
@pytest.mark.parametrize("writes", [0, 1, 16, 17, 40])
def test_a_read_error_of_either_sector_is_one_and_nothing_is_erased(slots_in, writes, unread):
    chip = PartlyUnread()
    for number in range(writes):
        assert slots_in(chip, AT).write(0, bytes([number]))
    whole, chip.unread = bytes(chip.cells), unread
    slots = slots_in(chip, AT)
    assert slots.read(0) is None
    assert not slots.write(0, b"other")
    assert not slots.write(0, b"")
    assert chip.cells == whole


def test_the_slots_lie_apart(slots, chip):
    slots.write(0, b"one")
    slots.write(1, b"two")
    chip.cells[:AREA] = bytes(AREA)
    assert [slots.read(0), slots.read(1)] == [DAMAGED, b"two"]
    assert AREA == 2 * SECTOR
