"""How long work says how far it is, and is stopped."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called often, on the thread that works, with what is done and the total of it.

What it raises ends the work and passes through; the work then leaves nothing half-done behind.
"""


class Stopped(Exception):  # noqa: N818 - it is no error
    """Raised by a Progress to end the work; nothing here raises or catches it."""


def silent(done: int, total: int) -> None:
    """Say nothing."""
