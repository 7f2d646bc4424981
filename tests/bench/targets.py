"""The cores that networks are counted on: programs for each, what they take, what they answer."""

import shutil
import struct
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkpin import xtensa
from inkpin.common import InputError
from inkpin.common.elf import section_sizes
from inkpin.xtensa import program as windowed

C = Path(__file__).parent / "c"
_OWN = {"main", "ink_read", "ink_write", "ink_exit", "_start", "system_call"}
_INCLUDE = (f"-I{C}", f"-I{xtensa.C_FOLDER / 'include'}")
# gnu99, as by default: in plain C99 a product and a sum of floats may not become one instruction.
_COMPILE = ("-Os", "-std=gnu99", "-w", "-ffunction-sections", "-fdata-sections")
_LINK = ("-T", str(C / "bench.ld"), "-Wl,--gc-sections")


@dataclass(frozen=True)
class Cost:
    """What a program takes.

    Attributes:
        flash: bytes, of start code and library routines too.
        ram: bytes, of input, output and the deepest stack too.
        instructions: of one run of the network.
        answer: the bytes of its output.
    """

    flash: int
    ram: int
    instructions: int
    answer: bytes


class Target(ABC):
    """A core.

    Attributes:
        name: of it.
    """

    name: str

    @property
    @abstractmethod
    def missing(self) -> str | None:
        """None, or what is not installed."""

    @property
    @abstractmethod
    def versions(self) -> str:
        """What builds for it and runs it."""

    @abstractmethod
    def compile(self, sources: Sequence[Path], include: Sequence[Path], elf: Path) -> None:
        """Compile and link; CalledProcessError."""

    @abstractmethod
    def command(self, elf: Path) -> list[str]:
        """Return what runs a program."""

    @property
    @abstractmethod
    def size(self) -> str:
        """Name of binutils' size."""

    def cost(self, sources: Sequence[Path], include: Sequence[Path], given: bytes) -> Cost:
        """Return what a program takes that defines what bench.h declares.

        Args:
            sources: C files.
            include: folders of headers.
            given: the bytes of its input.

        Raises:
            InputError: the compiler or the linker refused.
        """
        with tempfile.TemporaryDirectory() as scratch:
            elf = Path(scratch) / "bench.elf"
            try:
                self.compile([*sources, C / "run.c"], include, elf)
            except subprocess.CalledProcessError as error:
                lines = error.stderr.splitlines()
                said = [line for line in lines if "error" in line or "undefined" in line]
                raise InputError(f"{self.name}: {(said or lines)[0]}") from error
            command = self.command(elf)
            done = subprocess.run(command, input=given, capture_output=True, check=True)
            counts = xtensa.counted(command, given)
            sizes = section_sizes(elf, self.size)
        (stack,) = struct.unpack("<I", done.stdout[:4])
        return Cost(
            flash=sizes["text"] + sizes["rodata"] + sizes["data"],
            ram=sizes["data"] + sizes["bss"] + stack,
            instructions=sum(n for name, n in counts.items() if name not in _OWN),
            answer=done.stdout[4:],
        )


def _run(*words: str, **more: object) -> None:
    subprocess.run(words, capture_output=True, text=True, check=True, **more)


def _version(command: str) -> str:
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


class Xtensa(Target):
    """The ESP32's kind of core, with its FPU where the compiler knows of one: gcc 13."""

    name = "Xtensa"
    size = "xtensa-lx106-elf-size"

    @property
    def missing(self) -> str | None:
        """See Target."""
        return xtensa.available()

    @property
    def versions(self) -> str:
        """See Target."""
        tools = xtensa.toolchain()
        return f"{_version(tools.compiler)}; {_version(tools.emulator)}"

    def compile(self, sources: Sequence[Path], include: Sequence[Path], elf: Path) -> None:
        """See Target."""
        tools = xtensa.toolchain()
        shared = (*windowed.TARGET, *_COMPILE, "-ffreestanding", "-fbuiltin", *_INCLUDE)
        folders = (f"-I{C / 'xtensa'}", *windowed.INCLUDE, *(f"-I{folder}" for folder in include))
        objects = []
        for i, source in enumerate((*sources, C / "floats.c", *windowed.SUPPORT_SOURCES)):
            support = windowed.SUPPORT if source in windowed.SUPPORT_SOURCES else ()
            objects.append(str(elf.with_name(f"{i}.o")))
            words = (*shared, *folders, *support, "-c", str(source), "-o", objects[-1])
            _run(tools.compiler, *words, env=tools.environment)
        link = (*windowed.LINK, *_LINK, *objects, "-o", str(elf))
        _run(tools.compiler, *link, env=tools.environment)

    def command(self, elf: Path) -> list[str]:
        """See Target."""
        return [xtensa.toolchain().emulator, "-cpu", xtensa.CPU, str(elf)]


class Cortex(Target):
    """An Arm core of a microcontroller.

    qemu-arm 7.2 ends with a failed assertion for a core of the M profile: an A7 runs the same
    instructions.
    """

    size = "arm-none-eabi-size"
    _compiler = "arm-none-eabi-gcc"
    _emulator = "qemu-arm"

    def __init__(self, name: str, *flags: str) -> None:
        """Name it, and say what the compiler is told."""
        self.name = name
        self._flags = ("-mthumb", *flags, "--specs=picolibc.specs")

    @property
    def missing(self) -> str | None:
        """See Target."""
        if not (shutil.which(self._compiler) and shutil.which(self._emulator)):
            return f"{self._compiler} and {self._emulator}"
        probe = [self._compiler, *self._flags, "-E", "-include", "math.h", "-xc", "/dev/null"]
        missing = subprocess.run(probe, capture_output=True).returncode
        return "picolibc-arm-none-eabi" if missing else xtensa.available()

    @property
    def versions(self) -> str:
        """See Target."""
        return f"{_version(self._compiler)}; {_version(self._emulator)}"

    def compile(self, sources: Sequence[Path], include: Sequence[Path], elf: Path) -> None:
        """See Target."""
        folders = (*_INCLUDE, *(f"-I{folder}" for folder in include))
        files = map(str, (*sources, C / "arm.c"))
        own = (*self._flags, *_COMPILE, "-nostartfiles", *_LINK, *folders)
        _run(self._compiler, *own, *files, "-lm", "-o", str(elf))

    def command(self, elf: Path) -> list[str]:
        """See Target."""
        return [self._emulator, "-cpu", "cortex-a7", str(elf)]


TARGETS: tuple[Target, ...] = (
    Xtensa(),
    Cortex("M0+", "-mcpu=cortex-m0plus"),
    Cortex("M4", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
)
