"""The settings' C on slots in memory that tear, fail or hold anything."""

import ctypes
import itertools
import struct
import zlib
from functools import cache

import pytest
from bindings import CSlots

from inkpin import common, lock
from inkpin.common import host_compiler
from inkpin.device import C_FOLDER
from inkpin.lock import MemoryHooks

NAMES = ("sound", "vibration", "brightness", "dim", "sleep")
DEFAULTS = (1, 1, 80, 30, 120)
LIMITS = ((0, 1), (0, 1), (10, 100), (5, 3600), (5, 3600))
SIZE = 28
TEARS = (
    lambda fresh, old: fresh + old[len(fresh) :],
    lambda fresh, old: fresh,
    lambda fresh, old: fresh.ljust(SIZE, b"\xff") if fresh else old,
)


@cache
def library():
    loaded = host_compiler.load(
        [C_FOLDER / "ink_settings.c", common.C_FOLDER / "ink_bytes.c"],
        [C_FOLDER, lock.C_FOLDER, common.C_FOLDER],
    )
    pointer = ctypes.c_void_p
    loaded.ink_settings_load.argtypes = pointer, pointer
    loaded.ink_settings_load.restype = ctypes.c_bool
    loaded.ink_settings_set.argtypes = pointer, pointer, ctypes.c_int, ctypes.c_uint32
    loaded.ink_settings_set.restype = ctypes.c_bool
    loaded.ink_settings_erase.argtypes = pointer, pointer
    loaded.ink_settings_erase.restype = ctypes.c_bool
    return loaded


class Settings:
    """The C's, right after a start."""

    def __init__(self, slots):
        self._slots = CSlots(slots)
        self._values = (ctypes.c_uint32 * len(NAMES))(*(b"\xaa" * len(NAMES)))
        self.read = library().ink_settings_load(self._values, ctypes.byref(self._slots))

    @property
    def values(self):
        return tuple(self._values)

    def set(self, name, value):
        number = NAMES.index(name)
        return library().ink_settings_set(self._values, ctypes.byref(self._slots), number, value)

    def erase(self):
        return library().ink_settings_erase(self._values, ctypes.byref(self._slots))


def memory(slots=(b"", b"")):
    hooks = MemoryHooks()
    hooks.slots = list(slots)
    return hooks


def packed(*values):
    body = b"SET\1" + struct.pack("<5I", *values)
    return body + zlib.crc32(body).to_bytes(4, "little")


OLD, NEW, NEWEST = ((*DEFAULTS[:3], dim, 120) for dim in (31, 32, 33))


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
    for value in ({least - 1, most + 1} | {2**32 - 1}) - {-1}:
        storage = memory()
        settings = Settings(storage)
        assert not settings.set(name, value)
        assert settings.values == DEFAULTS
        assert storage.slots == [b"", b""]


def wrecks():
    whole = packed(*OLD)
    yield from (b"", b"\xff" * SIZE, bytes(SIZE), whole + b"\0", b"x" * 172, None)
    yield from (whole[:length] for length in range(1, SIZE))
    for bit in range(8 * SIZE):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)
    yield packed(*OLD[:2], 5, *OLD[3:])  # out of its limits


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
