"""The grid of the samples that are reviewed: one looks at them and chooses some."""

import tkinter as tk
from collections.abc import Callable, Container
from functools import partial

from inkpin.desktop.percent import PERCENT
from inkpin.desktop.samples.review_list import Order, ReviewList
from inkpin.desktop.samples.thumbnail_grid import Cell
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.thumbnails import Thumbnails


class ReviewGrid(Thumbnails):
    """Shows a list, by pointer and arrows moves in it; empty before it has one.

    Args:
        parent: the widget around it.
        shell: the window.
        chosen: called when other samples are chosen, or another one is looked at.
        opened: called at a double click, when its sample is looked at.
        asked: takes the point on the screen where a menu is asked for.

    Attributes:
        review: the list.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        chosen: Callable[[], None],
        opened: Callable[[], None],
        asked: Callable[[int, int], None],
    ) -> None:
        super().__init__(
            parent, shell, self._cell, self._pick, self._open, self._mark, self._choose, asked
        )
        self.review: ReviewList | None = None
        self._chosen = chosen
        self._opened = opened
        for name in ("Left", "Right", "Up", "Down", "Prior", "Next", "Home", "End"):
            self.canvas.bind(f"<{name}>", partial(self._move, name, extend=False))
            self.canvas.bind(f"<Shift-{name}>", partial(self._move, name, extend=True))

    def paint(self) -> None:
        """Show the list as it is, from where the window is; why, if it is empty."""
        self.say(_why_empty(self.review) if self.review and not self.review.entries else "")
        self.show(len(self.review.entries) if self.review else 0)

    def follow(self) -> None:
        """Show the list as it is, with the sample that is looked at in sight."""
        self.paint()
        if self.review:
            self.reveal(self.review.cursor)

    def sees(self, ids: Container[str]) -> bool:
        """Return whether one of these samples is in sight."""
        if self.review is None:
            return False
        entries = self.review.entries
        return any(entries[place].id in ids for place in self.grid_shown.visible)

    def select_all(self) -> None:
        """Choose all samples of the list."""
        if self.review:
            self.review.select_all()
            self.paint()
            self._chosen()

    def _cell(self, place: int) -> Cell:
        assert self.review is not None
        entry = self.review.entries[place]
        other = self.review.disagrees(entry)
        text = f"{entry.label} read {other}" if other else entry.label
        guess = self.review.collection.guesses.get(entry.id)
        if guess and not other and self.review.filter.order is not Order.LABEL:
            text += f"  {guess.confidence}{PERCENT}"
        return Cell(
            entry.bitmap,
            text,
            alert=other is not None,
            selected=entry.id in self.review.selected,
            current=place == self.review.cursor,
        )

    def _pick(self, place: int, *, extend: bool, toggle: bool) -> None:
        if self.review:
            self.review.move_to(place, extend=extend, toggle=toggle)
            self.follow()
            self._chosen()

    def _open(self, place: int) -> None:
        self._pick(place, extend=False, toggle=False)
        self._opened()

    def _mark(self) -> None:
        if self.review:
            self.review.mark()

    def _choose(self, places: list[int], add: bool) -> None:
        if self.review:
            self.review.select(places, add=add)
            self.paint()
            self._chosen()

    def _move(self, key: str, _event: tk.Event, *, extend: bool) -> str:
        if self.review:
            grid = self.grid_shown
            steps = {
                "Left": -1,
                "Right": 1,
                "Up": -grid.columns,
                "Down": grid.columns,
                "Prior": -grid.page,
                "Next": grid.page,
                "Home": -grid.count,
                "End": grid.count,
            }
            self._pick(self.review.cursor + steps[key], extend=extend, toggle=False)
        return "break"


def _why_empty(review: ReviewList) -> str:
    """Return why nothing is shown, and what to do about it."""
    deleted = review.collection.find(deleted=True)
    if review.filter.trash and not deleted:
        return "The trash is empty."
    if review.filter.trash:
        return "Nothing that you deleted is like this: choose all labels, writers and sessions."
    if not len(review.collection) and deleted:
        return (
            "All samples are in the trash: tick it to see them. Ctrl+Z undoes what was done last."
        )
    if not len(review.collection):
        return "No samples yet. Write some in Collect, ten of each label, or import a file."
    if review.filter.disagreeing:
        return "The network disagrees with none of these samples."
    return "No sample is like this: choose all labels, writers and sessions."
