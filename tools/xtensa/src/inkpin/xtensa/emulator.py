"""Run programs on an emulated core, and count what they execute.

The counts are exact and repeatable, but they are instructions, not cycles: stalls, branches, the
flash cache and the spilling of register windows cost nothing here.
"""

import subprocess
import tempfile
from pathlib import Path

from inkpin.common import InputError
from inkpin.xtensa.program import Elf
from inkpin.xtensa.toolchain import CPU, toolchain

TIMEOUT = 600.0
"""Seconds after which a program counts as hanging."""


def command(elf: Elf) -> list[str]:
    """Return the command that runs the program on its standard input and output."""
    return [toolchain().emulator, "-cpu", CPU, str(elf.path)]


def run(elf: Elf, stdin: bytes = b"", timeout: float = TIMEOUT) -> bytes:
    """Run the program; return what it wrote.

    Args:
        elf: the program.
        stdin: what it reads.
        timeout: seconds.

    Raises:
        subprocess.CalledProcessError: its exit status was not 0, or a signal ended it (the
            status is then negative; -11 after a stack overflow).
        subprocess.TimeoutExpired: it took too long.
    """
    return _run(command(elf), stdin, timeout)


def count(elf: Elf, stdin: bytes = b"", timeout: float = TIMEOUT) -> dict[str, int]:
    """Run the program; return the number of instructions executed in each function.

    Functions are named as in the ELF file, those never entered are absent; static functions of
    one name are counted together. Arguments and errors as for `run`, and:

    Raises:
        InputError: this version of QEMU does not load the plugin.
    """
    with tempfile.TemporaryDirectory() as scratch:
        counts = Path(scratch) / "counts.txt"
        plugin = f"{toolchain().counter},out={counts}"
        emulator, *words = command(elf)
        try:
            _run([emulator, "-plugin", plugin, *words], stdin, timeout)
        except subprocess.CalledProcessError as error:
            if b"plugin" not in error.stderr:
                raise
            why = error.stderr.decode(errors="replace").strip().splitlines()[0]
            raise InputError(
                f"QEMU cannot count instructions ({why}): Debian 12's QEMU 7.2 can"
            ) from error
        rows = [line.split() for line in counts.read_text(encoding="utf-8").splitlines()]
    return {name: int(number) for number, name in rows}


def _run(words: list[str], stdin: bytes, timeout: float) -> bytes:
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=timeout, check=True)
    return done.stdout
