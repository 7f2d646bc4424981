"""Collect samples: the label that is wanted most is asked for, and written on the pad."""

import time
import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import font, ttk

from inkpin.common import InputError
from inkpin.desktop import theme
from inkpin.desktop.dialogs.large_change import agreed_to
from inkpin.desktop.percent import PERCENT
from inkpin.desktop.remark import Remark, nothing
from inkpin.desktop.samples.collector import Collector, Saved
from inkpin.desktop.samples.pad import Pad
from inkpin.desktop.samples.wording import reason, sample_count, shortened
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import NETWORK_CHANGED, Command, Shell
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.label_counts import LabelCounts
from inkpin.desktop.widgets.last_drawing import LastDrawing
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.desktop.widgets.writer_form import WriterForm
from inkpin.model.collection.collection import Collection
from inkpin.model.inference.recogniser import Recogniser
from inkpin.screen import Touch
from inkpin.screen.layout import AREA, NUMBERS, PALETTE

_PANEL, _LABEL = 390, 190  # pixels of a line of the panel, and of the label that is asked for
_PAINT_S = 1 / 60  # no screen shows more

_GAPS = (
    "Not saved: points of this drawing were lost, as the computer was too busy to follow the pen. "
    "Ctrl+Z takes the stroke back; Return again saves it as it is."
)


_FIRST = "Write this label on the paper, and accept it. Ten of each are a beginning; then {}."
_IMPROVE, _TRAIN = "Improve teaches the network your hand", "Train says how a network learns them"


class CollectTab(Tab):
    """The pad, what to write on it, and how far one is.

    Args:
        parent: the notebook.
        shell: the window.
        workspace: the samples and the network.
    """

    title = "Collect"
    minsize = (760, 440)

    def __init__(self, parent: ttk.Notebook, shell: Shell, workspace: Workspace) -> None:
        super().__init__(parent, shell)
        self._workspace = workspace
        self._collector: Collector | None = None
        self._dirty = True
        self._paint_at = 0.0
        self._told_of_gaps = False
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "accept", self._accept),
            Command(("<space>",), "Space", "skip this label", self._skip),
            Command(("<Up>",), "", "", lambda: self._turn(-1)),
            Command(("<Down>",), "Up, Down, a label's key", "another label", lambda: self._turn(1)),
            Command(("<BackSpace>",), "Backspace", "take back the last stroke", self._take_back),
            Command(("<Control-z>",), "Ctrl+Z", "take back the last stroke or sample", self._undo),
            Command(
                ("<Control-Z>", "<Control-Shift-Key-Z>", "<Control-y>"),
                "Ctrl+Shift+Z",
                "bring it back",
                self._redo,
            ),
        )
        self._pad = Pad()
        self._canvas = PixelCanvas(self, shell, (AREA.w, AREA.h), 2, self._touch, self._resized)
        panel = Scrolled(self, shell)
        side = panel.body
        self._head = ttk.Frame(side)
        self._ask = ttk.Label(self._head, text="Opening your samples…", style="Subtitle.TLabel")
        self._label = ttk.Label(self._head, style="Huge.TLabel")
        self._last = LastDrawing(self._head, shell, self._toggle_last)
        self._hint = ttk.Label(
            side, text="Its key, or a click on its bar, asks for a label.", style="Small.TLabel"
        )
        # Three lines of room, so that what is below stays where it is.
        self._room = ttk.Frame(side, height=round(58 * shell.scaling))
        self._room.pack_propagate(False)
        self._remark = Remark(lambda text: self._result.configure(text=text))
        self._result = ttk.Label(self._room, wraplength=round(_PANEL * shell.scaling))
        self._whole = ttk.Progressbar(side)
        self._count = ttk.Label(
            side, style="Muted.TLabel", wraplength=round(_PANEL * shell.scaling)
        )
        self._counts = LabelCounts(side, shell, self._choose)
        self._form = WriterForm(side, shell, self._writers, self._named, self._canvas.focus_set)
        self._lay_out(panel)
        shell.root.bind(NETWORK_CHANGED, lambda _: self._network_changed(), add=True)

    def _writers(self) -> Sequence[str]:
        return self._collector.collection.writers() if self._collector else ()

    @property
    def first(self) -> tk.Misc:
        """The pad."""
        return self._canvas

    def shown(self) -> None:
        """Open the samples the first time; count anew what another tab may have changed."""
        if self._collector:
            self._collector.recount()
            self._show()
        else:
            self._workspace.when_open(self.shell.jobs, self._opened, self._refused)

    def poll(self) -> None:
        """Show new ink: as lines at first, smooth once the pen is up."""
        now = time.monotonic()
        if now < self._paint_at:
            return
        self._remark.poll()
        if self._dirty:
            self._dirty = False
            self._canvas.show(self._pad.image(self._canvas.zoom))
            self._canvas.remove_lines()
            self._paint_at = now + _PAINT_S
        elif lines := self._pad.new_lines():
            for line in lines:
                self._canvas.add_line(line, NUMBERS["ink_width"], PALETTE["ink"])
            self._paint_at = now + _PAINT_S

    def subject(self) -> object:
        """Return the drawing under way, what is asked for, and the sample that was last."""
        asked = self._collector.label if self._collector else None
        return self._pad.reached, asked, self._what_was_saved()

    def typed(self, char: str) -> None:
        """Ask for the label of this key."""
        if self._collector and char in self._collector.labels:
            self._choose(char)
        elif self._collector:
            self.shell.status(f"{char!r} is none of the labels.")

    def _lay_out(self, panel: Scrolled) -> None:
        side = panel.body
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._canvas.grid(row=0, column=0, sticky="nsew")
        panel.grid(row=0, column=1, sticky="ns", padx=("12p", 0))
        self._head.pack(fill="x")
        self._head.columnconfigure(0, weight=1)
        high = font.nametofont(theme.HUGE, self).metrics("linespace")
        self._head.rowconfigure(1, minsize=high)  # that of any label
        self._ask.grid(row=0, column=0, columnspan=2, sticky="w")
        self._label.grid(row=1, column=0, sticky="w")
        self._last.grid(row=1, column=1, sticky="e")
        self._hint.pack(anchor="w", pady=(0, "4.5p"))
        buttons = ttk.Frame(side)
        buttons.lower(self._room)  # Tab follows the stacking order
        buttons.pack(anchor="w", pady=(0, "4.5p"))
        for column, (text, run, style) in enumerate(
            (
                ("Accept  Return", self._accept, "Accent.TButton"),
                ("Skip  Space", self._skip, "TButton"),
                ("Take back  Ctrl+Z", self._undo, "TButton"),
            )
        ):
            button = ttk.Button(buttons, text=text, command=run, style=style)
            button.grid(row=0, column=column, padx=(0, "4.5p"))
        self._room.pack(fill="x", pady=(0, "7.5p"))
        self._result.pack(anchor="nw")
        self._whole.pack(fill="x")
        self._count.pack(anchor="w", pady=("1.5p", "6p"))
        self._counts.pack(fill="x")
        self._form.pack(anchor="w", fill="x", pady=("10.5p", 0))

    def _touch(self, phase: Touch, x: int, y: int, ms: int) -> None:
        if self._collector:
            self._pad.touch(phase, x, y, ms)
            self._dirty = self._dirty or phase is Touch.UP
            self._told_of_gaps = False

    def _resized(self, _scale: float) -> None:
        self._dirty = True

    def _opened(self, _collection: Collection) -> None:
        self.shell.jobs.start(lambda _: self._workspace.reader(), self._begin, self._refused)

    def _begin(self, recogniser: Recogniser | None) -> None:
        assert self._workspace.collection is not None
        if self._collector:
            assert recogniser is not None  # another one came into use
            self._collector.use(recogniser)
        else:
            self._collector = Collector(
                self._workspace.collection,
                self._workspace.labels(),
                recogniser,
                self._pad,
                self._form.writer,
                self._form.session,
                self.shell.settings.target,
            )
        then = _IMPROVE if self._workspace.trained else _TRAIN
        first = "" if self._are_there() else _FIRST.format(then)
        self._tell(first, "Muted.TLabel", self._are_there)
        self._show()
        self.shell.status(
            f"{sample_count(len(self._collector.collection))} in {self._workspace.samples}."
        )

    def _refused(self, error: BaseException) -> None:
        self._ask.configure(text="Nothing can be collected.")
        self._tell(str(error), "Bad.TLabel")
        self.shell.report_error(error)

    def _network_changed(self) -> None:
        if self._collector:
            self.shell.jobs.start(
                lambda _: self._workspace.recogniser(),
                self._begin,
                self.shell.report_error,
            )

    def _named(self) -> None:
        """Take the names and the target as they are now."""
        self._form.check()
        if self._collector:
            another = self._form.writer != self._collector.writer
            self._collector.writer = self._form.writer
            self._collector.session = self._form.session
            self._collector.target = self.shell.settings.target
            if another:
                self._collector.recount()
            self._show()

    def _accept(self) -> None:
        if not self._collector:
            return
        self._named()
        if self._pad.has_gaps and not self._told_of_gaps:
            self._told_of_gaps = True
            self._tell(_GAPS, "Bad.TLabel", lambda: self._pad.reached)
            return
        try:
            saved = self._collector.accept()
        except InputError as error:
            self.shell.report_error(error)
            return
        self._say(saved)
        self._show()

    def _say(self, saved: Saved) -> None:
        label, guess = saved.entry.label, saved.guess
        if guess is None:
            text = f"Saved as {label}."
            style = "Good.TLabel"
        elif saved.agrees:
            sure = f"{guess.confidence}{PERCENT}"
            text = f"Saved as {label}. The network reads {guess.label} too ({sure})."
            style = "Good.TLabel"
        elif saved.refusal:
            why = reason(saved.refusal, self._workspace.labels())
            text = (
                f"Saved as {label}. The network does not read it: {why}. "
                "If the drawing is good, this is how it learns; if not, Ctrl+Z takes it back."
            )
            style = "Doubt.TLabel"
        else:
            text = (
                f"Saved as {label}. The network reads {guess.label} ({guess.confidence}{PERCENT}): "
                "if the drawing is good, this is how it learns; if not, Ctrl+Z takes it back."
            )
            style = "Bad.TLabel"
        self._tell(text, style, self._what_was_saved)
        count = len(self._workspace.collection or ())
        self.shell.status(
            f"Saved; with it there {'is' if count == 1 else 'are'} {sample_count(count)}."
        )

    def _tell(self, text: str, style: str, about: Callable[[], object] = nothing) -> None:
        """Say what became of a drawing, for as long as that is so."""
        self._result.configure(style=style)
        self._remark.say(text, about)

    def _are_there(self) -> bool:
        """Return whether there is a sample."""
        return bool(self._collector and len(self._collector.collection))

    def _what_was_saved(self) -> object:
        """Return the last sample as it is now, and the network that read it."""
        now = self._collector
        if now is None or now.last is None:
            return None
        network = now.recogniser.model if now.recogniser else None
        return now.last.id, now.last.label, now.last_is_saved, network

    def _choose(self, label: str) -> None:
        if self._collector and self._collector.choose(label):
            self._asked()

    def _turn(self, steps: int) -> None:
        if self._collector:
            self._collector.turn(steps)
            self._asked()

    def _skip(self) -> None:
        if self._collector:
            self._collector.skip()
            self._asked()

    def _asked(self) -> None:
        """Show that another label is asked for; what was said last was about the one before."""
        self.shell.status("")
        self._show()

    def _take_back(self) -> None:
        if not (self._collector and self._collector.take_back()):
            self.shell.status("There is no stroke; Ctrl+Z takes back the last sample.")
        self._redrawn()

    def _redrawn(self) -> None:
        """See to a drawing that is not as it was."""
        self._dirty = True
        self._told_of_gaps = False

    def _undo(self) -> None:
        if self._collector and agreed_to(self, "Undo", self._collector.to_undo):
            self._changed(self._collector.undo(), "Taken back: {}.", "There is nothing to undo.")

    def _redo(self) -> None:
        if self._collector and agreed_to(self, "Redo", self._collector.to_redo):
            self._changed(self._collector.redo(), "Done again: {}.", "There is nothing to redo.")

    def _toggle_last(self) -> None:
        if self._collector:
            self._collector.toggle_last()
            self.shell.status("")
            self._show()

    def _changed(self, what: str | None, words: str, nothing: str) -> None:
        self.shell.status(words.format(what) if what else nothing)
        self._redrawn()
        self._show()

    def _show_label(self, label: str) -> None:
        """Show the label that is asked for, as large as it fits beside the last drawing."""
        room = round(_LABEL * self.shell.scaling)
        huge, less = (font.nametofont(name, self).measure for name in (theme.HUGE, theme.SUBTITLE))
        if huge(label) <= room:
            self._label.configure(text=label, style="Huge.TLabel")
        else:
            text = shortened(label, 1.5 * room, less)  # two lines, which end before a word
            self._label.configure(text=text, style="Subtitle.TLabel", wraplength=room)

    def _show(self) -> None:
        assert self._collector is not None
        now = self._collector
        self._dirty = True
        have, wanted = now.total
        done = have == wanted
        self._ask.configure(text="All there! More of:" if done else "Please write:")
        self._show_label(now.label)
        self._counts.show(now.labels, now.counts, now.target, now.label)
        self._whole.configure(maximum=wanted, value=have)
        who = f" by {now.writer}" if now.writer else ""
        self._count.configure(text=f"{have} of {wanted} samples{who}")
        self._last.show(now.last, saved=now.last_is_saved)
