"""Samples in a row, some of them selected, one of them looked at; without widgets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inkpin.model.collection.collection import Collection
from inkpin.model.collection.sample import Entry


@dataclass(frozen=True)
class Filter:
    """Which samples to show; None shows all, an empty name those that name none."""

    label: str | None = None
    writer: str | None = None
    session: str | None = None
    disagreeing: bool = False
    trash: bool = False


class ReviewList:
    """What is shown of a collection, by label and then in the order of saving.

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
        self.refresh()

    @property
    def current(self) -> Entry | None:
        """The sample that is looked at."""
        return self.entries[self.cursor] if self.cursor >= 0 else None

    def refresh(self) -> None:
        """Look at the collection anew; keep what is selected, as far as it is still shown."""
        kept = self.current.id if self.current else ""
        wanted = self.filter
        found = self.collection.find(
            wanted.label,
            wanted.writer,
            wanted.session,
            disagreeing=wanted.disagreeing,
            deleted=wanted.trash,
        )
        self.entries = sorted(found, key=lambda entry: entry.label)
        ids = [entry.id for entry in self.entries]
        self.selected &= set(ids)
        if kept in self.selected:
            self.cursor = ids.index(kept)
        else:
            self.cursor = min(max(self.cursor, 0), len(ids) - 1)
            self._only()

    def show(self, wanted: Filter) -> None:
        """Show other samples."""
        self.filter = wanted
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
        guess = self.collection.guesses.get(entry.id, entry.label)
        return guess if guess != entry.label else None

    def _picked(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.id in self.selected]

    def _do(self, change: Callable[[], str | None]) -> str | None:
        what = change()
        self.refresh()
        return what

    def _only(self) -> None:
        self._anchor = max(self.cursor, 0)
        self.selected = {self.entries[self.cursor].id} if self.cursor >= 0 else set()
