"""Run the proofs at full length, one after the other: `./dev proofs`, or `./dev proofs NAME...`."""

import argparse
import sys
from collections.abc import Callable

from bindings import CFlashSlots, CLock, CLog
from twins import CDevice, PythonDevice

from inkpin.common import InputError
from inkpin.common.command import run_command
from inkpin.device import build
from inkpin.lock import FlashSlots, Lock, Log, State
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
from proofs.tally import Tally


def _power_cut(tally: Tally) -> None:
    power_cut.run(tally, "Python", Lock, again=10)
    power_cut.run(tally, "C", CLock, again=10)
    with EmulatedLocks() as make:
        power_cut.run(tally, "Xtensa", make)


def _storage_faults(tally: Tally) -> None:
    storage_faults.run(tally, "Python", Lock)
    storage_faults.run(tally, "C", CLock)
    with EmulatedLocks() as make:
        storage_faults.run(tally, "Xtensa", make, stride=7)


def _chip(tally: Tally) -> None:
    chip.run(tally, "Python", Lock, FlashSlots)
    chip.run(tally, "C", CLock, CFlashSlots, stride=3, cuts=5)
    for name, log, slots in ("Python", Log, FlashSlots), ("C", CLog, CFlashSlots):
        with tally.part(f"{name}, the log"):
            chip.logs(tally, name, log, slots, stride=7)
    with tally.part("the settings, in C"):
        chip_settings.run(tally, stride=7)
    with EmulatedLocks() as make:
        chip.run(tally, "Xtensa", make, None, stride=997, cuts=97)
    worn = chip.wear(tally, "Python", Lock, openings=3200)
    tally.note(f"a sector is worn after {worn:,.0f} openings")


def _exploration(tally: Tally) -> None:
    for alphabet in (2, 3):
        exploration.run(tally, exploration.small(alphabet, failures=3))
    exploration.run(tally, exploration.REAL)


def _waits(tally: Tally) -> None:
    waits.run(tally, "Python", Lock)
    waits.run(tally, "C", CLock)


def _noninterference(tally: Tally) -> None:
    for kind in (PythonDevice, CDevice):
        noninterference.run(tally, kind, sessions=300)
    for core, sessions in (build.Core.HOST, 80), (build.Core.XTENSA, 4):
        reached = device_noninterference.run(tally, core, build.command(core), sessions)
        with tally.case(f"device on {core}: all states but the fault"):
            assert reached == set(State) - {State.FAULT}, f"only {reached}"


PROOFS: dict[str, Callable[[Tally], None]] = {
    "side-by-side": lambda tally: side_by_side.run(tally, steps=1_000_000),
    "power-cut": _power_cut,
    "storage-faults": _storage_faults,
    "chip": _chip,
    "fuzzing": lambda tally: fuzzing.run(tally, "-max_total_time=30"),
    "comparison": lambda tally: comparison.run(tally, secrets=50),
    "exploration": _exploration,
    "waits": _waits,
    "noninterference": _noninterference,
}


def main() -> int:
    """Run the named proofs, or all; return the exit status: 0 if every one has cases and all hold.

    Ctrl-C says what was reached.
    """
    parser = argparse.ArgumentParser(prog="proofs", description="Prove what the lock promises.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROOFS))
    names = parser.parse_args().names
    if unknown := set(names) - set(PROOFS):
        parser.error(f"no proof {min(unknown)}: there are {', '.join(PROOFS)}")
    status = 0
    for name in names or PROOFS:
        tally = Tally(name)
        try:
            PROOFS[name](tally)
        except InputError as error:
            print(f"proofs: {name}: {error}", file=sys.stderr)
            status = 2
        finally:
            tally.close()
            print(tally, flush=True)
        if tally.failed or not tally.cases:
            status = max(status, 1)
    return status


if __name__ == "__main__":
    sys.exit(run_command("proofs", main))
