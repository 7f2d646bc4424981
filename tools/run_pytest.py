"""pytest, which Ctrl-C ends with status 130: in one line while it starts, with its summary later.

Alone it shows a traceback until it has found its tests, and so does each process of pytest-xdist.
"""

import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

HEARD = signal.getsignal(signal.SIGINT) != signal.SIG_IGN
MASKS = hasattr(signal, "pthread_sigmask")  # not on Windows


def stop(number: int, frame: FrameType | None) -> None:
    """End this process at once, before there is a result to tell."""
    os.write(2, b"\nstopped before the first test\n")
    os._exit(130)


if HEARD:
    signal.signal(signal.SIGINT, stop)

import pytest  # noqa: E402 (Ctrl-C while this is imported)


class Stopping:
    """Follows how far pytest has come."""

    stopped = False

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Iterator[None]:
        """Hold Ctrl-C back from the processes of pytest-xdist until they come to conftest.py.

        This process has to outlive their start: one that is left alone in it shows a traceback.
        The mask, which they inherit, is that of one thread, and a library's (OpenBLAS's) hears.
        """
        if not (HEARD and MASKS):
            yield
            return
        heard: list[int] = []
        signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            signal.signal(signal.SIGINT, stop)
        if heard:
            stop(signal.SIGINT, None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of pytest-xdist whether Ctrl-C is for it."""
        node.workerinput["hears"] = HEARD and MASKS

    def pytest_runtest_logstart(self) -> None:
        """From the first test on pytest knows what to do, and what to tell."""
        if HEARD:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Take note of a Ctrl-C, which to pytest is like an error while it collects."""
        self.stopped = excinfo.type is KeyboardInterrupt


if __name__ == "__main__":
    stopping = Stopping()
    status = pytest.main(plugins=[stopping])
    sys.exit(130 if stopping.stopped else status)
