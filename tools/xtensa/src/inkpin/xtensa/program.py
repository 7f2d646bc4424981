"""C sources to a program for the emulated core, laid out in the ESP32's memory map."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.cache import cache_folder, key, make_once
from inkpin.common.elf import section_sizes
from inkpin.common.progress import Progress, silent
from inkpin.xtensa.callgraph import worst_stack
from inkpin.xtensa.toolchain import C_FOLDER, toolchain

TARGET = ("-mabi=windowed", "-mtext-section-literals")
# The builtins are on, as in a user's hosted build: a memcpy of four bytes is a load and a store.
DIALECT = ("-std=c99", "-ffreestanding", "-fbuiltin")
COMPILE = (*TARGET, *DIALECT, "-ffunction-sections", "-fdata-sections", "-fcallgraph-info=su")
LINK = (*TARGET, "-nostdlib", "-static", "-Wl,--gc-sections")
SCRIPT = C_FOLDER / "esp32.ld"
INCLUDE = (f"-I{C_FOLDER / 'include'}", f"-I{C_FOLDER / 'freestanding'}")
# Without the last flag gcc would make the loops in memcpy and memset calls of themselves.
SUPPORT = ("-Os", "-fno-tree-loop-distribute-patterns")
SUPPORT_SOURCES = tuple(C_FOLDER / name for name in ("start.S", "arithmetic.c", "memory.c", "io.c"))

_PRODUCT = "__umulsidi3"  # gcc 13 calls it for int64_t's products, and does not say its name


@dataclass(frozen=True)
class Elf:
    """A linked program.

    Attributes:
        path: the ELF file.
        ci_files: what gcc says about each source's frames and calls, for worst_stack.
    """

    path: Path
    ci_files: tuple[Path, ...]


def _gcc(*words: str) -> str:
    tools = toolchain()
    command = [tools.compiler, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=tools.environment)
    if done.returncode == 0:
        return done.stdout
    lines = done.stderr.splitlines()
    if overflows := [line.partition("region ")[2] for line in lines if "overflowed by" in line]:
        raise InputError(f"the program does not fit the ESP32's memory: {'; '.join(overflows)}")
    errors = [line for line in lines if "error" in line or "undefined" in line]
    raise InputError(f"the C does not build for Xtensa: {(errors or lines or ['no reason'])[0]}")


def _files_read(sources: Sequence[Path], options: Sequence[str]) -> list[Path]:
    """Return the sources and all that they include, as the preprocessor's make rules say."""
    rules = _gcc(*DIALECT, *options, "-MM", *map(str, sources)).replace("\\\n", " ")
    words = re.split(r"(?<!\\)\s+", rules.strip())
    return [Path(word.replace("\\ ", " ")) for word in words if not word.endswith(":")]


def build(
    sources: Sequence[Path],
    include: Sequence[Path] = (),
    flags: Sequence[str] = ("-Os",),
    progress: Progress = silent,
) -> Elf:
    """Compile and link C99 `sources`, one of them with `int main(void)`.

    What is not reached is dropped. The result is kept under a hash of all that it was made from.

    Args:
        sources: C files; those of the start code and the support library are added.
        include: folders for -I; ink_xtensa.h and string.h are found anyway.
        flags: further compiler flags, such as -DNAME=VALUE.
        progress: told how many of the files are compiled; stopped by what it raises.

    Raises:
        InputError: no toolchain, the compiler or the linker refused, or the program does not fit
            the ESP32's memory; the message says where or by how much.
    """
    own = [*flags, *(f"-I{folder}" for folder in include), *INCLUDE]
    support = [*SUPPORT, *INCLUDE]
    units = [(path, own) for path in sources] + [(path, support) for path in SUPPORT_SOURCES]

    def make(folder: Path) -> None:
        objects = [folder / f"{number}-{path.stem}.o" for number, (path, _) in enumerate(units)]
        for done, ((source, options), target) in enumerate(zip(units, objects, strict=True)):
            progress(done, len(units))
            _gcc(*COMPILE, *options, "-c", str(source), "-o", str(target))
        _gcc(*LINK, "-T", str(SCRIPT), *map(str, objects), "-o", str(folder / "program.elf"))
        for target in objects:
            target.unlink()

    words = [*COMPILE, "|", *flags, "|", *SUPPORT, "|", *LINK]
    files = [*_files_read(sources, own), *_files_read(SUPPORT_SOURCES, support), SCRIPT]
    name = f"program-{key(toolchain().version, *words, *files)}"
    made = make_once(cache_folder("xtensa") / name, make)
    return Elf(made / "program.elf", tuple(sorted(made.glob("*.ci"))))


def sizes(elf: Elf) -> dict[str, int]:
    """Return the bytes of `text`, `rodata`, `data` and `bss`.

    Flash takes text + rodata + data, static RAM data + bss. The support library and the start
    code are included, the stack is not.
    """
    return section_sizes(elf.path, toolchain().compiler.removesuffix("gcc") + "size")


def stack(elf: Elf, entry: str = "main", pointee: str | None = None) -> int:
    """Return the bytes of stack that `entry` needs at worst; errors as in worst_stack."""
    return worst_stack(elf.ci_files, entry, pointee=pointee, unnamed=_PRODUCT)
