"""Compile the project's C for the machine at hand, once for each content, and load it.

The cache is keyed by a hash over the compiler, the flags and every file that could be
included, so a stale library is never loaded.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from inkpin.common.cache import cache_folder, key, make_once
from inkpin.common.errors import InputError, UnavailableError

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def find() -> str | None:
    """Return the C compiler to use, $CC, else cc, gcc or clang; None if there is none."""
    names = (os.environ.get("CC"), "cc", "gcc", "clang")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def compiler() -> str:
    """Return the C compiler to use.

    Raises:
        UnavailableError: there is none; the message says what to install.
    """
    if path := find():
        return path
    raise UnavailableError(
        "no C compiler found: install gcc (Debian: apt-get install gcc libc6-dev)"
    )


def run(target: Path, *arguments: str) -> None:
    """Have the compiler make `target`.

    Raises:
        InputError: no compiler, or it refused; the message carries its first error.
    """
    command = [compiler(), *arguments, "-o", str(target)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "error" in line]
        raise InputError(f"the C does not compile: {(errors or [done.stderr.strip()])[0]}")


def build(
    sources: Sequence[Path],
    include: Sequence[Path] = (),
    flags: Sequence[str] = ("-O2",),
    libraries: Sequence[str] = (),
    *,
    shared: bool = True,
) -> Path:
    """Compile C99 `sources` with every warning an error; return the library or the program.

    Args:
        sources: C files.
        include: folders for -I.
        flags: further compiler flags, such as SANITIZERS.
        libraries: names for -l.
        shared: make a shared library, else a program.

    Raises:
        InputError: no compiler, or it refused; the message carries its first error.
    """
    name = "library" if shared else "program"
    options = [*WARNINGS, *flags, *(("-shared", "-fPIC") if shared else ())]
    tail = [f"-l{library}" for library in libraries]
    version = subprocess.run([compiler(), "--version"], capture_output=True, check=True).stdout
    headers = [header for folder in include for header in sorted(folder.rglob("*.h"))]

    def make(folder: Path) -> None:
        paths = [*(f"-I{each}" for each in include), *map(str, sources)]
        run(folder / name, *options, *paths, *tail)

    kept = cache_folder("hostcc") / key(version, *options, *tail, *sources, *headers)
    return make_once(kept, make) / name


def load(sources: Sequence[Path], include: Sequence[Path] = ()) -> ctypes.CDLL:
    """Compile `sources` into a shared library (or find it in the cache) and load it."""
    return ctypes.CDLL(str(build(sources, include)))
