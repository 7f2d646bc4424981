"""A device on the desk: its wire, and what the network here makes of what is drawn on it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING

from inkpin.common import InputError
from inkpin.desktop.lock.parity_check import Opinion, compare
from inkpin.desktop.lock.session import Tried
from inkpin.device import wire
from inkpin.device.link import Link, Status, open_serial
from inkpin.device.mirror import Mirror
from inkpin.preprocess.packing import pack_rows
from inkpin.screen import Anchor, Bitmap, Draw, Ink, Rect, Text

if TYPE_CHECKING:  # the one is for POSIX alone, the other slow
    from inkpin.device.bench import Bench
    from inkpin.model.inference.recogniser import Recogniser

Update = wire.Message | Status | Opinion


class Desk:
    """Follows a device. To be used from one thread.

    Args:
        link: the wire to it; started and stopped with the desk.
        bench: the emulated device at its other end, if it is that; likewise.
        folder: where disagreements are reported.

    Attributes:
        mirror: what the device shows of itself.
        tried: what was drawn last, as read here; None while there is nothing to compare.
    """

    def __init__(self, link: Link, bench: Bench | None, folder: Path) -> None:
        self.mirror = Mirror()
        self.bench = bench
        self.tried: Tried | None = None
        self._link = link
        self._folder = folder
        self._recogniser: Recogniser | None = None

    def start(self) -> None:
        """Switch an emulated device on, and connect."""
        if self.bench:
            self.bench.start()
        self._link.start()

    def stop(self) -> None:
        """Let go of the device."""
        self._link.stop()
        if self.bench:
            self.bench.stop()

    def use(self, recogniser: Recogniser) -> None:
        """Compare with this network from now on."""
        self._recogniser = recogniser

    def send(self, command: str) -> None:
        """Send a command."""
        self._link.send(command)

    def news(self) -> list[Update]:
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
                self.mirror.take(update)
                if isinstance(update, wire.Answer):
                    found += self._compared(update)
                elif self.mirror.answer is None:
                    self.tried = None
        except Empty:
            return found

    def draws(self) -> list[Draw]:
        """Return a picture of what was drawn: the ink, the device's bits and answer, and ours."""
        mirror, tried = self.mirror, self.tried
        draws: list[Draw] = [
            Rect(0, 0, 240, 240, 0, "paper"),
            Rect(240, 0, 80, 240, 0, "column"),
            Text(280, 14, Anchor.CENTRE, "small", "soft", "device"),
            Rect(265, 26, 30, 30, 0, "well"),
            Text(280, 134, Anchor.CENTRE, "small", "soft", "desktop"),
            Rect(265, 146, 30, 30, 0, "well"),
        ]
        if mirror.buffer.points:
            draws.append(Ink(tuple(mirror.buffer.points), "ink"))
        elif not mirror.trying:
            hint = "Press TRY on the device"
            draws.append(Text(120, 120, Anchor.CENTRE, "body", "muted", hint))
        if mirror.bits and mirror.answer:
            draws.append(Bitmap(266, 27, mirror.bits.rows, "bright"))
            draws += _reading(82, mirror.answer.label, mirror.answer.confidence)
        if tried:
            draws.append(Bitmap(266, 147, tuple(pack_rows(tried.bitmap).tolist()), "bright"))
            draws += _reading(202, tried.prediction.label, tried.prediction.confidence)
        return draws

    def _compared(self, answer: wire.Answer) -> list[Opinion]:
        mirror = self.mirror
        if self._recogniser is None or mirror.bits is None:
            return []
        # Of ink with a damaged line only the bits are known.
        bitmap = mirror.buffer.bitmap() if mirror.whole else mirror.bits.bitmap()
        prediction = self._recogniser.predict(bitmap)
        self.tried = Tried(mirror.points(), bitmap, prediction, self._recogniser.labels)
        theirs, ours = mirror.info and mirror.info.model, self._recogniser.model
        if theirs != ours:
            text = (
                f"The device reads with network {theirs}, the desktop with {ours}: they may differ."
            )
            return [Opinion(None, text, agrees=False)]
        return [compare(self.tried, answer, self._folder)]


def _reading(y: int, label: str | None, confidence: int) -> list[Draw]:
    return [
        Text(280, y, Anchor.CENTRE, "digit", "bright", label or "?"),
        Text(280, y + 26, Anchor.CENTRE, "small", "soft", f"{confidence}%"),
    ]


def cabled(port: str, folder: Path) -> Desk:
    """Return a desk with a device at a serial port."""
    return Desk(Link(port, lambda: open_serial(port)), None, folder)


def emulated(folder: Path) -> Desk:
    """Return a desk with an emulated device, which keeps its PIN, log and settings in the folder.

    Raises:
        InputError: it cannot be built or run here; the message says what to install.
    """
    if os.name != "posix":
        raise InputError("the emulated device needs Linux or macOS: name a serial port instead")
    from inkpin.device import build
    from inkpin.device.bench import Bench
    from inkpin.device.emulator import Slots

    seed = secrets.randbits(31)
    slots = Slots(folder / "emulated-device.bin")
    bench = Bench(build.command(build.best_core()), slots, seed)
    return Desk(Link("the emulated device", lambda: open_serial(bench.tty)), bench, folder)
