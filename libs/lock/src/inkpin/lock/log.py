"""The event log: the last 32 events, outside of the lock and without secrets.

A log is 172 bytes, integers little-endian:

    offset  size
         0     3  "LOG"
         3     1  format version, 1
         4     4  count: events ever noted
         8   160  32 entries of kind (1) and seconds since the start (4), the n-th event in entry
                  n mod 32, counted from 0; kind 0 is none
       168     4  CRC-32 (as in zlib) of all bytes before it

Each event writes them all to slot `count mod 2`, so a power cut loses the newest event at most.
A start takes the slot with the higher count; what is no log counts as an empty one, and where there
is nothing but that, the new log begins with a storage fault. An event that
cannot be written is still kept until the power goes. The lock neither reads nor awaits any of it.
The C in c/ink_log.c does the same, byte for byte.
"""

import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

from inkpin.lock.lock import Effect, Message
from inkpin.lock.slots import Slots

LOG_ENTRIES = 32
LOG_SIZE = 172

_HEAD = struct.Struct("<3sBI")
_ENTRY = struct.Struct("<BI")
_MAGIC = b"LOG"
_VERSION = 1
_CRC_OFFSET = LOG_SIZE - 4
_U32 = 0xFFFFFFFF


class LogKind(IntEnum):
    """What the log tells of."""

    REBOOT = 1
    PIN_SET = 2
    PIN_CHANGED = 3
    OPENED = 4
    REFUSED = 5
    LOCKED_OUT = 6  # too many failures in a row: only a factory reset leads out
    RESET = 7
    STORAGE_FAULT = 8


_TEXTS = {
    LogKind.REBOOT: "reboot",
    LogKind.PIN_SET: "PIN set",
    LogKind.PIN_CHANGED: "PIN changed",
    LogKind.OPENED: "opened",
    LogKind.REFUSED: "refused",
    LogKind.LOCKED_OUT: "locked out",
    LogKind.RESET: "factory reset",
    LogKind.STORAGE_FAULT: "storage fault",
}


class LogEntry(NamedTuple):
    """An event; `seconds` since the start before it, beginning anew after 49 days."""

    number: int
    kind: LogKind
    seconds: int


def _count(data: bytes) -> int:
    """Return how many events were ever noted in a log's bytes; 0 if they are anything else."""
    if len(data) != LOG_SIZE:
        return 0
    magic, version, count = _HEAD.unpack_from(data)
    kinds = data[_HEAD.size : _CRC_OFFSET : _ENTRY.size]
    intact = zlib.crc32(data[:_CRC_OFFSET]).to_bytes(4, "little") == data[_CRC_OFFSET:]
    known = magic == _MAGIC and version == _VERSION and max(kinds) <= max(LogKind)
    return count if intact and known else 0


class Log:
    """The log of one lock.

    Args:
        slots: the log's own.
        message: the lock's, right after its start; it tells of a fault that the lock met.
        now_ms: the lock's clock.
    """

    def __init__(self, slots: Slots, message: Message, now_ms: int) -> None:
        self._slots = slots
        self._started = now_ms
        self._data = bytearray(LOG_SIZE)
        self._count = 0
        lost = False
        for data in (slots.read(0), slots.read(1)):
            lost |= data != b"" and not (data and _count(data))
            if data and (count := _count(data)) and count >= self._count:
                self._count, self._data[:] = count, data
        lost &= not self._count
        # Pulling the plug again and again must not push out what came before.
        if not self._count or self._kind(self._count - 1) != LogKind.REBOOT:
            self._note(LogKind.REBOOT, now_ms)
        if lost or message in (Message.RECORD, Message.STORAGE):
            self._note(LogKind.STORAGE_FAULT, now_ms)

    def take(self, effects: Effect, message: Message, now_ms: int) -> None:
        """Note what a step of the lock brought about; a factory reset empties the log first.

        Args:
            effects: what the step returned.
            message: the lock's, after the step.
            now_ms: the lock's clock.
        """
        if Effect.RESET in effects:
            self._data[:] = bytes(LOG_SIZE)
            self._note(LogKind.RESET, now_ms)
            self._slots.write(1 - self._count % 2, b"")
        if Effect.SET in effects:
            self._note(LogKind.PIN_SET if message == Message.SET else LogKind.PIN_CHANGED, now_ms)
        if Effect.OPENED in effects:
            self._note(LogKind.OPENED, now_ms)
        if Effect.REFUSED in effects:
            self._note(LogKind.REFUSED, now_ms)
        if Effect.FAULT in effects:
            locked_out = message == Message.ATTEMPTS
            self._note(LogKind.LOCKED_OUT if locked_out else LogKind.STORAGE_FAULT, now_ms)

    @property
    def entries(self) -> list[LogEntry]:
        """The events, oldest first, numbered from 1."""
        numbers = range(max(self._count - LOG_ENTRIES, 0), self._count)
        return [
            LogEntry(number + 1, LogKind(kind), seconds)
            for number in numbers
            for kind, seconds in [_ENTRY.unpack_from(self._data, self._offset(number))]
            if kind
        ]

    def lines(self) -> list[str]:
        """Return a line for each event, oldest first: "Log 58 opened 3605 s"."""
        return [
            f"Log {number} {_TEXTS[kind]} {seconds} s" for number, kind, seconds in self.entries
        ]

    def _offset(self, number: int) -> int:
        return _HEAD.size + _ENTRY.size * (number % LOG_ENTRIES)

    def _kind(self, number: int) -> int:
        return self._data[self._offset(number)]

    def _note(self, kind: LogKind, now_ms: int) -> None:
        seconds = ((now_ms - self._started) & _U32) // 1000
        _ENTRY.pack_into(self._data, self._offset(self._count), kind, seconds)
        self._count = (self._count + 1) & _U32
        _HEAD.pack_into(self._data, 0, _MAGIC, _VERSION, self._count)
        crc = zlib.crc32(self._data[:_CRC_OFFSET])
        self._data[_CRC_OFFSET:] = crc.to_bytes(4, "little")
        self._slots.write(self._count % 2, bytes(self._data))
