"""Compile the project's C for the machine at hand, once for each content, and load it.

The cache is keyed by a hash over the compiler, the flags and every file that could be
included, so a stale library is never loaded; it lies in the platform's cache folder.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import platformdirs

from inkpin.common import InputError

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@cache
def compiler() -> str:
    """Return the C compiler to use: $CC, else cc, gcc or clang.

    Raises:
        InputError: there is none; the message says what to install.
    """
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and (path := shutil.which(name)):
            return path
    raise InputError("no C compiler found: install gcc (Debian: apt-get install gcc libc6-dev)")


def cache_folder() -> Path:
    """Return the folder of compiled libraries ($INKPIN_CACHE, else the platform's)."""
    return Path(os.environ.get("INKPIN_CACHE") or platformdirs.user_cache_dir("inkpin")) / "hostcc"


def _key(command: Sequence[str], sources: Iterable[Path], include: Iterable[Path]) -> str:
    """Hash the command, the compiler's version and all C files that the build may read."""
    version = subprocess.run([compiler(), "--version"], capture_output=True, check=True).stdout
    digest = hashlib.sha256(version + "\0".join(command).encode())
    for path in (*sources, *(h for folder in include for h in sorted(folder.rglob("*.h")))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


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
        InputError: no compiler, or the compiler refused; the message carries its first error.
    """
    kind = ("-shared", "-fPIC") if shared else ()
    options = [*WARNINGS, *flags, *kind]
    tail = [f"-l{name}" for name in libraries]
    target = cache_folder() / _key([*options, *tail], sources, include)
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        command = [compiler(), *options, *(f"-I{folder}" for folder in include)]
        command += [*map(str, sources), *tail, "-o", str(made)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if "error" in line]
            raise InputError(f"the C does not compile: {(errors or [done.stderr.strip()])[0]}")
        made.replace(target)
    return target


def load(sources: Sequence[Path], include: Sequence[Path] = ()) -> ctypes.CDLL:
    """Compile `sources` into a shared library (or find it in the cache) and load it."""
    return ctypes.CDLL(str(build(sources, include)))
