"""The device's settings on a chip's flash, which only the C has.

What one area loses costs nothing and is mended; two that cannot be read are the defaults, and known
for damaged, never taken for blank. Whatever is cut leaves what there was, or what was to be.
"""

import itertools
from collections.abc import Callable
from random import Random

from bindings import CFlashSlots
from c_settings import DEFAULTS, NAMES, CSettings
from nor import Nor

from inkpin.lock.flash import AREA, SECTOR
from inkpin.screen.layout import CROSSES
from proofs.chip import AREA_BITS, MISREADS, flipped
from proofs.locks import BLANK_FLASH
from proofs.tally import Tally

VALUES = 1, 0, 55, 40, 300, 800
TOUCHED = -8, 56, 328, -8, 24, 248  # as far from the crosses as is taken
STRAIGHT = tuple(value for cross in CROSSES for value in cross)
READS = 2 * AREA // 256

Found = tuple[bool, tuple[int, ...], tuple[int, ...]]
"""Whether a start could read what there is; the values; the calibration."""

KEPT: Found = True, VALUES, TOUCHED
BLANK: Found = True, DEFAULTS, STRAIGHT
DAMAGED: Found = False, DEFAULTS, STRAIGHT


def _start(chip: Nor) -> CSettings:
    return CSettings(CFlashSlots(chip, (0, AREA)))


def _found(image: bytes) -> Found:
    settings = _start(Nor(image))
    return settings.read, settings.values, settings.touched


def _written(turns: int) -> bytes:
    """Return a flash in which settings were written six times for each turn, and once more."""
    chip = Nor(BLANK_FLASH)
    settings = _start(chip)
    for turn in range(turns):
        for name, value, before in zip(NAMES, VALUES, DEFAULTS, strict=True):
            settings.set(name, value if turn == turns - 1 else before or value)
    assert settings.calibrate(TOUCHED)
    return bytes(chip.cells)


def bits(tally: Tally, image: bytes, stride: int) -> None:
    """Flip each bit of both areas, and pairs of them."""
    for bit in range(0, 2 * AREA_BITS, stride):
        with tally.case(f"bit {bit}"):
            chip = Nor(flipped(image, bit))
            settings = _start(chip)
            assert (settings.read, settings.values, settings.touched) == KEPT, "lost"
            hit = 0 if bit < AREA_BITS else AREA
            alone = bytearray(2 * AREA)
            alone[hit : hit + AREA] = chip.cells[hit : hit + AREA]
            assert _found(bytes(alone)) == KEPT, "not mended"
    random = Random(9)
    for _ in range(200):
        pair = random.randrange(AREA_BITS), AREA_BITS + random.randrange(AREA_BITS)
        with tally.case(f"bits {pair}"):
            assert _found(flipped(image, *pair)) == DAMAGED, "damage is not known"


def lost_sectors(tally: Tally, image: bytes) -> None:
    """Erase or clear sectors."""
    for contents in itertools.product((None, b"\xff" * SECTOR, bytes(SECTOR)), repeat=4):
        sectors = [image[at : at + SECTOR] for at in range(0, 2 * AREA, SECTOR)]
        wreck = b"".join(new or old for new, old in zip(contents, sectors, strict=True))
        with tally.case(f"sectors {[content and content[:1] for content in contents]}"):
            whole = wreck[:AREA] == image[:AREA] or wreck[AREA:] == image[AREA:]
            wanted = BLANK if wreck == BLANK_FLASH else KEPT if whole else DAMAGED
            assert _found(wreck) == wanted


def misreads(tally: Tally, image: bytes, stride: int) -> None:
    """Misread once, at each reading of a start."""
    for how, spoil in MISREADS.items():
        for number in range(0, READS, stride):
            chip = Nor(image)
            chip.spoil = lambda count, data, at=number, how=spoil: (
                how(data) if count == at else data
            )
            with tally.case(f"{how} at reading {number}"):
                assert _start(chip).values == VALUES, "a misread loses them"
                assert _found(bytes(chip.cells)) == KEPT, "for good"


ACTS: dict[str, tuple[Callable[[CSettings], object], set[Found]]] = {
    "a change": (
        lambda settings: settings.set("brightness", 90),
        {KEPT, (True, (*VALUES[:2], 90, *VALUES[3:]), TOUCHED)},
    ),
    "a calibration": (
        lambda settings: settings.calibrate((*TOUCHED[:5], 184)),
        {KEPT, (True, VALUES, (*TOUCHED[:5], 184))},
    ),
    "a factory reset": (lambda settings: settings.erase(), {KEPT, BLANK, DAMAGED}),
}


def cuts(tally: Tally, image: bytes, stride: int) -> None:
    """Cut the power at each byte and within each erase; and again, as the next start mends."""
    for what, (act, outcomes) in ACTS.items():
        for power in itertools.count(0, stride):
            chip = Nor(image, seed=power)
            chip.power = power
            act(_start(chip))
            left = bytes(chip.cells)
            with tally.case(f"{what}, cut after {power}"):
                assert _found(left) in outcomes
            if power // stride % 20 == 0:
                for second in range(0, 600, 7 * stride):
                    again = Nor(left, seed=second)
                    again.power = second
                    with tally.case(f"{what}, cut after {power} and {second}"):
                        _start(again)
                        assert _found(bytes(again.cells)) in outcomes
            if chip.power:
                break


def run(tally: Tally, stride: int = 1) -> None:
    """Try the C.

    Args:
        tally: counts.
        stride: 1 to flip each bit, n to do a n-th of it all.
    """
    with tally.case("blank"):
        assert _found(BLANK_FLASH) == BLANK
    for image in _written(1), _written(3):  # in the first sector of the areas, in the second
        bits(tally, image, stride)
        lost_sectors(tally, image)
        misreads(tally, image, max(stride // 200, 1))
        cuts(tally, image, max(stride // 50, 1))
