"""Each proof fails once that is taken out of the C which it is to show."""

from collections.abc import Iterator
from contextlib import contextmanager

import bindings
import c_settings
import pytest
import twins
from bindings import (
    LOCK_SOURCES,
    SCREEN_SOURCES,
    SETTINGS_SOURCES,
    CFlashSlots,
    CLock,
    CLog,
    library,
)
from twins import CDevice

from inkpin import xtensa
from inkpin.device import build
from proofs import (
    chip,
    chip_settings,
    comparison,
    device_noninterference,
    exploration,
    fuzzing,
    noninterference,
    power_cut,
    side_by_side,
    storage_faults,
    waits,
)
from proofs.tally import Tally

SOURCES = [*LOCK_SOURCES, *SCREEN_SOURCES, *SETTINGS_SOURCES]


class FailedError(Exception):
    """A case failed."""


class Impatient(Tally):
    """A tally that ends with the first case that fails."""

    @contextmanager
    def case(self, what: str) -> Iterator[None]:
        """Count what is done under it."""
        try:
            yield
        except Exception as error:
            raise FailedError(what) from error
        self.passed(1)


def changed(paths, name, old, new, folder):
    """Return paths, with one text of one of the files replaced by another."""
    made = []
    for path in paths:
        if path.name == name:
            text = path.read_text()
            assert text.count(old) == 1, f"{name} has {text.count(old)} times: {old}"
            path = folder / name
            path.write_text(text.replace(old, new))
        made.append(path)
    return made


def short_waits(tally):
    waits.run(tally, "C", CLock)


def short_power_cut(tally):
    power_cut.run(tally, "C", CLock)


def short_storage_faults(tally):
    storage_faults.run(tally, "C", CLock, stride=7)


def short_chip(tally):
    chip.lost_sectors(tally, "C", CLock)


def short_logs(tally):
    chip.logs(tally, "C", CLog, CFlashSlots, stride=997)


def short_settings(tally):
    chip_settings.run(tally, stride=997)


def short_misreads(tally):
    chip.misreads(tally, "C", CLock, stride=8)


def short_exploration(tally):
    config = exploration.small(alphabet=2, failures=3)
    exploration.explore(tally, "C", exploration.CWorld, config)


def short_noninterference(tally):
    noninterference.run(tally, CDevice, sessions=12)


def short_side_by_side(tally):
    side_by_side.run(tally, steps=5000, shrink=False)


BROKEN = {
    "a wait is shorter by a thousandth": (
        short_waits,
        "ink_lock.c",
        ("passed >= 1000u *", "passed >= 999u *"),
    ),
    "an abandoned change does not end": (
        short_waits,
        "ink_lock.c",
        ("<= INK_LOCK_CHANGE_REPEAT", "< INK_LOCK_CHANGE_REPEAT"),
    ),
    "an attempt is not counted before it is checked": (
        short_power_cut,
        "ink_lock.c",
        ("!counts || !ink_record_store(&lock->hooks->slots, record, false) ||", "!counts ||"),
    ),
    "no mark comes before the first record": (
        short_power_cut,
        "ink_record.c",
        ("(is_mark(&contents[1]) || put(slots, 1, &mark, 1))", "(mark == INK_SLOT_MARK)"),
    ),
    "a lost slot costs nothing": (
        short_storage_faults,
        "ink_record.c",
        ("lost && counted", "!lost && counted"),
    ),
    "nothing that was written is read back": (
        short_storage_faults,
        "ink_record.c",
        ("return same(&back,", "return true || same(&back,"),
    ),
    "damage reads as blank, as with NVS": (
        short_chip,
        "ink_flash.c",
        ("    case DAMAGED:\n", "    case DAMAGED:\n        return 0;\n"),
    ),
    "damage reads as blank, also to the log": (
        short_logs,
        "ink_flash.c",
        ("    case DAMAGED:\n", "    case DAMAGED:\n        return 0;\n"),
    ),
    "damage reads as blank, also to the settings": (
        short_settings,
        "ink_flash.c",
        ("    case DAMAGED:\n", "    case DAMAGED:\n        return 0;\n"),
    ),
    "settings that are damaged are taken for new": (
        short_settings,
        "ink_settings.c",
        ("return first_length == 0 && second_length == 0;", "return true;"),
    ),
    "settings that lost a slot are not mended": (
        short_settings,
        "ink_settings.c",
        ("slots->write(slots->user, 1 - whole,", "slots->write(slots->user, whole,"),
    ),
    "a lock opens without power for its bolt": (
        short_exploration,
        "ink_lock.c",
        ("} else if (lock->powered) {", "} else if (lock->has_record) {"),
    ),
    "a PIN is not bound to the chip": (
        short_exploration,
        "ink_lock.c",
        (
            "if (record->bound && !chip(lock, salt)) {",
            "if (record->bound && lock->hooks == NULL) {",
        ),
    ),
    "first use is not looked at twice": (
        short_misreads,
        "ink_record.c",
        ("if (!same(&again[slot],", "if (false && !same(&again[slot],"),
    ),
    "a first entry is not compared with its repetition": (
        short_exploration,
        "ink_lock.c",
        ("if (ink_lock_equal(lock->places, lock->first, sizeof lock->first))", "if (lock->filled)"),
    ),
    "digits are said in plain": (
        short_noninterference,
        "ink_panel.c",
        ("const bool plain = panel->lock->state == INK_LOCK_TRY", "const bool plain = panel->lock"),
    ),
    "a digit too many is not told of": (
        short_side_by_side,
        "ink_lock.c",
        ("lock->message = INK_LOCK_MESSAGE_FULL;", ";"),
    ),
}


@pytest.mark.parametrize(("proof", "name", "change"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_found(monkeypatch, tmp_path, proof, name, change):
    library()  # or there is no compiler
    broken = bindings.load(changed(SOURCES, name, *change, tmp_path), "-O0")
    for module in (bindings, twins, c_settings):
        monkeypatch.setattr(module, "library", lambda: broken)
    with pytest.raises(FailedError):
        proof(Impatient("broken", quiet=True))


def test_a_device_that_tells_the_digits_is_found(monkeypatch, tmp_path):
    library()
    telling = "plain = panel->lock->state == INK_LOCK_TRY", "plain = panel->lock"
    made = changed(build.sources(), "ink_panel.c", *telling, tmp_path)
    monkeypatch.setattr(build, "sources", lambda: made)
    command = [str(build.build_host(("-O0",)))]
    with pytest.raises(FailedError):
        device_noninterference.run(Impatient("broken", quiet=True), "host", command, sessions=2)


def test_a_comparison_that_ends_early_is_found(monkeypatch, tmp_path):
    xtensa.toolchain()
    early = "if (left[i] != right[i]) {\n return false;\n }\n"
    old = "difference |= left[i] ^ right[i];"
    made = changed(LOCK_SOURCES, "ink_lock.c", old, early + old, tmp_path)
    monkeypatch.setattr(comparison, "LOCK_SOURCES", made)
    with pytest.raises(FailedError):
        comparison.run(Impatient("broken", quiet=True), secrets=1)


def test_fuzzing_finds_a_count_that_is_lost(monkeypatch, tmp_path):
    made = changed(fuzzing.SOURCES, "ink_record.c", "failed < least ?", "least == 1 ?", tmp_path)
    monkeypatch.setattr(fuzzing, "SOURCES", made)
    with pytest.raises(FailedError):
        fuzzing.run(Impatient("broken", quiet=True), "-runs=20000", ["storage"])
