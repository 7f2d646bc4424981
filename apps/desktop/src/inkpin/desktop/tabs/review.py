"""Review samples: look at many at once, relabel and delete, read and write other formats."""

import tkinter as tk
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tkinter import ttk

from inkpin.common.progress import Stopped
from inkpin.desktop.dialogs.import_dialog import ImportDialog
from inkpin.desktop.dialogs.import_export import export_samples, import_samples
from inkpin.desktop.dialogs.large_change import agreed, agreed_to
from inkpin.desktop.dialogs.lesson import LessonDialog
from inkpin.desktop.lock.lesson import scenes
from inkpin.desktop.samples.background_reader import BackgroundReader
from inkpin.desktop.samples.review_list import Filter, ReviewList
from inkpin.desktop.samples.thumbnail_grid import Cell
from inkpin.desktop.samples.wording import natural_order, sample_count
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import NETWORK_CHANGED, SHOW_DISAGREEMENTS, Command, Shell
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.filter_bar import FilterBar
from inkpin.desktop.widgets.review_menu import ReviewMenu
from inkpin.desktop.widgets.sample_details import SampleDetails
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.desktop.widgets.thumbnails import Thumbnails
from inkpin.model.collection.collection import Collection
from inkpin.model.inference.refusal import UNREAD


class ReviewTab(Tab):
    """A grid of all samples, filters, and what is known of the one that is looked at.

    Args:
        parent: the notebook.
        shell: the window.
        workspace: the samples and the network.
    """

    title = "Review"
    minsize = (680, 440)

    def __init__(self, parent: ttk.Notebook, shell: Shell, workspace: Workspace) -> None:
        super().__init__(parent, shell)
        self._workspace = workspace
        self._review: ReviewList | None = None
        self._reader = BackgroundReader(
            workspace,
            shell.jobs,
            lambda: self._review.entries if self._review else (),
            self._took,
            self._show_progress,
            self._not_read,
        )
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "step by step", self._teach),
            Command(("<Delete>", "<BackSpace>"), "Delete", "delete", self._delete),
            Command(("<Control-a>",), "Ctrl+A, Shift+arrows", "choose", self._select_all),
            Command(("<Control-d>",), "Ctrl+D", "the next that disagrees", self._next_disagreement),
            Command(("<Control-l>",), "Ctrl+L", "label as read", self._label_as_read),
            Command(("<Control-z>",), "Ctrl+Z", "undo", self._undo),
            Command(
                ("<Control-Z>", "<Control-Shift-Key-Z>", "<Control-y>"),
                "Ctrl+Shift+Z",
                "redo",
                self._redo,
            ),
            Command(("<Control-r>",), "Ctrl+R", "restore from the trash", self._restore),
            Command(("<Control-o>",), "Ctrl+O", "import", self._ask_import),
            Command(("<Control-s>",), "Ctrl+S", "export what is shown", self._export),
            Command((), "a label's key", "relabel", lambda: None),
        )
        self._filters = FilterBar(
            self,
            shell,
            self._names,
            self._filter,
            (
                ("Choose all", self._select_all),
                ("Import…", self._ask_import),
                ("Export…", self._export),
            ),
        )
        self._back = ttk.Button(self, text="Restore  Ctrl+R", command=self._restore)
        actions = (
            ("Next that disagrees", "Ctrl+D", self._next_disagreement),
            ("Label as read", "Ctrl+L", self._label_as_read),
            ("Delete", "Del", self._delete),
            ("Step by step…", "Return", self._teach),
            ("Undo", "Ctrl+Z", self._undo),
        )
        self._menu = ReviewMenu(self, shell, self._labels, self._relabel, actions)
        self._grid = Thumbnails(
            self,
            shell,
            self._cell,
            self._picked,
            self._opened_cell,
            self._banding,
            self._banded,
            self._menu.open,
        )
        panel = Scrolled(self, shell)
        self._details = SampleDetails(
            panel.body,
            shell,
            self._labels,
            self._relabel,
            [(f"{text}  {keys}", run) for text, keys, run in actions],
        )
        self._work = ttk.Frame(self)
        self._bar = self._fill_work_row(round(160 * shell.scaling))
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self._details.pack(fill="both", expand=True)
        self._filters.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 10))
        self._grid.grid(row=1, column=0, sticky="nsew")
        panel.grid(row=1, column=1, sticky="ns", padx=(16, 0))
        self._work.grid(row=2, column=0, columnspan=2, sticky="w", pady=(8, 0))
        self._work.grid_remove()
        self._back.grid(row=3, column=0, sticky="w", pady=(8, 0))
        self._back.grid_remove()
        self._bind_moves()
        shell.root.bind(NETWORK_CHANGED, lambda _: self._network_changed(), add=True)
        shell.root.bind(SHOW_DISAGREEMENTS, lambda _: self._show_disagreements(), add=True)

    def _fill_work_row(self, length: int) -> ttk.Progressbar:
        """Fill the row that stands below while the network reads; return its bar."""
        doing = ttk.Label(self._work, text="The network reads your samples", style="Muted.TLabel")
        bar = ttk.Progressbar(self._work, maximum=1, length=length)
        stop = ttk.Button(self._work, text="Stop", command=self._reader.stop)
        for part in (doing, bar, stop):
            part.pack(side="left", padx=(0, 10))
        return bar

    def shown(self) -> None:
        """Open the samples the first time; later show what has changed."""
        self._grid.canvas.focus_set()
        if self._review is None:
            self.shell.status("Opening your samples…")
            self._workspace.when_open(self.shell.jobs, self._opened, self.shell.report_error)
        else:
            self._review.leave()
            self._show()
            self._reader.start()

    def typed(self, char: str) -> None:
        """Give the selected samples the label of this key."""
        if self._review and char in self._labels():
            self._relabel(char)

    def _bind_moves(self) -> None:
        canvas = self._grid.canvas
        for name in ("Left", "Right", "Up", "Down", "Prior", "Next", "Home", "End"):
            canvas.bind(f"<{name}>", partial(self._move, name, extend=False))
            canvas.bind(f"<Shift-{name}>", partial(self._move, name, extend=True))

    def _opened(self, collection: Collection) -> None:
        self._review = ReviewList(collection)
        self._filter()
        self._reader.start()

    def _names(self, writer: str | None) -> Mapping[str, Sequence[str]]:
        if self._review is None:
            return {}
        collection = self._review.collection
        return {
            "Label": natural_order(collection.counts()),
            "Writer": collection.writers(),
            "Session": collection.sessions(writer),
        }

    def _labels(self) -> Sequence[str]:
        if self._review is None:
            return ()
        return self._workspace.labels() or natural_order(self._review.collection.counts())

    def _filter(self) -> None:
        if self._review is None:
            return
        now = self._filters
        self._review.show(Filter(now.label, now.writer, now.session, now.disagreeing, now.trash))
        if now.trash:
            self._back.grid()
        else:
            self._back.grid_remove()
        self._show()
        self._grid.canvas.focus_set()
        if now.disagreeing:
            self._reader.start()

    def _show_disagreements(self) -> None:
        """Come to the front with what the network reads otherwise."""
        self._filters.show_disagreements(self._workspace.looked_at)
        self.shell.root.tk.call(self.master, "select", self)
        self._filter()

    def _network_changed(self) -> None:
        if self._review:
            self._review.leave()
        self._reader.restart()

    def _took(self, read: set[str]) -> None:
        """Show what was read so far, wherever the user has scrolled to meanwhile."""
        assert self._review is not None
        now = self._review
        if self._filters.disagreeing:
            now.refresh()
            self._tell_count()
            self._paint()
        elif any(now.entries[place].id in read for place in self._grid.grid_shown.visible):
            self._paint()

    def _show_progress(self, share: float | None) -> None:
        if share is None:
            self._work.grid_remove()
        else:
            self._bar.configure(value=share)
            self._work.grid()

    def _not_read(self, error: BaseException) -> None:
        if isinstance(error, Stopped):
            self.shell.status("Stopped; what was read so far is shown.")
        else:
            self.shell.report_error(error)

    def _cell(self, place: int) -> Cell:
        assert self._review is not None
        entry = self._review.entries[place]
        other = self._review.disagrees(entry)
        return Cell(
            entry.bitmap,
            f"{entry.label} read {other}" if other else entry.label,
            alert=other is not None,
            selected=entry.id in self._review.selected,
            current=place == self._review.cursor,
        )

    def _paint(self) -> None:
        assert self._review is not None
        now = self._review
        self._grid.show(len(now.entries))
        entry = now.current
        guess = now.collection.guesses.get(entry.id) if entry else None
        why = self._workspace.why_unread(entry) if entry and guess == UNREAD else ""
        self._details.show(entry, guess, why)

    def _show(self) -> None:
        """Paint, with the sample that is looked at in sight, and say how many there are."""
        assert self._review is not None
        self._paint()
        self._grid.reveal(self._review.cursor)
        self._tell_count()

    def _tell_count(self) -> None:
        assert self._review is not None
        now = self._review
        if now.filter.trash:
            self.shell.status(f"{sample_count(len(now.entries))} in the trash.")
            return
        all_of_them = len(now.collection)
        text = f"{len(now.entries):,} of {all_of_them:,} samples"
        if len(now.selected) > 1:
            text += f", {len(now.selected):,} chosen"
        self.shell.status(f"{text}." if all_of_them else "No samples yet: collect some, or import.")

    def _picked(self, place: int, *, extend: bool, toggle: bool) -> None:
        if self._review:
            self._review.move_to(place, extend=extend, toggle=toggle)
            self._show()

    def _banding(self) -> None:
        if self._review:
            self._review.mark()

    def _banded(self, places: list[int], add: bool) -> None:
        if self._review:
            self._review.select(places, add=add)
            self._paint()
            self._tell_count()

    def _next_disagreement(self) -> None:
        if self._review and self._review.next_disagreement():
            self._show()
        else:
            self.shell.status("The network disagrees with none of the samples that are shown.")

    def _opened_cell(self, place: int) -> None:
        self._picked(place, extend=False, toggle=False)
        self._teach()

    def _move(self, key: str, _event: tk.Event, *, extend: bool) -> str:
        if self._review:
            grid = self._grid.grid_shown
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
            self._review.move_to(self._review.cursor + steps[key], extend=extend)
            self._show()
        return "break"

    def _select_all(self) -> None:
        if self._review:
            self._review.select_all()
            self._show()

    def _relabel(self, label: str) -> None:
        count = self._count_chosen()
        detail = "Ctrl+Z gives them back the labels that they have now."
        what = f"Label {sample_count(count)} as {label}?"
        if self._review and count and agreed(self, count, what, detail):
            changed = self._review.relabel(label)
            self._say(f"{sample_count(changed)} relabelled as {label}; Ctrl+Z undoes that.")

    def _label_as_read(self) -> None:
        if not self._review or not self._count_chosen():
            return
        labels = self._labels()
        count = len(self._review.as_read(labels))
        if not count:
            self.shell.status("The network reads what is chosen as it is labelled, or not at all.")
            return
        detail = "Each gets the label that the network reads; Ctrl+Z gives back the old ones."
        if agreed(self, count, f"Label {sample_count(count)} as read?", detail):
            changed = self._review.label_as_read(labels)
            self._say(f"{sample_count(changed)} labelled as read; Ctrl+Z undoes that.")

    def _delete(self) -> None:
        count = self._count_chosen()
        detail = "They go to the trash; Ctrl+Z brings them back."
        if self._review and count and agreed(self, count, f"Delete {sample_count(count)}?", detail):
            gone = self._review.delete()
            self._say(f"{sample_count(gone)} deleted; Ctrl+Z brings them back.")

    def _count_chosen(self) -> int:
        """Return how many samples are to be changed; say why none of the trash are."""
        if self._review is None:
            return 0
        if self._review.filter.trash:
            self.shell.status("These are in the trash; Ctrl+R restores those that are chosen.")
            return 0
        return len(self._review.selected)

    def _restore(self) -> None:
        if self._review and self._review.filter.trash:
            back = self._review.restore()
            self._say(f"{sample_count(back)} restored; Ctrl+Z deletes them again.")
        else:
            self.shell.status("Tick trash above, and choose what to restore.")

    def _undo(self) -> None:
        if self._review and agreed_to(self, "Undo", self._review.collection.to_undo):
            what = self._review.undo()
            self._say(f"Undone: {what}." if what else "There is nothing to undo.")

    def _redo(self) -> None:
        if self._review and agreed_to(self, "Redo", self._review.collection.to_redo):
            what = self._review.redo()
            self._say(f"Done again: {what}." if what else "There is nothing to redo.")

    def _say(self, text: str) -> None:
        self._show()
        self.shell.status(text)

    def _teach(self) -> None:
        if self._review and (entry := self._review.current):
            prediction = self._workspace.recogniser().predict(entry.bitmap)
            LessonDialog(self.shell, scenes(entry.sample.strokes, prediction))

    def _ask_import(self) -> None:
        if self._review:
            ImportDialog(self.shell, self._import)

    def _import(self, path: Path) -> None:
        if self._review:
            import_samples(self.shell, self._review.collection, path, self._imported)

    def _imported(self, found: int, new: int) -> None:
        assert self._review is not None
        self._review.leave()
        back = " Ctrl+Z takes them out again." if new else ""
        self._say(f"{sample_count(new)} imported{_known(found - new)}.{back}")
        self._reader.start()

    def _export(self) -> None:
        if self._review:
            export_samples(self.shell, self._review.entries)


def _known(count: int) -> str:
    """Return how many samples an import left out, to follow how many it did not."""
    if not count:
        return ""
    return f"; {sample_count(count)} {'was' if count == 1 else 'were'} there already"
