"""Labels that no network reads yet: how far their collection is, and what trains one of them."""

import shlex
import time
import tkinter as tk
from tkinter import ttk

from inkpin.common.installation import typed
from inkpin.desktop.samples.wording import label_count, sample_count
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import Command, Shell
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.model.collection.collection import Collection
from inkpin.model.data.labelled import MIN_SAMPLES

_WIDE = 620  # pixels of a line, at a scaling of 1
_LOOK_S = 1
_NAMED = 12  # labels that are named, and not counted


class TrainTab(Tab):
    """Says what to type, once there is enough to learn from.

    Args:
        parent: the notebook.
        shell: the window.
        workspace: the samples of untrained labels.
    """

    title = "Train"
    minsize = (680, 440)

    def __init__(self, parent: ttk.Notebook, shell: Shell, workspace: Workspace) -> None:
        super().__init__(parent, shell)
        self._workspace = workspace
        self._look_at = 0.0
        self.commands = (Command(("<Return>", "<KP_Enter>"), "Return", "copy", self._copy),)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        page = Scrolled(self, shell)
        page.grid(sticky="nsew")
        side, wide = page.body, round(_WIDE * shell.scaling)
        title = ttk.Label(side, text="No network reads these labels yet", style="Subtitle.TLabel")
        self._count = ttk.Label(side, wraplength=wide)
        how = ttk.Label(
            side,
            text="This trains one on your samples, in some minutes:",
            style="Muted.TLabel",
            wraplength=wide,
        )
        self._line = tk.StringVar(side, self._command())
        line = ttk.Entry(side, textvariable=self._line, state="readonly")
        self._button = ttk.Button(
            side, text="Copy  Return", command=self._copy, style="Accent.TButton"
        )
        self._then = ttk.Label(side, wraplength=wide)
        title.pack(anchor="w")
        self._count.pack(anchor="w", pady=("4.5p", "9p"))
        how.pack(anchor="w")
        line.pack(fill="x", pady=("4.5p", "6p"))
        self._button.pack(anchor="w")
        self._then.pack(anchor="w", pady=("9p", 0))

    @property
    def first(self) -> tk.Misc:
        """The button that copies."""
        return self._button

    def shown(self) -> None:
        """Count the samples there are now."""
        self._workspace.when_open(self.shell.jobs, self._counted, self.shell.report_error)

    def poll(self) -> None:
        """Look now and then whether the network is there."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_S
        there = self._workspace.networks.base.exists()
        self._then.configure(
            text="The network is there: close this window, and start it again the same way."
            if there
            else "Then start this window again the same way: it reads with that network, and has "
            "Improve in the place of this."
        )

    def _command(self) -> str:
        """Return what trains a network of all samples, and puts it where it is looked for."""
        files = self._workspace.samples, self._workspace.networks.base
        samples, network = (shlex.quote(str(file.absolute())) for file in files)
        return f"{typed('inkpin-model train')} --labels strokes --strokes {samples} --out {network}"

    def _counted(self, collection: Collection) -> None:
        counts = collection.counts()
        labels = dict.fromkeys([*self._workspace.labels(), *counts])
        text = f"{sample_count(sum(counts.values()))} of {label_count(len(labels))}."
        if few := [label for label in labels if counts.get(label, 0) < MIN_SAMPLES]:
            names = ", ".join(few) if len(few) <= _NAMED else label_count(len(few))
            text += (
                f" {names} {'has' if len(few) == 1 else 'have'} fewer than {MIN_SAMPLES}: "
                "write them in Collect first, ten of each label."
            )
        self._count.configure(text=text, style="Doubt.TLabel" if few else "TLabel")

    def _copy(self) -> None:
        if self._workspace.collection is None:
            self.shell.status("Your samples are not open yet.")
            return
        self._workspace.collection.fold()  # a training reads the file alone
        self.clipboard_clear()
        self.clipboard_append(self._line.get())
        self.shell.status("Copied: paste it into a terminal.")
