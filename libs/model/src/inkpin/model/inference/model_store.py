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
        """The network to read with: the shipped one, unless another was chosen and is there.

        Raises:
            InputError: the folder cannot be read.
        """
        name = self._name(_ACTIVE)
        return next((path for path in self.kept() if path.name == name), SHIPPED)

    @property
    def before(self) -> Path | None:
        """The network that was active before the last choice, if it is still kept."""
        name = self._name(_BEFORE)
        return next((path for path in self.kept() if path.name == name), None)

    def _name(self, which: str) -> str | None:
        """Return what one of the two files says, None if there is none."""
        file = self._folder / which
        return read_bytes(file, "").decode(errors="replace") if file.exists() else None

    def load(self) -> tuple[Path, Recogniser, str | None]:
        """Return the network to read with, what reads with it, and a notice for the user, if any.

        Where the one that was chosen is damaged or not there any more, the shipped one takes over
        from now on, which the notice says.

        Raises:
            InputError: the folder cannot be read or written, or the shipped one is damaged.
        """
        path, name = self.active, self._name(_ACTIVE)
        if name in (None, path.name):
            try:
                return path, Recogniser.load(path), None
            except InputError:
                if path == SHIPPED:
                    raise
        self.choose(SHIPPED)
        notice = (
            f"{self._folder / str(name)}, the network in use, is damaged or not there any more: "
            "the lock reads with the shipped one"
        )
        return SHIPPED, Recogniser.load(SHIPPED), notice

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
            InputError: it is none of them, it is damaged, or there is no room; the active one
                stays.
        """
        if path not in self.kept():
            raise InputError(f"{path}: none of the networks in {self._folder}: choose one of those")
        Recogniser.load(path)
        before = self._name(_ACTIVE) or SHIPPED.name
        if before != path.name:
            with replacing(self._folder / _BEFORE) as file:
                file.write(before.encode())
        with replacing(self._folder / _ACTIVE) as file:
            file.write(path.name.encode())
        sync_folder(self._folder)
