"""The networks that a user's twin has used, all of them kept, and which one is active."""

from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import read_bytes, replacing, sync_folder
from inkpin.model.inference.recogniser import SHIPPED, Recogniser

_ACTIVE = "active"  # the file that names the active one
_BEFORE = "before"  # the one that names what was active before it


class ModelStore:
    """A folder of networks, numbered in the order of their first use.

    Args:
        folder: is made with the first one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def active(self) -> Path:
        """The network to read with: the shipped one until another is used.

        Raises:
            InputError: the folder cannot be read, or the network is not there any more.
        """
        name = self._name(_ACTIVE)
        if name is None:
            return SHIPPED
        for path in self.kept():
            if path.name == name:
                return path
        raise InputError(f"{self._folder / name}: not there any more: {self._way_back}")

    @property
    def before(self) -> Path | None:
        """The network that was active before the last choice, if it is still kept."""
        name = self._name(_BEFORE)
        return next((path for path in self.kept() if path.name == name), None)

    def _name(self, which: str) -> str | None:
        """Return what one of the two files says, None if there is none."""
        file = self._folder / which
        return read_bytes(file, "").decode(errors="replace") if file.exists() else None

    def load(self) -> tuple[Path, Recogniser]:
        """Return the network to read with, and what reads with it.

        Raises:
            InputError: as for `active`, or it is damaged.
        """
        path = self.active
        try:
            return path, Recogniser.load(path)
        except InputError as error:
            if path == SHIPPED:
                raise
            raise InputError(f"{path}: damaged: {self._way_back}") from error

    @property
    def _way_back(self) -> str:
        return f"delete {self._folder / _ACTIVE} to read with the shipped network again"

    def kept(self) -> list[Path]:
        """Return the shipped network and every one that was used, the oldest first."""
        return [SHIPPED, *sorted(self._folder.glob("[0-9]*.onnx"))]

    def use(self, model: bytes) -> Path:
        """Keep a network and make it the active one; return its file.

        Raises:
            InputError: not a model of ours, or there is no room; the active one stays.
        """
        Recogniser(model, "the new network")
        number = max((int(path.stem) for path in self.kept()[1:]), default=0) + 1
        path = self._folder / f"{number:04}.onnx"
        with replacing(path) as file:
            file.write(model)
        self.choose(path)
        return path

    def choose(self, path: Path) -> None:
        """Make a kept network the active one.

        Raises:
            InputError: it is none of them, or there is no room; the active one stays.
        """
        if path not in self.kept():
            raise InputError(f"{path}: none of the networks in {self._folder}: choose one of those")
        before = self._name(_ACTIVE) or SHIPPED.name
        if before != path.name:
            with replacing(self._folder / _BEFORE) as file:
                file.write(before.encode())
        with replacing(self._folder / _ACTIVE) as file:
            file.write(path.name.encode())
        sync_folder(self._folder)
