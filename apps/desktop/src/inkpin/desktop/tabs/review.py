"""Review samples: look at many at once, relabel and delete, read and write other formats."""

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tkinter import ttk

from inkpin.common.progress import Stopped
from inkpin.desktop.dialogs.import_dialog import ImportDialog
from inkpin.desktop.dialogs.import_export import export_samples, import_samples
from inkpin.desktop.dialogs.lesson import LessonDialog
from inkpin.desktop.dialogs.review_changes import ReviewChanges
from inkpin.desktop.lock.lesson import scenes
from inkpin.desktop.percent import PERCENT
from inkpin.desktop.samples.background_reader import BackgroundReader
from inkpin.desktop.samples.review_list import Order, ReviewList
from inkpin.desktop.samples.wording import natural_order, sample_count
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import (
    ASKED_CHANGED,
    NETWORK_CHANGED,
    SHOW_DISAGREEMENTS,
    Command,
    Shell,
)
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.filter_bar import FilterBar
from inkpin.desktop.widgets.review_grid import ReviewGrid
from inkpin.desktop.widgets.review_menu import ReviewMenu
from inkpin.desktop.widgets.sample_details import SampleDetails
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.sample import Entry


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
        self._changes: ReviewChanges | None = None
        self._reader = BackgroundReader(
            workspace,
            shell.jobs,
            lambda: self._review.entries if self._review else (),
            self._took,
            self._show_progress,
            self._not_read,
        )
        delete, as_read, restore, undo = map(
            self._once_open,
            (
                ReviewChanges.delete,
                ReviewChanges.label_as_read,
                ReviewChanges.restore,
                ReviewChanges.undo,
            ),
        )
        readings = (
            Command(("<Control-d>",), "Ctrl+D", "the next that disagrees", self._next_disagreement),
            Command(("<Control-l>",), "Ctrl+L", "label as read", as_read),
        )
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "step by step", self._teach),
            Command(("<Delete>", "<BackSpace>"), "Delete", "delete", delete),
            Command(("<Control-a>",), "Ctrl+A, Shift+arrows", "choose", self._select_all),
            *(readings if workspace.trained else ()),
            Command(("<Control-z>",), "Ctrl+Z", "undo", undo),
            Command(
                ("<Control-Z>", "<Control-Shift-Key-Z>", "<Control-y>"),
                "Ctrl+Shift+Z",
                "redo",
                self._once_open(ReviewChanges.redo),
            ),
            Command(("<Control-r>",), "Ctrl+R", "restore from the trash", restore),
            Command(("<Control-o>",), "Ctrl+O", "import", self._ask_import),
            Command(("<Control-s>",), "Ctrl+S", "export what is shown", self._export),
            Command((), "a label's key", "relabel", lambda: None),
        )
        self._filters = FilterBar(
            self,
            shell,
            self._names,
            self._filter,
            self._ask,
            (
                ("Import…", self._ask_import),
                ("Export…", self._export),
            ),
            trained=workspace.trained,
        )
        self._back = ttk.Button(self, text="Restore  Ctrl+R", command=restore)
        by_readings = (
            ("Next that disagrees", "Ctrl+D", self._next_disagreement),
            ("Label as read", "Ctrl+L", as_read),
        )
        actions = (
            *(by_readings if workspace.trained else ()),
            ("Delete", "Del", delete),
            ("Step by step…", "Return", self._teach),
            ("Choose all", "Ctrl+A", self._select_all),
            ("Undo", "Ctrl+Z", undo),
        )
        self._menu = ReviewMenu(self, shell, self._labels, self._relabel, actions)
        self._grid = ReviewGrid(self, shell, self._tell, self._teach, self._menu.open)
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
        self._filters.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, "7.5p"))
        self._grid.grid(row=1, column=0, sticky="nsew")
        panel.grid(row=1, column=1, sticky="ns", padx=("12p", 0))
        self._work.grid(row=2, column=0, columnspan=2, sticky="w", pady=("6p", 0))
        self._work.grid_remove()
        self._back.grid(row=3, column=0, sticky="w", pady=("6p", 0))
        self._back.grid_remove()
        for event in (NETWORK_CHANGED, ASKED_CHANGED):
            shell.root.bind(event, lambda _: self._network_changed(), add=True)
        shell.root.bind(SHOW_DISAGREEMENTS, lambda _: self._show_disagreements(), add=True)

    def _fill_work_row(self, length: int) -> ttk.Progressbar:
        """Fill the row that stands below while the network reads; return its bar."""
        doing = ttk.Label(self._work, text="The network reads your samples", style="Muted.TLabel")
        bar = ttk.Progressbar(self._work, maximum=1, length=length)
        stop = ttk.Button(self._work, text="Stop", command=self._reader.stop)
        for part in (doing, bar, stop):
            part.pack(side="left", padx=(0, "7.5p"))
        return bar

    @property
    def first(self) -> tk.Misc:
        """The samples."""
        return self._grid.canvas

    def shown(self) -> None:
        """Open the samples the first time; later show what has changed."""
        if self._review is None:
            self.shell.status("Opening your samples…")
            self._workspace.when_open(self.shell.jobs, self._opened, self.shell.report_error)
        else:
            self._review.leave()
            self._show()
            self._reader.start()

    def typed(self, char: str) -> None:
        """Give the selected samples the label of this key."""
        if char in self._labels():
            self._relabel(char)

    def _relabel(self, label: str) -> None:
        if self._changes:
            self._changes.relabel(label)

    def _select_all(self) -> None:
        self._grid.select_all()

    def _once_open(self, run: Callable[[ReviewChanges], None]) -> Callable[[], None]:
        """Return what does this, once the samples are open."""

        def do() -> None:
            if self._changes:
                run(self._changes)

        return do

    def _opened(self, collection: Collection) -> None:
        self._grid.review = self._review = ReviewList(collection)
        self._changes = ReviewChanges(self, self.shell, self._review, self._labels, self._changed)
        self._filter()
        self._reader.start()

    def _changed(self) -> None:
        """Show the list after a change, which may have brought back what was never read."""
        self._show()
        self._reader.go_on()

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
        now = self._filters.filter
        self._review.show(now)
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

    def _ask(self, base: bool) -> None:
        self._workspace.ask(base=base)
        self.shell.root.event_generate(ASKED_CHANGED)

    def _network_changed(self) -> None:
        self._filters.show_asked(base=self._workspace.asks_base)
        if self._review is None:  # whoever opened the samples reads them
            return
        self._review.leave()
        if self.winfo_viewable():
            self._show()
        self._reader.restart()

    def _took(self, read: set[str]) -> None:
        """Show what was read so far, wherever the user has scrolled to meanwhile."""
        assert self._review is not None
        if self._review.filter.disagreeing:
            self._review.refresh()
            self._tell_count()
        elif not self._grid.sees(read):
            return
        self._grid.paint()
        self._describe()

    def _show_progress(self, share: float | None) -> None:
        if share is None:
            self._work.grid_remove()
            self._sort_anew()
        else:
            self._bar.configure(value=share)
            self._work.grid()

    def _sort_anew(self) -> None:
        """Give those their places that were not read yet, where they depend on it."""
        if self._review and self._review.filter.order is not Order.LABEL:
            self._review.leave()
            self._grid.follow()
            self._describe()

    def _not_read(self, error: BaseException) -> None:
        if isinstance(error, Stopped):
            self.shell.status("Stopped; what was read so far is shown.")
        else:
            self.shell.report_error(error)

    def _show(self) -> None:
        """Show the list as it is, and say what is known of it."""
        self._grid.follow()
        self._tell()

    def _tell(self) -> None:
        """Describe the sample that is looked at, and say how many there are."""
        self._describe()
        self._tell_count()

    def _describe(self) -> None:
        assert self._review is not None
        entry = self._review.current
        self._details.show(entry, self._read_in_words(entry) if entry else "")

    def _read_in_words(self, entry: Entry) -> str:
        """Return what the network reads; nothing where there is none yet."""
        assert self._review is not None
        guess = self._review.collection.guesses.get(entry.id)
        if not self._workspace.trained:
            return ""
        if guess is None:
            return "The network has not seen it yet"
        if not guess.read:
            return f"The network does not read it: {self._workspace.why_unread(entry)}"
        return f"The network reads {guess.label}\nConfidence {guess.confidence}{PERCENT}"

    def _tell_count(self) -> None:
        assert self._review is not None
        now = self._review
        if now.filter.trash:
            self.shell.status(f"{sample_count(len(now.entries))} in the trash.")
            return
        all_of_them = len(now.collection)
        text = f"{len(now.entries):,} of {sample_count(all_of_them)}"
        if len(now.selected) > 1:
            text += f", {len(now.selected):,} chosen"
        if not all_of_them:
            text = "No samples yet: write some in Collect first, or import"
            if now.collection.find(deleted=True):
                text = "All samples are in the trash"
        self.shell.status(f"{text}.")

    def _next_disagreement(self) -> None:
        if self._review and self._review.next_disagreement():
            self._show()
        else:
            self.shell.status("The network disagrees with none of the samples that are shown.")

    def _teach(self) -> None:
        if self._review and (entry := self._review.current):
            network = self._workspace.reader()
            prediction = network.predict(entry.bitmap) if network else None
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
        self._show()
        self.shell.status(f"{sample_count(new)} imported{_known(found - new)}.{back}")
        self._reader.start()

    def _export(self) -> None:
        if self._review:
            export_samples(self.shell, self._review.entries)


def _known(count: int) -> str:
    """Return how many samples an import left out, to follow how many it did not."""
    if not count:
        return ""
    return f"; {sample_count(count)} {'was' if count == 1 else 'were'} there already"
