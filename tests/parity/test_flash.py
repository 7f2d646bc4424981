"""Two slots in a flash, in Python and in C: the same bytes, whatever happens to the chip."""

from random import Random

import pytest
from bindings import CFlashSlots, library
from nor import Nor

from inkpin.lock import MARK, FlashSlots
from inkpin.lock.flash import AREA, CONTENT


@pytest.fixture(autouse=True)
def _needs_c():
    library()


def damage(chip, random):
    """Do something to a chip that chips do."""
    kind, sector = random.randrange(12), random.randrange(4)
    chip.power, chip.broken = None, frozenset()
    if kind == 0:
        chip.cells[random.randrange(len(chip.cells))] ^= 1 << random.randrange(8)
    elif kind == 1:
        chip.cells[4096 * sector : 4096 * (sector + 1)] = bytes([random.choice((0, 255))]) * 4096
    elif kind == 2:
        chip.power = random.randrange(600)
    elif kind == 3:
        chip.broken, chip.silent = frozenset({sector}), random.random() < 0.5


def test_the_same_bytes_whatever_happens(record_property):
    compared = 0
    for seed in range(60):
        python, c = Nor(seed=seed), Nor(seed=seed)
        steps, damages = Random(seed), (Random(seed), Random(seed))
        for _ in range(60):
            for chip, random in zip((python, c), damages, strict=True):
                damage(chip, random)
            sides = FlashSlots(python, (0, AREA)), CFlashSlots(c, (0, AREA))
            slot = steps.randrange(2)
            data = steps.choice((b"", MARK, steps.randbytes(steps.randrange(1, CONTENT + 3))))
            assert sides[0].write(slot, data) == sides[1].write(slot, data)
            assert python.cells == c.cells
            assert python.power == c.power
            assert python.erased == c.erased
            assert [sides[0].read(i) for i in (0, 1)] == [sides[1].read(i) for i in (0, 1)]
            compared += 1
    record_property("flash steps compared", compared)
