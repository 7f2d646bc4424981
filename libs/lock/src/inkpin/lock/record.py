"""The one record that the lock keeps, twice, so that a power cut never costs it.

A record is 65 bytes, integers little-endian:

    offset  size
         0     3  "INK"
         3     1  format version, 1
         4     4  sequence: one more with every new PIN
         8    16  salt
        24     4  iterations of PBKDF2-HMAC-SHA256, 1 to 1,000,000
        28    32  hash of the PIN
        60     1  failed: attempts that did not open, in a row
        61     4  CRC-32 (as in zlib) of all bytes before it

Every change writes slot 0 and reads it back, and only then slot 1, so a cut can tear one slot at
most. The first PIN of all is preceded by a MARK in slot 1: one byte, so that it is there or not
but never torn. It alone tells a first setting that was cut (a torn slot 0 beside the mark: first
use) from a record that was lost (a torn slot beside a blank one: fault). What a start concludes:

    slot 0       slot 1: blank      mark       valid    bad        read error
    blank                first use  first use  1, +1    fault      fault
    valid                0, +1      0, +1      (both)   0, +1      0, +1
    bad                  fault      first use  1, +1    fault      fault
    read error           fault      fault      1, +1    fault      fault

"0, +1" takes slot 0's record with one failed attempt more: the lost slot may have counted it.
"(both)" takes the PIN with the higher sequence and the higher of both counts; the same sequence
with different PINs is a fault. Bad is all else: torn, damaged, of another length or version.
A start then brings both slots to what it concluded, the slot that the PIN came from last.
"""

import struct
import zlib
from dataclasses import dataclass, replace
from enum import IntEnum

from inkpin.lock.slots import Slots

SALT_SIZE = 16
HASH_SIZE = 32
RECORD_SIZE = 65
MAX_ITERATIONS = 1_000_000
MARK = b"\xa5"

_LAYOUT = struct.Struct(f"<3sBI{SALT_SIZE}sI{HASH_SIZE}sB")
_MAGIC = b"INK"
_VERSION = 1


@dataclass(frozen=True)
class Record:
    """A PIN and the attempts on it; the module's text gives the bytes."""

    sequence: int
    salt: bytes
    iterations: int
    hash: bytes
    failed: int = 0

    def encode(self) -> bytes:
        """Return the 65 bytes."""
        body = _LAYOUT.pack(
            _MAGIC, _VERSION, self.sequence, self.salt, self.iterations, self.hash, self.failed
        )
        return body + zlib.crc32(body).to_bytes(4, "little")


def decode(data: bytes | None) -> Record | None:
    """Return the record in a slot's content; None if it is anything else."""
    if data is None or len(data) != RECORD_SIZE:
        return None
    body = data[: _LAYOUT.size]
    magic, version, *fields = _LAYOUT.unpack(body)
    record = Record(*fields)
    intact = zlib.crc32(body).to_bytes(4, "little") == data[_LAYOUT.size :]
    known = magic == _MAGIC and version == _VERSION
    return record if intact and known and 1 <= record.iterations <= MAX_ITERATIONS else None


class LoadStatus(IntEnum):
    """What the two slots amount to."""

    BLANK = 0  # first use
    VALID = 1
    UNREADABLE = 2
    FAILED = 3  # the storage, not its content


def reconcile(contents: tuple[bytes | None, bytes | None]) -> tuple[LoadStatus, Record | None, int]:
    """Apply the table above to the contents of both slots.

    Returns:
        The status; the record, for VALID; the slot that its PIN came from.
    """
    first, second = decode(contents[0]), decode(contents[1])
    if first and second:
        same_pin = (first.salt, first.iterations, first.hash) == (
            second.salt,
            second.iterations,
            second.hash,
        )
        if first.sequence == second.sequence and not same_pin:
            return LoadStatus.UNREADABLE, None, 0
        source = int(second.sequence > first.sequence)
        failed = max(first.failed, second.failed)
        return LoadStatus.VALID, replace((first, second)[source], failed=failed), source
    if survivor := first or second:
        failed = min(survivor.failed + 1, 255)
        return LoadStatus.VALID, replace(survivor, failed=failed), int(second is not None)
    if None in contents:
        return LoadStatus.FAILED, None, 0
    if contents[1] == MARK or contents == (b"", b""):
        return LoadStatus.BLANK, None, 0
    return LoadStatus.UNREADABLE, None, 0


def _put(slots: Slots, slot: int, data: bytes) -> bool:
    return slots.write(slot, data) and slots.read(slot) == data


def load(slots: Slots) -> tuple[LoadStatus, Record | None]:
    """Read both slots, reconcile them and bring both to the outcome."""
    contents = (slots.read(0), slots.read(1))
    status, record, source = reconcile(contents)
    if record:
        data = record.encode()
        for slot in (1 - source, source):
            if contents[slot] != data and not _put(slots, slot, data):
                return LoadStatus.FAILED, None
    return status, record


def store(slots: Slots, record: Record, *, first: bool = False) -> bool:
    """Write a record to both slots and read it back; `first` if no record came before it."""
    data = record.encode()
    return (not first or _mark(slots)) and _put(slots, 0, data) and _put(slots, 1, data)


def _mark(slots: Slots) -> bool:
    """Put the mark into slot 1; one that a cut setting left stays, for a cut now could lose it."""
    return slots.read(1) == MARK or _put(slots, 1, MARK)


def erase(slots: Slots) -> bool:
    """Erase both slots. Cut halfway, the other slot stands and the record comes back."""
    return _put(slots, 0, b"") and _put(slots, 1, b"")
