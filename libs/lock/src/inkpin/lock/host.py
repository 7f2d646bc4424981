"""The lock's hooks on a computer: hashlib, secrets, and two files or two strings."""

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import replacing, sync_folder
from inkpin.lock.record import RECORD_SIZE


class _Host:
    """What every computer has."""

    def derive(self, pin: bytes, salt: bytes, iterations: int) -> bytes | None:
        return hashlib.pbkdf2_hmac("sha256", pin, salt, iterations)

    def random(self, count: int) -> bytes | None:
        return secrets.token_bytes(count)

    def chip(self) -> bytes | None:
        """Return nothing: what a computer could give lies beside the record."""
        return None


class FileSlots:
    """Two slots in a folder, NAME-0.bin and NAME-1.bin; a missing or empty file is a blank slot.

    Args:
        folder: where they lie; made, for the user alone, by the first write.
        name: what the files' names begin with.
        size: bytes that a slot may hold.
    """

    def __init__(self, folder: Path, name: str, size: int) -> None:
        self._folder, self._name, self._size = folder, name, size

    def read(self, slot: int) -> bytes | None:
        """Return the file's content (of one too long, enough to tell); None on an error."""
        try:
            with self._path(slot).open("rb") as file:
                return file.read(self._size + 1)
        except FileNotFoundError:
            return b""
        except OSError:
            return None

    def write(self, slot: int, data: bytes) -> bool:
        """Write beside the file, then take its place; True once file and folder are synced."""
        try:
            with replacing(self._path(slot), private=True) as file:
                file.write(data)
            sync_folder(self._folder)
        except (InputError, OSError):
            return False
        return True

    def _path(self, slot: int) -> Path:
        return self._folder / f"{self._name}-{slot}.bin"


class HostHooks(_Host, FileSlots):
    """The lock's, with the record in a folder: slot-0.bin and slot-1.bin."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "slot", RECORD_SIZE)


def _in_place(fresh: bytes, old: bytes) -> bytes:
    return fresh + old[len(fresh) :]


class MemoryHooks(_Host):
    """Slots in memory, for a replay or a trial, with a supply of power that can be cut.

    Args:
        random: where salts come from, instead of the system's secrets.

    Attributes:
        slots: what the two slots hold.
        power: how much may still be written, None for no limit. A write takes one unit to begin
            and one for each byte; that which runs out is torn, and nothing works after it.
        own: the 16 bytes of a chip, or None.
        torn: from the bytes that were written and the slot's old content, what a tear leaves; at
            first the new bytes over the old.
    """

    def __init__(self, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.slots = [b"", b""]
        self.power: int | None = None
        self.own: bytes | None = None
        self.torn: Callable[[bytes, bytes], bytes] = _in_place
        self._random = random

    def random(self, count: int) -> bytes | None:
        """Return `count` bytes of the given source."""
        return self._random(count)

    def chip(self) -> bytes | None:
        """Return `own`."""
        return self.own

    def read(self, slot: int) -> bytes | None:
        """Return the slot; None without power."""
        return None if self.power == 0 else self.slots[slot]

    def write(self, slot: int, data: bytes) -> bool:
        """Write as far as the power lasts; True if it lasted."""
        if self.power == 0:
            return False
        if self.power is not None and self.power <= len(data):
            self.slots[slot] = self.torn(data[: self.power - 1], self.slots[slot])
            self.power = 0
            return False
        if self.power is not None:
            self.power -= 1 + len(data)
        self.slots[slot] = data
        return True
