"""The emulated device's program: the C of all rooms, for Xtensa under QEMU or for this machine."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import inkpin.common
import inkpin.lock
import inkpin.model
import inkpin.preprocess
import inkpin.screen
from inkpin import xtensa
from inkpin.common import InputError, UnavailableError, host_compiler
from inkpin.common.progress import Progress, silent
from inkpin.device import C_FOLDER

_EMULATED = C_FOLDER / "emulated"
_MBEDTLS = (
    "include/*.h",
    "library/*.h",
    *(f"library/{name}.c" for name in ("md", "pkcs5", "sha256")),
)


class Core(StrEnum):
    """What the firmware runs on."""

    XTENSA = "xtensa"
    HOST = "host"


def device_sources() -> list[Path]:
    """Return the C files of the device, its network included, without a shell and mbedTLS."""
    rooms = (
        inkpin.common.C_FOLDER,
        inkpin.preprocess.C_FOLDER,
        inkpin.model.C_FOLDER,
        inkpin.model.C_FOLDER / "generated",
        inkpin.lock.C_FOLDER,
        inkpin.screen.C_FOLDER,
        C_FOLDER,
    )
    return [path for room in rooms for path in sorted(room.glob("*.c"))]


def sources() -> list[Path]:
    """Return the same and the C files of the emulated shell."""
    return [*device_sources(), _EMULATED / "line_io.c", _EMULATED / "main.c"]


def include() -> list[Path]:
    """Return the folders of their headers."""
    return [*dict.fromkeys(path.parent for path in sources())]


MBEDTLS_FLAG = "-DMBEDTLS_CONFIG_FILE=<ink_mbedtls_config.h>"
"""What both mbedTLS and what calls it are compiled with."""


@dataclass(frozen=True)
class Mbedtls:
    """What of mbedTLS is needed where there is no libc.

    Attributes:
        memory: the project's C file that it allocates with.
        folder: where its own C files lie.
        include: the folders of its headers and of its configuration.
    """

    memory: Path
    folder: Path
    include: list[Path]

    @property
    def sources(self) -> list[Path]:
        """Its own C files."""
        return sorted(self.folder.glob("*.c"))


def mbedtls() -> Mbedtls:
    """Return Debian's; fetched once.

    Raises:
        UnavailableError: it cannot be had.
    """
    folder = xtensa.source_files("mbedtls", _MBEDTLS)
    return Mbedtls(
        memory=_EMULATED / "mbedtls_memory.c",
        folder=folder / "library",
        include=[_EMULATED, folder / "include", folder / "library"],
    )


def build_xtensa(progress: Progress = silent) -> xtensa.Elf:
    """Build it for the emulated core, with Debian's mbedTLS.

    Args:
        progress: told how many files are compiled; stopped by what it raises.

    Raises:
        UnavailableError: a tool or the sources are missing.
    """
    xtensa.toolchain()  # if it is missing, that is the first thing to say
    library = mbedtls()
    files = [*sources(), library.memory, *library.sources]
    return xtensa.build(files, [*include(), *library.include], ("-Os", MBEDTLS_FLAG), progress)


def build_host(flags: Sequence[str] = ("-O2",)) -> Path:
    """Build it for this machine, with its mbedTLS.

    Raises:
        UnavailableError: no compiler or no mbedTLS.
    """
    folders = [*include(), xtensa.C_FOLDER / "include"]
    files = [*sources(), xtensa.C_FOLDER / "ink_host.c"]
    options = ("-D_POSIX_C_SOURCE=200809L", *flags)
    try:
        return host_compiler.build(files, folders, options, ["mbedcrypto"], shared=False)
    except InputError as error:
        if "mbedtls/" not in str(error):
            raise
        raise UnavailableError("no mbedTLS: install it (Debian: libmbedtls-dev)") from error


def command(core: Core, progress: Progress = silent) -> list[str]:
    """Return the command that starts the emulated device.

    Args:
        core: to build it for.
        progress: told how many steps to the toolchain are done, then how many files are compiled;
            stopped by what it raises.

    Raises:
        UnavailableError: as for the builds.
    """
    if core is Core.XTENSA:
        xtensa.prepare(progress)
        return xtensa.command(build_xtensa(progress))
    return [str(build_host())]


def best_core() -> Core:
    """Return the Xtensa core where its tools are installed, else the machine at hand.

    Raises:
        UnavailableError: there is no compiler for either; the message says what to install.
    """
    if missing := xtensa.available():
        if shutil.which("cc") is None and shutil.which("gcc") is None:
            raise UnavailableError(f"the emulated device cannot be built: {missing}")
        return Core.HOST
    return Core.XTENSA
