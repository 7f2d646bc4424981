"""Run programs on an emulated core, and count what they execute.

The counts are exact and repeatable, but they are instructions, not cycles: stalls, branches, the
flash cache and the spilling of register windows cost nothing here.
"""

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
    one name are counted together. A QEMU that does not load the plugin, as Debian 13's, logs what
    it executes instead, which takes longer. Arguments and errors as for `run`.
    """
    return counted(command(elf), stdin, timeout)


def counted(words: Sequence[str], stdin: bytes = b"", timeout: float = TIMEOUT) -> dict[str, int]:
    """Count as `count` what a command of QEMU's user mode runs, for any core."""
    with tempfile.TemporaryDirectory() as scratch:
        counts = Path(scratch) / "counts.txt"
        plugin = f"{toolchain().counter},out={counts}"
        emulator, *rest = words
        try:
            _run([emulator, "-plugin", plugin, *rest], stdin, timeout)
        except subprocess.CalledProcessError as error:
            if b"plugin" not in error.stderr:
                raise
            return counted_by_log(words, stdin, timeout)
        rows = [line.split() for line in counts.read_text(encoding="utf-8").splitlines()]
    return {name: int(number) for number, name in rows}


def counted_by_log(
    words: Sequence[str], stdin: bytes = b"", timeout: float = TIMEOUT
) -> dict[str, int]:
    """Count as `counted`, by QEMU's log of the blocks that it enters, read while it is written."""
    emulator, *rest = words
    reading, writing = os.pipe()
    log = ("-d", "in_asm,exec,nochain", "-D", f"/dev/fd/{writing}")
    with os.fdopen(reading, encoding="ascii") as lines, ThreadPoolExecutor(1) as reader:
        counts = reader.submit(_add_up, lines)
        try:
            _run([emulator, *log, *rest], stdin, timeout, (writing,))
        finally:
            os.close(writing)
        return counts.result()


def _add_up(log: Iterable[str]) -> dict[str, int]:
    """Return the instructions executed in each function.

    A block that QEMU meets first is listed, an address to a line, before the line that says that it
    is entered; from then on that line alone comes, always the same. Whatever leaves a block early,
    a register window to be spilled for example, ends it already when it is listed.
    """
    entered: dict[str, int] = {}
    sizes: dict[str, int] = {}
    size = 0
    for line in log:
        if line in entered:
            entered[line] += 1
        elif line.startswith("Trace"):
            entered[line], sizes[line] = 1, size
        elif line.startswith("IN:"):
            size = 0
        elif line.startswith("0x"):
            size += 1
    counts: Counter[str] = Counter()
    for line, times in entered.items():  # Trace 0: 0x7f... [00000000/100d0024/0005bfd3/201] main
        counts[line.rpartition("] ")[2].strip() or "?"] += times * sizes[line]
    return dict(counts)


def _run(words: list[str], stdin: bytes, timeout: float, pass_fds: Sequence[int] = ()) -> bytes:
    done = subprocess.run(
        words, input=stdin, capture_output=True, timeout=timeout, check=True, pass_fds=pass_fds
    )
    return done.stdout
