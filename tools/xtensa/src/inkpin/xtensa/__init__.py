"""The project's C on an emulated Xtensa core: compile, run, measure; knows nothing of its use."""

from inkpin.xtensa.callgraph import worst_stack
from inkpin.xtensa.emulator import command, count, counted, run
from inkpin.xtensa.packages import source_files
from inkpin.xtensa.program import Elf, build, sizes, stack
from inkpin.xtensa.toolchain import (
    C_FOLDER,
    CPU,
    Toolchain,
    available,
    prepare,
    toolchain,
)

__all__ = [
    "CPU",
    "C_FOLDER",
    "Elf",
    "Toolchain",
    "available",
    "build",
    "command",
    "count",
    "counted",
    "prepare",
    "run",
    "sizes",
    "source_files",
    "stack",
    "toolchain",
    "worst_stack",
]
