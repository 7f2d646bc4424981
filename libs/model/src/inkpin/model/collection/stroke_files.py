"""The files of a collection: the stroke file, what is to change in it, and its trash."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.files import replacing, sync_folder
from inkpin.model.collection.journal import Journal
from inkpin.model.collection.recovery import Edit, beside, read_edits, recover, set_aside
from inkpin.model.collection.sample import Entry, StoredSample, load_stored


class StrokeFiles:
    """FILE, FILE.edits and the trash beside them, held against other programs.

    Args:
        path: the stroke file, which is made if it is missing.

    Raises:
        InputError: another program has it open, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix == ".gz":
            raise InputError(f"{path}: a compressed file cannot grow: unpack it first")
        self.path = path
        self._trash = path.with_name(f"{path.stem}.trash{path.suffix}")
        self._in_trash: Mapping[str, str] = {}  # labels by id, as they are on the disk
        self._notices: list[str | None] = []
        self._edits = Journal(beside(path, "edits"), exclusive=True)
        self._samples: Journal | None = None

    def close(self) -> None:
        """Let go of the files."""
        if self._samples:
            self._samples.close()
        self._edits.close()

    @property
    def notice(self) -> str | None:
        """What had to be mended, for the user; None for nothing."""
        return "; ".join(filter(None, self._notices)) or None

    @property
    def has_edits(self) -> bool:
        """Whether changes wait to be folded in."""
        return self._edits.size > 0

    def load(self) -> list[StoredSample]:
        """Return the samples of the stroke file; what is none is set aside.

        Raises:
            InputError: it cannot be read or written, or none of its lines is a sample.
        """
        self._notices.append(recover(self.path))
        return self._load(self.path, ours=False)

    def load_trash(self) -> list[StoredSample]:
        """Return the samples of the trash, likewise."""
        return self._load(self._trash, ours=True)

    def load_edits(self) -> list[Edit]:
        """Return the changes that were not folded in yet, likewise."""
        edits, damaged = read_edits(self._edits)
        self._notices.append(set_aside(self.path, damaged, self._edits.path))
        return edits

    def _load(self, path: Path, *, ours: bool) -> list[StoredSample]:
        if not path.exists():
            return []
        samples, damaged = load_stored(path, ours=ours)
        self._notices.append(set_aside(self.path, damaged, path))
        return samples

    def know_trash(self, entries: Iterable[Entry]) -> None:
        """Take note of what is in the trash's file, and not in the stroke file too."""
        self._in_trash = {entry.id: entry.label for entry in entries}

    def start(self) -> None:
        """Make ready for `add`; what others do to the file from now on is noticed.

        Raises:
            InputError: the file cannot be written.
        """
        self._samples = Journal(self.path)

    def add(self, lines: bytes) -> None:
        """Add to the stroke file.

        Raises:
            InputError: the disk is full, or another program changed the file.
        """
        assert self._samples is not None
        self._samples.add(lines)

    def add_edit(self, edit: Edit) -> None:
        """Take note of a change.

        Raises:
            InputError: as for `add`.
        """
        self._edits.add(json.dumps(edit).encode() + b"\n")

    def fold(self, entries: Sequence[Entry], trash: Sequence[Entry]) -> None:
        """Write the trash and the stroke file anew as they are to be, then forget the edits.

        Args:
            entries: of the stroke file.
            trash: of the trash.

        Raises:
            InputError: as for `add`; the edits stay.
        """
        if self._samples is None:
            self._fold(entries, trash)
            return
        self._samples.add(b"")  # refuses where another program changed the file
        self._samples.close()
        try:
            self._fold(entries, trash)
        except InputError:
            self.start()
            raise
        self.start()

    def _fold(self, entries: Sequence[Entry], trash: Sequence[Entry]) -> None:
        leaving = [entry for entry in entries if entry.id in self._in_trash]
        if {entry.id: entry.label for entry in trash} != self._in_trash:
            # With those that leave it, until the stroke file has them.
            _replace(self._trash, [*trash, *leaving])
        _replace(self.path, entries)
        if leaving:
            _replace(self._trash, trash)
        self.know_trash(trash)
        self._edits.cut(0)


def _replace(path: Path, entries: Iterable[Entry]) -> None:
    with replacing(path) as file:
        file.writelines(entry.stored.line for entry in entries)
    sync_folder(path.parent)
