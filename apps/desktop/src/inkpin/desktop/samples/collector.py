"""Asking for samples, label by label: what the collect tab does, without widgets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from inkpin.common import RefusedError
from inkpin.desktop.samples.pad import Pad, Stroke
from inkpin.desktop.samples.wording import reason
from inkpin.model.collection.asking import next_label
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess
from inkpin.model.collection.history import Change
from inkpin.model.collection.sample import Entry, new_sample
from inkpin.model.inference.recogniser import Recogniser
from inkpin.model.inference.refusal import Refusal, refusal_of
from inkpin.preprocess import Strokes


@dataclass(frozen=True)
class Saved:
    """A sample that is on the disk, and what the network makes of it.

    Attributes:
        entry: the sample.
        guess: what the network reads; None where there is no network yet.
        refusal: why it is not read, if it is not.
    """

    entry: Entry
    guess: Guess | None
    refusal: Refusal | None = None

    @property
    def agrees(self) -> bool:
        """Whether the network reads what was asked for."""
        return self.guess is not None and self.guess.label == self.entry.label


class Collector:
    """One writer at work.

    Args:
        collection: where the samples go.
        labels: that are asked for, at least one.
        recogniser: that reads them; None where there is none yet.
        pad: what is drawn on.
        writer: who writes; may be changed, then call recount().
        session: in which session; likewise.
        target: samples of each label to have; likewise.
        chance: chooses which of the labels that are wanted is asked for.
    """

    def __init__(
        self,
        collection: Collection,
        labels: Sequence[str],
        recogniser: Recogniser | None,
        pad: Pad,
        writer: str,
        session: str,
        target: int,
        chance: Random | None = None,
    ) -> None:
        self.collection = collection
        self.labels = labels
        self.recogniser = recogniser
        self.pad = pad
        self.writer = writer
        self.session = session
        self.target = target
        self._chance = chance or Random()
        self._skipped: list[str] = []
        self._last: Entry | None = None
        self._dropped: list[tuple[str, list[Stroke]]] = []  # drawings since the last sample
        self._undone = 0  # changes of the collection, since the last stroke was taken back
        self._taken_from = ""  # the label of the strokes that were taken back before these
        self.counts: dict[str, int] = {}
        """Samples of this writer, by label."""
        self.label = ""
        """The label that is asked for."""
        self.recount()
        self._ask()

    @property
    def total(self) -> tuple[int, int]:
        """How many samples count towards the target, and how many that is."""
        have = sum(min(self.counts.get(label, 0), self.target) for label in self.labels)
        return have, self.target * len(self.labels)

    def use(self, recogniser: Recogniser) -> None:
        """Go on with another network; what is asked for stays, if it is a label of it."""
        self.recogniser = recogniser
        self.labels = recogniser.labels
        self._skipped = []
        if self.label not in self.labels:
            self._ask()

    def recount(self) -> None:
        """Count anew, after a change that was not made here."""
        self.counts = self.collection.counts(writer=self.writer)

    @property
    def last(self) -> Entry | None:
        """The sample that was saved, taken back or brought back last, as it is now."""
        if self._last and self._last.id in self.collection:
            return self.collection[self._last.id]
        return self._last

    @property
    def last_is_saved(self) -> bool:
        """Whether `last` is among the samples."""
        return self._last is not None and self._last.id in self.collection

    def choose(self, label: str) -> bool:
        """Ask for this label now; return whether it is one."""
        if label not in self.labels:
            return False
        self.label = label
        return True

    def turn(self, steps: int) -> None:
        """Ask for the label so many places after this one, round and round."""
        self.label = self.labels[(self.labels.index(self.label) + steps) % len(self.labels)]

    def skip(self) -> None:
        """Ask for another label, and drop the drawing, which undo() brings back."""
        if self.label not in self._skipped:
            self._skipped.append(self.label)
        if len(self._skipped) >= len(self.labels):
            self._skipped = [self.label]
        if drawing := self.pad.clear():
            self._dropped.append((self.label, drawing))
        self._ask()

    def accept(self) -> Saved:
        """Save the drawing as the label, on the disk when this returns; ask for the next one.

        Raises:
            RefusedError: there is too little ink; the drawing stays.
            InputError: nothing could be saved; the drawing stays.
        """
        strokes = self.pad.strokes
        ink = Strokes.of(strokes)
        if not ink.legible:
            why = reason(Refusal(ink.unread(likely=False)), self.labels)
            raise RefusedError(f"Not saved: {why}; write a {self.label} and accept it")
        entry = self.collection.append(
            new_sample(self.label, strokes, self.pad.times, self.writer, self.session)
        )
        self.counts[self.label] = self.counts.get(self.label, 0) + 1
        self._skipped = []
        self._dropped = []
        self._last = entry
        self.pad.clear()
        self._ask()
        if self.recogniser is None:
            return Saved(entry, None)
        prediction = self.recogniser.predict(ink.bitmap())
        refusal = refusal_of(ink, prediction, self.labels)
        return Saved(entry, Guess.of(prediction), refusal)

    @property
    def to_undo(self) -> Change | None:
        """The change of the collection that undo() would take back."""
        return None if self.pad.strokes or self._dropped else self.collection.to_undo

    @property
    def to_redo(self) -> Change | None:
        """The change of the collection that redo() would do again."""
        stroke = self.pad.can_bring_back and not self._undone
        return None if stroke else self.collection.to_redo

    def take_back(self) -> bool:
        """Take back the last stroke; return whether there was one."""
        there = self.pad.take_back()
        if there:
            self._undone, self._taken_from = 0, ""
        return there

    def undo(self) -> str | None:
        """Take back the last stroke; on empty paper, what was dropped, or the last change.

        Returns:
            What it was, in words; None for nothing.

        Raises:
            InputError: the collection could not keep that.
        """
        if self.take_back():
            return "the last stroke"
        if self._dropped:
            self.label, drawing = self._dropped.pop()
            self.pad.restore(drawing)
            return f"skipping {self.label!r}"
        return self._undo(self.collection.to_undo)

    def redo(self) -> str | None:
        """Do again what was taken back last; return it in words, None for nothing.

        Raises:
            InputError: the collection could not keep that.
        """
        if change := self.to_redo:
            return self._redo(change)
        if not self.pad.strokes and self.pad.can_bring_back and self._taken_from:
            self.label = self._taken_from  # another one may be asked for by now
        return "a stroke" if self.pad.bring_back() else None

    def toggle_last(self) -> None:
        """Take the last sample back, or bring it back, whatever is on the paper.

        Raises:
            InputError: the collection could not keep that.
        """
        if self._last is None:
            return
        key, there = self._last.id, self.collection
        if self.last_is_saved:
            step, run, otherwise = there.to_undo, self._undo, there.delete
        else:
            step, run, otherwise = there.to_redo, self._redo, there.restore
        if step and step.before == {key: None}:
            run(step)
        else:  # other changes came in between
            otherwise([key])
            self._changed()

    def _undo(self, change: Change | None) -> str | None:
        label = self.label
        what = self._step(change, self.collection.undo)
        if change:
            self._taken_from = self._taken_from if self._undone else label
            self._undone += 1
        return what

    def _redo(self, change: Change | None) -> str | None:
        what = self._step(change, self.collection.redo)
        self._undone = max(self._undone - 1, 0)
        return what

    def _step(self, change: Change | None, run: Callable[[], str | None]) -> str | None:
        """Undo a change of the collection or do it again, and look at its sample if it is one."""
        before = self._sample_of(change)
        what = run()
        if change:
            self._last = self._sample_of(change) or before
        self._changed()
        return what

    def _sample_of(self, change: Change | None) -> Entry | None:
        keys = [*change.after] if change else []
        return self.collection[keys[0]] if len(keys) == 1 and keys[0] in self.collection else None

    def _changed(self) -> None:
        self.recount()
        if self.pad.strokes:  # a drawing is of the label that was asked for
            return
        if self._last and not self.last_is_saved and self._last.label in self.labels:
            self.label = self._last.label
        else:
            self._ask()

    def _ask(self) -> None:
        self.label = next_label(self.labels, self.counts, self._chance, self._skipped, self.label)
