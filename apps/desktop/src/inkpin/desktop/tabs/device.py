"""A device at the end of a cable, live: what is drawn on it, what it reads, what is kept of it."""

import time
import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import messagebox, ttk

from inkpin.common import InputError
from inkpin.desktop.dialogs.device_settings import DeviceSettingsDialog
from inkpin.desktop.lock.device_connection import DeviceConnection
from inkpin.desktop.lock.parity_check import ParityResult
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import NETWORK_CHANGED, Command, Shell
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.widgets.serial_monitor import SerialMonitor
from inkpin.device import wire
from inkpin.device.link import Status
from inkpin.model.collection.sample import new_sample
from inkpin.screen import HEIGHT, WIDTH, Button, Draw, Touch, render
from inkpin.screen.layout import BUTTONS


class DeviceTab(Tab):
    """Shows what a device sends, and sends it what the user wants of it.

    Args:
        parent: the notebook.
        shell: the window.
        connection: the device; started and stopped with the tab.
        workspace: where samples drawn on it are saved, and the network to compare with.
    """

    title = "Device"

    def __init__(
        self, parent: ttk.Notebook, shell: Shell, connection: DeviceConnection, workspace: Workspace
    ) -> None:
        super().__init__(parent, shell)
        self._connection = connection
        self._workspace = workspace
        self._events: Callable[[], object] | None = None
        self._on_screen: Sequence[Draw] = ()
        self.commands: tuple[Command, ...] = (
            Command(("<Control-s>",), "Ctrl+S", "save what was drawn", self._save),
            Command(("<Control-l>",), "Ctrl+L", "the device's event log", self._ask_log),
        )
        if connection.emulated:
            self.commands += (
                Command(("<Return>", "<KP_Enter>"), "Return", "ENTER", self._presses(Button.ENTER)),
                Command(("<BackSpace>",), "Backspace", "CLEAR", self._presses(Button.CLEAR)),
                Command(("<t>", "<T>"), "T", "TRY", self._presses(Button.TRY)),
            )
        self._standing = ttk.Label(self, style="Strong.TLabel")
        self._standing.grid(row=0, column=0, columnspan=3, sticky="w", pady=(0, 8))
        if connection.emulated:
            self._screen = PixelCanvas(self, shell, (WIDTH, HEIGHT), 2, self._touch, self._paint)
            self._screen.grid(row=1, column=0, sticky="nsew")
        self._drawn = PixelCanvas(self, shell, (WIDTH, HEIGHT), 1, lambda *_: None, self._draw)
        self._drawn.grid(row=1, column=1, sticky="nsew", padx=(12, 0))
        self._serial = SerialMonitor(self, shell)
        self._serial.grid(row=1, column=2, sticky="ns", padx=(12, 0))
        self._verdict = ttk.Label(self, text="Ink, bits and answers of TRY appear here.")
        self._verdict.grid(row=2, column=0, columnspan=3, sticky="w", pady=(8, 0))
        self._label = tk.StringVar(self)
        self._buttons().grid(row=3, column=0, columnspan=3, sticky="ew", pady=(8, 0))
        self.columnconfigure(0, weight=2 if connection.emulated else 0)
        self.columnconfigure(1, weight=1)
        self.rowconfigure(1, weight=1)
        shell.root.bind(NETWORK_CHANGED, lambda _: self._load(), add=True)

    def start(self) -> None:
        """Connect."""
        self._load()
        self._connection.start()
        self._draw()

    def stop(self) -> None:
        """Let go of the device."""
        self._connection.stop()

    def shown(self) -> None:
        """Give the focus to the device's screen."""
        (self._screen if self._connection.emulated else self._drawn).focus_set()
        self._workspace.when_open(self.shell.jobs, lambda _: None, self.shell.report_error)

    def typed(self, char: str) -> None:
        """Take a label."""
        self._label.set(char)

    def poll(self) -> None:
        """Show what the device sent."""
        try:
            updates = self._connection.updates()
        except InputError as error:
            self.shell.report_error(error)
            return
        for update in updates:
            self._show(update)
        if updates:
            self._draw()
        emulated = self._connection.emulated
        while emulated and not emulated.screens.empty():
            screen = emulated.screens.get()
            if isinstance(screen, InputError):
                self.shell.report_error(screen)
            elif emulated.screens.empty():  # those before it were seen by nobody
                self._on_screen = screen
                self._paint()

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
        self.shell.jobs.start(
            lambda _: self._workspace.recogniser(), self._connection.use, self.shell.report_error
        )

    def _show(self, update: wire.Message | Status | ParityResult) -> None:
        match update:
            case Status(connected, text):
                style = "Good.TLabel" if connected else "Bad.TLabel"
                self._standing.configure(text=text[:1].upper() + text[1:], style=style)
            case ParityResult(text=text, agrees=agrees):
                style = "Good.TLabel" if agrees else "Bad.TLabel"
                self._verdict.configure(text=text, style=style)
            case wire.Said(text) | wire.Damaged(text):
                self._serial.add([text])
            case wire.Refused(why):
                self.shell.status(f"The device refused: {why}.")
            case wire.Done("log") if self._events:
                self._events()
                self._events = None

    def _touch(self, phase: Touch, x: int, y: int, _ms: int) -> None:
        if self._connection.emulated:
            self._connection.emulated.touch(phase, x, y)

    def _presses(self, button: Button) -> Callable[[], None]:
        """Return what presses a button of the emulated device, as a finger on its screen does."""
        box = BUTTONS[button]
        middle = box.x + box.w // 2, box.y + box.h // 2

        def press() -> None:
            for phase in (Touch.DOWN, Touch.UP):
                self._touch(phase, *middle, 0)

        return press

    def _paint(self, _scale: float = 1) -> None:
        self._screen.show(render(self._on_screen, self._screen.zoom))

    def _draw(self, _scale: float = 1) -> None:
        self._drawn.show(render(self._connection.draws(), self._drawn.zoom))

    def _save(self) -> None:
        """Save what was drawn on the device as a sample."""
        state, collection = self._connection.state, self._workspace.collection
        label = self._label.get().strip()
        if collection is None:
            self.shell.status("The samples are not open yet.")
        elif not state.strokes or not state.whole:
            self.shell.status("Nothing to save: draw on the device, after TRY.")
        elif not label:
            self.shell.status("Type the label of what was drawn, then save it.")
        elif (labels := self._workspace.labels()) and label not in labels:
            known = ", ".join(labels)
            self.shell.status(f"{label!r} is no label of this network: type one of {known}.")
        else:
            board = state.info.board if state.info else "device"
            writer, session = self.shell.settings.writer, time.strftime("%Y-%m-%d device")
            sample = new_sample(label, state.points(), state.times(), writer, session, board)
            try:
                collection.append(sample)
            except InputError as error:
                self.shell.report_error(error)
                return
            self.shell.status(f"Saved a {label} of {sum(map(len, state.strokes))} points.")

    def _ask_log(self) -> None:
        def show() -> None:
            log = self._connection.state.log
            messagebox.showinfo(
                "Event log of the device",
                f"The last {len(log)} events, the newest below",
                detail="\n".join(log),
                parent=self,
            )

        self._events = lambda: self.after_idle(show)
        self._connection.send("log")

    def _settings(self) -> None:
        self._connection.send("settings")
        self.after(300, lambda: DeviceSettingsDialog(self.shell, self._connection))

    def _reset(self) -> None:
        if messagebox.askyesno(
            "Factory reset of the device",
            "Forget its PIN, settings and event log?",
            detail="The lock starts as on its first day. This cannot be undone.",
            icon="warning",
            default="no",
            parent=self,
        ):
            self._connection.send("factory-reset ERASE")
