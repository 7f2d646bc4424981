"""What a file may claim: checked before memory is asked for.

A few hundred bytes can call themselves 73 GiB: the header of an array, a packed file, a picture.
"""

import io
import math
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from inkpin.common.errors import InputError

MOST_BYTES = 2 << 30
"""The limit on what a packed file unpacks to, or what the arrays of a file take: 2 GiB."""

MOST_PIXELS = 4096 * 4096
"""The limit on a picture."""


_DAMAGED = (zipfile.BadZipFile, zlib.error)


class Unpacked(io.RawIOBase):
    """Bytes of a file as they are unpacked, up to the limit.

    Args:
        file: gives the unpacked bytes; it is closed with this.
        path: of the packed file, for the message.
    """

    def __init__(self, file: io.BufferedIOBase, path: Path) -> None:
        super().__init__()
        self._file, self._path, self._count = file, path, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read some bytes.

        Raises:
            InputError: there are more than the limit.
        """
        data = self._file.read(len(buffer))
        self._count += len(data)
        if self._count > MOST_BYTES:
            raise InputError(f"{self._path}: unpacks to more than {_limit()}: divide it")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close both."""
        self._file.close()
        super().close()


def check_arrays(path: Path) -> None:
    """See that an .npy or .npz file holds what its headers claim, and no more than the limit.

    What is damaged or cannot be read is left for numpy.load to complain of.

    Raises:
        InputError: it claims more.
    """
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                _check(path, file, path.stat().st_size)
            return
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if (claimed := sum(member.file_size for member in members)) > MOST_BYTES:
                raise InputError(
                    f"{path}: unpacks to {size_text(claimed)}, the limit is {_limit()}: divide it"
                )
            for member in members:
                with archive.open(member) as file:
                    _check(path, file, member.file_size)
    except (OSError, EOFError, ValueError, NotImplementedError, *_DAMAGED) as error:
        if isinstance(error, InputError):
            raise


def _check(path: Path, file: IO[bytes], size: int) -> None:
    """See that an array's header claims what follows it, `size` bytes with itself."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0
    if version > (1, 0):
        read = np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    claimed = math.prod(shape) * dtype.itemsize
    if not dtype.hasobject and claimed > size:
        found = f"an array of {size_text(claimed)} in {size_text(size)}"
        raise InputError(f"{path}: {found}: save it again with numpy")


def check_picture(path: Path, width: int, height: int) -> None:
    """See that a picture has no more pixels than the limit.

    Raises:
        InputError: it has.
    """
    if width * height > MOST_PIXELS:
        raise InputError(
            f"{path}: {width}x{height} pixels, the limit is {MOST_PIXELS:,}: make it smaller"
        )


def _limit() -> str:
    return size_text(MOST_BYTES)


def size_text(count: int) -> str:
    """Return a number of bytes for people, as "2.0 GiB"."""
    for unit, bytes_ in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= bytes_:
            return f"{count / bytes_:,.1f} {unit}"
    return f"{count} bytes"
