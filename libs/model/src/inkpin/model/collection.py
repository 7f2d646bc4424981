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
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from inkpin.model.files import read_bytes
from inkpin.model.journal import Journal, sync_folder
from inkpin.model.picture import bitmap_of
from inkpin.model.progress import Progress, silent
from inkpin.model.samples import Sample, load_samples, save_samples
from inkpin.preprocess import InputError

if TYPE_CHECKING:
    from inkpin.model.recogniser import Recogniser

_BATCH = 200
_COPY = "~"  # before the number of a further sample that came with the same id


@dataclass(frozen=True, eq=False)
class Entry:
    """One sample of a collection.

    Attributes:
        id: its key_id, unique in the collection.
        sample: its word is the label that it has now.
    """

    id: str
    sample: Sample

    @property
    def word(self) -> str:
        """The label."""
        return self.sample.word

    @property
    def writer(self) -> str:
        """Who wrote it; empty where nobody is named."""
        return str(self.sample.extra.get("writer", ""))

    @property
    def session(self) -> str:
        """In which session; empty where none is named."""
        return str(self.sample.extra.get("session", ""))


_Words = Mapping[str, str | None]  # labels by id, None for a deleted sample


@dataclass(frozen=True)
class _Step:
    """A change that can be undone: what it was, and the labels before and after it."""

    what: str
    before: _Words
    after: _Words


class Collection:
    """The samples of one stroke file, for one thread at a time; made by `open`.

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
        self.notice = _mend(path)
        self._edits = edits
        self._entries: dict[str, Entry] = {}
        self._deleted: set[str] = set()
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []
        as_found = True
        for sample in load_samples(path) if path.exists() else []:
            entry = self._entry(sample)
            as_found = as_found and entry.sample is sample
            self._entries[entry.id] = entry
        for words in _read_edits(edits):
            self._apply({key: word for key, word in words.items() if key in self._entries})
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
        edits = Journal(_beside(path, "edits"), exclusive=True)
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
        word: str | None = None,
        writer: str | None = None,
        session: str | None = None,
        *,
        disagreeing: bool = False,
    ) -> list[Entry]:
        """Return the samples to which all that is named applies, in the order of saving.

        Args:
            word: the label.
            writer: "" for samples that name none.
            session: likewise.
            disagreeing: those alone whose entry in `guesses` is another label.
        """
        return [
            entry
            for key, entry in self._entries.items()
            if key not in self._deleted
            and word in (None, entry.word)
            and writer in (None, entry.writer)
            and session in (None, entry.session)
            and not (disagreeing and self.guesses.get(key, entry.word) == entry.word)
        ]

    def counts(self, writer: str | None = None, session: str | None = None) -> dict[str, int]:
        """Return how many samples there are of each label that has some."""
        return dict(Counter(entry.word for entry in self.find(None, writer, session)))

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
        entry = self._entry(replace(sample, extra=stamp))
        self._save([entry], f"saving {entry.word!r}")
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
            if _given_id(sample) not in there:
                entry = self._entry(sample, fresh)
                fresh[entry.id] = entry
        if fresh:
            self._save([*fresh.values()], f"adding {_samples(len(fresh))}")
        return [*fresh.values()]

    def relabel(self, keys: Iterable[str], word: str) -> None:
        """Give samples another label, as one step.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
            ValueError: the label is empty.
        """
        if not word:
            raise ValueError("an empty label")
        words = {key: word for key in keys if self[key].word != word}
        self._change(f"relabelling {_samples(len(words))} as {word!r}", words)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete samples, as one step.

        Raises:
            InputError: as for `append`.
            KeyError: there is no such sample.
        """
        words = dict.fromkeys((self[key].id for key in keys), None)
        self._change(f"deleting {_samples(len(words))}", words)

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
        return self._travel(self._undo, self._redo, lambda step: step.before)

    def redo(self) -> str | None:
        """Do again what `undo` took back last; return what it was, or None for nothing.

        Raises:
            InputError: as for `append`.
        """
        return self._travel(self._redo, self._undo, lambda step: step.after)

    def _travel(
        self, source: list[_Step], target: list[_Step], words: Callable[[_Step], _Words]
    ) -> str | None:
        if not source:
            return None
        self._edit(words(source[-1]))
        target.append(source.pop())
        return target[-1].what

    def _entry(self, sample: Sample, also: Container[str] = ()) -> Entry:
        """Return a sample as an entry whose id is neither here yet nor in `also`."""
        given = _given_id(sample)
        base = given or _digest(sample)
        key, copy = base, 1
        while key in self._entries or key in also:
            copy += 1
            key = f"{base}{_COPY}{copy}"
        if key == given:
            return Entry(key, sample)
        return Entry(key, replace(sample, extra={**sample.extra, "key_id": key}))

    def _save(self, entries: Sequence[Entry], what: str) -> None:
        for entry in entries:
            if not entry.word or not any(map(len, entry.sample.strokes)):
                raise InputError(f"{self.path}: a sample without label or ink: draw and name it")
        self._samples.add(b"".join(_line(entry.sample) for entry in entries))
        self._entries.update((entry.id, entry) for entry in entries)
        words = {entry.id: entry.word for entry in entries}
        self._done(_Step(what, dict.fromkeys(words), words))

    def _change(self, what: str, words: _Words) -> None:
        if words:
            step = _Step(what, {key: self[key].word for key in words}, words)
            self._edit(words)
            self._done(step)

    def _done(self, step: _Step) -> None:
        self._undo.append(step)
        self._redo.clear()

    def _edit(self, words: _Words) -> None:
        self._edits.add(json.dumps(words).encode() + b"\n")
        self._apply(words)

    def _apply(self, words: _Words) -> None:
        for key, word in words.items():
            if word is None:
                self._deleted.add(key)
                continue
            self._deleted.discard(key)
            entry = self._entries[key]
            if entry.word != word:
                self._entries[key] = Entry(key, replace(entry.sample, word=word))

    def _fold(self) -> None:
        """Write the stroke file anew as it is to be, then forget the edits."""
        save_samples(self.path, (entry.sample for entry in self.find()))
        sync_folder(self.path.parent)
        self._edits.cut(0)


def new_sample(
    word: str,
    strokes: Sequence[np.ndarray],
    times: Sequence[np.ndarray | None],
    writer: str,
    session: str,
    device: str = "desktop",
) -> Sample:
    """Return a drawing as a sample that says where it comes from; empty names are left out.

    Args:
        word: the label.
        strokes: int arrays (n, 2), x right and y down, in 0..239.
        times: for each stroke the ms of its points, int (n,), or None.
        writer: who wrote it.
        session: in which session.
        device: on what.
    """
    names = {"writer": writer, "session": session, "device": device}
    return Sample(word, [*strokes], [*times], {key: name for key, name in names.items() if name})


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


def guesses(
    entries: Sequence[Entry], recogniser: "Recogniser", progress: Progress = silent
) -> dict[str, str]:
    """Return by id as what a network reads samples, whether or not it is sure enough."""
    read: dict[str, str] = {}
    for start in range(0, len(entries), _BATCH):
        progress(start, len(entries))
        batch = entries[start : start + _BATCH]
        bitmaps = np.stack([bitmap_of(entry.sample) for entry in batch])
        for entry, prediction in zip(batch, recogniser.predictions(bitmaps), strict=True):
            read[entry.id] = recogniser.labels[prediction.best]
    progress(len(entries), len(entries))
    return read


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")


def _line(sample: Sample) -> bytes:
    return json.dumps(sample.record(), separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _given_id(sample: Sample) -> str | None:
    """Return the id that a sample brings, if it is text."""
    given = sample.extra.get("key_id")
    return given if isinstance(given, str) and given else None


def _digest(sample: Sample) -> str:
    """Return an id for a sample that brings none: the same for the same content."""
    return hashlib.sha256(_line(sample)).hexdigest()[:16]


def _mend(path: Path) -> str | None:
    """Give the last line its end, or set it aside if it is not whole; say so."""
    head, tail = _lines(path)
    if not tail:
        return None
    file = Journal(path)
    try:
        if _whole(tail):
            file.add(b"\n")
            return None
        aside = Journal(_beside(path, "torn"))
        try:
            aside.add(tail + b"\n")
        finally:
            aside.close()
        file.cut(len(head))
    finally:
        file.close()
    return f"the last line of {path} was only half written; it was set aside in {aside.path.name}"


def _lines(path: Path) -> tuple[bytes, bytes]:
    """Return a file's whole lines, and what follows them; nothing of a missing file."""
    content = read_bytes(path, "") if path.exists() else b""
    head, end, tail = content.rpartition(b"\n")
    return head + end, tail


def _whole(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _read_edits(edits: Journal) -> list[_Words]:
    """Return the edits on the disk, and cut off one that was only half written."""
    head, tail = _lines(edits.path)
    if tail:
        edits.cut(len(head))
    changes = []
    for number, text in enumerate(head.splitlines(), 1):
        words = json.loads(text) if _whole(text) else None
        if not isinstance(words, dict) or not {type(word) for word in words.values()} <= {
            str,
            type(None),
        }:
            raise InputError(
                f"{edits.path}, line {number}: no edit of labels: mend or delete the line"
            )
        changes.append(words)
    return changes
