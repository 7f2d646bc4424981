"""Folders that are made once, kept in the platform's cache folder and never changed again."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs


def cache_folder(name: str) -> Path:
    """Return where things of one kind are kept: in $INKPIN_CACHE, else in the platform's cache."""
    return Path(os.environ.get("INKPIN_CACHE") or platformdirs.user_cache_dir("inkpin")) / name


def key(*parts: str | bytes | Path) -> str:
    """Return a name for what is made of `parts`; a path stands for its name and content."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            part = part.name.encode() + b"\0" + part.read_bytes()
        elif isinstance(part, str):
            part = part.encode()
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:24]


def make_once(target: Path, make: Callable[[Path], None]) -> Path:
    """Return the folder `target`, first filled by `make` if it is not there.

    `make` fills a scratch folder that then takes its place in one step: nothing half-made is ever
    seen, and of two processes that make the same thing at once, one result stays.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        make(made)
        try:
            made.rename(target)
        except OSError:
            if not target.is_dir():  # else another process was quicker
                raise
    return target
