"""A connection to a device that is kept up: unplugged, reset or garbled, it comes back."""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

import serial

from inkpin.device import wire

BAUD = 115200
SILENT_S = 3.0
"""Seconds without an answer after which the device counts as gone."""

RETRY_S = 1.0
"""Seconds from one attempt to connect to the next."""

_PING_S = 1.0
_SLICE_S = 0.05
_LARGEST = 4096


class Port(Protocol):
    """What bytes go through: pyserial's Serial, for one. Trouble is an OSError."""

    def read(self, size: int) -> bytes:
        """Return what arrived; wait a while if nothing has."""

    def write(self, data: bytes) -> int | None:
        """Send bytes."""

    def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True)
class Status:
    """How the connection stands.

    Attributes:
        connected: whether the device answers.
        text: what is the case and, if something is wrong, what to do.
    """

    connected: bool
    text: str


def open_serial(port: str) -> Port:
    """Open a serial port, without resetting the board behind it.

    Raises:
        OSError: it is not there, or in use.
    """
    opened = serial.Serial()
    opened.port, opened.baudrate = port, BAUD
    opened.timeout, opened.write_timeout = _SLICE_S, SILENT_S
    # USB bridges wire these to the reset and boot pins.
    opened.dtr = opened.rts = False
    opened.open()
    return opened


class Link:
    """Talks with a device on a thread of its own.

    Args:
        port: its name, for messages.
        connect: opens the port, such as `lambda: open_serial("COM3")`.
    """

    def __init__(self, port: str, connect: Callable[[], Port]) -> None:
        self.updates: SimpleQueue[wire.Message | Status] = SimpleQueue()
        """What the device sent, and how the connection stands, in order."""
        self._port = port
        self._connect = connect
        self._commands: SimpleQueue[str] = SimpleQueue()
        self._stopping = threading.Event()
        self._last: Status | None = None
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def send(self, command: str) -> None:
        """Send a command, or forget it if there is no connection."""
        self._commands.put(command)

    def stop(self) -> None:
        """Let go of the port."""
        self._stopping.set()
        self._thread.join(timeout=2 * SILENT_S)

    def _run(self) -> None:
        self._tell(False, f"looking for a device at {self._port}")
        while not self._stopping.is_set():
            try:
                port = self._connect()
            except OSError as error:
                why = os.strerror(error.errno) if error.errno else str(error)
                self._tell(False, f"{self._port}: {why}: plug the device in, or free the port")
            else:
                try:
                    self._talk(port)
                except OSError:
                    self._tell(False, f"{self._port}: the device was unplugged: plug it in again")
                finally:
                    _close(port)
            self._stopping.wait(RETRY_S)

    def _talk(self, port: Port) -> None:
        """Exchange lines until the device falls silent."""
        reader = wire.Reader()
        while not self._commands.empty():
            self._commands.get()
        port.write(b"\n" + wire.encode_line("info"))
        answered = pinged = time.monotonic()
        arrived, known = 0, False
        while not self._stopping.is_set():
            data = port.read(_LARGEST)
            arrived += len(data)
            now = time.monotonic()
            for message in reader.feed(data):
                if not isinstance(message, wire.Said | wire.Damaged):
                    answered = now
                self.updates.put(message)
                if isinstance(message, wire.Info):  # of a start as well: it listens no more
                    known = True
                    self._greet(port, message)
            if now - answered > SILENT_S:
                self._tell(False, self._why_silent(arrived, known=known))
                return
            if now - pinged > _PING_S:
                pinged = now
                port.write(wire.encode_line("ping" if known else "info"))
            self._send_commands(port)

    def _greet(self, port: Port, info: wire.Info) -> None:
        port.write(wire.encode_line("stream on"))
        if info.wire != wire.VERSION:
            text = f"its lines are of version {info.wire}, ours of {wire.VERSION}: update both"
            self._tell(True, f"{self._port}: {text}")
            return
        self._tell(True, f"connected to {self._port}: board {info.board}, firmware {info.firmware}")

    def _send_commands(self, port: Port) -> None:
        try:
            while True:
                port.write(wire.encode_line(self._commands.get_nowait()))
        except Empty:
            return

    def _why_silent(self, arrived: int, *, known: bool) -> str:
        if known:
            return f"{self._port}: the device answers no more: see to its cable, or reset it"
        if arrived:
            return f"{self._port}: nothing but garbled lines: is it an Inkpin at {BAUD} baud?"
        return f"{self._port}: nobody answers: is it the right port, and the firmware on it?"

    def _tell(self, connected: bool, text: str) -> None:
        status = Status(connected, text)
        if status != self._last:
            self._last = status
            self.updates.put(status)


def _close(port: Port) -> None:
    with contextlib.suppress(OSError):  # it is gone already
        port.close()
