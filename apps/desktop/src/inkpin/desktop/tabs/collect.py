"""Collect samples: the label that is wanted most is asked for, and written on the pad."""

import time
import tkinter as tk
from tkinter import messagebox, ttk
from typing import TYPE_CHECKING

from inkpin.common import InputError
from inkpin.desktop.samples.pad import Pad
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tab import NETWORK_CHANGED, Command, Shell, Tab
from inkpin.desktop.widgets.pixels import Pixels
from inkpin.desktop.widgets.targets import Targets
from inkpin.screen import Touch
from inkpin.screen.layout import AREA

if TYPE_CHECKING:  # takes onnxruntime, which the lock's thread imports
    from inkpin.desktop.samples.collecting import Collecting, Saved
    from inkpin.model.collection.collection import Collection


class CollectTab(Tab):
    """The pad, what to write on it, and how far one is.

    Args:
        parent: the notebook.
        shell: the window.
        workspace: the samples and the network.
    """

    title = "Collect"
    least = (860, 700)

    def __init__(self, parent: ttk.Notebook, shell: Shell, workspace: Workspace) -> None:
        super().__init__(parent, shell)
        self._workspace = workspace
        self._collecting: Collecting | None = None
        self._dirty = True
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "accept", self._accept),
            Command(("<space>",), "Space", "skip this label", self._skip),
            Command(("<Up>",), "", "", lambda: self._turn(-1)),
            Command(("<Down>",), "Up, Down, a label's key", "another label", lambda: self._turn(1)),
            Command(("<BackSpace>",), "Backspace", "take back the last stroke", self._take_back),
            Command(("<Control-z>",), "Ctrl+Z", "take back the last sample", self._undo),
            Command(
                ("<Control-Z>", "<Control-Shift-Key-Z>", "<Control-y>"),
                "Ctrl+Shift+Z",
                "bring it back",
                self._redo,
            ),
        )
        self._pad = Pad()
        self._paper = Pixels(self, shell, (AREA.w, AREA.h), 2, self._touch)
        side = ttk.Frame(self)
        self._ask = ttk.Label(side, text="Opening your samples…", style="Subtitle.TLabel")
        self._label = ttk.Label(side, style="Huge.TLabel")
        self._hint = ttk.Label(
            side, text="Its key, or a click on its bar, asks for a label.", style="Small.TLabel"
        )
        # Three lines of room, so that what is below stays where it is.
        self._room = ttk.Frame(side, height=round(58 * shell.factor))
        self._room.pack_propagate(False)
        self._result = ttk.Label(self._room, wraplength=round(390 * shell.factor))
        self._whole = ttk.Progressbar(side)
        self._count = ttk.Label(side, style="Muted.TLabel")
        self._targets = Targets(side, shell, self._choose)
        self._lay_out(side)
        shell.root.bind(NETWORK_CHANGED, lambda _: self._network_changed(), add=True)

    def shown(self) -> None:
        """Open the samples the first time; count anew what another tab may have changed."""
        self._paper.focus_set()
        if self._collecting:
            self._collecting.recount()
            self._show()
        else:
            self._workspace.when_open(self.shell.jobs, self._opened, self._refused)

    def poll(self) -> None:
        """Show new ink."""
        if self._dirty:
            self._dirty = False
            self._paper.show(self._pad.image())

    def typed(self, char: str) -> None:
        """Ask for the label of this key."""
        if self._collecting and char in self._collecting.labels:
            self._choose(char)
        elif self._collecting:
            self.shell.status(f"{char!r} is no label of this network.")

    def _lay_out(self, side: ttk.Frame) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._paper.grid(row=0, column=0, sticky="nsew")
        side.grid(row=0, column=1, sticky="ns", padx=(16, 0))
        self._ask.pack(anchor="w")
        self._label.pack(anchor="w")
        self._hint.pack(anchor="w", pady=(0, 6))
        buttons = ttk.Frame(side)
        buttons.pack(anchor="w", pady=(0, 6))
        for column, (text, run, style) in enumerate(
            (
                ("Accept  Return", self._accept, "Accent.TButton"),
                ("Skip  Space", self._skip, "TButton"),
                ("Take back  Ctrl+Z", self._undo, "TButton"),
            )
        ):
            button = ttk.Button(buttons, text=text, command=run, style=style, takefocus=False)
            button.grid(row=0, column=column, padx=(0, 6))
        self._room.pack(fill="x", pady=(0, 10))
        self._result.pack(anchor="nw")
        self._whole.pack(fill="x")
        self._count.pack(anchor="w", pady=(2, 8))
        self._targets.pack(fill="x")
        self._form(side).pack(anchor="w", fill="x", pady=(14, 0))

    def _form(self, side: ttk.Frame) -> ttk.Frame:
        form = ttk.Frame(side)
        form.columnconfigure(1, weight=1)
        settings = self.shell.settings
        self._writer = tk.StringVar(value=settings.writer)
        self._session = tk.StringVar(value=time.strftime("%Y-%m-%d %H:%M"))
        self._target = tk.StringVar(value=str(settings.target))
        self._writers = ttk.Combobox(form, textvariable=self._writer, width=18)
        fields = (
            ("Writer", self._writers),
            ("Session", ttk.Entry(form, textvariable=self._session, width=20)),
            (
                "Samples a label",
                ttk.Spinbox(form, textvariable=self._target, from_=1, to=999, width=6),
            ),
        )
        for row, (text, field) in enumerate(fields):
            ttk.Label(form, text=text).grid(row=row, column=0, sticky="w", padx=(0, 12), pady=3)
            field.grid(row=row, column=1, sticky="ew", pady=3)
            field.bind("<Return>", lambda _: self._paper.focus_set())
            for event in ("<FocusOut>", "<<ComboboxSelected>>", "<<Increment>>", "<<Decrement>>"):
                field.bind(event, lambda _: self.after_idle(self._named), add=True)
        return form

    def _touch(self, phase: Touch, x: int, y: int) -> None:
        if self._collecting:
            self._pad.touch(phase, x, y)
            self._dirty = True

    def _opened(self, _collection: "Collection") -> None:
        if notice := self._workspace.take_notice():
            messagebox.showwarning("Inkpin", notice, parent=self)
        self.shell.jobs.start(
            lambda _: self._workspace.recogniser(), lambda _: self._begin(), self._refused
        )

    def _begin(self) -> None:
        from inkpin.desktop.samples.collecting import Collecting

        assert self._workspace.collection is not None
        self._collecting = Collecting(
            self._workspace.collection,
            self._workspace.recogniser(),
            self._pad,
            self._writer.get().strip(),
            self._session.get().strip(),
            self.shell.settings.target,
        )
        self._result.configure(text="")
        self._show()
        self.shell.status(
            f"{_samples(len(self._collecting.collection))} in {self._workspace.samples}."
        )

    def _refused(self, error: BaseException) -> None:
        self._ask.configure(text="Nothing can be collected.")
        self._result.configure(text=str(error), style="Bad.TLabel")
        self.shell.complain(error)

    def _network_changed(self) -> None:
        if self._collecting:
            self.shell.jobs.start(
                lambda _: self._workspace.recogniser(),
                lambda _: self._begin(),
                self.shell.complain,
            )

    def _named(self) -> None:
        """Take the names and the target as they are now."""
        text = self._target.get()
        target = int(text) if text.isdecimal() and 0 < int(text) <= 999 else 0
        if not target:
            self.shell.status("The target is a number from 1 to 999.")
            target = self.shell.settings.target
            self._target.set(str(target))
        writer = self._writer.get().strip()
        if (writer, target) != (self.shell.settings.writer, self.shell.settings.target):
            self.shell.remember(writer=writer, target=target)
        if self._collecting:
            self._collecting.writer = writer
            self._collecting.session = self._session.get().strip()
            self._collecting.target = target
            self._collecting.recount()
            self._show()

    def _accept(self) -> None:
        if not self._collecting:
            return
        self._named()
        try:
            saved = self._collecting.accept()
        except InputError as error:
            if self._pad.legible:  # it is the disk, then
                self.shell.complain(error)
            else:
                self.shell.status(f"{error}.")
            return
        self._say(saved)
        self._show()

    def _say(self, saved: "Saved") -> None:
        label = saved.entry.label
        if saved.agrees:
            text = f"Saved as {label}. The network reads {saved.guess} too ({saved.confidence} %)."
            self._result.configure(text=text, style="Good.TLabel")
        else:
            text = (
                f"Saved as {label}. The network reads {saved.guess} ({saved.confidence} %): "
                "if the drawing is good, this is how it learns; if not, Ctrl+Z takes it back."
            )
            self._result.configure(text=text, style="Bad.TLabel")
        self.shell.status(
            f"Saved; with it there are {_samples(len(self._workspace.collection or ()))}."
        )

    def _choose(self, label: str) -> None:
        if self._collecting and self._collecting.choose(label):
            self._asked()

    def _turn(self, steps: int) -> None:
        if self._collecting:
            self._collecting.turn(steps)
            self._asked()

    def _skip(self) -> None:
        if self._collecting:
            self._collecting.skip()
            self._asked()

    def _asked(self) -> None:
        """Show that another label is asked for; what was said last was about the one before."""
        self.shell.status("")
        self._show()

    def _take_back(self) -> None:
        if not self._pad.take_back():
            self.shell.status("There is no stroke; Ctrl+Z takes back the last sample.")
        self._dirty = True

    def _undo(self) -> None:
        if self._collecting:
            self._changed(self._collecting.undo(), "Taken back: {}.", "There is nothing to undo.")

    def _redo(self) -> None:
        if self._collecting:
            self._changed(self._collecting.redo(), "Done again: {}.", "There is nothing to redo.")

    def _changed(self, what: str | None, words: str, nothing: str) -> None:
        self.shell.status(words.format(what) if what else nothing)
        if what:
            self._result.configure(text="")
        self._show()

    def _show(self) -> None:
        assert self._collecting is not None
        now = self._collecting
        self._dirty = True
        have, wanted = now.total
        done = have == wanted
        self._ask.configure(text="All there! More of:" if done else "Please write:")
        self._label.configure(text=now.label)
        self._targets.show(now.labels, now.counts, now.target, now.label)
        self._whole.configure(maximum=wanted, value=have)
        who = f" by {now.writer}" if now.writer else ""
        self._count.configure(text=f"{have} of {wanted} samples{who}")
        self._writers.configure(values=[name for name in now.collection.writers() if name])


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"
