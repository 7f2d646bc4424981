"""Heavy work in a process of its own.

On a thread of the window's process it would hold Python's lock, and keep the pen waiting for it.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any, Concatenate, ParamSpec, TypeVar

from inkpin.common import InputError
from inkpin.common.progress import Progress

T = TypeVar("T")
P = ParamSpec("P")

# Not forked: a copy of a process with threads and a window may hang or talk to the display.
_SPAWN = multiprocessing.get_context("spawn")

_REPORT_S = 0.05  # between two reports of progress, and between two looks whether to stop

_END_S = 2  # for a process to remove what it has half written

_NICER = 10  # than the window
_BELOW_NORMAL = 0x4000  # a priority class of Windows

_PROGRESS, _POST, _DONE, _FAILED = range(4)


class Channel:
    """What work in another process reports by; it is given to it as its first argument.

    Args:
        connection: to the process that waits.
    """

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._due = 0.0

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is; of what comes too often some is left out."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _REPORT_S
            self._connection.send((_PROGRESS, (done, total)))

    def post(self, message: object) -> None:
        """Hand over a part of the result."""
        self._connection.send((_POST, message))


def run_in_process(
    work: Callable[Concatenate[Channel, P], T],
    progress: Progress,
    take: Callable[[Any], None],
    *arguments: P.args,
    **options: P.kwargs,
) -> T:
    """Return what `work` returns in a process of its own, which has ended then in any case.

    Args:
        work: a function of a module; it is given a Channel, and what follows.
        progress: told how far it is, and called often besides; what it raises ends the work.
        take: takes what the work posts.
        *arguments: for the work, to be pickled.
        **options: likewise.

    Raises:
        InputError: the process was ended from outside.
        BaseException: what `work` raised, with the place as a note.
    """
    ours, theirs = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(
        target=_serve, args=(theirs, work, arguments, options), name=work.__name__, daemon=True
    )
    with ours:
        with theirs, _without_interrupts():
            process.start()
        try:
            result: T = _listen(ours, progress, take)
            return result
        except EOFError:
            process.join()
            raise InputError(
                f"{work.__name__} was ended from outside (status {process.exitcode}): close what "
                "takes much memory, and try again"
            ) from None
        finally:
            process.terminate()
            process.join(_END_S)
            process.kill()
            process.join()
            process.close()


def _listen(
    connection: "Connection[Any, Any]", progress: Progress, take: Callable[[Any], None]
) -> Any:
    reached = 0, 1
    while True:
        progress(*reached)
        if not connection.poll(_REPORT_S):
            continue
        kind, value = connection.recv()
        if kind == _PROGRESS:
            reached = value
        elif kind == _POST:
            take(value)
        elif kind == _FAILED:
            raise value
        else:
            return value


def _serve(
    connection: "Connection[Any, Any]",
    work: Callable[..., object],
    arguments: tuple[object, ...],
    options: dict[str, object],
) -> None:
    """Do the work, in its process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window, which ends this too
    signal.signal(signal.SIGTERM, _leave)
    _step_back()
    with suppress(OSError):  # nobody listens any more
        try:
            result = work(Channel(connection), *arguments, **options)
        except SystemExit:
            raise
        except BaseException as error:  # whatever it is, who waits decides
            error.add_note(traceback.format_exc())  # for the log; a traceback is not pickled
            connection.send((_FAILED, error))
        else:
            connection.send((_DONE, result))


def _step_back() -> None:
    """Let the window, and a pen on it, have the processor first."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICER)


def _leave(_signal: int, _frame: object) -> None:
    """End by an exception, so that nothing is left half written."""
    raise SystemExit


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Have a process that is started hear no Ctrl-C, not even before it can say so itself."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
