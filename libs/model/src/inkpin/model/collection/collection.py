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

import hashlib
import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np

from inkpin.common import InputError
from inkpin.common.files import replacing, sync_folder
from inkpin.model.collection.history import Change, History
from inkpin.model.collection.journal import Journal
from inkpin.model.collection.recovery import Edit, beside, read_edits, recover, set_aside
from inkpin.model.collection.sample import Entry, StoredSample, load_stored
from inkpin.model.data.samples import Sample
from inkpin.model.inference.engine import Classifier
from inkpin.model.inference.refusal import UNREAD

_BATCH = 500
_COPY = "~"  # before the number of a further sample that came with the same id


class Collection:
    """The samples of one stroke file; made by `open`. One thread at a time may change it.

    A method that changes something returns when the change is on the disk. Where it raises
    InputError, nothing has changed, neither here nor on the disk.

    Attributes:
        path: the stroke file.
        notice: what `open` had to mend, for the user; None for nothing.
        guesses: labels by id, UNREAD among them, as a network reads the samples; for the caller to
            fill.
    """

    def __init__(self, path: Path, edits: Journal) -> None:
        self.path = path
        self.guesses: dict[str, str] = {}
        self._notices = [recover(path)]
        self._edits = edits
        self._entries: dict[str, Entry] = {}
        self._deleted: set[str] = set()
        as_found = True
        for stored in self._load(path):
            entry = self._entry(stored)
            as_found = as_found and entry.stored is stored
            self._entries[entry.id] = entry
        self._read_trash()
        changes, damaged = read_edits(edits)
        self._notices.append(set_aside(path, damaged, edits.path))
        for edit in changes:
            self._apply({key: label for key, label in edit.items() if key in self._entries})
        self.notice = "; ".join(filter(None, self._notices)) or None
        if edits.size or not as_found or self.notice:
            self._fold()
        self._history = History(beside(path, "history"))
        self._samples = Journal(path)

    def _load(self, path: Path) -> list[StoredSample]:
        """Return the samples of a file; lines that are none are set aside, with a notice."""
        if not path.exists():
            return []
        samples, damaged = load_stored(path)
        self._notices.append(set_aside(self.path, damaged, path))
        return samples

    def _read_trash(self) -> None:
        self._trash = self.path.with_name(f"{self.path.stem}.trash{self.path.suffix}")
        self._in_trash: dict[str, str] = {}  # labels by id, as they are on the disk
        for stored in self._load(self._trash):
            if _given_id(stored) not in self._entries:
                entry = self._entry(stored)
                self._entries[entry.id] = entry
                self._deleted.add(entry.id)
                self._in_trash[entry.id] = entry.label

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the collection in a stroke file, which is made if it is missing.

        Raises:
            InputError: another program has it open, it cannot be written, or none of its lines
                is a sample.
        """
        if path.suffix == ".gz":
            raise InputError(f"{path}: a compressed file cannot grow: unpack it first")
        edits = Journal(beside(path, "edits"), exclusive=True)
        try:
            return cls(path, edits)
        except BaseException:
            edits.close()
            raise

    def close(self) -> None:
        """Fold the edits into the stroke file and let go of it.

        Raises:
            InputError: that has no room, or another program changed the file; the edits stay and
                are folded in the next time.
        """
        try:
            if self._edits.size:
                self._samples.add(b"")  # refuses where another program changed the file
                self._samples.close()
                self._fold()
        finally:
            self._samples.close()
            self._history.close()
            self._edits.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._entries) - len(self._deleted)

    def __getitem__(self, key: str) -> Entry:
        if key in self._deleted:
            raise KeyError(key)
        return self._entries[key]

    def find(
        self,
        label: str | None = None,
        writer: str | None = None,
        session: str | None = None,
        *,
        disagreeing: bool = False,
        deleted: bool = False,
    ) -> list[Entry]:
        """Return the samples to which all that is named applies, in the order of saving.

        Args:
            label: what was drawn.
            writer: "" for samples that name none.
            session: likewise.
            disagreeing: those alone whose entry in `guesses` is another label, or UNREAD.
            deleted: those in the trash, instead of the others.
        """
        return [
            entry
            for key, entry in [*self._entries.items()]  # a thread may add some meanwhile
            if (key in self._deleted) == deleted
            and label in (None, entry.label)
            and writer in (None, entry.writer)
            and session in (None, entry.session)
            and not (disagreeing and self.guesses.get(key, entry.label) == entry.label)
        ]

    def counts(self, writer: str | None = None, session: str | None = None) -> dict[str, int]:
        """Return how many samples there are of each label that has some."""
        return dict(Counter(entry.label for entry in self.find(None, writer, session)))

    def writers(self) -> list[str]:
        """Return who wrote samples, in the order of the first one."""
        return list(dict.fromkeys(entry.writer for entry in self.find()))

    def sessions(self, writer: str | None = None) -> list[str]:
        """Return the sessions (of one writer), in the order of the first sample."""
        return list(dict.fromkeys(entry.session for entry in self.find(writer=writer)))

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
        there = {key.partition(_COPY)[0] for key in self._entries if key not in self._deleted}
        fresh: dict[str, Entry] = {}
        for sample in samples:
            stored = StoredSample.of(sample)
            if _given_id(stored) not in there:
                entry = self._entry(stored, fresh)
                fresh[entry.id] = entry
        if fresh:
            self._save([*fresh.values()], f"adding {_samples(len(fresh))}")
        return [*fresh.values()]

    def relabel(self, keys: Iterable[str], label: str) -> None:
        """Give samples another label, as one step.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
            ValueError: the label is empty.
        """
        edit = self._other_labels(dict.fromkeys(keys, label))
        self._change(f"relabelling {_samples(len(edit))} as {label!r}", edit)

    def relabel_each(self, labels: Mapping[str, str]) -> int:
        """Give samples other labels, each by its id its own, as one step; return how many.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
            ValueError: a label is empty.
        """
        edit = self._other_labels(labels)
        self._change(f"relabelling {_samples(len(edit))}", edit)
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
        self._change(f"deleting {_samples(len(edit))}", edit)

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
            what = f"restoring {_samples(len(edit))}"
            self._history.done(Change(what, dict.fromkeys(edit), edit))

    @property
    def can_undo(self) -> str | None:
        """What `undo` would take back, in words; None for nothing."""
        return self._to_undo.what if self._to_undo else None

    @property
    def can_redo(self) -> str | None:
        """What `redo` would do again, in words; None for nothing."""
        return self._to_redo.what if self._to_redo else None

    @property
    def undo_count(self) -> int:
        """How many samples `undo` would change."""
        return len(self._to_undo.before) if self._to_undo else 0

    @property
    def redo_count(self) -> int:
        """How many samples `redo` would change."""
        return len(self._to_redo.after) if self._to_redo else 0

    def undo(self) -> str | None:
        """Take back the last change, be it of an earlier program.

        Returns:
            What it was; None for nothing.

        Raises:
            InputError: as for `append`.
        """
        if change := self._to_undo:
            self._write(change.before)
            self._history.undone()
        return change.what if change else None

    def redo(self) -> str | None:
        """Do again what `undo` took back last; return what it was, or None for nothing.

        Raises:
            InputError: as for `append`.
        """
        if change := self._to_redo:
            self._write(change.after)
            self._history.redone()
        return change.what if change else None

    @property
    def _to_undo(self) -> Change | None:
        return self._possible(self._history.to_undo)

    @property
    def _to_redo(self) -> Change | None:
        return self._possible(self._history.to_redo)

    def _possible(self, change: Change | None) -> Change | None:
        """Return a change, unless somebody took its samples out of the files meanwhile."""
        return change if change and change.after.keys() <= self._entries.keys() else None

    def _entry(self, stored: StoredSample, also: Container[str] = ()) -> Entry:
        """Return a sample as an entry whose id is neither here yet nor in `also`."""
        given = _given_id(stored)
        base = given or _digest(stored)
        key, copy = base, 1
        while key in self._entries or key in also:
            copy += 1
            key = f"{base}{_COPY}{copy}"
        if key == given:
            return Entry(key, stored)
        return Entry(key, replace(stored, extra={**stored.extra, "key_id": key}))

    def _save(self, entries: Sequence[Entry], what: str) -> None:
        for entry in entries:
            if not entry.label or not entry.stored.has_ink:
                raise InputError(f"{self.path}: a sample without label or ink: draw and name it")
        self._samples.add(b"".join(entry.stored.line for entry in entries))
        self._entries.update((entry.id, entry) for entry in entries)
        edit = {entry.id: entry.label for entry in entries}
        self._history.done(Change(what, dict.fromkeys(edit), edit))

    def _change(self, what: str, edit: Edit) -> None:
        if edit:
            change = Change(what, {key: self[key].label for key in edit}, edit)
            self._write(edit)
            self._history.done(change)

    def _write(self, edit: Edit) -> None:
        self._edits.add(json.dumps(edit).encode() + b"\n")
        self._apply(edit)

    def _apply(self, edit: Edit) -> None:
        for key, label in edit.items():
            if label is None:
                self._deleted.add(key)
                continue
            self._deleted.discard(key)
            entry = self._entries[key]
            if entry.label != label:
                stored = entry.stored
                # By hand, as `replace` takes most of the time of a change of very many.
                relabelled = StoredSample(label, stored.drawing, stored.extra)
                self._entries[key] = Entry(key, relabelled)

    def _fold(self) -> None:
        """Write the trash and the stroke file anew as they are to be, then forget the edits."""
        trash = self.find(deleted=True)
        if {entry.id: entry.label for entry in trash} != self._in_trash:
            # With those that leave it, until the stroke file has them.
            self._replace(self._trash, [*trash, *map(self._entries.__getitem__, self._leaving)])
        self._replace(self.path, self.find())
        if self._leaving:
            self._replace(self._trash, trash)
        self._in_trash = {entry.id: entry.label for entry in trash}
        self._edits.cut(0)

    @property
    def _leaving(self) -> list[str]:
        """The ids in the trash's file that are not deleted any more."""
        return [key for key in self._in_trash if key not in self._deleted]

    @staticmethod
    def _replace(path: Path, entries: Iterable[Entry]) -> None:
        with replacing(path) as file:
            file.writelines(entry.stored.line for entry in entries)
        sync_folder(path.parent)


def next_label(
    labels: Sequence[str], counts: Mapping[str, int], skipped: Container[str] = ()
) -> str:
    """Return the label to ask for: of those with the fewest samples the first.

    Args:
        labels: all that there are, at least one.
        counts: samples by label.
        skipped: labels not to ask for, unless they are all.
    """
    wanted = [label for label in labels if label not in skipped] or labels
    return min(wanted, key=lambda label: counts.get(label, 0))


def guesses(entries: Sequence[Entry], classifier: Classifier) -> Iterator[dict[str, str]]:
    """Yield by id as what a network reads samples, UNREAD for "?", some hundreds at a time."""
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        read = classifier.predictions(np.stack([entry.bitmap for entry in batch]))
        yield {
            entry.id: (entry.stored.legible and prediction.label) or UNREAD
            for entry, prediction in zip(batch, read, strict=True)
        }


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def _given_id(stored: StoredSample) -> str | None:
    """Return the id that a sample brings, if it is text."""
    given = stored.extra.get("key_id")
    return given if isinstance(given, str) and given else None


def _digest(stored: StoredSample) -> str:
    """Return an id for a sample that brings none: the same for the same content."""
    return hashlib.sha256(stored.line).hexdigest()[:16]
