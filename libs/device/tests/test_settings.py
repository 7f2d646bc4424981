"""The settings' C on slots in memory that tear, fail or hold anything."""

import ctypes
import itertools
import struct
import zlib

import pytest
from bindings import library
from c_settings import DEFAULTS, NAMES
from c_settings import CSettings as Settings

from inkpin.lock import MemoryHooks
from inkpin.screen.layout import CROSSES

LIMITS = ((0, 1), (0, 1), (10, 100), (5, 3600), (5, 3600), (600, 1500))
UNCALIBRATED = tuple(value for cross in CROSSES for value in cross)
SIZE = 44
TEARS = (
    lambda fresh, old: fresh + old[len(fresh) :],
    lambda fresh, old: fresh,
    lambda fresh, old: fresh.ljust(SIZE, b"\xff") if fresh else old,
)


def memory(slots=(b"", b"")):
    hooks = MemoryHooks()
    hooks.slots = list(slots)
    return hooks


def sealed(body):
    return body + zlib.crc32(body).to_bytes(4, "little")


def packed(*values, touched=UNCALIBRATED):
    return sealed(b"SET\2" + struct.pack("<6I6h", *values, *touched))


def packed_of_old(*values):
    """Return a record of the first format: five values."""
    return sealed(b"SET\1" + struct.pack("<5I", *values))


OLD, NEW, NEWEST = ((*DEFAULTS[:3], dim, *DEFAULTS[4:]) for dim in (31, 32, 33))


def cuts(slots, act):
    """Yield what each cut of what `act` writes, in each way to tear, leaves in the slots."""
    for torn in TEARS:
        for power in itertools.count():
            storage = memory(slots)
            settings = Settings(storage)
            storage.power, storage.torn = power, torn
            act(settings)
            yield storage.slots
            if storage.power:
                break


def test_names_on_the_wire():
    names = (ctypes.c_char_p * len(NAMES)).in_dll(library(), "ink_setting_names")
    assert tuple(name.decode() for name in names) == NAMES


def test_blank_slots_are_the_defaults_and_stay_blank():
    storage = memory()
    assert Settings(storage).values == DEFAULTS
    assert storage.slots == [b"", b""]


@pytest.mark.parametrize(("name", "limits"), [*zip(NAMES, LIMITS, strict=True)])
def test_limits(name, limits):
    least, most = limits
    for value in (least, most):
        storage = memory()
        settings = Settings(storage)
        assert settings.set(name, value)
        assert settings.values[NAMES.index(name)] == value
        assert storage.slots == [packed(*settings.values)] * 2
        assert Settings(storage).values == settings.values
    for value in ({least - 1, most + 1} | {2**32 - 1}) - {-1}:  # 0 of `auto`: its usual value
        storage = memory()
        settings = Settings(storage)
        assert not settings.set(name, value)
        assert settings.values == DEFAULTS
        assert storage.slots == [b"", b""]


def wrecks():
    whole = packed(*OLD)
    yield from (b"", b"\xff" * SIZE, bytes(SIZE), whole + b"\0", b"x" * 172, None)
    yield from (sealed(b"SET\3" + whole[4:-4]), sealed(whole[:-8]), sealed(b"SET\1" + whole[4:-4]))
    yield from (whole[:length] for length in range(1, SIZE))
    for bit in range(8 * SIZE):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)
    yield packed(*OLD[:2], 5, *OLD[3:])  # out of its limits
    yield packed(*OLD[:5], 599)
    yield packed(*OLD, touched=(*UNCALIBRATED[:5], UNCALIBRATED[5] + 33))
    yield packed_of_old(*OLD[:2], 5, *OLD[3:5])
    yield from (sealed(b"SET" + other + packed_of_old(*OLD[:5])[4:-4]) for other in (b"\0", b"\2"))
    yield packed(*OLD)[:-4] + bytes(4)


@pytest.mark.parametrize("slot", [0, 1])
def test_one_slot_that_cannot_be_read_is_mended(slot):
    for wreck in wrecks():
        storage = memory([packed(*OLD)] * 2)
        storage.slots[slot] = wreck
        settings = Settings(storage)
        assert settings.values == OLD
        assert settings.read
        assert storage.slots == [packed(*OLD)] * 2


def test_two_slots_that_cannot_be_read_are_the_defaults():
    for wreck in wrecks():
        storage = memory([wreck, wreck])
        settings = Settings(storage)
        assert settings.values == DEFAULTS
        assert settings.read == (wreck == b"")
        assert settings.set("dim", 31)
        assert Settings(storage).values == OLD


def test_settings_of_the_first_format_are_read_and_become_the_second_with_a_change():
    old = packed_of_old(0, 1, 50, 31, 120)
    for slots in ([old, old], [old, b"torn"], [b"", old]):
        storage = memory(slots)
        settings = Settings(storage)
        assert settings.read
        assert settings.values == (0, 1, 50, 31, 120, 0)
        assert settings.touched == UNCALIBRATED
        assert storage.slots == [old, old]
        assert settings.set("auto", 900)
        assert storage.slots == [packed(0, 1, 50, 31, 120, 900)] * 2


def test_a_power_cut_of_the_change_of_format_loses_nothing():
    old = packed_of_old(*OLD[:5])
    met = {Settings(memory(left)).values for left in cuts([old, old], lambda s: s.set("dim", 32))}
    assert met == {OLD, NEW}


@pytest.mark.parametrize("name", ["brightness", "dim", "sleep"])
def test_what_is_no_switch_is_never_off(name):
    assert not Settings(memory()).set(name, 0)


def test_auto_enter_is_off_or_within_its_limits():
    storage = memory()
    settings = Settings(storage)
    assert settings.set("auto", 600)
    assert settings.set("auto", 0)
    assert Settings(storage).values == DEFAULTS
    assert not settings.set("auto", 599)
    assert not settings.set("auto", 1)


@pytest.mark.parametrize("off", [-32, -1, 1, 32])
def test_a_calibration_is_kept_and_outlives_the_other_settings(off):
    touched = tuple(value + off for value in UNCALIBRATED)
    storage = memory()
    settings = Settings(storage)
    assert settings.calibrate(touched)
    assert settings.set("dim", 31)
    assert Settings(storage).touched == touched
    assert storage.slots == [packed(*OLD, touched=touched)] * 2
    assert settings.erase()
    assert settings.touched == UNCALIBRATED


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("off", [-33, 33, 32767])
def test_a_calibration_that_makes_no_sense_is_refused(place, off):
    storage = memory()
    settings = Settings(storage)
    touched = [*UNCALIBRATED]
    touched[place] = min(touched[place] + off, 32767)
    assert not settings.calibrate(touched)
    assert settings.touched == UNCALIBRATED
    assert storage.slots == [b"", b""]


def test_a_power_cut_leaves_the_old_or_the_new():
    slots = [packed(*OLD)] * 2
    met = set()
    for left in cuts(slots, lambda settings: settings.set("dim", 32)):
        storage = memory(left)
        met.add(Settings(storage).values)
        assert storage.slots[0] == storage.slots[1]
    assert met == {OLD, NEW}


def test_a_power_cut_of_the_first_change_leaves_the_defaults_or_the_new():
    met = {Settings(memory(left)).values for left in cuts([b"", b""], lambda s: s.set("dim", 31))}
    assert met == {DEFAULTS, OLD}


def test_two_power_cuts_in_a_row_lose_nothing():
    met = set()
    for left in {tuple(left) for left in cuts([packed(*OLD)] * 2, lambda s: s.set("dim", 32))}:
        for again in cuts(left, lambda settings: settings.set("dim", 33)):
            met.add(Settings(memory(again)).values)
    assert met == {OLD, NEW, NEWEST}


def test_a_power_cut_while_a_slot_is_mended():
    for lost, torn in itertools.product((0, 1), TEARS):
        for power in range(1, SIZE + 2):
            slots = [packed(*OLD)] * 2
            slots[lost] = b"torn"
            storage = memory(slots)
            storage.power, storage.torn = power, torn
            Settings(storage)
            assert Settings(memory(storage.slots)).values == OLD


def test_a_power_cut_while_they_are_erased():
    met = {
        Settings(memory(left)).values
        for left in cuts([packed(*OLD)] * 2, lambda settings: settings.erase())
    }
    assert met == {OLD, DEFAULTS}


def test_erased():
    storage = memory([packed(*OLD)] * 2)
    settings = Settings(storage)
    assert settings.erase()
    assert settings.values == DEFAULTS
    assert storage.slots == [b"", b""]


@pytest.mark.parametrize("broken", [0, 1])
def test_a_slot_that_takes_nothing(broken):
    """What is said to be kept is what the next start finds."""
    storage = memory([packed(*OLD)] * 2)
    write = storage.write
    storage.write = lambda slot, data: slot != broken and write(slot, data)
    settings = Settings(storage)
    kept = settings.set("dim", 32)
    assert settings.values == Settings(storage).values == (NEW if kept else OLD)
    assert not settings.erase()
