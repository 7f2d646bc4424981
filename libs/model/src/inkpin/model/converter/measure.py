"""What C costs on a microcontroller: linked flash and worst-case memory, counted.

Flash is .text, .rodata and .data of a linked ELF at -Os, unused sections dropped, support
routines included. RAM is static memory and the deepest stack below the entry.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkpin.preprocess import InputError
from inkpin.xtensa.callgraph import worst_stack

ENTRY = "measured"
"""Name of the function, `void measured(void)`, from which all that counts is called."""


@dataclass(frozen=True)
class Target:
    """A compiler, its flags and its tool that lists sections."""

    compiler: str
    flags: tuple[str, ...]
    size: str


TARGETS = {
    "cortex-m0plus": Target(
        "arm-none-eabi-gcc", ("-mcpu=cortex-m0plus", "-mthumb"), "arm-none-eabi-size"
    ),
}


@dataclass(frozen=True)
class Cost:
    """Bytes of flash and RAM on one target."""

    flash: int
    ram: int


def measure(target: str, sources: Sequence[Path], include: Sequence[Path]) -> Cost | None:
    """Return what the program whose entry is ENTRY costs; None without the compiler.

    Raises:
        InputError: the compiler refused.
    """
    tools = TARGETS[target]
    if not shutil.which(tools.compiler):
        return None
    with tempfile.TemporaryDirectory() as scratch:
        elf = Path(scratch) / "measured.elf"
        command = [
            *(tools.compiler, *tools.flags, "-std=c99", "-Os", "-ffreestanding"),
            *("-ffunction-sections", "-fdata-sections", "-fcallgraph-info=su"),
            *("-nostdlib", "-Wl,--gc-sections", f"-Wl,--entry={ENTRY}"),
            *(f"-I{folder.resolve()}" for folder in include),
            *(str(source.resolve()) for source in sources),
            *("-lgcc", "-o", str(elf)),
        ]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            raise InputError(f"{tools.compiler} refused: {done.stderr.strip().splitlines()[0]}")
        listing = subprocess.run(
            [tools.size, "-A", str(elf)], capture_output=True, text=True, check=True
        ).stdout
        sections = {
            words[0]: int(words[1])
            for words in map(str.split, listing.splitlines())
            if len(words) == 3 and words[1].isdigit()
        }
        stack = worst_stack(sorted(Path(scratch).glob("*.ci")), ENTRY)

    def total(*names: str) -> int:
        return sum(size for name, size in sections.items() if name.startswith(names))

    return Cost(total(".text", ".rodata", ".data"), total(".data", ".bss") + stack)
