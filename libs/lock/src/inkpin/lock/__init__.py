"""A PIN lock as a step function, with storage that survives power cuts; the C beside it agrees."""

from pathlib import Path

from inkpin.lock.flash import Flash, FlashSlots
from inkpin.lock.host import FileSlots, HostHooks, MemoryHooks
from inkpin.lock.lock import Config, Effect, Event, Hooks, Lock, Message, State, is_common
from inkpin.lock.log import LOG_ENTRIES, LOG_SIZE, Log, LogEntry, LogKind
from inkpin.lock.record import RECORD_SIZE, LoadStatus, Record, decode, reconcile
from inkpin.lock.slots import DAMAGED, MARK, Slots

C_FOLDER = Path(__file__).parent / "c"
"""The C that does the same: ink_lock.h, ink_record.h, ink_log.h, ink_slots.h, ink_flash.h,
ink_kdf_mbedtls.h.
"""

__all__ = [
    "C_FOLDER",
    "DAMAGED",
    "LOG_ENTRIES",
    "LOG_SIZE",
    "MARK",
    "RECORD_SIZE",
    "Config",
    "Effect",
    "Event",
    "FileSlots",
    "Flash",
    "FlashSlots",
    "Hooks",
    "HostHooks",
    "LoadStatus",
    "Lock",
    "Log",
    "LogEntry",
    "LogKind",
    "MemoryHooks",
    "Message",
    "Record",
    "Slots",
    "State",
    "decode",
    "is_common",
    "reconcile",
]
