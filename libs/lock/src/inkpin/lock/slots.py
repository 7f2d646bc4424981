"""Storage of two slots, as the lock, its log and a device's settings are kept.

A write that the power cuts tears one of them, never both. c/ink_slots.h is the same in C.
"""

from typing import Protocol


class Slots(Protocol):
    """Two slots; none of these may raise."""

    def read(self, slot: int) -> bytes | None:
        """Return what slot 0 or 1 holds: b"" if never written or erased, None on a read error."""

    def write(self, slot: int, data: bytes) -> bool:
        """Replace what a slot holds (b"" erases it); return True once it would outlast a power cut.

        A cut may leave any part of the new data, with or without the rest of the old.
        """
