"""Put mutants to the tests: `./dev mutate`, or `./dev mutate NAME... --share 20`.

Each is a mistake in a copy of the working tree, given to the tests of its file, one of which ought
to fail. One that does not compile, or compiles to the same code, is none. What became of each is
kept in build/mutation, and not asked again while its file stays the same.
"""

import argparse
import importlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from inkpin.common import InputError
from inkpin.common.command import run_command
from mutation.mutants import Mutant, mutants
from mutation.objects import Objects
from mutation.targets import TARGETS
from mutation.trial import OPTIONS, Fate, Trial

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "mutation"
SHARED = ("numpy", "onnx", "onnxruntime", "PIL.Image", "tqdm")
"""What all tests import and no mutant changes: loaded once, before a file's are forked off."""


class Results:
    """What became of a file's mutants, on the disk.

    Args:
        name: the file's, in TARGETS.
    """

    def __init__(self, name: str) -> None:
        self._path = KEPT / f"{name}.jsonl"
        lines = self._path.read_text("utf-8").splitlines() if self._path.exists() else []
        self._fates = {found["mutant"]: Fate(found["fate"]) for found in map(json.loads, lines)}

    def __getitem__(self, mutant: Mutant) -> Fate | None:
        return self._fates.get(_digest(mutant))

    def keep(self, mutant: Mutant, fate: Fate, test: str) -> None:
        """Write what became of one, and the test that caught it."""
        found = {"mutant": _digest(mutant), "line": mutant.line, "what": mutant.what}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**found, "fate": fate, "test": test}) + "\n")


def _digest(mutant: Mutant) -> str:
    return sha256(mutant.text.encode()).hexdigest()[:24]


def _copy_tree(folder: Path) -> list[str]:
    """Copy the working tree; return the folders of its packages."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    rooms = project["tool"]["hatch"]["build"]["dev-mode-dirs"]
    return [str(folder / room) for room in (*rooms, "tests")]


def _try(copy: Path, packages: list[str], name: str, chosen: list[Mutant]) -> None:
    """Try mutants of a file, in a fork that imports what the copy has."""
    told = copy / "failed"
    told.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        try:
            os.chdir(copy)
            sys.dont_write_bytecode = True
            for loaded in [each for each in sys.modules if each.partition(".")[0] == "inkpin"]:
                del sys.modules[loaded]
            sys.path[:0] = packages
            source = copy / TARGETS[name].path
            objects = Objects(copy / "build", copy, source)
            trial = Trial(source, copy, objects, chosen, Results(name).keep)
            pytest.main([*OPTIONS, *TARGETS[name].tests], plugins=[trial])
            told.write_text(trial.failed, "utf-8")
        finally:
            os._exit(0)
    try:
        os.waitpid(child, 0)
    except KeyboardInterrupt:
        os.waitpid(child, 0)  # it has heard of it, too
        raise
    if failed := told.read_text("utf-8") if told.exists() else "they do not start":
        raise InputError(f"{name}: its tests fail without a mistake, run them alone: {failed}")


def _table(counts: dict[str, Counter[Fate]]) -> str:
    text = io.StringIO()
    print(f"| file | {' | '.join(Fate)} |\n|---|{'--:|' * len(Fate)}", file=text)
    for name, count in counts.items():
        print(f"| {name} | {' | '.join(str(count[fate]) for fate in Fate)} |", file=text)
    return text.getvalue()


def main() -> int:
    """Mutate what is named, or all; return the exit status, 0 however many lived.

    Ctrl-C says what was reached.
    """
    parser = argparse.ArgumentParser(prog="mutate", description="Put mutants to the tests.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--share", type=float, default=100, help="percent of them (100)")
    parser.add_argument("--seed", type=int, default=1, help="which of them (1)")
    parser.add_argument("--again", action="store_true", help="ask again after those that lived")
    options = parser.parse_args()
    if unknown := set(options.names) - set(TARGETS):
        parser.error(f"no {min(unknown)}: there are {', '.join(TARGETS)}")
    counts: dict[str, Counter[Fate]] = {}
    for module in SHARED:
        importlib.import_module(module)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        packages = _copy_tree(copy)
        try:
            for name in options.names or TARGETS:
                text = (copy / TARGETS[name].path).read_text("utf-8")
                every = list(mutants(name, text))
                number = max(1, round(len(every) * options.share / 100))
                mixed = Random(options.seed).sample(every, len(every))
                chosen = mixed[:number]  # of which a larger share holds all
                kept = Results(name)
                asked = (None, Fate.LIVED) if options.again else (None,)
                wanted = [mutant for mutant in chosen if kept[mutant] in asked]
                try:
                    if wanted:
                        _try(copy, packages, name, wanted)
                finally:
                    kept = Results(name)
                    fates = {mutant: fate for mutant in chosen if (fate := kept[mutant])}
                    counts[name] = Counter(fates.values())
                    for mutant in sorted(each for each in fates if fates[each] == Fate.LIVED):
                        print(f"{TARGETS[name].path}:{mutant.line}: {mutant.what}", flush=True)
        finally:
            print(_table(counts), end="")
    return 0


if __name__ == "__main__":
    sys.exit(run_command("mutate", main))
