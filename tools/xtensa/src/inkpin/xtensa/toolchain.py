"""The compiler, the emulator, and the description of the core that both work for.

Debian's assembler and linker for Xtensa learn another core's instructions from a shared object.
The nearest to the ESP32's LX6 among those in QEMU's sources is de233_fpu: little-endian,
register windows, the same integer instructions but for the upper half of a product.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from inkpin.common import UnavailableError, host_compiler
from inkpin.common.cache import cache_folder, key, make_once
from inkpin.common.progress import Progress
from inkpin.xtensa.packages import fetch_tarballs, unpack

C_FOLDER = Path(__file__).parent / "c"
"""Start code, run-time support, linker script and the emulator's counting plugin.

For this machine: include/ink_xtensa.h and ink_host.c.
"""

CPU = "de233_fpu"
COMPILER = "xtensa-lx106-elf-gcc"
EMULATOR = "qemu-xtensa"

_PACKAGE_OF = {COMPILER: "gcc-xtensa-lx106", EMULATOR: "qemu-user"}
_TABLES = f"target/xtensa/core-{CPU}"
_SOURCES = {
    "qemu": [f"{_TABLES}/core-isa.h", f"{_TABLES}/xtensa-modules.c.inc"],
    "binutils": ["include/ansidecl.h", "include/xtensa-*.h"],
}
_STEPS = (
    "downloading source packages (60 MB)",
    "unpacking them",
    "compiling the core's description",
    "compiling the counter of instructions",
)


@dataclass(frozen=True)
class Toolchain:
    """What compiles and runs a program.

    Attributes:
        compiler: the Xtensa gcc.
        emulator: qemu-xtensa.
        description: the shared object that tells gcc's assembler and linker about the core.
        counter: the emulator's plugin that counts instructions.
        version: changes whenever the same sources could become another program.
    """

    compiler: str
    emulator: str
    description: Path
    counter: Path
    version: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables to run the compiler with."""
        return {**os.environ, "LC_ALL": "C", "XTENSA_GNU_CONFIG": str(self.description)}


def _version(command: str) -> str:
    return subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout


def _made() -> Path:
    """Return the folder of the description and the plugin, made with these tools."""
    host = host_compiler.find()
    tools = [_version(tool) for tool in (COMPILER, "xtensa-lx106-elf-ld", EMULATOR, host) if tool]
    recipe = (Path(__file__), C_FOLDER / "description.c", C_FOLDER / "insncount.c")
    return cache_folder("xtensa") / f"toolchain-{key(*tools, *recipe)}"


def available() -> str | None:
    """Return None if programs can be compiled and run here, else one line: what to install."""
    packages = {name: package for name, package in _PACKAGE_OF.items() if not shutil.which(name)}
    if not host_compiler.find():
        packages["a C compiler"] = "gcc libc6-dev"
    if packages:
        return (
            f"not found: {', '.join(packages)}"
            f" (Debian: apt-get install {' '.join(packages.values())})"
        )
    if not shutil.which("apt-get") and not _made().is_dir():
        return "not found: apt-get, to download source packages with (use Debian)"
    return None


def _on_terminal(done: int, _total: int) -> None:
    if not done:
        print("preparing the Xtensa toolchain, once:", file=sys.stderr)
    print(f"  {_STEPS[done]}", file=sys.stderr, flush=True)


def _make(folder: Path, progress: Progress) -> None:
    progress(0, len(_STEPS))
    sources = folder / "sources"
    sources.mkdir()
    tarballs = fetch_tarballs(_SOURCES, sources)
    progress(1, len(_STEPS))
    unpack(tarballs, _SOURCES, sources)
    progress(2, len(_STEPS))
    shared = ("-O1", "-fPIC", "-shared")
    include = (f"-I{sources / _TABLES}", f"-I{sources / 'include'}")
    upstream = ("-w", *include, "-include", "ansidecl.h")
    description, counter = (str(C_FOLDER / name) for name in ("description.c", "insncount.c"))
    host_compiler.run(folder / f"xtensa-{CPU}.so", *shared, *upstream, description)
    progress(3, len(_STEPS))
    host_compiler.run(folder / "insncount.so", *shared, counter)
    shutil.rmtree(sources)


def prepare(progress: Progress) -> Path:
    """Make the parts of the toolchain, where they are not made yet; return their folder.

    Args:
        progress: told how many steps are done; stopped by what it raises.

    Raises:
        UnavailableError: a tool is missing, or the source packages cannot be downloaded.
    """
    if missing := available():
        raise UnavailableError(missing)
    return make_once(_made(), partial(_make, progress=progress))


@cache
def toolchain() -> Toolchain:
    """Return the toolchain; the first call on a machine makes its parts, in 10 s to a minute.

    It says so on the terminal; `prepare` has made them before where that is to be seen elsewhere.

    Raises:
        UnavailableError: as for `prepare`.
    """
    made = prepare(_on_terminal)
    return Toolchain(
        compiler=str(shutil.which(COMPILER)),
        emulator=str(shutil.which(EMULATOR)),
        description=made / f"xtensa-{CPU}.so",
        counter=made / "insncount.so",
        version=made.name,
    )
