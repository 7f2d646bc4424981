"""Reading and writing files so that nobody meets a stack trace or half a file."""

import errno
import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase, BufferedReader
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.limits import Unpacked

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
"""What reading a truncated or damaged gzip file raises."""


def gunzipped(path: Path) -> BufferedReader:
    """Open a gzip file for reading what it unpacks to, up to limits.MOST_BYTES.

    Raises:
        OSError: it cannot be opened. Reading raises one of DAMAGED, or InputError past the limit.
    """
    return BufferedReader(Unpacked(gzip.open(path), path), 1 << 16)


@contextmanager
def opened(path: Path, remedy: str) -> Iterator[BufferedIOBase]:
    """Open a file for reading bytes, through gzip if its name ends in .gz.

    Args:
        path: the file.
        remedy: what the message tells the reader to do about a damaged file.

    Raises:
        InputError: it cannot be read, or, while the body of the `with` reads, proves damaged, or
            unpacks to more than limits.MOST_BYTES.
    """
    try:
        if path.suffix == ".gz":
            with gunzipped(path) as unpacked:
                yield unpacked
        else:
            with path.open("rb") as file:
                yield file
    except DAMAGED as error:
        raise InputError(f"{path}: truncated or damaged gzip ({error}): {remedy}") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: name a file that can be read") from error


def read_bytes(path: Path, remedy: str) -> bytes:
    """Return a file's content, decompressed if its name ends in .gz; errors as for `opened`."""
    with opened(path, remedy) as file:
        return file.read()


def writing_remedy(error: OSError) -> str:
    """Return what a message tells the reader to do about a file that cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "make room there and try again"
    return "name a place to write to"


_NEW = os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
"""Nobody's link or file is written through."""


def make_folder(folder: Path, *, private: bool = False) -> None:
    """Make a folder and those above it that are missing, all for the user alone if `private`."""
    for missing in [place for place in (*reversed(folder.parents), folder) if not place.exists()]:
        missing.mkdir(0o700 if private else 0o777, exist_ok=True)


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BufferedIOBase]:
    """Open a file for writing bytes that takes its name only when whole and on the disk.

    If the body of the `with` raises, the old file stays as it was and nothing else is left.
    Missing folders are made. A name that ends in .gz gets compressed, the same content to the
    same bytes.

    Args:
        path: the file.
        private: whether it, and each folder that is made for it, are for the user alone.

    Raises:
        InputError: it cannot be written.
    """
    half = path.with_name(f".{path.name}.{os.getpid()}")
    mode = 0o600 if private else 0o666
    try:
        make_folder(path.parent, private=private)
        half.unlink(missing_ok=True)
        try:
            # Path.open takes no opener.
            with open(half, "wb", opener=lambda name, how: os.open(name, how | _NEW, mode)) as raw:
                if path.suffix == ".gz":
                    with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
                        yield file
                else:
                    yield raw
                raw.flush()
                os.fsync(raw.fileno())
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
    except OSError as error:
        files = [folder for folder in path.parents if folder.is_file()]
        wrong = f"{files[0]} is a file, no folder" if files else error.strerror
        raise InputError(f"{path}: {wrong}: {writing_remedy(error)}") from error


def sync_folder(folder: Path) -> None:
    """Make what was created or renamed in a folder last; Windows does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
