"""Improve the network with the user's own hand, see what that brings, use it or not."""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import ttk
from typing import TypeVar

from inkpin.common.progress import Stopped
from inkpin.desktop.dialogs.places import ask_folder
from inkpin.desktop.jobs import Job
from inkpin.desktop.samples.background_reader import BackgroundReader
from inkpin.desktop.samples.wording import how_it_learns, label_count, sample_count
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import (
    ASKED_CHANGED,
    NETWORK_CHANGED,
    SHOW_DISAGREEMENTS,
    Command,
    Shell,
)
from inkpin.desktop.tabs.kept_networks import KeptNetworks
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.choice import Choice
from inkpin.desktop.widgets.columns import Columns
from inkpin.desktop.widgets.comparison import Comparison
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.model.adaptation.improved_model import ImprovedModel
from inkpin.model.adaptation.model_store import Score
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.sample import Entry
from inkpin.model.data.labelled import DIGITS
from inkpin.model.inference.recogniser import Recogniser

T = TypeVar("T")

_EVERYBODY = "everybody"
_HIGH = 600  # pixels to ask for, at a scaling of 1: a window as high as all of it is too much


class ImproveTab(Tab):
    """One button that improves, before and after side by side, and the networks there are.

    Args:
        parent: the notebook.
        shell: the window.
        workspace: the samples and the networks.
    """

    title = "Improve"
    minsize = (680, 440)

    def __init__(self, parent: ttk.Notebook, shell: Shell, workspace: Workspace) -> None:
        super().__init__(parent, shell)
        self._workspace = workspace
        self._collection: Collection | None = None
        self._job: Job | None = None
        self._base = workspace.networks.base  # what is improved
        self._learned_by = ""  # whose samples it learns
        self._reader = BackgroundReader(
            workspace,
            shell.jobs,
            lambda: (),
            lambda _: self._count_disagreeing(),
            lambda _: None,
            self._not_read,
        )
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._page = Scrolled(self, shell, most=round(_HIGH * shell.scaling))
        self._page.grid(sticky="nsew")
        columns = Columns(self._page.body)
        columns.pack(fill="both", expand=True)
        left = self._left(columns)
        self._comparison = Comparison(columns, shell, self._use, self._keep)
        columns.fill(left, self._comparison, gap=round(24 * shell.scaling))
        buttons = (("Compare all", self._compare), ("Export the C…  Ctrl+E", self._export))
        self._networks = KeptNetworks(self._page.body, shell, workspace, buttons)
        self._table = self._networks.table
        self._table.pack(fill="x", pady=("9p", 0))
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "improve", self._improve),
            Command(("<Escape>",), "Esc", "stop", self._stop),
            Command(("<u>", "<U>"), "U", "use the result", self._use),
            Command(("<k>", "<K>"), "K", "keep the old one", self._keep),
            Command(("<F2>",), "F2", "rename", self._table.edit_name),
            Command(("<Delete>",), "Delete", "delete the network", self._networks.delete),
            Command(("<Control-z>",), "Ctrl+Z", "undo", self._networks.undo),
            Command(
                ("<Control-Z>", "<Control-Shift-Key-Z>", "<Control-y>"),
                "Ctrl+Shift+Z",
                "redo",
                self._networks.redo,
            ),
            Command(("<Control-e>",), "Ctrl+E", "export the C", self._export),
        )
        shell.root.bind(NETWORK_CHANGED, lambda _: self._network_changed(), add=True)
        shell.root.bind(ASKED_CHANGED, lambda _: self._asked_changed(), add=True)

    @property
    def first(self) -> tk.Misc:
        """The button that starts."""
        return self._go

    def shown(self) -> None:
        """Count the samples there are now."""
        self._workspace.when_open(self.shell.jobs, self._opened, self._refused)
        self.shell.jobs.start(
            lambda _: self._workspace.recogniser(),
            self._explain,
            lambda _: None,  # whoever reads with it tells
        )

    def subject(self) -> object:
        """Return the networks there are, what is chosen of them, and what is under way."""
        opened = self._collection is not None
        return self._table.standing, opened, self._job is None, self._comparison.result is None

    def poll(self) -> None:
        """Take away what is not so any more."""
        self._table.poll()
        self._comparison.poll()

    def _left(self, parent: ttk.Frame) -> ttk.Frame:
        left = ttk.Frame(parent)
        wide = round(320 * self.shell.scaling)
        ttk.Label(left, text="Teach it your hand", style="Subtitle.TLabel").pack(anchor="w")
        self._how = ttk.Label(left, text=how_it_learns(DIGITS), style="Muted.TLabel")
        self._how.configure(wraplength=wide)
        self._how.pack(anchor="w", pady=("3p", "9p"))
        row = ttk.Frame(left)
        row.pack(anchor="w")
        ttk.Label(row, text="Samples by").pack(side="left", padx=(0, "6p"))
        self._writer = Choice(row, self.shell, 18, self._count_samples)
        self._writer.choose(_EVERYBODY)
        self._writer.pack(side="left")
        self._count = ttk.Label(left, wraplength=wide)
        self._count.pack(anchor="w", pady=("4.5p", "3p"))
        self._disagreeing = ttk.Label(left, wraplength=wide, style="Doubt.TLabel")
        self._disagreeing.pack(anchor="w")
        self._look = ttk.Button(left, text="Look at them first", command=self._look_at_them)
        self._look.pack(anchor="w", pady="3p")
        self._asks_base = tk.BooleanVar(left)
        ttk.Checkbutton(
            left,
            text="ask the network as it came",
            variable=self._asks_base,
            command=self._ask,
        ).pack(anchor="w", pady=(0, "7.5p"))
        buttons = ttk.Frame(left)
        buttons.pack(anchor="w")
        self._go = ttk.Button(
            buttons, text="Improve  Return", command=self._improve, style="Accent.TButton"
        )
        self._go.pack(side="left", padx=(0, "6p"))
        self._end = ttk.Button(buttons, text="Stop  Esc", command=self._stop, state="disabled")
        self._end.pack(side="left")
        self._bar = ttk.Progressbar(left, maximum=1, length=wide)
        self._bar.pack(anchor="w", pady="10.5p")
        return left

    def _opened(self, collection: Collection) -> None:
        names = [_EVERYBODY, *(name for name in collection.writers() if name)]
        self._writer.offer(names)
        if self._collection is None:
            self._writer.choose(self.shell.settings.writer)
        self._collection = collection
        if self._writer.chosen not in names:
            self._writer.choose(_EVERYBODY)
        self._count_samples()
        self._networks.show()
        self._asks_base.set(self._workspace.asks_base)
        self._reader.start()

    def _explain(self, recogniser: Recogniser) -> None:
        self._how.configure(text=how_it_learns(recogniser.labels))

    def _not_read(self, error: BaseException) -> None:
        if not isinstance(error, Stopped):
            self.shell.report_error(error)

    def _refused(self, error: BaseException) -> None:
        self.shell.report_error(error)
        self._networks.show()  # another one can be chosen all the same

    def _by(self) -> str | None:
        name = self._writer.chosen
        return None if name == _EVERYBODY else name

    def _count_samples(self) -> None:
        assert self._collection is not None
        counts = self._collection.counts(writer=self._by())
        total = sum(counts.values())
        text = f"{sample_count(total)} of {label_count(len(counts))}."
        if counts:
            least = min(counts, key=counts.__getitem__)
            text += f" Fewest: {counts[least]} of {least}."
        else:
            text = "No samples yet: write some in Collect first, ten of each label."
        self._go.configure(state="normal" if counts and not self._job else "disabled")
        self._count.configure(text=text)
        self._count_disagreeing()

    def _count_disagreeing(self) -> None:
        """Say how many samples the network reads otherwise: slips among them would be learned."""
        assert self._collection is not None
        entries = self._collection.find(writer=self._by())
        read = self._collection.guesses
        unread = sum(entry.id not in read for entry in entries)
        other = len(self._collection.find(writer=self._by(), disagreeing=True))
        if unread:
            text = f"The network still has to look at {sample_count(unread)}."
        elif other:
            text = (
                f"Not read as labelled: {other:,} of {len(entries):,}. It learns slips of the pen "
                "among them as well."
            )
        else:
            text = "The network reads all of them as labelled." if entries else ""
        style = "Doubt.TLabel" if other else "Muted.TLabel"
        self._disagreeing.configure(text=text, style=style)
        self._look.configure(state="normal" if other else "disabled")

    def _look_at_them(self) -> None:
        self._workspace.looked_at = self._by()
        self.shell.root.event_generate(SHOW_DISAGREEMENTS)

    def _ask(self) -> None:
        self._workspace.ask(base=self._asks_base.get())
        self.shell.root.event_generate(ASKED_CHANGED)

    def _network_changed(self) -> None:
        self._networks.show()
        self._asked_changed()

    def _asked_changed(self) -> None:
        self._asks_base.set(self._workspace.asks_base)
        if self._collection:
            self._count_disagreeing()
            self._reader.restart()

    def _improve(self) -> None:
        entries = self._entries()
        if not entries:
            if entries is not None:
                self.shell.status("There is nothing to learn from: write samples in Collect first.")
            return
        self._base = self._workspace.networks.active
        self._learned_by = self._by() or ""
        self._comparison.show(None)
        self._start("Improving", lambda job: self._workspace.improve(entries, job), self._improved)

    def _entries(self) -> list[Entry] | None:
        """Return the samples to work with; None where nothing can be begun with them now."""
        if self._job:
            return None
        if self._collection is None:
            self.shell.status("Your samples are not open yet.")
            return None
        return self._collection.find(writer=self._by())

    def _start(self, what: str, work: Callable[[Job], T], done: Callable[[T], None]) -> None:
        """Begin what takes long and may be stopped."""

        def ended(result: T) -> None:
            self._job = None
            self._busy(False)
            done(result)

        self._busy(True)
        self._job = self.shell.jobs.start(work, ended, self._failed, self._progressed)
        self.shell.status(f"{what}… you can go on with other things.")

    def _progressed(self, done: int, total: int) -> None:
        self._bar.configure(value=done / max(total, 1))

    def _stop(self) -> None:
        if self._job:
            self._job.stop()

    def _busy(self, on: bool) -> None:
        self._go.configure(state="disabled" if on else "normal")
        self._end.configure(state="normal" if on else "disabled")
        self._bar.configure(value=0)

    def _improved(self, result: ImprovedModel) -> None:
        self._bar.configure(value=1)
        self._comparison.show(result)
        self.update_idletasks()
        self._page.see(self._comparison)
        text = f"Learned from {sample_count(result.trained_on)}."
        if result.unknown:
            left_out = sample_count(result.unknown)
            text += f" Left out: {left_out} of labels that the network does not know."
        self.shell.status(text)

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._busy(False)
        self.shell.report_error(error)

    def _use(self) -> None:
        if result := self._comparison.result:
            self._workspace.use(result, self._learned_by, self._base)
            self.shell.root.event_generate(NETWORK_CHANGED)
            said = "The lock reads with it now; the old one is kept."
            self._comparison.show(None, said, lambda: self._table.active)
            self._go.focus_set()  # what had the keyboard is not there any more
            self.shell.status("In use; Ctrl+Z goes back to the one before.")

    def _keep(self) -> None:
        if self._comparison.result:
            self._comparison.show(None)
            self._go.focus_set()
            self.shell.status("The old network stays.")

    def _compare(self) -> None:
        """Have all networks read the same samples."""
        entries, whose = self._entries(), self._by() or "everybody"
        if entries is None:
            return
        paths = [network.path for network in self._workspace.networks.kept()]

        def compared(scores: dict[Path, tuple[Score, Score]]) -> None:
            self._workspace.networks.note_scores(scores)
            self._networks.show()
            own = sample_count(scores[paths[0]][0].n)
            text = f"Compared by the same {own} of {whose}, held back from learning."
            if not scores[paths[0]][0].n:
                text = "Compared by other people's digits: of yours too few are held back."
            self._table.say(text)
            self.shell.status(text)

        self._start("Comparing", lambda job: self._workspace.score(paths, entries, job), compared)

    def _export(self) -> None:
        if place := ask_folder(self, "A folder for the C"):
            self.shell.status("Writing the C…")
            self.shell.jobs.start(
                lambda job: self._workspace.export(place, job),
                self._exported,
                self.shell.report_error,
            )

    def _exported(self, files: list[Path]) -> None:
        names = ", ".join(file.name for file in files)
        self.shell.status(f"{names} are in {files[0].parent}.")
