"""Review samples: look at many at once, relabel and delete, read and write other formats."""

import tkinter as tk
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tkinter import messagebox, ttk
from typing import TYPE_CHECKING

import numpy as np

from inkpin.desktop.grid import Cell, words
from inkpin.desktop.jobs import Job
from inkpin.desktop.tab import NETWORK_CHANGED, Command, Shell, Tab
from inkpin.desktop.thumbnails import Thumbnails
from inkpin.desktop.work_dialog import WorkDialog
from inkpin.desktop.workspace import Workspace
from inkpin.preprocess import InputError

if TYPE_CHECKING:  # takes onnxruntime, which the lock's thread imports
    from inkpin.desktop.reviewing import Reviewing
    from inkpin.model.collection import Collection, Entry

_ALL = "all"
_NOBODY = "(no name)"
_MOVES = {"Left": -1, "Right": 1}


class ReviewTab(Tab):
    """A grid of all samples, filters, and what is known of the one that is looked at.

    Args:
        parent: the notebook.
        shell: the window.
        workspace: the samples and the network.
    """

    title = "Review"

    def __init__(self, parent: ttk.Notebook, shell: Shell, workspace: Workspace) -> None:
        super().__init__(parent, shell)
        self._workspace = workspace
        self._reviewing: Reviewing | None = None
        self._guessing: Job | None = None
        self._again = False
        self._bitmap = lru_cache(4096)(_bitmap_of)
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "step by step", self._teach),
            Command(("<Delete>", "<BackSpace>"), "Delete", "delete", self._delete),
            Command(("<Control-a>",), "Ctrl+A", "choose all", self._choose_all),
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
        self._filters = self._filter_row()
        self._grid = Thumbnails(self, shell, self._cell, self._picked, self._opened_cell)
        self._side = self._details()
        self._work = ttk.Frame(self)
        self._doing = ttk.Label(self._work, style="Muted.TLabel")
        self._bar = ttk.Progressbar(self._work, maximum=1, length=round(160 * shell.factor))
        stop = ttk.Button(self._work, text="Stop", command=self._stop_guessing)
        for part in (self._doing, self._bar, stop):
            part.pack(side="left", padx=(0, 10))
        self.columnconfigure(0, weight=1)
        self.rowconfigure(1, weight=1)
        self._filters.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, 10))
        self._grid.grid(row=1, column=0, sticky="nsew")
        self._side.grid(row=1, column=1, sticky="ns", padx=(16, 0))
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
            self._name_filters()
            self._show()
            self._ask_network()

    def typed(self, char: str) -> None:
        """Give the chosen samples the label of this key."""
        if self._reviewing and char in self._labels():
            self._relabel(char)

    def _filter_row(self) -> ttk.Frame:
        row = ttk.Frame(self)
        self._chosen = {name: tk.StringVar(value=_ALL) for name in ("Label", "Writer", "Session")}
        self._boxes: dict[str, ttk.Combobox] = {}
        for name, value in self._chosen.items():
            ttk.Label(row, text=name).pack(side="left", padx=(0, 6))
            box = ttk.Combobox(row, textvariable=value, width=12, state="readonly", values=[_ALL])
            box.pack(side="left", padx=(0, 14))
            box.bind("<<ComboboxSelected>>", lambda _: self._filter())
            self._boxes[name] = box
        self._boxes["Session"].configure(width=18)
        self._boxes["Label"].configure(width=6)
        self._disagreeing = tk.BooleanVar()
        ttk.Checkbutton(
            row,
            text="the network disagrees",
            variable=self._disagreeing,
            command=self._filter,
        ).pack(side="left")
        for text, run in (("Export…", self._export), ("Import…", self._import)):
            ttk.Button(row, text=text, command=run).pack(side="right", padx=(8, 0))
        return row

    def _details(self) -> ttk.Frame:
        side = ttk.Frame(self)
        pixels = round(7 * self.shell.factor) * 28
        self._large = tk.Canvas(side, width=pixels, height=pixels, highlightthickness=0)
        self._large.pack(anchor="w")
        self._large_zoom = pixels // 28
        self._facts = ttk.Label(side, wraplength=pixels, justify="left")
        self._facts.pack(anchor="w", pady=(8, 10), fill="x")
        relabel = ttk.Frame(side)
        relabel.pack(anchor="w", fill="x")
        ttk.Label(relabel, text="Relabel as").pack(side="left", padx=(0, 6))
        self._new = ttk.Combobox(relabel, width=5, state="readonly")
        self._new.pack(side="left")
        self._new.bind("<<ComboboxSelected>>", lambda _: self._relabel(self._new.get()))
        for text, run in (
            ("Delete  Del", self._delete),
            ("Step by step…  Return", self._teach),
            ("Undo  Ctrl+Z", self._undo),
        ):
            ttk.Button(side, text=text, command=run).pack(anchor="w", fill="x", pady=(8, 0))
        return side

    def _bind_moves(self) -> None:
        canvas = self._grid.canvas
        for name in ("Left", "Right", "Up", "Down", "Prior", "Next", "Home", "End"):
            canvas.bind(f"<{name}>", lambda _, name=name: self._move(name, extend=False))
            canvas.bind(f"<Shift-{name}>", lambda _, name=name: self._move(name, extend=True))

    def _opened(self, collection: "Collection") -> None:
        from inkpin.desktop.reviewing import Reviewing

        if notice := self._workspace.take_notice():
            messagebox.showwarning("Inkpin", notice, parent=self)
        self._reviewing = Reviewing(collection)
        self._name_filters()
        self._show()
        self._ask_network()

    def _name_filters(self) -> None:
        assert self._reviewing is not None
        collection = self._reviewing.collection
        writer = self._named("Writer")
        found = {
            "Label": words(list(collection.counts())),
            "Writer": [name or _NOBODY for name in collection.writers()],
            "Session": [name or _NOBODY for name in collection.sessions(writer)],
        }
        for name, values in found.items():
            self._boxes[name].configure(values=[_ALL, *values])
        self._new.configure(values=self._labels())

    def _labels(self) -> Sequence[str]:
        assert self._reviewing is not None
        known = self._workspace.labels()
        return known or words(list(self._reviewing.collection.counts()))

    def _named(self, name: str) -> str | None:
        value = self._chosen[name].get()
        return None if value == _ALL else "" if value == _NOBODY else value

    def _filter(self) -> None:
        if self._reviewing is None:
            return
        from inkpin.desktop.reviewing import Filter

        self._reviewing.show(
            Filter(
                self._named("Label"),
                self._named("Writer"),
                self._named("Session"),
                self._disagreeing.get(),
            )
        )
        self._name_filters()
        self._show()
        self._grid.canvas.focus_set()

    def _ask_network(self) -> None:
        """Have all samples read that were not, on a thread."""
        if self._reviewing is None or self._guessing:
            return
        collection = self._reviewing.collection
        unread = [entry for entry in collection.find() if entry.id not in collection.guesses]
        if not unread:
            return
        self._doing.configure(text="The network reads your samples")
        self._work.grid(row=2, column=0, columnspan=2, sticky="w", pady=(8, 0))
        self._guessing = self.shell.jobs.start(
            lambda job: self._workspace.guesses(unread, job),
            self._guessed,
            self._not_guessed,
            lambda done, total: self._bar.configure(value=done / max(total, 1)),
        )

    def _network_changed(self) -> None:
        """Ask the other network; the answers of the one before are gone."""
        if self._guessing:
            self._again = True
            self._guessing.stop()
        else:
            self._ask_network()

    def _stop_guessing(self) -> None:
        if self._guessing:
            self._guessing.stop()

    def _guessed(self, guesses: dict[str, str]) -> None:
        assert self._reviewing is not None
        self._end_guessing()
        self._reviewing.collection.guesses.update(guesses)
        self._reviewing.refresh()
        if self._disagreeing.get():
            self._show()
        else:  # the answers come unasked: what was said last stays to be read
            self._paint()

    def _not_guessed(self, error: BaseException) -> None:
        self._end_guessing()
        if self._again:
            self._again = False
            self._ask_network()
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
            self._bitmap(entry),
            f"{entry.word} read {other}" if other else entry.word,
            alert=other is not None,
            chosen=entry.id in self._reviewing.chosen,
            current=place == self._reviewing.cursor,
        )

    def _paint(self) -> None:
        assert self._reviewing is not None
        now = self._reviewing
        self._grid.show(len(now.entries))
        self._grid.reveal(now.cursor)
        self._show_current(now.current)

    def _show(self) -> None:
        """Paint, and say how many there are."""
        assert self._reviewing is not None
        self._paint()
        now = self._reviewing
        all_of_them = len(now.collection)
        text = f"{len(now.entries):,} of {all_of_them:,} samples"
        if len(now.chosen) > 1:
            text += f", {len(now.chosen):,} chosen"
        self.shell.status(f"{text}." if all_of_them else "No samples yet: collect some, or import.")

    def _show_current(self, entry: "Entry | None") -> None:
        colours = self.shell.colours
        self._large.configure(background=colours.card)
        self._large.delete("all")
        if entry is None:
            self._facts.configure(text="")
            return
        zoom = self._large_zoom
        for row, column in zip(*self._bitmap(entry).nonzero(), strict=True):
            x, y = column * zoom, row * zoom
            self._large.create_rectangle(x, y, x + zoom, y + zoom, fill=colours.words, width=0)
        assert self._reviewing is not None
        guess = self._reviewing.collection.guesses.get(entry.id)
        lines = [
            f"Label {entry.word}",
            f"The network reads {guess}" if guess else "Not read by the network yet",
            f"Writer {entry.writer or _NOBODY}",
            f"Session {entry.session or _NOBODY}",
        ]
        self._facts.configure(text="\n".join(lines))

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

    def _relabel(self, word: str) -> None:
        if self._reviewing and self._reviewing.chosen:
            changed = self._reviewing.relabel(word)
            self._say(f"{_samples(changed)} relabelled as {word}; Ctrl+Z undoes that.")

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
        self._name_filters()
        self._show()
        self.shell.status(text)

    def _teach(self) -> None:
        from inkpin.desktop.lesson import scenes
        from inkpin.desktop.lesson_dialog import LessonDialog

        if self._reviewing and (entry := self._reviewing.current):
            prediction = self._workspace.recogniser().predict(self._bitmap(entry))
            LessonDialog(self.shell, scenes(entry.sample.strokes, prediction))

    def _import(self) -> None:
        from inkpin.desktop.exchange_dialog import ExchangeDialog
        from inkpin.model.exchange import IMPORTS

        if self._reviewing:
            ExchangeDialog(self.shell, "Import samples", IMPORTS, self._read, save=False)

    def _read(self, path: Path, kind: str) -> None:
        from inkpin.model.exchange import read_samples

        assert self._reviewing is not None
        collection = self._reviewing.collection

        def work(job: Job) -> tuple[int, int]:
            samples = read_samples(path, kind, job.progress)
            return len(samples), len(collection.extend(samples))

        WorkDialog(self.shell, f"Importing {path}", work, self._imported)

    def _imported(self, counts: tuple[int, int]) -> None:
        assert self._reviewing is not None
        found, new = counts
        self._reviewing.refresh()
        there = f"; {_samples(found - new)} were there already" if new < found else ""
        self._say(f"{_samples(new)} imported{there}. Ctrl+Z takes them out again.")
        self._ask_network()

    def _export(self) -> None:
        from inkpin.desktop.exchange_dialog import ExchangeDialog
        from inkpin.model.exchange import EXPORTS

        if self._reviewing is None:
            return
        if not self._reviewing.entries:
            raise InputError("No samples to export: collect some, or change the filter")
        many = len(self._reviewing.entries)
        title = f"Export the {_samples(many)} shown"
        ExchangeDialog(self.shell, title, EXPORTS, self._write, save=True)

    def _write(self, path: Path, kind: str) -> None:
        from inkpin.model.exchange import write_samples

        assert self._reviewing is not None
        samples = [entry.sample for entry in self._reviewing.entries]

        def written(files: list[Path]) -> None:
            more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
            self.shell.status(f"{_samples(len(samples))} written to {files[0]}{more}.")

        WorkDialog(
            self.shell,
            f"Exporting to {path}",
            lambda job: write_samples(samples, path, kind, job.progress),
            written,
        )


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"


def _bitmap_of(entry: "Entry") -> np.ndarray:
    from inkpin.model.picture import bitmap_of

    return bitmap_of(entry.sample)
