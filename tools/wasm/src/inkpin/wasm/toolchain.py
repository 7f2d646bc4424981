"""C sources to one WebAssembly module, by clang and wasm-ld, without a libc.

What a source gives to the outside it marks with `export_name`, what it wants of it with
`import_name`; see libs/model's wasm_engine.c.
"""

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from inkpin import xtensa
from inkpin.common import InputError, UnavailableError
from inkpin.common.cache import cache_folder, key, make_once
from inkpin.common.host_compiler import WARNINGS

COMPILER, LINKER = "clang", "wasm-ld"

_PACKAGE_OF = {COMPILER: "clang", LINKER: "lld"}
# Without builtins the loops in memcpy and memset stay loops, not calls of themselves.
_COMPILE = ("--target=wasm32", "-ffreestanding", "-fno-builtin", "-ffunction-sections")
# The stack comes first, so that one that is too deep traps instead of overwriting data.
_LINK = ("--no-entry", "--gc-sections", "--strip-all", "--stack-first", "-z", "stack-size=32768")
_MEMORY = xtensa.C_FOLDER / "memory.c"
_STRING = xtensa.C_FOLDER / "freestanding"


def available() -> str | None:
    """Return None if modules can be built here, else one line: what to install."""
    packages = {name: package for name, package in _PACKAGE_OF.items() if not shutil.which(name)}
    if not packages:
        return None
    return (
        f"not found: {', '.join(packages)} (Debian: apt-get install {' '.join(packages.values())})"
    )


@cache
def _version() -> str:
    """Return what changes whenever the same sources could become another module.

    Raises:
        UnavailableError: a tool is missing.
    """
    if missing := available():
        raise UnavailableError(missing)
    return "".join(
        subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
        for tool in (COMPILER, LINKER)
    )


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.splitlines()
        errors = [line for line in lines if "error" in line]
        raise InputError(
            f"the C does not build for WebAssembly: {(errors or lines or ['no reason'])[0]}"
        )


def build(
    sources: Sequence[Path],
    include: Sequence[Path] = (),
    flags: Sequence[str] = ("-Os",),
    upstream: Sequence[Path] = (),
) -> Path:
    """Compile and link C99 `sources`, with every warning an error; return the module.

    What no export reaches is dropped. The module is kept under a hash of all it was made from.

    Args:
        sources: C files; memcpy and its like are added.
        include: folders for -I; string.h and assert.h are found anyway.
        flags: further compiler flags, such as -DNAME=VALUE.
        upstream: other people's C files, whose warnings are not ours to mend.

    Raises:
        UnavailableError: no toolchain.
        InputError: the compiler or the linker refused; the message carries its first error.
    """
    version = _version()
    options = [*_COMPILE, *flags]
    headers = [header for folder in (*include, _STRING) for header in sorted(folder.rglob("*.h"))]
    units = [
        *((path, list(WARNINGS)) for path in (*sources, _MEMORY)),
        *((path, ["-std=c99", "-w"]) for path in upstream),
    ]

    def make(folder: Path) -> None:
        objects = [folder / f"{number}-{path.stem}.o" for number, (path, _) in enumerate(units)]
        paths = [f"-I{each}" for each in (*include, _STRING)]
        for (path, warnings), target in zip(units, objects, strict=True):
            _run(COMPILER, *options, *warnings, *paths, "-c", str(path), "-o", str(target))
        _run(LINKER, *_LINK, *map(str, objects), "-o", str(folder / "module.wasm"))
        for target in objects:
            target.unlink()

    words = [*options, "|", *WARNINGS, "|", *_LINK]
    files = [*sources, _MEMORY, *upstream, *headers]
    return make_once(cache_folder("wasm") / key(version, *words, *files), make) / "module.wasm"
