"""A short run of each proof; `./dev proofs` makes the long ones."""

from contextlib import contextmanager

import pytest
from bindings import CFlashSlots, CLock, CLog, library
from twins import CDevice, PythonDevice

from inkpin import xtensa
from inkpin.device import build
from inkpin.lock import FlashSlots, Lock, Log
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
from proofs.emulated_lock import EmulatedLocks
from proofs.locks import BLANK_FLASH
from proofs.tally import Tally


@contextmanager
def tallied():
    """A tally; at its end something must have been counted, and nothing have failed."""
    tally = Tally("a short run", quiet=True)
    yield tally
    tally.close()
    assert tally.cases > 0
    assert tally.failed == 0


@pytest.fixture
def needs_c():
    library()


@pytest.fixture
def emulator():
    xtensa.toolchain()
    with EmulatedLocks() as make:
        yield make


@pytest.mark.usefixtures("needs_c")
def test_side_by_side(record_property):
    with tallied() as tally:
        side_by_side.run(tally, steps=50_000)
    record_property("screen, lock and log steps compared", tally.cases)


def test_power_cut_in_python():
    with tallied() as tally:
        power_cut.run(tally, "Python", Lock)


@pytest.mark.usefixtures("needs_c")
def test_power_cut_in_c():
    with tallied() as tally:
        power_cut.run(tally, "C", CLock)


def test_power_cut_on_xtensa(emulator):
    with tallied() as tally:
        power_cut.run(tally, "Xtensa", emulator, stride=17)


def test_storage_faults_in_python():
    with tallied() as tally:
        storage_faults.run(tally, "Python", Lock, stride=7)


@pytest.mark.usefixtures("needs_c")
def test_storage_faults_in_c():
    with tallied() as tally:
        storage_faults.run(tally, "C", CLock, stride=7)


def test_storage_faults_on_xtensa(emulator):
    with tallied() as tally:
        storage_faults.run(tally, "Xtensa", emulator, stride=101)


@pytest.mark.usefixtures("needs_c")
@pytest.mark.parametrize(("make", "slots"), [(Lock, FlashSlots), (CLock, CFlashSlots)])
def test_chip(make, slots):
    with tallied() as tally:
        chip.run(tally, make.__name__, make, slots, stride=211, cuts=97)
        assert chip.wear(tally, make.__name__, make, openings=160) == 1_600_000


def test_chip_on_xtensa(emulator):
    with tallied() as tally:
        chip.bits(tally, "Xtensa", emulator, stride=19_997)
        chip.lost_sectors(tally, "Xtensa", emulator, stride=87)  # of both areas, too
        chip.misreads(tally, "Xtensa", emulator, stride=2999)
        power_cut.run(tally, "Xtensa, chip", emulator, 4999, 0, BLANK_FLASH, opened=7)


@pytest.mark.usefixtures("needs_c")
def test_settings_on_a_chip():
    with tallied() as tally:
        chip_settings.run(tally, stride=997)


@pytest.mark.usefixtures("needs_c")
@pytest.mark.parametrize(("make", "slots"), [(Log, FlashSlots), (CLog, CFlashSlots)])
def test_logs_on_a_chip(make, slots):
    with tallied() as tally:
        chip.logs(tally, make.__name__, make, slots, stride=997)


@pytest.mark.usefixtures("needs_c")
@pytest.mark.parametrize("make", [Lock, CLock])
def test_waits(make):
    with tallied() as tally:
        waits.run(tally, make.__name__, make)


@pytest.mark.parametrize("name", fuzzing.TARGETS)
def test_fuzzing(name):
    with tallied() as tally:
        fuzzing.run(tally, "-runs=2000", [name])


@pytest.mark.usefixtures("emulator")
def test_comparison():
    with tallied() as tally:
        comparison.run(tally, secrets=1)


@pytest.mark.usefixtures("needs_c")
def test_exploration():
    with tallied() as tally:
        exploration.run(tally, exploration.small(alphabet=2, failures=2))


@pytest.mark.usefixtures("needs_c")
@pytest.mark.parametrize("kind", [PythonDevice, CDevice])
def test_noninterference(kind):
    with tallied() as tally:
        noninterference.run(tally, kind, sessions=12)


@pytest.mark.parametrize(("core", "sessions"), [(build.Core.HOST, 2), (build.Core.XTENSA, 1)])
def test_noninterference_by_the_device(core, sessions):
    with tallied() as tally:
        device_noninterference.run(tally, core, build.command(core), sessions, length=30)


def test_a_case_that_fails_is_counted(capsys):
    tally = Tally("a proof", quiet=True)
    with tally.case("one"):
        pass
    with tally.case("two"):
        raise ValueError("no good")
    tally.close()
    assert str(tally) == "proof a proof: 2 cases, 1 failed"
    assert "a proof: two" in capsys.readouterr().err
