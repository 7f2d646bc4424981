"""Review samples: look at many at once, relabel and delete, read and write other formats."""

from collections.abc import Mapping, Sequence
from functools import partial
from tkinter import messagebox, ttk
from typing import TYPE_CHECKING

from inkpin.common.progress import Stopped
from inkpin.desktop.jobs import Job
from inkpin.desktop.samples.grid import Cell, words
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tab import NETWORK_CHANGED, Command, Shell, Tab
from inkpin.desktop.widgets.details import Details
from inkpin.desktop.widgets.filters import Filters
from inkpin.desktop.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:  # takes onnxruntime, which the lock's thread imports
    from inkpin.desktop.samples.reviewing import Reviewing
    from inkpin.model.collection.collection import Collection

_MOVES = {"Left": -1, "Right": 1}


class ReviewTab(Tab):
    """A grid of all samples, filters, and what is known of the one that is looked at.

    Args:
        parent: the notebook.
        shell: the window.
        workspace: the samples and the network.
    """

    title = "Review"
    least = (1000, 640)

    def __init__(self, parent: ttk.Notebook, shell: Shell, workspace: Workspace) -> None:
        super().__init__(parent, shell)
        self._workspace = workspace
        self._reviewing: Reviewing | None = None
        self._guessing: Job | None = None
        self._again = False
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "step by step", self._teach),
            Command(("<Delete>", "<BackSpace>"), "Delete", "delete", self._delete),
            Command(("<Control-a>",), "Ctrl+A, Shift+arrows", "choose", self._choose_all),
            Command(("<Control-z>",), "Ctrl+Z", "undo", self._undo),
            Command(
                ("<Control-Z>", "<Control-Shift-Key-Z>", "<Control-y>"),
                "Ctrl+Shift+Z",
                "redo",
                self._redo,
            ),
            Command(("<Control-o>",), "Ctrl+O", "import", self._import),
            Command(("<Control-s>",), "Ctrl+S", "export what is shown", self._export),
            Command((), "a label's key", "relabel", lambda: None),
        )
        row = ttk.Frame(self)
        self._filters = Filters(row, self._names, self._filter)
        self._filters.pack(side="left")
        for text, run in (("Export…", self._export), ("Import…", self._import)):
            ttk.Button(row, text=text, command=run).pack(side="right", padx=(8, 0))
        self._grid = Thumbnails(self, shell, self._cell, self._picked, self._opened_cell)
        self._details = Details(
            self,
            shell,
            self._labels,
            self._relabel,
            (
                ("Delete  Del", self._delete),
                ("Step by step…  Return", self._teach),
                ("Undo  Ctrl+Z", self._undo),
            ),
        )
        self._work = ttk.Frame(self)
        self._doing = ttk.Label(self._work, style="Muted.TLabel")
        self._bar = ttk.Progressbar(self._work, maximum=1, length=round(160 * shell.factor))
        stop = ttk.Button(self._work, text="Stop", command=self._stop_guessing)
        for part in (self._doing, self._bar, stop):
            part.pack(side="left", padx=(0, 10))
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        row.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 10))
        self._grid.grid(row=1, column=0, sticky="nsew")
        self._details.grid(row=1, column=1, sticky="ns", padx=(16, 0))
        self._bind_moves()
        shell.root.bind(NETWORK_CHANGED, lambda _: self._network_changed(), add=True)

    def shown(self) -> None:
        """Open the samples the first time; later show what has changed."""
        self._grid.canvas.focus_set()
        if self._reviewing is None:
            self.shell.status("Opening your samples…")
            self._workspace.when_open(self.shell.jobs, self._opened, self.shell.complain)
        else:
            self._reviewing.refresh()
            self._show()
            self._ask_network()

    def typed(self, char: str) -> None:
        """Give the chosen samples the label of this key."""
        if self._reviewing and char in self._labels():
            self._relabel(char)

    def _bind_moves(self) -> None:
        canvas = self._grid.canvas
        for name in ("Left", "Right", "Up", "Down", "Prior", "Next", "Home", "End"):
            canvas.bind(f"<{name}>", lambda _, name=name: self._move(name, extend=False))
            canvas.bind(f"<Shift-{name}>", lambda _, name=name: self._move(name, extend=True))

    def _opened(self, collection: "Collection") -> None:
        from inkpin.desktop.samples.reviewing import Reviewing

        if notice := self._workspace.take_notice():
            messagebox.showwarning("Inkpin", notice, parent=self)
        self._reviewing = Reviewing(collection)
        self._show()
        self._ask_network()

    def _names(self, writer: str | None) -> Mapping[str, Sequence[str]]:
        if self._reviewing is None:
            return {}
        collection = self._reviewing.collection
        return {
            "Label": words(list(collection.counts())),
            "Writer": collection.writers(),
            "Session": collection.sessions(writer),
        }

    def _labels(self) -> Sequence[str]:
        if self._reviewing is None:
            return ()
        return self._workspace.labels() or words(list(self._reviewing.collection.counts()))

    def _filter(self) -> None:
        if self._reviewing is None:
            return
        from inkpin.desktop.samples.reviewing import Filter

        now = self._filters
        self._reviewing.show(Filter(now.label, now.writer, now.session, now.disagreeing))
        self._show()
        self._grid.canvas.focus_set()
        if now.disagreeing:
            self._ask_network()

    def _ask_network(self) -> None:
        """Have all samples read that were not, on a thread."""
        if self._reviewing is None or self._guessing:
            return
        collection = self._reviewing.collection
        ordered = dict.fromkeys((*self._reviewing.entries, *collection.find()))  # shown ones first
        unread = [entry for entry in ordered if entry.id not in collection.guesses]
        if not unread:
            return
        self._doing.configure(text="The network reads your samples")
        self._work.grid(row=2, column=0, columnspan=2, sticky="w", pady=(8, 0))
        take = partial(self._take, collection.guesses)  # not those of a later network
        self._guessing = self.shell.jobs.start(
            lambda job: self._workspace.read(unread, take, job),
            lambda _: self._end_guessing(),
            self._not_guessed,
            lambda done, total: self._bar.configure(value=done / max(total, 1)),
        )

    def _network_changed(self) -> None:
        """Ask the other network what it has not read yet."""
        if self._guessing:
            self._again = True
            self._guessing.stop()
        else:
            self._ask_network()

    def _stop_guessing(self) -> None:
        if self._guessing:
            self._guessing.stop()

    def _take(self, guesses: dict[str, str], read: dict[str, str]) -> None:
        """Show what was read so far, wherever the user has scrolled to meanwhile."""
        assert self._reviewing is not None
        guesses.update(read)
        now = self._reviewing
        if self._filters.disagreeing:
            now.refresh()
            self._tell_count()
            self._paint()
        elif any(now.entries[place].id in read for place in self._grid.grid_shown.visible):
            self._paint()

    def _not_guessed(self, error: BaseException) -> None:
        self._end_guessing()
        if self._again:
            self._again = False
            self._ask_network()
        elif isinstance(error, Stopped):
            self.shell.status("Stopped; what was read so far is shown.")
        else:
            self.shell.complain(error)

    def _end_guessing(self) -> None:
        self._guessing = None
        self._work.grid_remove()

    def _cell(self, place: int) -> Cell:
        assert self._reviewing is not None
        entry = self._reviewing.entries[place]
        other = self._reviewing.disagrees(entry)
        return Cell(
            entry.bitmap,
            f"{entry.label} read {other}" if other else entry.label,
            alert=other is not None,
            chosen=entry.id in self._reviewing.chosen,
            current=place == self._reviewing.cursor,
        )

    def _paint(self) -> None:
        assert self._reviewing is not None
        now = self._reviewing
        self._grid.show(len(now.entries))
        entry = now.current
        self._details.show(entry, now.collection.guesses.get(entry.id) if entry else None)

    def _show(self) -> None:
        """Paint, with the sample that is looked at in sight, and say how many there are."""
        assert self._reviewing is not None
        self._paint()
        self._grid.reveal(self._reviewing.cursor)
        self._tell_count()

    def _tell_count(self) -> None:
        assert self._reviewing is not None
        now = self._reviewing
        all_of_them = len(now.collection)
        text = f"{len(now.entries):,} of {all_of_them:,} samples"
        if len(now.chosen) > 1:
            text += f", {len(now.chosen):,} chosen"
        self.shell.status(f"{text}." if all_of_them else "No samples yet: collect some, or import.")

    def _picked(self, place: int, extend: bool, toggle: bool) -> None:
        if self._reviewing:
            self._reviewing.go(place, extend=extend, toggle=toggle)
            self._show()

    def _opened_cell(self, place: int) -> None:
        self._picked(place, extend=False, toggle=False)
        self._teach()

    def _move(self, key: str, *, extend: bool) -> str:
        if self._reviewing:
            grid = self._grid.grid_shown
            steps = {
                **_MOVES,
                "Up": -grid.columns,
                "Down": grid.columns,
                "Prior": -grid.page,
                "Next": grid.page,
                "Home": -grid.count,
                "End": grid.count,
            }
            self._reviewing.go(self._reviewing.cursor + steps[key], extend=extend)
            self._show()
        return "break"

    def _choose_all(self) -> None:
        if self._reviewing:
            self._reviewing.choose_all()
            self._show()

    def _relabel(self, label: str) -> None:
        if self._reviewing and self._reviewing.chosen:
            changed = self._reviewing.relabel(label)
            self._say(f"{_samples(changed)} relabelled as {label}; Ctrl+Z undoes that.")

    def _delete(self) -> None:
        if self._reviewing and self._reviewing.chosen:
            gone = self._reviewing.delete()
            self._say(f"{_samples(gone)} deleted; Ctrl+Z brings them back.")

    def _undo(self) -> None:
        if self._reviewing:
            what = self._reviewing.undo()
            self._say(f"Undone: {what}." if what else "There is nothing to undo.")

    def _redo(self) -> None:
        if self._reviewing:
            what = self._reviewing.redo()
            self._say(f"Done again: {what}." if what else "There is nothing to redo.")

    def _say(self, text: str) -> None:
        self._show()
        self.shell.status(text)

    def _teach(self) -> None:
        from inkpin.desktop.dialogs.lesson import LessonDialog
        from inkpin.desktop.lock.lesson import scenes

        if self._reviewing and (entry := self._reviewing.current):
            prediction = self._workspace.recogniser().predict(entry.bitmap)
            LessonDialog(self.shell, scenes(entry.sample.strokes, prediction))

    def _import(self) -> None:
        from inkpin.desktop.dialogs.exchanging import import_samples

        if self._reviewing:
            import_samples(self.shell, self._reviewing.collection, self._imported)

    def _imported(self, found: int, new: int) -> None:
        assert self._reviewing is not None
        self._reviewing.refresh()
        there = f"; {_samples(found - new)} were there already" if new < found else ""
        self._say(f"{_samples(new)} imported{there}. Ctrl+Z takes them out again.")
        self._ask_network()

    def _export(self) -> None:
        from inkpin.desktop.dialogs.exchanging import export_samples

        if self._reviewing:
            export_samples(self.shell, self._reviewing.entries)


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"
