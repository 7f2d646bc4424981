"""What a proof counts: its cases, and those that failed."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

SHOWN = 10
"""Failures that are told in full; all are counted."""


class Tally:
    """Counts the cases of a proof under a progress bar on stderr.

    Attributes:
        cases: those that were tried.
        failed: those of them that failed.
    """

    def __init__(self, name: str, *, quiet: bool = False) -> None:
        self.name = name
        self.cases = 0
        self.failed = 0
        self._notes: list[str] = []
        hidden = quiet or None  # None: unless stderr is a terminal
        self._bar = tqdm(desc=name, unit=" cases", disable=hidden, file=sys.stderr, leave=False)

    def passed(self, cases: int) -> None:
        """Count cases that held."""
        self.cases += cases
        self._bar.update(cases)

    @contextmanager
    def case(self, what: str) -> Iterator[None]:
        """Count what is done under it as one case, which fails by any exception."""
        try:
            yield
        except Exception:
            self.failed += 1
            if self.failed <= SHOWN:
                self._bar.write(f"{self.name}: {what}\n{traceback.format_exc()}", file=sys.stderr)
        self.passed(1)

    @contextmanager
    def part(self, what: str) -> Iterator[None]:
        """Say in the end how many cases were counted under it."""
        before = self.cases
        yield
        self.note(f"{what}: {self.cases - before:,}")

    def note(self, text: str) -> None:
        """Add a line to what the tally says in the end."""
        self._notes.append(text)

    def close(self) -> None:
        """Take the progress bar away."""
        self._bar.close()

    def __str__(self) -> str:
        counts = f"proof {self.name}: {self.cases} cases, {self.failed} failed"
        return "\n  ".join([counts, *self._notes])
