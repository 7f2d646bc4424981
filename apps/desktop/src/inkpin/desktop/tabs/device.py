"""A device at the end of a cable, live: what is drawn on it, what it reads, what is kept of it."""

import time
import tkinter as tk
from collections.abc import Callable
from tkinter import messagebox, ttk

from inkpin.common import InputError
from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.jobs import Job
from inkpin.desktop.lock.device_connection import Desk
from inkpin.desktop.lock.parity_check import Opinion
from inkpin.desktop.lock.session import Recogniser
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tab import NETWORK_CHANGED, Command, Shell, Tab
from inkpin.desktop.widgets.pixels import Pixels
from inkpin.desktop.widgets.serial_pane import SerialPane
from inkpin.device import wire
from inkpin.device.link import Status
from inkpin.screen import HEIGHT, WIDTH, render

_RANGES = {
    "sound": (0, 1),
    "vibration": (0, 1),
    "brightness": (10, 100),
    "dim": (5, 3600),
    "sleep": (5, 3600),
}
_TEXTS = {
    "sound": "Sound (0 or 1)",
    "vibration": "Vibration (0 or 1)",
    "brightness": "Brightness, %",
    "dim": "Dims after, s",
    "sleep": "Dark after, s",
}


class DeviceTab(Tab):
    """Shows what a device sends, and sends it what the user wants of it.

    Args:
        parent: the notebook.
        shell: the window.
        desk: the device; started and stopped with the tab.
        workspace: where samples drawn on it are saved, and the network to compare with.
    """

    title = "Device"

    def __init__(
        self, parent: ttk.Notebook, shell: Shell, desk: Desk, workspace: Workspace
    ) -> None:
        super().__init__(parent, shell)
        self._desk = desk
        self._workspace = workspace
        self._events: Callable[[], None] | None = None
        self.commands = (
            Command(("<Control-s>",), "Ctrl+S", "save what was drawn", self._save),
            Command(("<Control-l>",), "Ctrl+L", "the device's event log", self._ask_log),
        )
        self._standing = ttk.Label(self, style="Strong.TLabel")
        self._standing.grid(row=0, column=0, columnspan=3, sticky="w", pady=(0, 8))
        if desk.emulated:
            emulated = desk.emulated
            self._screen = Pixels(self, shell, (WIDTH, HEIGHT), 2, emulated.touch)
            self._screen.grid(row=1, column=0, sticky="nsew")
        self._drawn = Pixels(self, shell, (WIDTH, HEIGHT), 1, lambda *_: None)
        self._drawn.grid(row=1, column=1, sticky="nsew", padx=(12, 0))
        self._serial = SerialPane(self, shell)
        self._serial.grid(row=1, column=2, sticky="ns", padx=(12, 0))
        self._verdict = ttk.Label(self, text="Ink, bits and answers of TRY appear here.")
        self._verdict.grid(row=2, column=0, columnspan=3, sticky="w", pady=(8, 0))
        self._label = tk.StringVar(self)
        self._buttons().grid(row=3, column=0, columnspan=3, sticky="ew", pady=(8, 0))
        self.columnconfigure(0, weight=2 if desk.emulated else 0)
        self.columnconfigure(1, weight=1)
        self.rowconfigure(1, weight=1)
        shell.root.bind(NETWORK_CHANGED, lambda _: self._load(), add=True)

    def start(self) -> None:
        """Connect."""
        self._load()
        self._desk.start()
        self._draw()

    def stop(self) -> None:
        """Let go of the device."""
        self._desk.stop()

    def shown(self) -> None:
        """Give the focus to the device's screen."""
        (self._screen if self._desk.emulated else self._drawn).focus_set()
        self._workspace.when_open(self.shell.jobs, lambda _: None, self.shell.complain)

    def typed(self, char: str) -> None:
        """Take a label."""
        self._label.set(char)

    def poll(self) -> None:
        """Show what the device sent."""
        try:
            news = self._desk.news()
        except InputError as error:
            self.shell.complain(error)
            return
        for update in news:
            self._show(update)
        if news:
            self._draw()
        emulated = self._desk.emulated
        while emulated and not emulated.screens.empty():
            screen = emulated.screens.get()
            if isinstance(screen, InputError):
                self.shell.complain(screen)
            elif emulated.screens.empty():  # those before it were seen by nobody
                self._screen.show(render(screen))

    def _buttons(self) -> ttk.Frame:
        row = ttk.Frame(self)
        ttk.Label(row, text="Label").pack(side="left")
        ttk.Entry(row, textvariable=self._label, width=6).pack(side="left", padx=(8, 4))
        ttk.Button(row, text="Save sample  Ctrl+S", command=self._save).pack(side="left")
        for text, command in (
            ("Factory reset…", self._reset),
            ("Settings…", self._settings),
            ("Event log…  Ctrl+L", self._ask_log),
        ):
            ttk.Button(row, text=text, command=command).pack(side="right", padx=(8, 0))
        return row

    def _load(self) -> None:
        def work(_job: Job) -> Recogniser:
            return self._workspace.recogniser()

        self.shell.jobs.start(work, self._desk.use, self.shell.complain)

    def _show(self, update: wire.Message | Status | Opinion) -> None:
        match update:
            case Status(connected, text):
                style = "Good.TLabel" if connected else "Bad.TLabel"
                self._standing.configure(text=text[:1].upper() + text[1:], style=style)
            case Opinion(text=text, agrees=agrees):
                style = "Good.TLabel" if agrees else "Bad.TLabel"
                self._verdict.configure(text=text, style=style)
            case wire.Said(text) | wire.Damaged(text):
                self._serial.add([text])
            case wire.Refused(why):
                self.shell.status(f"The device refused: {why}.")
            case wire.Done("log") if self._events:
                self._events()
                self._events = None

    def _draw(self) -> None:
        self._drawn.show(render(self._desk.draws()))

    def _save(self) -> None:
        """Save what was drawn on the device as a sample."""
        state, collection = self._desk.state, self._workspace.collection
        label = self._label.get().strip()
        if collection is None:
            self.shell.status("The samples are not open yet.")
        elif not state.strokes or not state.whole:
            self.shell.status("Nothing to save: draw on the device, after TRY.")
        elif not label:
            self.shell.status("Type the label of what was drawn, then save it.")
        else:
            from inkpin.model.collection.collection import (
                new_sample,  # takes onnxruntime, which is slow
            )

            board = state.info.board if state.info else "device"
            writer, session = self.shell.settings.writer, time.strftime("%Y-%m-%d device")
            sample = new_sample(label, state.points(), state.times(), writer, session, board)
            try:
                collection.append(sample)
            except InputError as error:
                self.shell.complain(error)
                return
            self.shell.status(f"Saved a {label} of {sum(map(len, state.strokes))} points.")

    def _ask_log(self) -> None:
        def show() -> None:
            log = self._desk.state.log
            messagebox.showinfo(
                "Event log of the device",
                f"The last {len(log)} events, the newest below",
                detail="\n".join(log),
                parent=self,
            )

        self._events = lambda: self.after_idle(show)
        self._desk.send("log")

    def _settings(self) -> None:
        self._desk.send("settings")
        self.after(300, lambda: SettingsDialog(self.shell, self._desk))

    def _reset(self) -> None:
        if messagebox.askyesno(
            "Factory reset of the device",
            "Forget its PIN, settings and event log?",
            detail="The lock starts as on its first day. This cannot be undone.",
            icon="warning",
            default="no",
            parent=self,
        ):
            self._desk.send("factory-reset ERASE")


class SettingsDialog(Dialog):
    """The device's settings; a change is sent when it is made."""

    def __init__(self, shell: Shell, desk: Desk) -> None:
        super().__init__(shell, "Settings of the device")
        known = desk.state.settings
        if not known:
            ttk.Label(self.body, text="The device did not answer.").pack(anchor="w", pady=(0, 12))
        for name in (name for name in _RANGES if name in known):
            row = ttk.Frame(self.body)
            row.pack(fill="x", pady=3)
            ttk.Label(row, text=_TEXTS[name]).pack(side="left", padx=(0, 12))
            least, most = _RANGES[name]
            box = ttk.Spinbox(row, from_=least, to=most, width=6)
            box.set(known[name])
            box.pack(side="right")

            def change(_: object = None, name: str = name, box: ttk.Spinbox = box) -> None:
                desk.send(f"set {name} {box.get()}")

            box.configure(command=change)
            for sequence in ("<Return>", "<FocusOut>"):
                box.bind(sequence, change)
        self.close_button()
        self.open()
