"""The settings in C, looking like Python."""

import ctypes
from collections.abc import Sequence

from bindings import CFlashSlots, CSlots, library

from inkpin.lock import Slots

NAMES = ("sound", "vibration", "brightness", "dim", "sleep", "auto")
DEFAULTS = (1, 1, 80, 30, 120, 0)


class _Memory(ctypes.Structure):
    _fields_ = [("values", ctypes.c_uint32 * len(NAMES)), ("touched", ctypes.c_int16 * 6)]


class CSettings:
    """The C's settings, right after a start.

    Attributes:
        read: whether they were read, or never written.
    """

    def __init__(self, slots: Slots | CFlashSlots) -> None:
        self._keep = slots
        own = slots.slots if isinstance(slots, CFlashSlots) else CSlots(slots)
        self._slots = ctypes.pointer(own)
        self._memory = _Memory.from_buffer_copy(b"\xaa" * ctypes.sizeof(_Memory))
        self._at = ctypes.byref(self._memory)
        self.read: bool = library().ink_settings_load(self._at, self._slots)

    @property
    def values(self) -> tuple[int, ...]:
        """The values, in the order of NAMES."""
        return tuple(self._memory.values)

    @property
    def touched(self) -> tuple[int, ...]:
        """Where the three crosses were touched: x and y of each."""
        return tuple(self._memory.touched)

    def set(self, name: str, value: int) -> bool:
        """Change one, and keep them."""
        return library().ink_settings_set(self._at, self._slots, NAMES.index(name), value)

    def calibrate(self, touched: Sequence[int]) -> bool:
        """Keep where the crosses were touched."""
        points = (ctypes.c_int16 * 6)(*touched)
        return library().ink_settings_calibrate(self._at, self._slots, points)

    def erase(self) -> bool:
        """Forget all."""
        return library().ink_settings_erase(self._at, self._slots)
