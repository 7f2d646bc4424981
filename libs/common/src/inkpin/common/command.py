"""How every command ends: its exit status, and the one line that people see."""

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from inkpin.common.errors import InputError

DONE, UNUSABLE, STOPPED, UNHEARD = 0, 2, 130, 141

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run_command(name: str, carry_out: Callable[[], int | None]) -> int:
    """Carry out a command; return its exit status.

    Args:
        name: of the command, before each message.
        carry_out: the command; what it returns is the status, None stands for DONE.

    Returns:
        What `carry_out` returns, or UNUSABLE for unusable input, a file or an output that cannot
        be written; STOPPED by Ctrl-C; UNHEARD if nobody reads the output any more.
    """
    try:
        try:
            status = carry_out() or DONE
        except SystemExit as end:  # --help and --version
            status = int(end.code or DONE)
        sys.stdout.flush()
    except InputError as error:
        return _refused(name, str(error))
    except KeyboardInterrupt:
        return STOPPED
    except OSError as error:
        if error.errno == errno.EPIPE:
            _mute(sys.stdout, sys.stderr)
            return UNHEARD
        if error.filename:
            remedy = "see that it is there and may be read and written"
            return _refused(name, f"{error.filename}: {error.strerror}: {remedy}")
        if error.errno not in _FULL:
            raise
        _mute(sys.stdout)
        return _refused(name, f"{error.strerror}: make room, or send the output elsewhere")
    return status


def _refused(name: str, message: str) -> int:
    with suppress(BrokenPipeError):
        print(f"{name}: {message}", file=sys.stderr)
    return UNUSABLE


def _mute(*streams: TextIO) -> None:
    """Send to nowhere what the streams still hold, which Python writes once more at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        with suppress(OSError):  # one that a test captures has no descriptor
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
