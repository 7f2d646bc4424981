"""Samples that somebody collects: a stroke file that grows one by one and loses nothing.

A new sample is added to the file itself. What happens to samples later (a label changed, one
deleted, one brought back) is added to a second file beside it, FILE.edits: each line maps ids
to the labels that they have from then on, null for a deleted one. So every change is one
write at the end of a file, and what it says stays true when it is read twice. Closing the
collection, or else opening it the next time, folds the edits into the stroke file, which is
replaced whole, and only then empties FILE.edits. That file is also what keeps a second Inkpin
out. A last line that was cut off while it was being written moves to FILE.torn, any other line
that is no sample to FILE.damaged.

Nothing that was drawn goes away: a deleted sample moves to the trash beside the stroke file
(samples.trash.jsonl), which is written before the stroke file, so that each sample is in one of
them at any time; one that is in both is not deleted. What was done is kept in FILE.history.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from inkpin.common import InputError
from inkpin.common.words import counted
from inkpin.model.collection.contents import COPY, Contents, given_id
from inkpin.model.collection.history import Change, History
from inkpin.model.collection.recovery import Edit, beside
from inkpin.model.collection.sample import Entry, StoredSample
from inkpin.model.collection.stroke_files import StrokeFiles
from inkpin.model.data.samples import Sample


class Collection(Contents):
    """The samples of one stroke file; made by `open`. One thread at a time may change it.

    A method that changes something returns when the change is on the disk. Where it raises
    InputError, nothing has changed, neither here nor on the disk.

    Attributes:
        path: the stroke file.
        notice: what `open` had to mend, for the user; None for nothing.
    """

    def __init__(self, files: StrokeFiles) -> None:
        super().__init__()
        self.path = files.path
        self._files = files
        as_found = True
        for stored in files.load():
            entry = self._entry(stored)
            as_found = as_found and entry.stored is stored
            self._entries[entry.id] = entry
        for stored in files.load_trash():
            if given_id(stored) not in self._entries:
                entry = self._entry(stored)
                self._entries[entry.id] = entry
                self._deleted.add(entry.id)
        files.know_trash(self.find(deleted=True))
        for edit in files.load_edits():
            self._apply({key: label for key, label in edit.items() if key in self._entries})
        self.notice = files.notice
        if files.has_edits or not as_found or self.notice:
            self._fold()
        self._history = History(beside(files.path, "history"))
        files.start()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the collection in a stroke file, which is made if it is missing.

        Raises:
            InputError: another program has it open, it cannot be written, or none of its lines
                is a sample.
        """
        files = StrokeFiles(path)
        try:
            return cls(files)
        except BaseException:
            files.close()
            raise

    def fold(self) -> None:
        """Fold the edits into the stroke file, for whoever reads that alone.

        Raises:
            InputError: that has no room, or another program changed the file; the edits stay and
                are folded in the next time.
        """
        if self._files.has_edits:
            self._fold()

    def close(self) -> None:
        """Fold the edits into the stroke file and let go of it.

        Raises:
            InputError: as for `fold`.
        """
        try:
            self.fold()
        finally:
            self._history.close()
            self._files.close()

    def _fold(self) -> None:
        self._files.fold(self.find(), self.find(deleted=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def append(self, sample: Sample) -> Entry:
        """Save one sample.

        Raises:
            InputError: the disk is full, another program changed the file, or the sample has no
                label or no ink, and the file could not be read any more.
        """
        stamp = {"timestamp": datetime.now(UTC).isoformat(), **sample.extra}
        entry = self._entry(StoredSample.of(replace(sample, extra=stamp)))
        self._save([entry], f"saving {entry.label!r}")
        return entry

    def extend(self, samples: Iterable[Sample]) -> list[Entry]:
        """Save many samples, all or none of them, as one step; return them.

        Samples whose key_id is that of one that is there are left out, so that reading the
        same file twice adds nothing.

        Raises:
            InputError: as for `append`.
        """
        there = {key.partition(COPY)[0] for key in self._entries if key not in self._deleted}
        fresh: dict[str, Entry] = {}
        for sample in samples:
            stored = StoredSample.of(sample)
            if given_id(stored) not in there:
                entry = self._entry(stored, fresh)
                fresh[entry.id] = entry
        if fresh:
            self._save([*fresh.values()], f"adding {counted(len(fresh), 'sample')}")
        return [*fresh.values()]

    def relabel(self, keys: Iterable[str], label: str) -> None:
        """Give samples another label, as one step.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
            ValueError: the label is empty.
        """
        edit = self._other_labels(dict.fromkeys(keys, label))
        self._change(f"relabelling {counted(len(edit), 'sample')} as {label!r}", edit)

    def relabel_each(self, labels: Mapping[str, str]) -> int:
        """Give samples other labels, each by its id its own, as one step; return how many.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
            ValueError: a label is empty.
        """
        edit = self._other_labels(labels)
        self._change(f"relabelling {counted(len(edit), 'sample')}", edit)
        return len(edit)

    def _other_labels(self, labels: Mapping[str, str]) -> Edit:
        if not all(labels.values()):
            raise ValueError("an empty label")
        return {key: label for key, label in labels.items() if self[key].label != label}

    def delete(self, keys: Iterable[str]) -> None:
        """Move samples to the trash, as one step.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
        """
        edit = dict.fromkeys((self[key].id for key in keys), None)
        self._change(f"deleting {counted(len(edit), 'sample')}", edit)

    def restore(self, keys: Iterable[str]) -> None:
        """Bring samples back from the trash, as one step.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
        """
        entries = [self._entries[key] for key in keys]
        edit: Edit = {entry.id: entry.label for entry in entries if entry.id in self._deleted}
        if edit:
            self._write(edit)
            what = f"restoring {counted(len(edit), 'sample')}"
            self._history.done(Change(what, dict.fromkeys(edit), edit))

    @property
    def to_undo(self) -> Change | None:
        """What `undo` would take back; None for nothing."""
        return self._possible(self._history.to_undo)

    @property
    def to_redo(self) -> Change | None:
        """What `redo` would do again; None for nothing."""
        return self._possible(self._history.to_redo)

    def undo(self) -> str | None:
        """Take back the last change, be it of an earlier program.

        Returns:
            What it was; None for nothing.

        Raises:
            InputError: as for `append`.
        """
        if change := self.to_undo:
            self._write(change.before)
            self._history.undone()
        return change.what if change else None

    def redo(self) -> str | None:
        """Do again what `undo` took back last; return what it was, or None for nothing.

        Raises:
            InputError: as for `append`.
        """
        if change := self.to_redo:
            self._write(change.after)
            self._history.redone()
        return change.what if change else None

    def _possible(self, change: Change | None) -> Change | None:
        """Return a change, unless somebody took its samples out of the files meanwhile."""
        return change if change and change.after.keys() <= self._entries.keys() else None

    def _save(self, entries: Sequence[Entry], what: str) -> None:
        for entry in entries:
            if not entry.label or not entry.stored.has_ink:
                raise InputError(f"{self.path}: a sample without label or ink: draw and name it")
        self._files.add(b"".join(entry.stored.line for entry in entries))
        self._entries.update((entry.id, entry) for entry in entries)
        edit = {entry.id: entry.label for entry in entries}
        self._history.done(Change(what, dict.fromkeys(edit), edit))

    def _change(self, what: str, edit: Edit) -> None:
        if edit:
            change = Change(what, {key: self[key].label for key in edit}, edit)
            self._write(edit)
            self._history.done(change)

    def _write(self, edit: Edit) -> None:
        self._files.add_edit(edit)
        self._apply(edit)
