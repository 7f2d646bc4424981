"""Storage of two slots, as the lock, its log and a device's settings are kept.

A write that the power cuts tears one of them, never both. c/ink_slots.h is the same in C.
"""

from typing import Protocol

DAMAGED = b"damaged"
"""What a slot gives that holds something else than what was written: no content of anybody's."""

MARK = b"\xa5"
"""Content that keeps a place; it is what it is also while it is half written."""


class Slots(Protocol):
    """Two slots; none of these may raise."""

    def read(self, slot: int) -> bytes | None:
        """Return what slot 0 or 1 holds; None on a read error.

        b"" is blank: never written, erased, or a mark was begun on that and cut.
        """

    def write(self, slot: int, data: bytes) -> bool:
        """Replace what a slot holds (b"" erases it); return True once it would outlast a power cut.

        A cut may leave any part of the new data, with or without the rest of the old.
        """
