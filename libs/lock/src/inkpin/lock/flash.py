"""Two slots in raw NOR flash, where blank is told from damaged.

NVS and filesystems answer "not found" for what is damaged; a lock without a record is one that
anybody may set. So nothing lies between the lock and the flash but this.

A slot is an area of two sectors of 4096 bytes, each of 16 places of 256 bytes. An entry takes one
place, integers little-endian:

    offset  size
         0     4  CRC-32 (as in zlib) of all bytes after it
         4     2  length of the content, 1 to 250
         6   250  content, then 0xFF

In an area that is whole, one sector is blank, and the other holds spent places (all zeros), the
entry, and blank places (all 0xFF), in that order. Anything else is damaged, but for a blank area on
whose first place a mark was begun: each bit that a whole mark has set is set. That counts as blank,
and the next mark finishes it.

Content is written to the place after the entry (of the other sector, after the last place) and read
back; only then the old place is overwritten with zeros, or its sector erased, and looked at. So an
area is damaged from the first byte to the last, and holds one entry before and after; a secret
outlives the next write nowhere. An area that is damaged is erased before it is written: whoever
writes makes sure that the other slot is whole. c/ink_flash.c does the same.

Each sector is erased once in 32 writes.
"""

import zlib
from enum import Enum, auto
from typing import Protocol

from inkpin.lock.slots import DAMAGED, MARK

SECTOR = 4096
AREA = 2 * SECTOR
CONTENT = 250
"""Bytes of content at most."""

_ENTRY, _HEAD = 256, 6
_PLACES = SECTOR // _ENTRY
_BLANK, _SPENT = b"\xff" * _ENTRY, bytes(_ENTRY)
_BLANK_SECTOR = b"\xff" * SECTOR


class Flash(Protocol):
    """A chip; none of these may raise, and each gives None or False if it failed."""

    def read(self, at: int, count: int) -> bytes | None:
        """Return bytes."""

    def program(self, at: int, data: bytes) -> bool:
        """Clear the bits that are clear in the data."""

    def erase(self, at: int) -> bool:
        """Set the bits of a sector."""


class _Kind(Enum):
    BLANK = auto()
    UNFINISHED = auto()
    LIVE = auto()
    DAMAGED = auto()
    FAILED = auto()


_Finding = tuple[_Kind, int, bytes]
"""What an area or a sector holds; for a live one, the place and the content of its entry."""


class FlashSlots:
    """Two slots in a flash.

    Args:
        flash: the chip.
        at: where the areas of the slots begin, which no sector, and better no partition, takes
            together.
    """

    def __init__(self, flash: Flash, at: tuple[int, int]) -> None:
        self._flash, self._at = flash, at

    def read(self, slot: int) -> bytes | None:
        """Return the content, b"" where blank, DAMAGED if anything else than one entry is there."""
        kind, _, content = self._look(self._at[slot])
        if kind == _Kind.FAILED:
            return None
        return DAMAGED if kind == _Kind.DAMAGED else content

    def write(self, slot: int, data: bytes) -> bool:
        """Write content of at most CONTENT bytes, and take away the old; b"" erases the area."""
        at = self._at[slot]
        kind, place, _ = self._look(at)
        if kind == _Kind.FAILED or len(data) > CONTENT:
            return False
        if not data:
            return self._erase_area(at)
        entry = _encode(data)
        if kind == _Kind.UNFINISHED and data == MARK:
            return self._put(at, entry)  # an erase that is cut could leave anything
        if kind != _Kind.LIVE:
            return self._erase_area(at) and self._put(at, entry)
        following = (place + 1) % (2 * _PLACES)
        if not self._put(at + following * _ENTRY, entry):
            return False
        if following % _PLACES == 0:
            return self._erase_sector(at + (place - _PLACES + 1) * _ENTRY)
        return self._put(at + place * _ENTRY, _SPENT)

    def _look(self, at: int) -> _Finding:
        first, second = self._look_at_sector(at), self._look_at_sector(at + SECTOR)
        if first[0] == _Kind.FAILED or second[0] == _Kind.BLANK:
            return first
        kind, place, content = second
        if kind != _Kind.FAILED and (first[0] != _Kind.BLANK or kind == _Kind.UNFINISHED):
            kind = _Kind.DAMAGED
        return kind, place + _PLACES, content

    def _look_at_sector(self, at: int) -> _Finding:
        data = self._flash.read(at, SECTOR)
        if data is None:
            return _Kind.FAILED, 0, b""
        if data == _BLANK_SECTOR:
            return _Kind.BLANK, 0, b""
        place = 0
        while data.startswith(_SPENT, place * _ENTRY):
            place += 1
        entry, rest = data[place * _ENTRY :][:_ENTRY], data[(place + 1) * _ENTRY :]
        if rest == _BLANK_SECTOR[: len(rest)]:
            if _is_whole(entry):
                return _Kind.LIVE, place, entry[_HEAD : _HEAD + entry[4]]
            if place == 0 and _is_unfinished_mark(entry):
                return _Kind.UNFINISHED, 0, b""
        return _Kind.DAMAGED, place, b""

    def _put(self, at: int, entry: bytes) -> bool:
        return self._flash.program(at, entry) and self._flash.read(at, _ENTRY) == entry

    def _erase_sector(self, at: int) -> bool:
        return self._flash.erase(at) and self._flash.read(at, SECTOR) == _BLANK_SECTOR

    def _erase_area(self, at: int) -> bool:
        """Erase the sectors that are not blank."""
        for sector in (at, at + SECTOR):
            data = self._flash.read(sector, SECTOR)
            if data is None or (data != _BLANK_SECTOR and not self._erase_sector(sector)):
                return False
        return True


def _encode(data: bytes) -> bytes:
    body = (len(data).to_bytes(2, "little") + data).ljust(_ENTRY - 4, b"\xff")
    return zlib.crc32(body).to_bytes(4, "little") + body


def _is_whole(entry: bytes) -> bool:
    length = int.from_bytes(entry[4:_HEAD], "little")
    intact = zlib.crc32(entry[4:]).to_bytes(4, "little") == entry[:4]
    return len(entry) == _ENTRY and 1 <= length <= CONTENT and intact


_MARK_ENTRY = _encode(MARK)


def _is_unfinished_mark(entry: bytes) -> bool:
    return all(here & mark == mark for here, mark in zip(entry, _MARK_ENTRY, strict=True))
