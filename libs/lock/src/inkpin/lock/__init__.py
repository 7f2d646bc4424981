"""A PIN lock as a step function, with storage that survives power cuts; the C beside it agrees."""

from pathlib import Path

from inkpin.lock.host import HostHooks, LogFiles, MemoryHooks
from inkpin.lock.lock import COMMON_PINS, Config, Effect, Event, Lock, Message, State
from inkpin.lock.log import LOG_ENTRIES, LOG_SIZE, Log, LogEntry, LogKind, LogStorage
from inkpin.lock.record import MARK, RECORD_SIZE, Finding, Hooks, Record, decode, settle

C_FOLDER = Path(__file__).parent / "c"
"""The C that does the same: ink_lock.h, ink_record.h, ink_log.h, for mbedTLS ink_kdf_mbedtls.h."""

__all__ = [
    "COMMON_PINS",
    "C_FOLDER",
    "LOG_ENTRIES",
    "LOG_SIZE",
    "MARK",
    "RECORD_SIZE",
    "Config",
    "Effect",
    "Event",
    "Finding",
    "Hooks",
    "HostHooks",
    "Lock",
    "Log",
    "LogEntry",
    "LogFiles",
    "LogKind",
    "LogStorage",
    "MemoryHooks",
    "Message",
    "Record",
    "State",
    "decode",
    "settle",
]
