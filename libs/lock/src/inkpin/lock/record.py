"""The one record that the lock keeps, twice, so that a power cut never costs it.

A record is 66 bytes, integers little-endian:

    offset  size
         0     3  "INK"
         3     1  format version: 2, or 3 if the hash is of the salt and the chip's own as well
         4     4  sequence: one more with every change
         8    16  salt
        24     4  iterations of PBKDF2-HMAC-SHA256, 1 to 1,000,000
        28    32  hash of the PIN
        60     1  failed: attempts that did not open, in a row
        61     1  failed again, each bit inverted
        62     4  CRC-32 (as in zlib) of all bytes before it

Every change writes slot 0 and reads it back, and only then slot 1, so a cut can tear one slot at
most. Before the first PIN of all, slot 1 gets a mark, and a factory reset erases slot 0, marks it,
and does the same to slot 1. A mark beside a torn slot tells a setting or a reset that was cut
(first use) from a record that was lost (fault). What a start concludes:

    slot 0       slot 1: blank      mark       valid    bad        read error
    blank                first use  first use  1, +1    fault      fault
    mark                 first use  first use  1, +1    first use  fault
    valid                0, +1      0, +1      (both)   0, +1      0, +1
    bad                  fault      first use  1, +1    fault      fault
    read error           fault      fault      1, +1    fault      fault

"0, +1" takes slot 0's record with one failed attempt more: the lost slot may have counted it.
"(both)" takes the one whose sequence is ahead, with the higher of both counts; if it is ahead by
more than one, the other was put back or is of a bygone time, and counts as lost, too. Two that
differ in spite of the same sequence are a fault. Bad is all else: torn, damaged, of another length
or version. A start brings both slots to what it concluded, the slot that the record came from
last, and believes in first use only after a second look.
"""

import struct
import zlib
from dataclasses import dataclass, replace
from enum import IntEnum

from inkpin.lock.slots import MARK, Slots

SALT_SIZE = 16
HASH_SIZE = 32
RECORD_SIZE = 66
MAX_ITERATIONS = 1_000_000

_LAYOUT = struct.Struct(f"<3sBI{SALT_SIZE}sI{HASH_SIZE}sBB")
_MAGIC = b"INK"
_VERSION, _BOUND_VERSION = 2, 3
_U32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Record:
    """A PIN and the attempts on it; the module's text gives the bytes."""

    sequence: int
    salt: bytes
    iterations: int
    hash: bytes
    failed: int = 0
    bound: bool = False

    def encode(self) -> bytes:
        """Return the 66 bytes."""
        secret = (self.salt, self.iterations, self.hash)
        count = (self.failed, self.failed ^ 0xFF)
        version = _BOUND_VERSION if self.bound else _VERSION
        body = _LAYOUT.pack(_MAGIC, version, self.sequence, *secret, *count)
        return body + zlib.crc32(body).to_bytes(4, "little")

    def changed(self, failed: int) -> "Record":
        """Return the record that follows, with another count."""
        return replace(self, failed=failed, sequence=(self.sequence + 1) & _U32)


def decode(data: bytes | None) -> Record | None:
    """Return the record in a slot's content; None if it is anything else."""
    if data is None or len(data) != RECORD_SIZE:
        return None
    body = data[: _LAYOUT.size]
    magic, version, *fields, inverted = _LAYOUT.unpack(body)
    record = replace(Record(*fields), bound=version == _BOUND_VERSION)
    intact = zlib.crc32(body).to_bytes(4, "little") == data[_LAYOUT.size :]
    known = magic == _MAGIC and version in (_VERSION, _BOUND_VERSION)
    known = known and record.failed ^ inverted == 0xFF
    return record if intact and known and 1 <= record.iterations <= MAX_ITERATIONS else None


class LoadStatus(IntEnum):
    """What the two slots amount to."""

    BLANK = 0  # first use
    VALID = 1
    UNREADABLE = 2
    FAILED = 3  # the storage, not its content


Contents = tuple[bytes | None, bytes | None]


def reconcile(contents: Contents) -> tuple[LoadStatus, Record | None, int]:
    """Apply the table above to the contents of both slots.

    Returns:
        The status; the record, for VALID; the slot that it came from.
    """
    first, second = decode(contents[0]), decode(contents[1])
    if first and second:
        ahead = (second.sequence - first.sequence) & _U32
        if ahead == 0 and first != second:
            return LoadStatus.UNREADABLE, None, 0
        source = int(0 < ahead <= _U32 // 2)
        record, other = (second, first) if source else (first, second)
        lost = min(ahead, _U32 + 1 - ahead) > 1
    elif survivor := first or second:
        record, other, source, lost = survivor, survivor, int(second is not None), True
    elif None in contents:
        return LoadStatus.FAILED, None, 0
    else:
        blank = MARK in contents or contents == (b"", b"")
        return LoadStatus.BLANK if blank else LoadStatus.UNREADABLE, None, 0
    failed = max(min(record.failed + lost, 255), other.failed)
    return LoadStatus.VALID, record if failed == record.failed else record.changed(failed), source


def _read(slots: Slots) -> Contents:
    return slots.read(0), slots.read(1)


def _put(slots: Slots, slot: int, data: bytes) -> bool:
    return slots.write(slot, data) and slots.read(slot) == data


def _mark(slots: Slots, slot: int) -> bool:
    """Erase a slot, and say so."""
    return _put(slots, slot, b"") and _put(slots, slot, MARK)


def load(slots: Slots) -> tuple[LoadStatus, Record | None]:
    """Read both slots, reconcile them and bring both to the outcome."""
    contents = _read(slots)
    status, record, source = reconcile(contents)
    if record:
        data = record.encode()
        for slot in (1 - source, source):
            if contents[slot] != data and not _put(slots, slot, data):
                return LoadStatus.FAILED, None
    elif status == LoadStatus.BLANK:
        if _read(slots) != contents:
            return LoadStatus.FAILED, None
        for slot in (0, 1):
            if contents[slot] not in (b"", MARK) and not _mark(slots, slot):
                return LoadStatus.FAILED, None
    return status, record


def store(slots: Slots, record: Record, *, first: bool = False) -> bool:
    """Write a record to both slots and read it back.

    Args:
        slots: the lock's.
        record: the record.
        first: whether none came before it; then the slots must still say so.
    """
    data = record.encode()
    return (not first or _begin(slots)) and _put(slots, 0, data) and _put(slots, 1, data)


def _begin(slots: Slots) -> bool:
    """Put the mark into slot 1; one that is there stays, for a cut now could lose it."""
    contents = _read(slots)
    blank = reconcile(contents)[0] == LoadStatus.BLANK
    return blank and (contents[1] == MARK or _put(slots, 1, MARK))


def stored(slots: Slots) -> Record | None:
    """Return the record as slot 1 holds it now; None if it holds none."""
    return decode(slots.read(1))


def erase(slots: Slots) -> bool:
    """Erase both slots. Cut halfway, the other slot stands and the record comes back."""
    return _mark(slots, 0) and _mark(slots, 1)
