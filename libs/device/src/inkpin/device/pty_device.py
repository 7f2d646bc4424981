"""An emulated device that lives in real time, its serial line at a pseudo-terminal."""

import contextlib
import os
import select
import threading
import time
import tty
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from inkpin.common import InputError
from inkpin.device.emulator import Effects, Emulator, Storage
from inkpin.screen import Draw, Touch

_TICK_S = 0.05
_CHUNK = 256

Action = Callable[[Emulator, int], Effects | None]


class PtyDevice:
    """Runs an emulated device on a thread, as if it lay on the table.

    Args:
        command: what starts its program, from inkpin.device.build.command().
        storage: what it keeps.
        seed: of its random bytes.
        iterations: of the key derivation, for a new PIN.

    Attributes:
        tty: the name of the terminal to connect to.
        screens: what it shows, whenever that changed; an InputError if it has ended.
    """

    def __init__(
        self, command: Sequence[str], storage: Storage, seed: int = 0, iterations: int = 10_000
    ) -> None:
        self.screens: SimpleQueue[list[Draw] | InputError] = SimpleQueue()
        self._command, self._storage = command, storage
        self._seed, self._iterations = seed, iterations
        self._actions: SimpleQueue[Action | None] = SimpleQueue()
        self._wake_read, self._wake_write = os.pipe()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.tty = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._run, name="pty-device", daemon=True)

    def start(self) -> None:
        """Switch the device on."""
        self._thread.start()

    def touch(self, phase: Touch, x: int, y: int) -> None:
        """Touch its screen."""
        self._post(lambda device, now: device.touch(phase, x, y, now))

    def reset(self) -> None:
        """Switch it off and on again."""
        self._post(lambda device, now: device.boot(now, self._iterations, self._seed))

    def stop(self) -> None:
        """Switch it off, and close the terminal."""
        self._actions.put(None)
        os.write(self._wake_write, b"\n")
        if self._thread.ident:
            self._thread.join(timeout=5)
        for file in (self._master, self._slave, self._wake_read, self._wake_write):
            os.close(file)

    def _post(self, action: Action) -> None:
        self._actions.put(action)
        os.write(self._wake_write, b"\n")

    def _run(self) -> None:
        start = time.monotonic()

        def now() -> int:
            return int((time.monotonic() - start) * 1000)

        try:
            with Emulator(self._command, self._storage) as device:
                self._take(device, device.boot(now(), self._iterations, self._seed))
                while self._turn(device, now):
                    pass
        except InputError as error:
            self.screens.put(error)

    def _turn(self, device: Emulator, now: Callable[[], int]) -> bool:
        """Let happen what is due; false once the device is to be switched off."""
        ready, _, _ = select.select([self._master, self._wake_read], [], [], _TICK_S)
        if self._master in ready:
            with contextlib.suppress(OSError):  # nobody has the terminal open
                self._take(device, device.serial(os.read(self._master, _CHUNK), now()))
        if self._wake_read in ready:
            os.read(self._wake_read, _CHUNK)
        with contextlib.suppress(Empty):
            while True:
                action = self._actions.get_nowait()
                if action is None:
                    return False
                if effects := action(device, now()):
                    self._take(device, effects)
        self._take(device, device.tick(now()))
        return True

    def _take(self, device: Emulator, effects: Effects) -> None:
        if effects.painted:
            self.screens.put(list(device.draws))
        # What a terminal that nobody reads has no room for is lost, as on a cable.
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, effects.serial)
