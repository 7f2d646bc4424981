"""Samples that somebody collects: a stroke file that grows one by one and loses nothing.

A new sample is added to the file itself. What happens to samples later (a label changed, one
deleted, one brought back) is added to a second file beside it, FILE.edits: each line maps ids
to the labels that they have from then on, null for a deleted one. So every change is one
write at the end of a file, and what it says stays true when it is read twice. Closing the
collection, or else opening it the next time, folds the edits into the stroke file, which is
replaced whole, and only then empties FILE.edits. That file is also what keeps a second Inkpin
out. A last line that was cut off while it was being written moves to FILE.torn.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np

from inkpin.common import InputError
from inkpin.common.files import replacing, sync_folder
from inkpin.model.collection.journal import Journal
from inkpin.model.collection.recovery import Edit, beside, read_edits, recover
from inkpin.model.collection.sample import Entry, StoredSample, load_stored
from inkpin.model.data.samples import Sample
from inkpin.model.inference.engine import Classifier

_BATCH = 500
_COPY = "~"  # before the number of a further sample that came with the same id


@dataclass(frozen=True)
class _Change:
    """A change that can be undone: what it was, and the labels before and after it."""

    what: str
    before: Edit
    after: Edit


class Collection:
    """The samples of one stroke file; made by `open`. One thread at a time may change it.

    A method that changes something returns when the change is on the disk. Where it raises
    InputError, nothing has changed, neither here nor on the disk.

    Attributes:
        path: the stroke file.
        notice: what `open` had to mend, for the user; None for nothing.
        guesses: labels by id, as a network reads the samples; for the caller to fill.
    """

    def __init__(self, path: Path, edits: Journal) -> None:
        self.path = path
        self.guesses: dict[str, str] = {}
        self.notice = recover(path)
        self._edits = edits
        self._entries: dict[str, Entry] = {}
        self._deleted: set[str] = set()
        self._undo: list[_Change] = []
        self._redo: list[_Change] = []
        as_found = True
        for stored in load_stored(path) if path.exists() else []:
            entry = self._entry(stored)
            as_found = as_found and entry.stored is stored
            self._entries[entry.id] = entry
        for edit in read_edits(edits):
            self._apply({key: label for key, label in edit.items() if key in self._entries})
        if edits.size or not as_found:
            self._fold()
        self._samples = Journal(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the collection in a stroke file, which is made if it is missing.

        Raises:
            InputError: another program has it open, it cannot be written, or one of its lines
                is no sample.
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
    ) -> list[Entry]:
        """Return the samples to which all that is named applies, in the order of saving.

        Args:
            label: what was drawn.
            writer: "" for samples that name none.
            session: likewise.
            disagreeing: those alone whose entry in `guesses` is another label.
        """
        return [
            entry
            for key, entry in [*self._entries.items()]  # a thread may add some meanwhile
            if key not in self._deleted
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
        if not label:
            raise ValueError("an empty label")
        edit = {key: label for key in keys if self[key].label != label}
        self._change(f"relabelling {_samples(len(edit))} as {label!r}", edit)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete samples, as one step.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
        """
        edit = dict.fromkeys((self[key].id for key in keys), None)
        self._change(f"deleting {_samples(len(edit))}", edit)

    @property
    def can_undo(self) -> str | None:
        """What `undo` would take back, in words; None for nothing."""
        return self._undo[-1].what if self._undo else None

    @property
    def can_redo(self) -> str | None:
        """What `redo` would do again, in words; None for nothing."""
        return self._redo[-1].what if self._redo else None

    def undo(self) -> str | None:
        """Take back the last change since `open`; return what it was, or None for nothing.

        Raises:
            InputError: as for `append`.
        """
        return self._travel(self._undo, self._redo, lambda change: change.before)

    def redo(self) -> str | None:
        """Do again what `undo` took back last; return what it was, or None for nothing.

        Raises:
            InputError: as for `append`.
        """
        return self._travel(self._redo, self._undo, lambda change: change.after)

    def _travel(
        self, source: list[_Change], target: list[_Change], edit: Callable[[_Change], Edit]
    ) -> str | None:
        if not source:
            return None
        self._write(edit(source[-1]))
        target.append(source.pop())
        return target[-1].what

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
        self._done(_Change(what, dict.fromkeys(edit), edit))

    def _change(self, what: str, edit: Edit) -> None:
        if edit:
            change = _Change(what, {key: self[key].label for key in edit}, edit)
            self._write(edit)
            self._done(change)

    def _done(self, change: _Change) -> None:
        self._undo.append(change)
        self._redo.clear()

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
                self._entries[key] = Entry(key, replace(entry.stored, label=label))

    def _fold(self) -> None:
        """Write the stroke file anew as it is to be, then forget the edits."""
        with replacing(self.path) as file:
            file.writelines(entry.stored.line for entry in self.find())
        sync_folder(self.path.parent)
        self._edits.cut(0)


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
    """Yield by id as what a network reads samples, sure enough or not, some hundreds at a time."""
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        read = classifier.predictions(np.stack([entry.bitmap for entry in batch]))
        yield {
            entry.id: classifier.labels[prediction.best]
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
