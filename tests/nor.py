"""A NOR flash: programming clears bits, erasing sets those of a sector, and much can go wrong."""

from collections.abc import Callable
from random import Random

from inkpin.lock.flash import SECTOR

ERASE_UNITS = 4


class Nor:
    """A chip of some sectors, at first as an image says or blank.

    Args:
        image: its bytes, a whole number of sectors.
        seed: of what a cut leaves half done.

    Attributes:
        cells: its bytes.
        power: how much may still be done, None for no limit. A byte that is programmed takes one
            unit, the erase of a sector four. What is under way when it runs out is half done: of a
            byte some bits have fallen, a sector has fallen to zeros in part, or is a mixture, or
            lacks a bit. Then nothing works any more.
        spoil: what a read gives instead of its bytes, by its number and them; None for an error.
        broken: sectors that cannot be changed; `silent` if they claim that it was done.
        erased: how often each sector was erased.
        reads: how many there were.
    """

    def __init__(self, image: bytes = b"\xff" * (4 * SECTOR), seed: int = 0) -> None:
        self.cells = bytearray(image)
        self.power: int | None = None
        self.spoil: Callable[[int, bytes], bytes | None] | None = None
        self.broken: frozenset[int] = frozenset()
        self.silent = False
        self.erased = [0] * (len(image) // SECTOR)
        self.reads = 0
        self._random = Random(seed)

    def read(self, at: int, count: int) -> bytes | None:
        """Return bytes; None without power."""
        if self.power == 0:
            return None
        data = bytes(self.cells[at : at + count])
        self.reads += 1
        return self.spoil(self.reads - 1, data) if self.spoil else data

    def program(self, at: int, data: bytes) -> bool:
        """Clear bits, a byte after the other."""
        if at // SECTOR in self.broken:
            return self.silent
        whole = len(data) if self.power is None else min(len(data), max(self.power - 1, 0))
        self._fall(at, data[:whole])
        if whole == len(data):
            self.power = None if self.power is None else self.power - whole
            return True
        if self.power:
            self._fall(at + whole, bytes([data[whole] | self._random.randrange(256)]))
        self.power = 0
        return False

    def erase(self, at: int) -> bool:
        """Set the bits of a sector."""
        if at // SECTOR in self.broken:
            return self.silent
        if self.power is not None and self.power <= ERASE_UNITS:
            if self.power:
                self.cells[at : at + SECTOR] = self._half_erased(at, self.power)
            self.power = 0
            return False
        self.power = None if self.power is None else self.power - ERASE_UNITS
        self.cells[at : at + SECTOR] = b"\xff" * SECTOR
        self.erased[at // SECTOR] += 1
        return True

    def _fall(self, at: int, data: bytes) -> None:
        here = int.from_bytes(self.cells[at : at + len(data)])
        self.cells[at : at + len(data)] = (here & int.from_bytes(data)).to_bytes(len(data))

    def _half_erased(self, at: int, done: int) -> bytes:
        here = self.cells[at : at + SECTOR]
        noise = self._random.randbytes(SECTOR)
        if done == 1:  # an erase begins by making all bits alike
            return bytes(old & cell for old, cell in zip(here, noise, strict=True))
        if done == 2:
            return bytes(old | cell for old, cell in zip(here, noise, strict=True))
        if done == 3:
            return noise
        almost = bytearray(b"\xff" * SECTOR)
        almost[self._random.randrange(SECTOR)] ^= 1 << self._random.randrange(8)
        return bytes(almost)
