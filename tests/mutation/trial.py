"""One target's mutants put to its tests, which are imported and collected once.

Each mutant has a fork of the process that collected them. It runs them until one fails, those
first that caught most in the least time. Each has five times the time that it takes without a
mistake, and much more if the machine has others to serve.
"""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

import pytest
from _pytest.runner import runtestprotocol

from mutation.mutants import Mutant
from mutation.objects import Objects
from mutation.swap import swap

TIMES_LONGER = 5
LEAST_SECONDS = 1.0
TIMES_BUSIER = 30


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SAME = "the same code"
    REFUSED = "does not compile"
    LIVED = "lived"


Tell = Callable[[Mutant, Fate, str], None]
"""Called with a mutant, its fate, and the name of the test that caught it."""


class Trial:
    """A plugin of pytest: instead of the tests once it runs them once for each mutant.

    Args:
        source: the file to change, in a copy of the tree.
        copy: that copy; its packages are imported.
        objects: what compiles.
        chosen: the mutants.
        tell: called with what becomes of each.

    Attributes:
        failed: the test that fails without a mistake, too.
    """

    def __init__(
        self, source: Path, copy: Path, objects: Objects, chosen: list[Mutant], tell: Tell
    ) -> None:
        self.failed = ""
        self._source, self._copy, self._objects = source, copy, objects
        self._whole = source.read_text("utf-8")
        self._chosen, self._tell = chosen, tell
        self._seconds: dict[str, float] = {}
        self._caught: Counter[str] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests without a mistake, then with each."""
        words = list(session.config.args)
        self.failed = self._fork(lambda to: self._run(session.items, to))
        self._unchanged = self._objects.made() if self._source.suffix == ".c" else None
        try:
            for mutant in [] if self.failed else self._chosen:
                self._source.write_text(mutant.text, "utf-8")
                self._tell(mutant, *self._try(mutant, session.items, words))
                self._objects.forget()
        finally:
            self._source.write_text(self._whole, "utf-8")
        return True

    def _try(self, mutant: Mutant, items: list[pytest.Item], words: list[str]) -> tuple[Fate, str]:
        if self._source.suffix == ".c":
            made = self._objects.made()
            if made is None or made == self._unchanged:
                return (Fate.SAME if made else Fate.REFUSED), ""
            test = self._fork(lambda to: self._run(items, to))
        else:
            test = self._fork(lambda to: self._swapped(mutant, items, words, to))
            if not test:  # what was computed as modules were imported had no mistake in it
                test = self._fork(lambda to: self._anew(words, to))
        self._caught[test] += 1
        return (Fate.CAUGHT if test else Fate.LIVED), test

    def _swapped(self, mutant: Mutant, items: list[pytest.Item], words: list[str], to: int) -> None:
        if swap(self._source, self._whole, mutant.text):
            self._run(items, to)
        self._anew(words, to)

    def _anew(self, words: list[str], to: int) -> None:
        """Import all of the copy again, and run the tests."""
        for name, module in [*sys.modules.items()]:
            if (getattr(module, "__file__", None) or "").startswith(str(self._copy)):
                del sys.modules[name]
        sys.modules.pop("inkpin", None)
        pytest.main([*OPTIONS, *words], plugins=[_Anew(lambda items: self._run(items, to))])
        os.write(to, b"the tests do not start\n")
        os._exit(1)

    def _run(self, items: list[pytest.Item], to: int) -> NoReturn:
        """Run tests until one fails, say to a pipe which begins and how long it took, and end."""
        whole = {item.nodeid: self._seconds.get(item.nodeid, 0.0) for item in items}

        def dear(item: pytest.Item) -> float:
            return (whole[item.nodeid] + 0.01) / (self._caught[item.nodeid] + 0.1)

        items = sorted(items, key=dear) if self._seconds else items
        for item, following in zip(items, [*items[1:], None], strict=True):
            os.write(to, f"{item.nodeid}\n".encode())
            if self._seconds:
                allowed = LEAST_SECONDS + TIMES_LONGER * whole[item.nodeid]
                signal.setitimer(signal.ITIMER_PROF, allowed)
                signal.setitimer(signal.ITIMER_REAL, allowed * TIMES_BUSIER)
            began = time.monotonic()
            reports = runtestprotocol(item, log=False, nextitem=following)
            os.write(to, f"\t{time.monotonic() - began}\n".encode())
            if any(report.failed for report in reports):
                if not self._seconds:
                    print(*(report.longreprtext for report in reports), file=sys.__stderr__)
                os._exit(1)
        os._exit(0)

    def _fork(self, carry_out: Callable[[int], None]) -> str:
        """Carry out in a fork; return the test that fails, or nothing."""
        from_it, to = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setpgid(0, 0)
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                nowhere = os.open(os.devnull, os.O_RDWR)
                os.dup2(nowhere, 1)
                if self._seconds:
                    os.dup2(nowhere, 2)
                carry_out(to)
            finally:
                os._exit(1)
        os.close(to)
        test, status = "", 0
        seconds: dict[str, float] = {}
        try:
            with os.fdopen(from_it) as said:
                for line in said:
                    if line.startswith("\t"):
                        seconds[test] = float(line)
                    else:
                        test = line.rstrip("\n")
            _, status = os.waitpid(child, 0)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)  # and whatever the tests started and left
        if not self._seconds:
            self._seconds = seconds
        return (test or "the tests do not start") if status else ""


OPTIONS = ("-q", "-s", "-p", "no:cacheprovider")


class _Anew:
    """A plugin that runs the tests its own way."""

    def __init__(self, run: Callable[[list[pytest.Item]], NoReturn]) -> None:
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Run them; this does not return."""
        self._run(session.items)
