"""Check the C: what clang-tidy finds, the form of comments, and which file includes which."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (("common",), ("preprocess",), ("lock",), ("model", "screen"), ("device",))
"""The rooms with C; a file includes none of a room beside or above its own."""

INCLUDE = [
    *(ROOT / f"libs/{room}/src/inkpin/{room}/c" for floor in FLOORS for room in floor),
    ROOT / "libs/model/src/inkpin/model/c/generated",
    ROOT / "libs/device/src/inkpin/device/c/emulated",
    ROOT / "tools/xtensa/src/inkpin/xtensa/c/include",
    ROOT / "tests/proofs/fuzz",
]
ELSEWHERE = (
    *(f"xtensa/c/{name}.c" for name in ("arithmetic", "description", "io", "memory")),
    "bench/c/arm.c",
    "bench/c/floats.c",
    "evaluation/cost.c",
    "inference/*_engine.c",
    "examples/read.c",
)
"""What compiles for another machine alone, or with the header of a network that is to be made."""


def c_files(*suffixes: str) -> list[Path]:
    """Return the files with C and C++, as seen from ROOT, but for generated ones."""
    return [
        path.relative_to(ROOT)
        for room in ("apps", "examples", "libs", "tests", "tools")
        for path in sorted((ROOT / room).rglob("*"))
        if path.suffix in suffixes and "generated" not in path.parts
    ]


def tidy(path: Path) -> list[str]:
    """Return what clang-tidy finds in a C file, by the checks of .clang-tidy."""
    flags = ["-std=c99", *(f"-I{folder}" for folder in INCLUDE)]
    done = subprocess.run(
        ["clang-tidy", "--quiet", str(path), "--", *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        return []
    lines = [line for line in done.stdout.splitlines() if " error: " in line]
    return lines or [f"{path}: {done.stderr.strip()}"]


def comments(path: Path) -> Iterator[str]:
    """Yield the comments of a form that is not ours: a star begins each line, two slashes none."""
    text = (ROOT / path).read_text("utf-8")
    for comment in re.finditer(r"/\*.*?\*/|//.*|\"(?:\\.|[^\"\n])*\"", text, re.DOTALL):
        first, *lines = comment[0].split("\n")
        if first.startswith("//") or not all(re.match(r" *\*", line) for line in lines):
            yield f"{path}:{text.count(chr(10), 0, comment.start()) + 1}: a comment of another form"


def arrows() -> Iterator[str]:
    """Yield the includes that run up from a room to another, and circles of files."""
    floor_of = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    files = [path for path in c_files(".c", ".h") if path.match("libs/*/src/inkpin/*/c/*")]
    room_of = {path.stem: path.parts[1] for path in files}
    units: dict[str, set[str]] = {stem: set() for stem in room_of}
    for path in files:
        included = re.findall(r'#include "(\w+)\.h"', (ROOT / path).read_text("utf-8"))
        units[path.stem] |= {stem for stem in included if stem in units and stem != path.stem}
    for stem, targets in units.items():
        for target in targets:
            own, other = room_of[stem], room_of[target]
            if own != other and floor_of[own] <= floor_of[other]:
                yield f"{stem} includes {target}: {own} stands below {other}, or beside it"
    try:
        TopologicalSorter(units).prepare()
    except CycleError as error:
        yield f"a circle of includes: {' <- '.join(error.args[1])}"


def main() -> int:
    """Run the checks; return 1 if one of them complained."""
    for_the_host = [path for path in c_files(".c") if not any(map(path.match, ELSEWHERE))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [line for lines in pool.map(tidy, for_the_host) for line in lines]
    for path in c_files(".c", ".h", ".cpp"):
        found += comments(path)
    found += arrows()
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
