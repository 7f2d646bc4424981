"""A file that grows by records, each of which is on the disk before it is acknowledged."""

import os
from contextlib import suppress
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import sync_folder, writing_remedy
from inkpin.common.locks import hold


class Journal:
    """A file open for adding to its end; it is made, with its folder, if it is missing.

    Args:
        path: the file.
        exclusive: hold it against other programs.

    Raises:
        InputError: another program holds it, or it cannot be written.
    """

    def __init__(self, path: Path, *, exclusive: bool = False) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
            sync_folder(path.parent)
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}: {writing_remedy(error)}") from error
        try:
            if exclusive:
                hold(self._file)
        except OSError as error:
            self._file.close()
            raise InputError(
                f"{path}: in use by another Inkpin: close that, or take another file"
            ) from error
        self._end = os.fstat(self._file.fileno()).st_size
        self._torn = False

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @property
    def size(self) -> int:
        """Its bytes."""
        return self._end

    def add(self, record: bytes) -> None:
        """Add to the end, and return when that is on the disk.

        Raises:
            InputError: it cannot be written, and the file is as it was; or somebody else
                changed it.
        """
        self._see_to_the_end()
        try:
            rest = memoryview(record)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
            self._end += len(record)
        except BaseException as error:
            with suppress(OSError):
                self._cut(self._end)
            if isinstance(error, OSError):
                raise self._unsaved(error) from error
            raise

    def cut(self, size: int) -> None:
        """Keep the first `size` bytes alone.

        Raises:
            InputError: the file cannot be written.
        """
        try:
            self._cut(size)
        except OSError as error:
            raise self._unsaved(error) from error

    def _unsaved(self, error: OSError) -> InputError:
        reason = f"not saved ({error.strerror}): make room there and try again"
        return InputError(f"{self.path}: {reason}")

    def _cut(self, size: int) -> None:
        self._torn = True
        os.ftruncate(self._file.fileno(), size)
        os.fsync(self._file.fileno())
        self._torn, self._end = False, size

    def _see_to_the_end(self) -> None:
        """Cut off what a failed write may have left; refuse a file that others changed."""
        if self._torn:
            self.cut(self._end)
        held = os.fstat(self._file.fileno())
        try:
            same = os.path.samestat(held, self.path.stat())
        except OSError:
            same = False
        if not same or held.st_size != self._end:
            raise InputError(f"{self.path}: changed by another program: start Inkpin again")
