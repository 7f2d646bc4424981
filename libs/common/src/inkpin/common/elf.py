"""How many bytes a linked program takes, by section."""

import subprocess
from pathlib import Path


def section_sizes(elf: Path, size: str) -> dict[str, int]:
    """Return the bytes of `text`, `rodata`, `data` and `bss`.

    Flash takes text + rodata + data, static RAM data + bss.

    Args:
        elf: the program.
        size: the command `size` of the binutils that made it.
    """
    done = subprocess.run([size, "-A", str(elf)], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    found = {row[0]: int(row[1]) for row in rows if len(row) == 3 and row[1].isdigit()}
    return {name: found.get(f".{name}", 0) for name in ("text", "rodata", "data", "bss")}
