"""The lock itself: the replica, its serial line, and what *try it* lets one see."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import replace
from tkinter import messagebox, ttk

from inkpin.desktop.dialogs.lesson import LessonDialog
from inkpin.desktop.lock.lesson import scenes
from inkpin.desktop.lock.parity_check import ParityCheck, ParityResult
from inkpin.desktop.lock.session import Session, TryResult
from inkpin.desktop.lock.worker import (
    Events,
    Failed,
    Line,
    Patch,
    ScriptEnded,
    TryUpdate,
    Worker,
)
from inkpin.desktop.samples.wording import last_events, when_read
from inkpin.desktop.settings import AUTO_ENTER
from inkpin.desktop.shell import NETWORK_CHANGED, SHOW_FIRST_STEPS, Command, Shell, bind
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.first_steps import DRAW, ENTER, FirstSteps
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.widgets.scrolled import Scrolled
from inkpin.desktop.widgets.serial_monitor import SerialMonitor
from inkpin.desktop.widgets.try_pane import TryPane
from inkpin.model.inference.recogniser import Recogniser
from inkpin.screen import HEIGHT, WIDTH, Button, Touch
from inkpin.screen.layout import AREA, BUTTONS

_EDGE = "6p"  # of the screen, where it is filled
_AUTO_ENTER = {when_read(ms): ms for ms in AUTO_ENTER}


class LockTab(Tab):
    """Shows what the session sends, posts what the user does.

    Args:
        parent: the notebook.
        shell: the window.
        worker: the session to show; started and stopped with the tab.
        parity: asks the device's C.
        reload: gives the recogniser anew when another network is in use.
        once: close the window when the worker's script has ended.
        first_steps: show them to whoever has not seen them yet.
    """

    title = "Lock"
    minsize = (680, 440)
    bare = True

    def __init__(
        self,
        parent: ttk.Notebook,
        shell: Shell,
        worker: Worker,
        parity: ParityCheck,
        reload: Callable[[], Recogniser],
        *,
        once: bool = False,
        first_steps: bool = False,
    ) -> None:
        super().__init__(parent, shell)
        self._begin_first_steps = first_steps
        self._worker = worker
        self._parity = parity
        self._once = once
        self._reload = reload
        self._tried: TryResult | None = None
        self._heard = 0  # lines of the lock
        self.commands = (
            Command(("<Return>", "<KP_Enter>"), "Return", "ENTER", self._presses(Button.ENTER)),
            Command(("<BackSpace>", "<Escape>"), "Backspace", "CLEAR", self._presses(Button.CLEAR)),
            Command(("<t>", "<T>"), "T", "TRY", self._presses(Button.TRY)),
            Command(("<s>", "<S>"), "S", "step by step, after TRY", self._teach),
        )
        root = shell.root
        wide, high = root.winfo_screenwidth(), root.winfo_screenheight()
        size = shell.scaling
        room = ((wide - 400 * size) // WIDTH, (high - 180 * size) // HEIGHT, round(3 * size))
        scale = int(max(1, min(room)))
        self._replica = PixelCanvas(self, shell, (WIDTH, HEIGHT), scale, self._touch, worker.resize)
        worker.resize(scale)
        self._side = Scrolled(self, shell)
        self._first_steps = FirstSteps(
            self._side.body, shell, self._replica.mark, self._place_first_steps
        )
        self._serial = SerialMonitor(self._side.body, shell)
        self._try = TryPane(self._side.body, shell, self._teach)
        self._leave = ttk.Button(
            self._side.body, text="Leave  Esc", command=lambda: shell.full_screen(False)
        )
        self._serial.pack(fill="both", expand=True)
        self._try.pack(fill="x", pady=("9p", 0))
        self._footer = self._buttons()
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._replica.grid(row=0, column=0, sticky="nsew")
        self._side.grid(row=0, column=1, sticky="ns", padx=("9p", 0))
        self._footer.grid(row=1, column=0, columnspan=2, sticky="ew", pady=("6p", 0))
        root.bind(NETWORK_CHANGED, lambda _: self._network_changed(), add=True)
        root.bind(SHOW_FIRST_STEPS, lambda _: self._show_first_steps(), add=True)

    def start(self) -> None:
        """Start the session."""
        self._worker.start()
        self._post_auto_enter()
        if self._begin_first_steps and self.shell.settings.first_steps:
            self._first_steps.begin()

    @property
    def first(self) -> tk.Misc:
        """The replica."""
        return self._replica

    def subject(self) -> object:
        """Return how far the lock is, and whether there is something to see of *try it*."""
        return self._heard, self._tried is None

    def stop(self) -> None:
        """Stop the session."""
        self._worker.stop()

    def full_screen(self, on: bool) -> None:
        """Show the replica as large as it goes, with what *try it* shows, or all around it too."""
        super().full_screen(on)
        self._replica.configure(highlightthickness=0 if on else 2)
        if on:
            self._serial.pack_forget()
            self._footer.grid_remove()
            self._leave.pack(side="bottom", fill="x", padx=(0, _EDGE), pady=_EDGE)
            self._try.pack_configure(padx=(0, _EDGE))
            root, size = self.shell.root, self.shell.scaling
            beside = root.winfo_screenwidth() - root.winfo_screenheight() * WIDTH // HEIGHT
            self._try.set_width(round(min(max(beside, 160 * size), 400 * size) - 24 * size))
        else:
            self._leave.pack_forget()
            self._try.pack_configure(padx=0)
            self._serial.pack(fill="both", expand=True, before=self._try)
            self._footer.grid()
            self._try.set_width()
        self._place_first_steps()

    def poll(self) -> None:
        """Show what the session sent."""
        lines: list[str] = []
        updates = self._worker.updates
        while not updates.empty():
            match updates.get():
                case Patch(x, y, image, scale):
                    if scale == self._replica.zoom:  # else one of the right size is coming
                        self._replica.show(image, x, y)
                case Line(text):
                    lines.append(text)
                case TryUpdate(tried):
                    self._show_tried(tried)
                case Events(events):
                    self.after_idle(self._show_events, events)
                case ScriptEnded() if self._once:
                    self.shell.close()
                    return
                case Failed(error):
                    self.shell.close(error)
                    return
        if lines:
            self._serial.add(lines)
            self._heard += len(lines)

    def _buttons(self) -> ttk.Frame:
        footer = ttk.Frame(self)
        ttk.Label(footer, text="Ink is read").pack(side="left", padx=(0, "6p"))
        self._auto = ttk.Combobox(footer, state="readonly", width=10, values=list(_AUTO_ENTER))
        self._auto.current(AUTO_ENTER.index(self.shell.settings.auto_ms))
        self._auto.pack(side="left")
        bind(self._auto, "<<ComboboxSelected>>", self._choose_auto_enter)
        buttons = ttk.Frame(footer)
        buttons.pack(side="right")
        for text, command in (
            ("Full screen  F11", lambda: self.shell.full_screen(True)),
            ("Event log…", self._worker.ask_events),
            ("Factory reset…", self._reset),
        ):
            ttk.Button(buttons, text=text, command=command).pack(side="left", padx=("6p", 0))
        return footer

    def _choose_auto_enter(self) -> None:
        self.shell.remember(replace(self.shell.settings, auto_ms=_AUTO_ENTER[self._auto.get()]))
        self._post_auto_enter()
        self._auto.selection_clear()
        self._replica.focus_set()

    def _post_auto_enter(self) -> None:
        ms = self.shell.settings.auto_ms
        self._worker.post(lambda session: session.auto_enter(ms))

    def _touch(self, phase: Touch, x: int, y: int, _ms: int) -> None:
        self._worker.post(lambda session: session.touch(phase, x, y))
        if phase is Touch.UP:
            for step, place in ((DRAW, AREA), (ENTER, BUTTONS[Button.ENTER])):
                if place.x <= x < place.x + place.w and place.y <= y < place.y + place.h:
                    self._first_steps.done(step)

    def _presses(self, button: Button) -> Callable[[], None]:
        def press() -> None:
            self._worker.post(lambda session: session.key(button))
            if button is Button.ENTER:
                self._first_steps.done(ENTER)

        return press

    def _show_first_steps(self) -> None:
        self.shell.root.tk.call(self.master, "select", self)
        self._first_steps.begin()

    def _place_first_steps(self) -> None:
        """Show the step that there is, if any, above what stands beside the lock."""
        if self._first_steps.active and self._serial.winfo_manager():
            self._first_steps.pack(fill="x", pady=(0, "9p"), before=self._serial)
        else:
            self._first_steps.pack_forget()

    def _show_tried(self, tried: TryResult | None) -> None:
        begun = tried and not self._tried
        self._tried = tried
        self._try.show(tried)
        if begun:
            self.update_idletasks()  # to know how high it is now
            self._side.see(self._try)
        if tried and not tried.live:
            self.shell.jobs.start(
                lambda _: self._parity.run(tried),
                lambda result: self._show_parity(tried, result),
                self.shell.report_error,
            )

    def _show_parity(self, tried: TryResult, result: ParityResult) -> None:
        if tried is self._tried:
            self._try.show_parity(result)

    def _teach(self) -> None:
        """Show how the drawing that was tried becomes bits."""
        if self._tried:
            LessonDialog(self.shell, scenes(self._tried.strokes, self._tried.prediction))
        else:
            self.shell.status("Press TRY first, draw, and press ENTER; then S shows the steps.")

    def _network_changed(self) -> None:
        self._parity.reset()
        self.shell.jobs.start(
            lambda _: self._reload(),
            lambda recogniser: self._worker.post(lambda session: session.use(recogniser)),
            self.shell.report_error,
        )

    def _reset(self) -> None:
        if messagebox.askyesno(
            "Factory reset",
            "Forget the PIN and all wrong tries?",
            detail="The lock starts as on its first day. This cannot be undone.",
            icon="warning",
            default="no",
            parent=self,
        ):
            self._worker.post(Session.reset)
        self._replica.focus_set()

    def _show_events(self, events: list[str]) -> None:
        messagebox.showinfo(
            "Event log",
            last_events(len(events)),
            detail="\n".join(events),
            parent=self,
        )
        self._replica.focus_set()
