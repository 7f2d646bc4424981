"""The networks that a user's twin has used, all of them kept, and which one is active.

Beside each NUMBER.onnx there is a NUMBER.json with what is known of it, which also says whether it
is in the trash; the file `active` names the one in use, and `history` says what can be undone.
Nothing is ever taken off the disk.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inkpin.common import InputError, RefusedError
from inkpin.common.files import read_bytes, replacing, sync_folder
from inkpin.model.collection.history import Change, History
from inkpin.model.collection.recovery import Edit
from inkpin.model.inference.recogniser import SHIPPED, Recogniser

_ACTIVE = "active"  # the file that names the active one
_BASE = SHIPPED.name  # what the base is called there, whichever it is
_SHIPPED = "as it came"
_NAME, _TRASH = "name of ", "trash: "  # before a file's name, in what can be undone


@dataclass(frozen=True)
class Score:
    """How many of some samples a network reads right, refused or not."""

    right: int
    n: int

    @property
    def accuracy(self) -> float:
        """The share of them; 0 for no samples."""
        return self.right / max(self.n, 1)


@dataclass(frozen=True)
class About:
    """What is known of a network.

    Attributes:
        name: for people; "" for one by its number.
        made: when, in ISO 8601; "" where nobody knows.
        writer: whose samples it learned from; "" for everybody's.
        samples: that it learned from; 0 where nobody knows.
        own: of the user's samples that no network learns from, those read right.
        others: of other people's digits.
        deleted: whether it is in the trash.
    """

    name: str = ""
    made: str = ""
    writer: str = ""
    samples: int = 0
    own: Score | None = None
    others: Score | None = None
    deleted: bool = False


@dataclass(frozen=True)
class KeptNetwork:
    """A network of the store: its file, what is known of it, and its name for people."""

    path: Path
    about: About
    name: str


class ModelStore:
    """A folder of networks, numbered in the order of their first use.

    A method that changes something returns when the change is on the disk. Where it raises
    InputError, nothing has changed.

    Args:
        folder: is made with the first one.
        base: the network that is there without any other, and takes over from a damaged one.
    """

    def __init__(self, folder: Path, base: Path = SHIPPED) -> None:
        self._folder = folder
        self.base = base
        self._history: History | None = None

    def close(self) -> None:
        """Let go of the folder."""
        if self._history:
            self._history.close()
            self._history = None

    @property
    def active(self) -> Path:
        """The network to read with: the base, unless another was chosen and is there.

        Raises:
            InputError: the folder cannot be read.
        """
        name = self._active_name()
        return next((path for path in self._paths() if self._key(path) == name), self.base)

    def load(self) -> tuple[Path, Recogniser, str | None]:
        """Return the network to read with, what reads with it, and a notice for the user, if any.

        Where the one that was chosen is damaged or not there any more, the base takes over from
        now on, which the notice says.

        Raises:
            InputError: the folder cannot be read or written, or the base is damaged.
        """
        path, name = self.active, self._active_name()
        if name in (None, self._key(path)):
            try:
                return path, Recogniser.load(path), None
            except InputError:
                if path == self.base:
                    raise
        self._write_active(_BASE)
        notice = (
            f"{self._folder / str(name)}, the network in use, is damaged or not there any more: "
            f"the lock reads with {self._base_name}"
        )
        return self.base, Recogniser.load(self.base), notice

    def kept(self, *, deleted: bool = False) -> list[KeptNetwork]:
        """Return the base and every network that was used, the oldest first.

        Args:
            deleted: return those in the trash instead.
        """
        found = [self._network(path) for path in self._paths()]
        return [network for network in found if network.about.deleted == deleted]

    def use(self, model: bytes, about: About) -> Path:
        """Keep a network and make it the active one, which can be undone; return its file.

        Args:
            model: the bytes of an ONNX file.
            about: what is known of it but when it was made.

        Raises:
            InputError: not a model of ours, or there is no room.
        """
        Recogniser(model, "the new network")
        number = max((int(path.stem) for path in self._paths()[1:]), default=0) + 1
        path = self._folder / f"{number:04}.onnx"
        with replacing(path) as file:
            file.write(model)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        self._write_about(path, replace(about, made=made))
        self.choose(path)
        return path

    def choose(self, path: Path) -> None:
        """Make a kept network the active one.

        Raises:
            InputError: it is none of them, it is damaged, or there is no room.
        """
        network = self._find(path)
        before, after = self._active_name() or _BASE, self._key(path)
        if before != after:
            self._do(f"using {network.name!r}", {_ACTIVE: before}, {_ACTIVE: after})

    def rename(self, path: Path, name: str) -> None:
        """Give a network another name.

        Raises:
            RefusedError: it is the base, or the name is empty.
            InputError: there is no room.
        """
        network = self._find(path)
        name = " ".join(name.split())
        if path == self.base or not name:
            why = f"{self._base_name} keeps its name" if name else "type a name"
            raise RefusedError(f"Not renamed: {why}")
        if name != network.name:
            key = _NAME + path.name
            self._do(f"naming {name!r}", {key: network.about.name}, {key: name})

    def delete(self, path: Path) -> None:
        """Move a network to the trash.

        Raises:
            RefusedError: it is the base or the active one.
            InputError: there is no room.
        """
        network = self._find(path)
        if path == self.base:
            raise RefusedError(f"Not deleted: {self._base_name} takes over where one is damaged")
        if path == self.active:
            raise RefusedError(f"Not deleted: {network.name!r} is in use; use another one first")
        self._do(f"deleting {network.name!r}", {_TRASH + path.name: None}, {_TRASH + path.name: ""})

    def restore(self, path: Path) -> None:
        """Bring a network back from the trash.

        Raises:
            InputError: there is no room.
        """
        network = self._network(path)
        if network.about.deleted:
            key = _TRASH + path.name
            self._do(f"restoring {network.name!r}", {key: ""}, {key: None})

    def note_scores(self, scores: Mapping[Path, tuple[Score, Score]]) -> None:
        """Keep what networks score on the user's samples, and on other people's.

        Raises:
            InputError: there is no room.
        """
        for path, (own, others) in scores.items():
            self._write_about(path, replace(self._network(path).about, own=own, others=others))

    def undo(self) -> str | None:
        """Take back the last change, be it of an earlier program; return it in words, or None.

        Raises:
            InputError: the network that was active before is damaged, or there is no room.
        """
        change = self._changes.to_undo
        if change:
            self._apply(change.before)
            self._changes.undone()
        return change.what if change else None

    def redo(self) -> str | None:
        """Do again what `undo` took back last; return what it was, or None for nothing.

        Raises:
            InputError: as for `undo`.
        """
        change = self._changes.to_redo
        if change:
            self._apply(change.after)
            self._changes.redone()
        return change.what if change else None

    @property
    def _changes(self) -> History:
        """What was done; read when it is first asked for, as most programs never do."""
        if self._history is None:
            self._history = History(self._folder / "history")
        return self._history

    def _do(self, what: str, before: Edit, after: Edit) -> None:
        self._apply(after)
        self._changes.done(Change(what, before, after))

    def _apply(self, edit: Edit) -> None:
        """Make what an edit says true: the active one, a name, or whether one is in the trash."""
        for key, value in edit.items():
            if key == _ACTIVE:
                path = next((p for p in self._paths() if self._key(p) == value), None)
                if path is None:
                    raise InputError(f"{self._folder / str(value)}: not there: use another network")
                Recogniser.load(path)
                self._write_active(self._key(path))
            elif key.startswith(_NAME):
                path = self._folder / key.removeprefix(_NAME)
                self._write_about(path, replace(self._network(path).about, name=value or ""))
            elif key.startswith(_TRASH):
                path = self._folder / key.removeprefix(_TRASH)
                deleted = value is not None
                self._write_about(path, replace(self._network(path).about, deleted=deleted))

    def _paths(self) -> list[Path]:
        return [self.base, *sorted(self._folder.glob("[0-9]*.onnx"))]

    @property
    def _base_name(self) -> str:
        return f"the network {_SHIPPED}" if self.base == SHIPPED else self.base.name

    def _key(self, path: Path) -> str:
        """Return what a network is called in the files beside it."""
        return _BASE if path == self.base else path.name

    def _find(self, path: Path) -> KeptNetwork:
        for network in self.kept():
            if network.path == path:
                return network
        raise InputError(f"{path}: none of the networks in {self._folder}: choose one of those")

    def _network(self, path: Path) -> KeptNetwork:
        file = self._about_file(path)
        about = _about(read_bytes(file, "")) if file.exists() else About()
        if path == self.base:
            return KeptNetwork(path, about, _SHIPPED if path == SHIPPED else path.stem)
        return KeptNetwork(path, about, about.name or f"improved {int(path.stem)}")

    def _about_file(self, path: Path) -> Path:
        return (self._folder / self._key(path)).with_suffix(".json")

    def _write_about(self, path: Path, about: About) -> None:
        with replacing(self._about_file(path)) as file:
            file.write(json.dumps(asdict(about), indent=1).encode() + b"\n")
        sync_folder(self._folder)

    def _active_name(self) -> str | None:
        """Return the name in the file `active`, None if there is none."""
        file = self._folder / _ACTIVE
        return read_bytes(file, "").decode(errors="replace") if file.exists() else None

    def _write_active(self, name: str) -> None:
        with replacing(self._folder / _ACTIVE) as file:
            file.write(name.encode())
        sync_folder(self._folder)


def _about(text: bytes) -> About:
    """Return what a file says of a network; what makes no sense is not known."""
    try:
        read: Any = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    known: dict[str, Any] = read if isinstance(read, dict) else {}
    usable: dict[str, Any] = {
        name: known[name]
        for name, kind in (
            ("name", str),
            ("made", str),
            ("writer", str),
            ("samples", int),
            ("deleted", bool),
        )
        if type(known.get(name)) is kind
    }
    return About(**usable, own=_score(known.get("own")), others=_score(known.get("others")))


def _score(read: object) -> Score | None:
    if isinstance(read, dict) and [type(read.get(name)) for name in ("right", "n")] == [int, int]:
        return Score(read["right"], read["n"])
    return None
