"""Put mutants to the tests: `./dev mutate`, or `./dev mutate NAME... --share 20`.

Each is written into a copy of the working tree and given the tests of its file, which ought to
fail. One that does not compile, or compiles to the same code, is none.
"""

import argparse
import importlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from random import Random

from inkpin.common import InputError
from inkpin.common.command import run_command
from inkpin.common.host_compiler import WARNINGS, compiler
from mutation.mutants import Mutant, mutants
from mutation.targets import TARGETS, Target

ROOT = Path(__file__).parents[2]
SHARED = ("numpy", "onnx", "onnxruntime", "PIL.Image", "pytest", "tqdm")
"""What all tests import and no mutant changes: loaded once, before the tests are forked off."""


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SAME = "the same code"
    REFUSED = "does not compile"
    LIVED = "lived"


class Copy:
    """A copy of the working tree to be mutated, with tests that run in it.

    Args:
        folder: where it is to lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout
        for name in filter(None, names.decode().split("\0")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
        rooms = project["tool"]["hatch"]["build"]["dev-mode-dirs"]
        self._path = [str(folder / room) for room in (*rooms, "tests")]
        for name in SHARED:
            importlib.import_module(name)

    def passes(self, tests: tuple[str, ...], seconds: float, *, quiet: bool = True) -> bool:
        """Return whether tests pass, within a time."""
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            self._run(tests, quiet)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status) == 0
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return False

    def _run(self, tests: tuple[str, ...], quiet: bool) -> None:
        """Run pytest and end this process."""
        import pytest  # loaded before the fork

        status = 1
        try:
            os.chdir(self.folder)
            sys.dont_write_bytecode = True
            sys.path[:0] = self._path
            for name in [name for name in sys.modules if name.partition(".")[0] == "inkpin"]:
                del sys.modules[name]
            words = ["-q", "-x", "-p", "no:cacheprovider", *tests]
            if quiet:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = int(pytest.main(words))
        finally:
            sys.stdout.flush()
            os._exit(status)


def _object(source: Path) -> bytes | None:
    """Return a C file compiled, or None."""
    headers = {f"-I{header.parent}" for header in source.parents[5].rglob("*.h")}
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "o"
        command = [compiler(), *WARNINGS, "-O2", *sorted(headers), "-c", str(source), "-o", out]
        done = subprocess.run(command, capture_output=True)
        return None if done.returncode else out.read_bytes()


def _put(copy: Copy, target: Target, chosen: list[Mutant], seconds: float) -> Iterator[Fate]:
    source = copy.folder / target.path
    whole = source.read_text("utf-8")
    built = _object(source) if source.suffix == ".c" else None
    try:
        for mutant in chosen:
            source.write_text(mutant.text, "utf-8")
            made = _object(source) if built else b""
            if made is None:
                yield Fate.REFUSED
            elif built and made == built:
                yield Fate.SAME
            else:
                yield Fate.LIVED if copy.passes(target.tests, seconds) else Fate.CAUGHT
    finally:
        source.write_text(whole, "utf-8")


def _table(counts: dict[str, Counter[Fate]]) -> str:
    text = io.StringIO()
    print(f"| file | {' | '.join(Fate)} |\n|---|{'--:|' * len(Fate)}", file=text)
    for name, count in counts.items():
        print(f"| {name} | {' | '.join(str(count[fate]) for fate in Fate)} |", file=text)
    return text.getvalue()


def _mutate(copy: Copy, name: str, share: float, seed: int) -> Counter[Fate]:
    target = TARGETS[name]
    text = (copy.folder / target.path).read_text("utf-8")
    every = list(mutants(target.path, text))
    chosen = Random(seed).sample(every, max(1, round(len(every) * share)))
    began = time.monotonic()
    if not copy.passes(target.tests, 3600, quiet=False):
        raise InputError(f"{name}: its tests fail without a mistake, too: run them alone first")
    allowed = 30 + 10 * (time.monotonic() - began)
    count: Counter[Fate] = Counter()
    for mutant, fate in zip(chosen, _put(copy, target, chosen, allowed), strict=True):
        count[fate] += 1
        if fate == Fate.LIVED:
            print(f"{target.path}:{mutant.line}: {mutant.what}", flush=True)
    return count


def main() -> int:
    """Mutate what is named, or all; return the exit status, 0 however many lived."""
    parser = argparse.ArgumentParser(prog="mutate", description="Put mutants to the tests.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--share", type=float, default=100, help="percent of them (100)")
    parser.add_argument("--seed", type=int, default=1, help="which of them (1)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(TARGETS):
        parser.error(f"no {min(unknown)}: there are {', '.join(TARGETS)}")
    counts: dict[str, Counter[Fate]] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        try:
            for name in options.names or TARGETS:
                counts[name] = _mutate(copy, name, options.share / 100, options.seed)
        finally:
            print(_table(counts), end="")
    return 0


if __name__ == "__main__":
    sys.exit(run_command("mutate", main))
