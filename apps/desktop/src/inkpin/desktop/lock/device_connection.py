"""A device on the desk: its wire, and what the network here makes of what is drawn on it."""

import os
import secrets
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

from inkpin.common import InputError
from inkpin.common.progress import Progress
from inkpin.desktop.lock.parity_check import ParityResult, compare
from inkpin.desktop.lock.session import TryResult
from inkpin.device import build, wire
from inkpin.device.emulator import Storage
from inkpin.device.link import Link, Status, open_serial
from inkpin.device.state import DeviceState
from inkpin.model.inference.recogniser import Recogniser
from inkpin.model.inference.refusal import Refusal, refusal_of
from inkpin.preprocess.packing import pack_rows
from inkpin.screen import Anchor, Bitmap, Draw, Ink, Rect, Text, unread_text
from inkpin.screen.layout import TEXTS

if TYPE_CHECKING:  # for POSIX alone
    from inkpin.device.pty_device import PtyDevice

Update = wire.Message | Status | ParityResult

NO_DEVICE: tuple[Draw, ...] = (
    Rect(0, 0, 240, 240, 0, "paper"),
    Rect(240, 0, 80, 240, 0, "column"),
    Text(280, 14, Anchor.CENTRE, "small", "soft", "device"),
    Rect(265, 26, 30, 30, 0, "well"),
    Text(280, 134, Anchor.CENTRE, "small", "soft", "desktop"),
    Rect(265, 146, 30, 30, 0, "well"),
)
"""The picture of what was drawn while there is nothing in it."""


class DeviceConnection:
    """Follows a device. To be used from one thread.

    Args:
        link: the wire to it; started and stopped with the connection.
        emulated: the emulated device at its other end, if it is that; likewise.
        folder: where disagreements are reported.

    Attributes:
        state: what the device shows of itself.
        tried: what was drawn last, as read here; None while there is nothing to compare.
        refusal: why what was drawn last is not read; None where it is, or nobody has tried.
    """

    def __init__(self, link: Link, emulated: "PtyDevice | None", folder: Path) -> None:
        self.state = DeviceState()
        self.emulated = emulated
        self.tried: TryResult | None = None
        self.refusal: Refusal | None = None
        self._link = link
        self._folder = folder
        self._recogniser: Recogniser | None = None

    def start(self) -> None:
        """Switch an emulated device on, and connect."""
        if self.emulated:
            self.emulated.start()
        self._link.start()

    def stop(self) -> None:
        """Let go of the device."""
        self._link.stop()
        if self.emulated:
            self.emulated.stop()

    def use(self, recogniser: Recogniser) -> None:
        """Compare with this network from now on."""
        self._recogniser = recogniser

    def send(self, command: str) -> None:
        """Send a command."""
        self._link.send(command)

    def updates(self) -> list[Update]:
        """Return what happened since the last time, in order.

        Raises:
            InputError: the networks disagree, and the report of that cannot be written.
        """
        found: list[Update] = []
        try:
            while True:
                update = self._link.updates.get_nowait()
                found.append(update)
                if isinstance(update, Status):
                    continue
                self.state.take(update)
                if isinstance(update, wire.Point | wire.Erased | wire.Trying):
                    self.refusal = None
                elif update == _UNREAD and self.tried is None:
                    self.refusal = self._too_poor()
                if isinstance(update, wire.Prediction):
                    found += self._compared(update)
                elif self.state.prediction is None:
                    self.tried = None
        except Empty:
            return found

    def draws(self) -> list[Draw]:
        """Return a picture of what was drawn: the ink, the device's bits and answer, and ours."""
        state, tried = self.state, self.tried
        draws = [*NO_DEVICE]
        if state.buffer.points:
            draws.append(Ink(tuple(state.buffer.points), "ink"))
        elif not state.trying:
            hint = "Press TRY on the device"
            draws.append(Text(120, 120, Anchor.CENTRE, "body", "muted", hint))
        if self.refusal:
            why = unread_text(self.refusal.unread, self.refusal.between)
            draws.append(Text(120, 228, Anchor.CENTRE, "body", "fault", why))
        if state.bits and state.prediction:
            draws.append(Bitmap(266, 27, state.bits.rows, "bright"))
            draws += _answer(82, state.prediction.label, state.prediction.confidence)
        elif self.refusal:
            draws.append(Text(280, 82, Anchor.CENTRE, "digit", "bright", "?"))
        if tried:
            draws.append(Bitmap(266, 147, tuple(pack_rows(tried.bitmap).tolist()), "bright"))
            draws += _answer(202, tried.prediction.label, tried.prediction.confidence)
        return draws

    def _too_poor(self) -> Refusal | None:
        """Return why the device did not ask its network, which then says nothing but "?"."""
        ink = self.state.buffer
        poor = self.state.trying and self.state.whole and ink.points and not ink.legible
        return Refusal(ink.unread(likely=False)) if poor else None

    def _compared(self, theirs: wire.Prediction) -> list[ParityResult]:
        state = self.state
        if self._recogniser is None or state.bits is None:
            return []
        # Of ink with a damaged line only the bits are known.
        bitmap = state.buffer.bitmap() if state.whole else state.bits.bitmap()
        prediction = self._recogniser.predict(bitmap)
        network = self._recogniser
        refusal = refusal_of(state.buffer, prediction, network.labels) if state.whole else None
        self.refusal = refusal
        self.tried = TryResult(
            strokes=state.points(),
            bitmap=bitmap,
            prediction=prediction,
            labels=network.labels,
            confidence=network.confidence,
            model=network.model,
            refusal=refusal,
        )
        their_model, our_model = state.info and state.info.model, self._recogniser.model
        if their_model != our_model:
            text = (
                f"The device reads with network {their_model}, the desktop with {our_model}:"
                " they may differ."
            )
            return [ParityResult(None, text, agrees=False)]
        return [compare(self.tried, theirs, self._folder)]


_UNREAD = wire.Said(TEXTS["output_unread"])


def _answer(y: int, label: str | None, confidence: int) -> list[Draw]:
    return [
        Text(280, y, Anchor.CENTRE, "digit", "bright", label or "?"),
        Text(280, y + 26, Anchor.CENTRE, "small", "soft", f"{confidence}%"),
    ]


def serial_connection(port: str, folder: Path) -> DeviceConnection:
    """Return a connection to a device at a serial port."""
    return DeviceConnection(Link(port, lambda: open_serial(port)), None, folder)


def core_to_emulate() -> build.Core:
    """Return what an emulated device can be built for here.

    Raises:
        InputError: nothing; the message says what to install.
    """
    if os.name != "posix":
        raise InputError("the emulated device needs Linux or macOS: name a serial port instead")
    return build.best_core()


def emulated_connection(core: build.Core, folder: Path, progress: Progress) -> DeviceConnection:
    """Return a connection to an emulated device, which keeps what it stores in the folder.

    Args:
        core: from core_to_emulate().
        folder: for its storage, and for reports.
        progress: told how far its program is built, which is kept for the next time.

    Raises:
        InputError: it cannot be built or run here; the message says what to install.
    """
    from inkpin.device.pty_device import PtyDevice

    seed = secrets.randbits(31)
    storage = Storage(folder / "emulated-device.bin")
    emulated = PtyDevice(build.command(core, progress), storage, seed)
    return DeviceConnection(
        Link("the emulated device", lambda: open_serial(emulated.tty)), emulated, folder
    )
