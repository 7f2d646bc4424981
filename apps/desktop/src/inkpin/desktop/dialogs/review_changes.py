"""What is done with the samples that are chosen: large changes are asked about, all are told."""

import tkinter as tk
from collections.abc import Callable, Container
from typing import TypeVar

from inkpin.desktop.dialogs.large_change import agreed, agreed_to
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog
from inkpin.desktop.jobs import Job
from inkpin.desktop.samples.review_list import ReviewList
from inkpin.desktop.samples.wording import sample_count
from inkpin.desktop.shell import Shell

T = TypeVar("T")

AT_ONCE = 5000
"""Samples that are changed before anybody could read what is going on."""


class ReviewChanges:
    """Changes the samples of a list.

    Args:
        parent: the widget to ask over.
        shell: the window, which says what was done.
        review: the list.
        labels: gives all labels that a sample may get.
        changed: called after a change, before it is said.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        review: ReviewList,
        labels: Callable[[], Container[str]],
        changed: Callable[[], None],
    ) -> None:
        self._parent = parent
        self._shell = shell
        self._review = review
        self._labels = labels
        self._changed = changed

    def relabel(self, label: str) -> None:
        """Give the samples another label."""
        count = self._count_chosen()
        detail = "Ctrl+Z gives them back the labels that they have now."
        if count and self._agreed(count, f"Label {sample_count(count)} as {label}?", detail):
            self._do(
                count,
                f"Relabelling as {label}",
                lambda: self._review.relabel(label),
                lambda changed: (
                    f"{sample_count(changed)} relabelled as {label}; Ctrl+Z undoes that."
                ),
            )

    def label_as_read(self) -> None:
        """Give each of the samples the label that the network reads."""
        if not self._count_chosen():
            return
        labels = self._labels()
        count = len(self._review.as_read(labels))
        if not count:
            self._shell.status("The network reads what is chosen as it is labelled, or not at all.")
            return
        detail = "Each gets the label that the network reads; Ctrl+Z gives back the old ones."
        if self._agreed(count, f"Label {sample_count(count)} as read?", detail):
            self._do(
                count,
                "Labelling as read",
                lambda: self._review.label_as_read(labels),
                lambda changed: f"{sample_count(changed)} labelled as read; Ctrl+Z undoes that.",
            )

    def delete(self) -> None:
        """Move the samples to the trash."""
        count = self._count_chosen()
        detail = "They go to the trash; Ctrl+Z brings them back."
        if count and self._agreed(count, f"Delete {sample_count(count)}?", detail):
            self._do(
                count,
                "Deleting",
                self._review.delete,
                lambda gone: f"{sample_count(gone)} deleted; Ctrl+Z brings them back.",
            )

    def restore(self) -> None:
        """Bring the samples back from the trash."""
        if not self._review.filter.trash:
            self._shell.status("Tick trash above, and choose what to restore.")
            return
        count = len(self._review.selected)
        detail = "They leave the trash; Ctrl+Z deletes them again."
        if self._agreed(count, f"Restore {sample_count(count)}?", detail):
            self._do(
                count,
                "Restoring",
                self._review.restore,
                lambda back: f"{sample_count(back)} restored; Ctrl+Z deletes them again.",
            )

    def undo(self) -> None:
        """Take back the last change."""
        change = self._review.collection.to_undo
        if agreed_to(self._parent, "Undo", change):
            self._do(
                len(change.after) if change else 0,
                "Undoing",
                self._review.undo,
                lambda what: f"Undone: {what}." if what else "There is nothing to undo.",
            )

    def redo(self) -> None:
        """Do again what was taken back."""
        change = self._review.collection.to_redo
        if agreed_to(self._parent, "Redo", change):
            self._do(
                len(change.after) if change else 0,
                "Doing again",
                self._review.redo,
                lambda what: f"Done again: {what}." if what else "There is nothing to redo.",
            )

    def _count_chosen(self) -> int:
        """Return how many samples are to be changed; say why none of the trash are."""
        if self._review.filter.trash:
            self._shell.status("These are in the trash; Ctrl+R restores those that are chosen.")
            return 0
        return len(self._review.selected)

    def _agreed(self, count: int, what: str, detail: str) -> bool:
        return agreed(self._parent, count, what, detail)

    def _do(
        self, count: int, doing: str, change: Callable[[], T], said: Callable[[T], str]
    ) -> None:
        """Change samples: few at once, many while a dialog says what is going on."""

        def work(job: Job) -> T:
            job.commit()
            return change()

        if count > AT_ONCE:
            text = f"{doing}: {sample_count(count)}"
            ProgressDialog(self._shell, text, work, lambda result: self._say(said(result)))
        else:
            self._say(said(change()))

    def _say(self, text: str) -> None:
        self._changed()
        self._shell.status(text)
