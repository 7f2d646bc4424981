"""A PIN lock as a step function, with storage that survives power cuts; the C beside it agrees."""

from pathlib import Path

from inkpin.lock.host import HostHooks, MemoryHooks
from inkpin.lock.lock import COMMON_PINS, Config, Effect, Event, Lock, Message, State
from inkpin.lock.record import MARK, RECORD_SIZE, Finding, Hooks, Record, decode, settle

C_FOLDER = Path(__file__).parent / "c"
"""The C that does the same: ink_lock.h, ink_record.h and, for mbedTLS, ink_kdf_mbedtls.h."""

__all__ = [
    "COMMON_PINS",
    "C_FOLDER",
    "MARK",
    "RECORD_SIZE",
    "Config",
    "Effect",
    "Event",
    "Finding",
    "Hooks",
    "HostHooks",
    "Lock",
    "MemoryHooks",
    "Message",
    "Record",
    "State",
    "decode",
    "settle",
]
