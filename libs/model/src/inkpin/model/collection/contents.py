"""Samples in memory: each has an id of its own, and those that were deleted are known still."""

import hashlib
from collections import Counter
from collections.abc import Container
from dataclasses import replace

from inkpin.model.collection.guesses import Guess
from inkpin.model.collection.recovery import Edit
from inkpin.model.collection.sample import Entry, StoredSample

COPY = "~"  # before the number of a further sample that came with the same id


class Contents:
    """What a collection holds; its subclass changes it.

    Attributes:
        guesses: by id as what a network reads the samples; for the caller to fill.
    """

    def __init__(self) -> None:
        self.guesses: dict[str, Guess] = {}
        self._entries: dict[str, Entry] = {}
        self._deleted: set[str] = set()

    def __len__(self) -> int:
        return len(self._entries) - len(self._deleted)

    def __contains__(self, key: str) -> bool:
        return key in self._entries and key not in self._deleted

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
            and not (disagreeing and self.disagreement(entry) is None)
        ]

    def disagreement(self, entry: Entry) -> str | None:
        """Return what the network reads, UNREAD too, where that is not the label; else None."""
        guess = self.guesses.get(entry.id)
        return guess.label if guess and guess.label != entry.label else None

    def counts(self, writer: str | None = None, session: str | None = None) -> dict[str, int]:
        """Return how many samples there are of each label that has some."""
        return dict(Counter(entry.label for entry in self.find(None, writer, session)))

    def writers(self) -> list[str]:
        """Return who wrote samples, in the order of the first one."""
        return list(dict.fromkeys(entry.writer for entry in self.find()))

    def sessions(self, writer: str | None = None) -> list[str]:
        """Return the sessions (of one writer), in the order of the first sample."""
        return list(dict.fromkeys(entry.session for entry in self.find(writer=writer)))

    def _entry(self, stored: StoredSample, also: Container[str] = ()) -> Entry:
        """Return a sample as an entry whose id is neither here yet nor in `also`."""
        given = given_id(stored)
        base = given or _digest(stored)
        key, copy = base, 1
        while key in self._entries or key in also:
            copy += 1
            key = f"{base}{COPY}{copy}"
        if key == given:
            return Entry(key, stored)
        return Entry(key, replace(stored, extra={**stored.extra, "key_id": key}))

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


def given_id(stored: StoredSample) -> str | None:
    """Return the id that a sample brings, if it is text."""
    given = stored.extra.get("key_id")
    return given if isinstance(given, str) and given else None


def _digest(stored: StoredSample) -> str:
    """Return an id for a sample that brings none: the same for the same content."""
    return hashlib.sha256(stored.line).hexdigest()[:16]
