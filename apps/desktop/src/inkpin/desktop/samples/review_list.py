"""Samples in a row, some of them selected, one of them looked at; without widgets."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from inkpin.model.collection.collection import Collection
from inkpin.model.collection.sample import Entry

T = TypeVar("T")
Place = tuple[str, int, int]


class Order(Enum):
    """What samples are sorted by; those that the network has not read yet come last."""

    LABEL = "by label"
    DOUBTFUL = "least sure"
    SURE = "most sure"


@dataclass(frozen=True)
class Filter:
    """Which samples to show, and how; None shows all, an empty name those that name none."""

    label: str | None = None
    writer: str | None = None
    session: str | None = None
    disagreeing: bool = False
    trash: bool = False
    order: Order = Order.LABEL


class ReviewList:
    """What is shown of a collection, in an order, and among equals in that of saving.

    Args:
        collection: the samples.

    Attributes:
        entries: the samples that are shown.
        cursor: place of the one that is looked at, -1 for none.
        selected: ids of those that relabel() and delete() act on.
    """

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.filter = Filter()
        self.entries: Sequence[Entry] = ()
        self.cursor = -1
        self.selected: set[str] = set()
        self._anchor = 0
        self._marked: frozenset[str] = frozenset()
        self._places: dict[str, Place] = {}  # what the samples shown are sorted by
        self.refresh()

    @property
    def current(self) -> Entry | None:
        """The sample that is looked at."""
        return self.entries[self.cursor] if self.cursor >= 0 else None

    def leave(self) -> None:
        """Forget which samples kept their places, and look at the collection anew."""
        self._places = {}
        self.refresh()

    def refresh(self) -> None:
        """Look at the collection anew; keep what is selected, as far as it is still shown.

        Samples that were changed here keep their places until show() or leave(), whether the
        filter still applies to them or not: nothing jumps from below the hand.
        """
        kept = self.current.id if self.current else ""
        wanted = self.filter
        found = self.collection.find(
            wanted.label,
            wanted.writer,
            wanted.session,
            disagreeing=wanted.disagreeing,
            deleted=wanted.trash,
        )
        self.entries = self._sorted(found)
        ids = [entry.id for entry in self.entries]
        self.selected &= set(ids)
        if kept in self.selected:
            self.cursor = ids.index(kept)
        else:
            self.cursor = min(max(self.cursor, 0), len(ids) - 1)
            self._only()

    def _sorted(self, found: list[Entry]) -> list[Entry]:
        """Return samples in the order that is chosen, changed ones where they were."""
        places, known = self._places, {entry.id for entry in found}
        kept = [key for key in places if key not in known]
        if kept:
            there = self.collection.find(deleted=self.filter.trash)
            wanted = set(kept)
            found = found + [entry for entry in there if entry.id in wanted]
        for number, entry in enumerate(found):
            if entry.id not in places:
                places[entry.id] = self._place(entry, number)
        return sorted(found, key=lambda entry: places[entry.id])

    def _place(self, entry: Entry, number: int) -> Place:
        if self.filter.order is Order.LABEL:
            return entry.label, 0, number
        guess = self.collection.guesses.get(entry.id)
        if guess is None:
            return "", 101, number
        return "", guess.confidence * (1 if self.filter.order is Order.DOUBTFUL else -1), number

    def show(self, wanted: Filter) -> None:
        """Show other samples."""
        self.filter = wanted
        self._places = {}
        self.selected = set()
        self.cursor = -1
        self.refresh()

    def move_to(self, place: int, *, extend: bool = False, toggle: bool = False) -> None:
        """Look at the sample at a place, or the nearest there is.

        Args:
            place: of the sample.
            extend: select all from where the selection began.
            toggle: add it to the selection, or take it away.
        """
        if not self.entries:
            return
        self.cursor = min(max(place, 0), len(self.entries) - 1)
        entry = self.entries[self.cursor]
        if extend:
            low, high = sorted((self._anchor, self.cursor))
            self.selected = {entry.id for entry in self.entries[low : high + 1]}
        elif toggle:
            self.selected ^= {entry.id}
            self._anchor = self.cursor
        else:
            self._only()

    def select(self, places: Iterable[int], *, add: bool) -> None:
        """Select the samples at these places, beside those of the last mark(), or alone."""
        chosen = {self.entries[place].id for place in places}
        self.selected = chosen | self._marked if add else chosen

    def mark(self) -> None:
        """Remember what is selected, for select()."""
        self._marked = frozenset(self.selected)

    def next_disagreement(self) -> bool:
        """Look at the next sample that the network reads as another label; whether there is one."""
        count = len(self.entries)
        for step in range(1, count + 1):
            place = (self.cursor + step) % count
            if self.disagrees(self.entries[place]):
                self.move_to(place)
                return True
        return False

    def select_all(self) -> None:
        """Select all that is shown."""
        self.selected = {entry.id for entry in self.entries}

    def relabel(self, label: str) -> int:
        """Give the selected samples another label; return how many had another one.

        Raises:
            InputError: it could not be kept.
        """
        changed = [entry.id for entry in self._picked() if entry.label != label]
        self._do(lambda: self.collection.relabel(changed, label))
        return len(changed)

    def as_read(self, labels: Container[str]) -> dict[str, str]:
        """Return by id the labels that the network reads the selected samples as, where other ones.

        Args:
            labels: all that there are; what it refuses is none of them.
        """
        return {
            entry.id: guess
            for entry in self._picked()
            if (guess := self.disagrees(entry)) and guess in labels
        }

    def label_as_read(self, labels: Container[str]) -> int:
        """Give the selected samples the labels that the network reads; return how many.

        Args:
            labels: as for `as_read`.

        Raises:
            InputError: it could not be kept.
        """
        read = self.as_read(labels)
        return self._do(lambda: self.collection.relabel_each(read))

    def delete(self) -> int:
        """Move the selected samples to the trash; return how many.

        Raises:
            InputError: it could not be kept.
        """
        gone = [entry.id for entry in self._picked()]
        self._do(lambda: self.collection.delete(gone))
        return len(gone)

    def restore(self) -> int:
        """Bring the selected samples back from the trash; return how many.

        Raises:
            InputError: it could not be kept.
        """
        back = [entry.id for entry in self._picked()]
        self._do(lambda: self.collection.restore(back))
        return len(back)

    def undo(self) -> str | None:
        """Take back the last change; return it in words, None for nothing."""
        return self._do(self.collection.undo)

    def redo(self) -> str | None:
        """Do again what was taken back; return it in words, None for nothing."""
        return self._do(self.collection.redo)

    def disagrees(self, entry: Entry) -> str | None:
        """Return what the network reads where that is not the label, else None."""
        return self.collection.disagreement(entry)

    def _picked(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.id in self.selected]

    def _do(self, change: Callable[[], T]) -> T:
        what = change()
        self.refresh()
        return what

    def _only(self) -> None:
        self._anchor = max(self.cursor, 0)
        self.selected = {self.entries[self.cursor].id} if self.cursor >= 0 else set()
