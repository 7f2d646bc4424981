"""What C costs on a microcontroller: linked flash and worst-case memory, counted.

Flash is .text, .rodata and .data of a linked ELF at -Os, unused sections dropped, support
routines included. RAM is static memory and the deepest stack below the entry.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inkpin import xtensa
from inkpin.common import InputError
from inkpin.common.elf import section_sizes
from inkpin.xtensa.callgraph import worst_stack

ENTRY = "measured"
"""Name of the function, `void measured(void)`, from which all that counts is called."""

# Bytes of stack, read off the disassembly.
_LIBGCC_FRAMES = {
    "__aeabi_idiv": 8,
    "__aeabi_uidiv": 8,
    "__aeabi_lasr": 0,
    "__aeabi_llsl": 0,
    "__aeabi_llsr": 0,
    "__aeabi_lmul": 28,
}


@dataclass(frozen=True)
class Cost:
    """Bytes of flash and RAM on one target."""

    flash: int
    ram: int


def _cortex_m0plus(
    sources: Sequence[Path], include: Sequence[Path], pointee: str | None
) -> Cost | None:
    compiler = "arm-none-eabi-gcc"
    if not shutil.which(compiler):
        return None
    with tempfile.TemporaryDirectory() as scratch:
        elf = Path(scratch) / "measured.elf"
        command = [
            *(compiler, "-mcpu=cortex-m0plus", "-mthumb", "-std=c99", "-Os", "-ffreestanding"),
            *("-ffunction-sections", "-fdata-sections", "-fcallgraph-info=su"),
            *("-nostdlib", "-Wl,--gc-sections", f"-Wl,--entry={ENTRY}"),
            *(f"-I{folder.resolve()}" for folder in include),
            *(str(source.resolve()) for source in sources),
            *("-lgcc", "-o", str(elf)),
        ]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            raise InputError(f"{compiler} refused: {done.stderr.strip().splitlines()[0]}")
        size = section_sizes(elf, "arm-none-eabi-size")
        stack = worst_stack(Path(scratch).glob("*.ci"), ENTRY, _LIBGCC_FRAMES, pointee)
    return _cost(size, stack)


def _xtensa(sources: Sequence[Path], include: Sequence[Path], pointee: str | None) -> Cost | None:
    if xtensa.available() is not None:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        main = Path(scratch) / "main.c"
        main.write_text(
            f"void {ENTRY}(void);\nint main(void) {{\n    {ENTRY}();\n    return 0;\n}}\n"
        )
        try:
            elf = xtensa.build([*sources, main], include)
        except InputError:
            return None  # the compiler is here, but what else it takes cannot be had
    return _cost(xtensa.sizes(elf), xtensa.stack(elf, ENTRY, pointee))


def _cost(size: Mapping[str, int], stack: int) -> Cost:
    return Cost(size["text"] + size["rodata"] + size["data"], size["data"] + size["bss"] + stack)


TARGETS: dict[str, Callable[[Sequence[Path], Sequence[Path], str | None], Cost | None]] = {
    "cortex-m0plus": _cortex_m0plus,
    "xtensa": _xtensa,
}
"""By name, what a program of C99 `sources`, with `include` folders, costs, in which `pointee` alone
is called through pointers; None without the compiler. InputError where it refuses."""
