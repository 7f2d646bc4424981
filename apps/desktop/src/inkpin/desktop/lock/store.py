"""Where the user's PIN record lies, and that one twin at a time uses it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import platformdirs

from inkpin.common import InputError
from inkpin.common.files import make_folder
from inkpin.common.locks import hold
from inkpin.lock import LOG_SIZE, FileSlots, Hooks, HostHooks, MemoryHooks, Slots


def home() -> Path:
    """Return the user's folder ($INKPIN_HOME, else the platform's)."""
    named = os.environ.get("INKPIN_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("inkpin", appauthor=False))


class Store(NamedTuple):
    """What a lock and its event log are kept in."""

    hooks: Hooks
    log: Slots


def memory_store() -> Store:
    """Return an empty store that is forgotten with the program."""
    return Store(MemoryHooks(), MemoryHooks())


@contextmanager
def user_store() -> Iterator[Store]:
    """Hold the user's store; the system lets go of it should the twin die.

    Raises:
        InputError: another twin holds it, or nothing can be kept there.
    """
    folder = home()
    try:
        make_folder(folder, private=True)
        file = (folder / "in-use").open("ab")
    except OSError as error:
        raise InputError(
            f"{folder}: no place for a PIN ({error.strerror}): set INKPIN_HOME to another folder"
        ) from error
    with file:
        try:
            hold(file)
        except (BlockingIOError, PermissionError) as error:
            raise InputError(
                f"{folder}: used by another Inkpin: close that, or set INKPIN_HOME to another one"
            ) from error
        yield Store(HostHooks(folder), FileSlots(folder, "log", LOG_SIZE))
