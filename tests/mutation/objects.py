"""The host's compiler, but for each source an object is kept, except for the one that changes.

That one is compiled once for a library and a program, if both ask for no flags of their own. Under
sanitizers it is compiled as asked: an optimizer takes out and compares in place what they look at.
"""

import importlib
import os
import shutil
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any


class Objects:
    """Takes the place of `host_compiler.run` from now on.

    Args:
        folder: for what is made.
        copy: the tree whose packages are imported.
        changing: the source that changes.
    """

    def __init__(self, folder: Path, copy: Path, changing: Path) -> None:
        compiler: Any = importlib.import_module("inkpin.common.host_compiler")  # the copy's
        self._changing = changing
        self._made, self._kept = folder / "changing", folder / "kept"
        headers = sorted({f"-I{header.parent}" for header in (copy / "libs").rglob("*.h")})
        self._flags = [*compiler.WARNINGS, "-O2", "-fPIC", *headers]
        self._compile, self._error = compiler.run, compiler.InputError
        libraries = self._made if changing.suffix == ".c" else self._kept
        compiler.run = self._run
        compiler.cache_folder = lambda name: libraries / name

    def forget(self) -> None:
        """Remove what was made of the source that changes."""
        shutil.rmtree(self._made, ignore_errors=True)

    def made(self) -> bytes | None:
        """Return the source that changes, compiled, or None where it does not compile."""
        try:
            return self._object(self._changing, ()).read_bytes()
        except self._error:
            return None

    def _run(self, target: Path, *words: str) -> None:
        """Have the compiler make `target`, as `host_compiler.run` does."""
        last = [word for word in words if word == "-shared" or word.startswith("-l")]
        flags = [word for word in words if word.startswith("-") and word not in last]
        sources = [Path(word) for word in words if not word.startswith("-")]
        objects = [str(self._object(source, flags)) for source in sources]
        self._compile(target, *flags, *objects, *last)

    def _object(self, source: Path, flags: Sequence[str]) -> Path:
        folder = self._kept
        if source == self._changing:
            folder = self._made
            if {each for each in flags if not each.startswith("-I")} <= {*self._flags}:
                flags = self._flags
        digest = sha256("\0".join([str(source), source.read_text("utf-8"), *flags]).encode())
        path = folder / f"{digest.hexdigest()[:24]}.o"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            whole = path.with_suffix(f".{os.getpid()}.o")
            self._compile(whole, *flags, "-c", str(source))
            whole.rename(path)
        return path
