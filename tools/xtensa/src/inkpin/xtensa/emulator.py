"""Run programs on an emulated core, and count what they execute.

The counts are exact and repeatable, but they are instructions, not cycles: stalls, branches, the
flash cache and the spilling of register windows cost nothing here.
"""

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
    one name are counted together. A QEMU that does not load the plugin, as Debian 13's, logs each
    instruction instead, which takes longer. Arguments and errors as for `run`, and:

    Raises:
        InputError: this QEMU can do neither.
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
            return _count_by_log(command(elf), stdin, timeout)
        rows = [line.split() for line in counts.read_text(encoding="utf-8").splitlines()]
    return {name: int(number) for number, name in rows}


def _count_by_log(words: list[str], stdin: bytes, timeout: float) -> dict[str, int]:
    """Count as `count`, by a line of QEMU's log for each instruction, read while it is written."""
    reading, writing = os.pipe()
    emulator, *rest = words
    log = ("-one-insn-per-tb", "-d", "exec,nochain", "-D", f"/dev/fd/{writing}")
    with os.fdopen(reading, encoding="ascii") as lines, ThreadPoolExecutor(1) as reader:
        # "Trace 0: 0x7f... [00000000/100d0024/0005bfd3/00000201] main"
        counts = reader.submit(lambda: Counter(line.rpartition("] ")[2].strip() for line in lines))
        try:
            _run([emulator, *log, *rest], stdin, timeout, (writing,))
        except subprocess.CalledProcessError as error:
            if b"one-insn-per-tb" not in error.stderr:
                raise
            why = error.stderr.decode(errors="replace").strip().splitlines()[0]
            raise InputError(
                f"QEMU cannot count instructions ({why}): those of Debian 12 and 13 can"
            ) from error
        finally:
            os.close(writing)
        return {name or "?": number for name, number in counts.result().items()}


def _run(words: list[str], stdin: bytes, timeout: float, pass_fds: Sequence[int] = ()) -> bytes:
    done = subprocess.run(
        words, input=stdin, capture_output=True, timeout=timeout, check=True, pass_fds=pass_fds
    )
    return done.stdout
