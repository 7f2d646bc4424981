"""A device at the end of a cable, live: what is drawn on it, what it reads, what is kept of it."""

import os
import time
import tkinter as tk
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tkinter import messagebox, ttk

from inkpin.common import InputError
from inkpin.common.progress import Progress
from inkpin.common.words import counted
from inkpin.desktop.dialogs.device_settings import DeviceSettingsDialog
from inkpin.desktop.dialogs.places import ask_folder
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog
from inkpin.desktop.lock.device_connection import NO_DEVICE, DeviceConnection
from inkpin.desktop.lock.parity_check import ParityResult
from inkpin.desktop.remark import Remark
from inkpin.desktop.samples.wording import last_events, reason
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.shell import NETWORK_CHANGED, Command, Shell
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.flow import Flow
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.widgets.serial_monitor import SerialMonitor
from inkpin.device import wire
from inkpin.device.link import Status
from inkpin.model import C_FOLDER
from inkpin.model.collection.sample import new_sample
from inkpin.model.inference.refusal import Refusal
from inkpin.screen import HEIGHT, WIDTH, Button, Draw, Touch, render
from inkpin.screen.layout import BUTTONS

Connect = Callable[[Progress], DeviceConnection]
"""Makes the connection, on a thread, and says how far it is."""

_ANSWER_MS = 3000  # after which nobody waits for one any more
_NO_DEVICE = "There is no device yet."
_NOT_TRIED = "Ink, bits and answers of TRY appear here."

_NEXT = """\
With the Arduino IDE: open inkpin.ino there, choose the board M5Core2, and upload.

With PlatformIO: copy digits.c and digits.h from there to {generated}, and run `./dev flash`."""


class DeviceTab(Tab):
    """Shows what a device sends, and sends it what the user wants of it.

    Args:
        parent: the notebook.
        shell: the window.
        connect: makes the connection, which is started and stopped with the tab.
        emulated: whether it is to an emulated device, which has a screen here.
        workspace: where samples drawn on it are saved, and the network to compare with.
    """

    title = "Device"
    minsize = (680, 440)

    def __init__(
        self,
        parent: ttk.Notebook,
        shell: Shell,
        connect: Connect,
        workspace: Workspace,
        *,
        emulated: bool,
    ) -> None:
        super().__init__(parent, shell)
        self._connect = connect
        self._connection: DeviceConnection | None = None
        self._emulated = emulated
        self._workspace = workspace
        self._awaited: dict[str, Callable[[], object]] = {}  # what is done once a command is
        self._on_screen: Sequence[Draw] = ()
        self.commands: tuple[Command, ...] = (
            Command(("<Control-s>",), "Ctrl+S", "save what was drawn", self._save),
            Command(("<Control-l>",), "Ctrl+L", "the device's event log", self._ask_log),
        )
        if emulated:
            self.commands += (
                Command(("<Return>", "<KP_Enter>"), "Return", "ENTER", self._presses(Button.ENTER)),
                Command(("<BackSpace>",), "Backspace", "CLEAR", self._presses(Button.CLEAR)),
                Command(("<t>", "<T>"), "T", "TRY", self._presses(Button.TRY)),
            )
        self._standing = ttk.Label(self, style="Strong.TLabel")
        self._built = ttk.Progressbar(self, maximum=1)
        self._lay_out_screens()
        self._verdict = ttk.Label(self)
        self._compared = Remark(self._show_verdict)
        self._compared.say("")
        self._label = tk.StringVar(self)
        self._standing.grid(row=0, column=0, columnspan=2, sticky="w", pady=(0, "6p"))
        self._verdict.grid(row=3, column=0, columnspan=2, sticky="w", pady=("6p", 0))
        self._buttons().grid(row=4, column=0, columnspan=2, sticky="ew", pady=("6p", 0))
        self.rowconfigure(2, weight=1)
        shell.root.bind(NETWORK_CHANGED, lambda _: self._load(), add=True)

    def _lay_out_screens(self) -> None:
        """Show an emulated device's screen as large as it goes, and what was drawn beside it."""
        size = WIDTH, HEIGHT
        if self._emulated:
            self._screen = PixelCanvas(self, self.shell, size, 2, self._touch, self._paint)
            self._screen.grid(row=2, column=0, sticky="nsew")
        side = ttk.Frame(self)
        beside = side if self._emulated else self
        self._drawn = PixelCanvas(beside, self.shell, size, 1, lambda *_: None, self._draw)
        self._serial = SerialMonitor(side, self.shell)
        side.grid(row=2, column=1, sticky="nsew", padx=("9p", 0))
        side.columnconfigure(0, weight=1)
        side.rowconfigure(1, weight=1)
        self._serial.grid(row=1, column=0, sticky="nsew")
        if self._emulated:
            side.rowconfigure(0, weight=2)
            self._drawn.grid(row=0, column=0, sticky="nsew", pady=(0, "4.5p"))
        else:
            self._drawn.grid(row=2, column=0, sticky="nsew")
        self.columnconfigure(0, weight=2)
        self.columnconfigure(1, weight=1)

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, over which a device may be silent."""
        return self._connection is not None

    def start(self) -> None:
        """Connect; an emulated device is built before, the first time."""
        self._load()
        self._draw()
        text = "Building the emulated device…" if self._emulated else "Connecting…"
        self._standing.configure(text=text)
        self.shell.jobs.start(
            lambda job: self._connect(job.progress),
            self._connected,
            self._not_connected,
            self._progressed,
        )

    def _progressed(self, done: int, total: int) -> None:
        self._built.configure(value=done / max(total, 1))
        self._built.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(0, "6p"))
        self._standing.configure(
            text=f"Building the emulated device, for the first time: {done} of {total} steps…"
        )

    def _connected(self, connection: DeviceConnection) -> None:
        self._built.grid_remove()
        self._connection = connection
        self._load()
        connection.start()

    def _not_connected(self, error: BaseException) -> None:
        self._built.grid_remove()
        self._standing.configure(text="No device is there.", style="Bad.TLabel")
        self.shell.report_error(error)

    def stop(self) -> None:
        """Let go of the device."""
        if self._connection:
            self._connection.stop()

    @property
    def first(self) -> tk.Misc:
        """The device's screen, or what was drawn on it."""
        return self._screen if self._emulated else self._drawn

    def shown(self) -> None:
        """Open the samples the first time."""
        self._workspace.when_open(self.shell.jobs, lambda _: None, self.shell.report_error)

    def subject(self) -> object:
        """Return what is there to be saved, and where to."""
        drawn = self._connection and self._connection.state.strokes
        points = sum(map(len, drawn)) if drawn else 0
        opened = self._workspace.collection is not None
        return self.is_connected, opened, points, self._label.get()

    def typed(self, char: str) -> None:
        """Take a label."""
        self._label.set(char)

    def poll(self) -> None:
        """Show what the device sent."""
        if self._connection is None:
            return
        try:
            updates = self._connection.updates()
        except InputError as error:
            self.shell.report_error(error)
            return
        for update in updates:
            self._show(update)
        self._compared.poll()
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

    def _buttons(self) -> Flow:
        row = Flow(self, round(8 * self.shell.scaling))
        pair = ttk.Frame(row)
        ttk.Label(pair, text="Label").pack(side="left")
        ttk.Entry(pair, textvariable=self._label, width=4).pack(side="left", padx=("4.5p", 0))
        parts: list[tk.Widget] = [pair]
        parts += [
            ttk.Button(row, text=text, command=command)
            for text, command in (
                ("Save sample", self._save),
                ("To the board…", self._bring_network),
                ("Event log…", self._ask_log),
                ("Settings…", self._settings),
                ("Factory reset…", self._reset),
            )
        ]
        row.fill(parts)
        return row

    def _send(self, command: str) -> None:
        if self._connection:
            self._connection.send(command)
        else:
            self.shell.status(_NO_DEVICE)

    def _bring_network(self) -> None:
        """Write the firmware with the network in use, and say how it comes onto a board."""
        networks = self._workspace.networks
        name = next(one.name for one in networks.kept() if one.path == networks.active)
        place = ask_folder(self, f"A folder for the firmware with the network {name}")
        if place is None:
            return

        def written(sketch: Path) -> None:
            self.shell.status(f"The firmware with the network {name} is in {sketch}.")
            detail = _NEXT.format(generated=os.path.relpath(C_FOLDER / "generated"))
            messagebox.showinfo(
                "To the board",
                f"The firmware with the network {name} is in {sketch}",
                detail=detail,
                parent=self,
            )

        def when_closed(sketch: Path) -> None:
            self.after_idle(written, sketch)

        ProgressDialog(
            self.shell,
            f"Writing the firmware with the network {name}",
            lambda job: self._workspace.write_firmware(place, job),
            when_closed,
        )

    def _load(self) -> None:
        connection = self._connection
        if connection:
            self.shell.jobs.start(
                lambda _: self._workspace.recogniser(), connection.use, self.shell.report_error
            )

    def _show(self, update: wire.Message | Status | ParityResult) -> None:
        match update:
            case Status(connected, text):
                style = "Good.TLabel" if connected else "Bad.TLabel"
                self._standing.configure(text=text[:1].upper() + text[1:], style=style)
            case ParityResult(text=text, agrees=agrees):
                self._verdict.configure(style="Good.TLabel" if agrees else "Bad.TLabel")
                self._compared.say(text, lambda: self._connection and self._connection.tried)
            case wire.Said(text) | wire.Damaged(text):
                self._serial.add([text])
            case wire.Refused(why):
                self.shell.status(f"The device refused: {why}.")
            case wire.Done(command) if command in self._awaited:
                self.after_idle(self._awaited.pop(command))

    def _show_verdict(self, text: str) -> None:
        if text:
            self._verdict.configure(text=text)
        else:
            self._verdict.configure(text=_NOT_TRIED, style="TLabel")

    def _touch(self, phase: Touch, x: int, y: int, _ms: int) -> None:
        if self._connection and self._connection.emulated:
            self._connection.emulated.touch(phase, x, y)

    def _presses(self, button: Button) -> Callable[[], None]:
        """Return what presses a button of the emulated device, as a finger on its screen does."""
        box = BUTTONS[button]
        middle = box.x + box.w // 2, box.y + box.h // 2

        def press() -> None:
            if self._connection is None:
                self.shell.status(_NO_DEVICE)
            for phase in (Touch.DOWN, Touch.UP):
                self._touch(phase, *middle, 0)

        return press

    def _paint(self, _scale: float = 1) -> None:
        self._screen.show(render(self._on_screen, self._screen.zoom))

    def _draw(self, _scale: float = 1) -> None:
        draws = self._connection.draws() if self._connection else NO_DEVICE
        self._drawn.show(render(draws, self._drawn.zoom))

    def _save(self) -> None:
        """Save what was drawn on the device as a sample."""
        if self._connection is None:
            self.shell.status(_NO_DEVICE)
            return
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
        elif not state.buffer.legible:
            why = reason(Refusal(state.buffer.unread(likely=False)), labels)
            self.shell.status(f"Not saved: {why}.")
        else:
            board = state.info.board if state.info else "device"
            writer, session = self.shell.settings.writer, time.strftime("%Y-%m-%d device")
            sample = new_sample(label, state.points(), state.times(), writer, session, board)
            try:
                collection.append(sample)
            except InputError as error:
                self.shell.report_error(error)
                return
            points = sum(map(len, state.strokes))
            self.shell.status(f"Saved a {label} of {counted(points, 'point')}.")

    def _ask_log(self) -> None:
        def show(connection: DeviceConnection) -> None:
            log = connection.state.log
            messagebox.showinfo(
                "Event log of the device",
                last_events(len(log)),
                detail="\n".join(log),
                parent=self,
            )

        self._ask("log", show)

    def _settings(self) -> None:
        self._ask("settings", partial(DeviceSettingsDialog, self.shell))

    def _ask(self, command: str, show: Callable[[DeviceConnection], object]) -> None:
        """Send a command, and show what came of it once it is done."""
        if connection := self._connection:
            self._awaited[command] = partial(show, connection)
            self.after(_ANSWER_MS, self._give_up, command)
        self._send(command)

    def _give_up(self, command: str) -> None:
        if self._awaited.pop(command, None):
            self.shell.status("The device did not answer: see that it is on, and try again.")

    def _reset(self) -> None:
        if messagebox.askyesno(
            "Factory reset of the device",
            "Forget its PIN, settings and event log?",
            detail="The lock starts as on its first day. This cannot be undone.",
            icon="warning",
            default="no",
            parent=self,
        ):
            self._send("factory-reset ERASE")
