"""How long work says how far it is, and is stopped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]
"""Called often, on the thread that works, with what is done and the total of it.

What it raises ends the work and passes through; the work then leaves nothing half-done behind.
"""


class Stopped(Exception):  # noqa: N818 - it is no error
    """Raised by a Progress to end the work; nothing here raises or catches it."""


def silent(done: int, total: int) -> None:
    """Say nothing."""


@contextmanager
def progress_bar(task: str) -> Iterator[Progress]:
    """Yield what shows on the terminal how far a task is, until the body of the `with` ends."""
    from tqdm import tqdm  # the twin, which shows no bar, starts sooner without it

    with tqdm(desc=task, leave=False, disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress
