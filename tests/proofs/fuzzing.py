"""Coverage-guided fuzzing of the C's entry points, under the address and undefined behaviour
sanitizers.

A target is fuzz/targets/NAME.c; the inputs kept for it are the lines, in hex, of
fuzz/corpus/NAME.txt. As a command, `python -m proofs.fuzzing` fuzzes for long.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bindings import LOCK_SOURCES, SCREEN_SOURCES

from inkpin import device, preprocess, screen
from inkpin.common import InputError, UnavailableError
from inkpin.common.command import run_command
from inkpin.common.host_compiler import SANITIZERS, WARNINGS
from inkpin.device.build import include
from proofs.tally import Tally

FUZZ = Path(__file__).parent / "fuzz"
TARGETS = tuple(sorted(path.stem for path in (FUZZ / "targets").glob("*.c")))
SOURCES = [*LOCK_SOURCES, *SCREEN_SOURCES, preprocess.C_FOLDER / "ink_preprocess.c"]
FURTHER = {
    "device": [
        *device.C_FOLDER.glob("*.c"),
        screen.C_FOLDER / "ink_damage.c",
        FUZZ / "oracle.c",
    ]
}
MAX_LENGTH = 512
_TELLING = re.compile(r".*(?:does not hold|runtime error|ERROR|SUMMARY).*|\s+#\d+ .*\.c:.*")
_EXECUTED = re.compile(r"stat::number_of_executed_units: *(\d+)")


class Target:
    """A target that is built, its corpus unpacked.

    Attributes:
        name: the target's.
        folder: the inputs, a file each.
    """

    def __init__(self, name: str, scratch: Path) -> None:
        self.name = name
        self.folder = scratch / "corpus"
        self.folder.mkdir()
        self._scratch = scratch
        self._program = scratch / name
        self._kept = FUZZ / "corpus" / f"{name}.txt"
        self._build()
        if self._kept.exists():
            for number, line in enumerate(self._kept.read_text().split()):
                (self.folder / f"{number:04}").write_bytes(bytes.fromhex(line))

    def _build(self) -> None:
        clang = shutil.which("clang")
        if not clang:
            raise UnavailableError("no clang: install it (Debian: apt-get install clang)")
        command = [clang, *WARNINGS, "-O1", *SANITIZERS, "-fsanitize=fuzzer"]
        command += [f"-I{folder}" for folder in (*include(), FUZZ)]
        own = [FUZZ / "fuzz.c", FUZZ / "targets" / f"{self.name}.c"]
        command += map(str, [*SOURCES, *FURTHER.get(self.name, ()), *own])
        done = subprocess.run([*command, "-o", str(self._program)], capture_output=True, text=True)
        if "libclang_rt.fuzzer" in done.stderr:
            raise UnavailableError(
                "clang has no libFuzzer: install it (Debian: apt-get install libclang-rt-dev)"
            )
        if done.returncode:
            raise InputError(f"{self.name}.c does not compile: {done.stderr.strip()}")

    def fuzz(self, *options: str) -> tuple[int, str]:
        """Run libFuzzer; return the inputs that it tried, and what it said if one failed."""
        done = self._run(f"-max_len={MAX_LENGTH}", "-timeout=10", "-print_final_stats=1", *options)
        executed = _EXECUTED.search(done.stderr)
        said = ""
        if done.returncode:
            found = "".join(path.read_bytes().hex() for path in self._scratch.glob("found-*"))
            telling = [line for line in done.stderr.splitlines() if _TELLING.fullmatch(line)]
            said = "\n".join([*telling, f"the input, for fuzz/corpus/{self.name}.txt: {found}\n"])
        return int(executed[1]) if executed else 0, said

    def keep(self) -> int:
        """Write the smallest inputs that reach all that the corpus does; return their number."""
        fewest = self._scratch / "fewest"
        fewest.mkdir()
        self._run("-set_cover_merge=1", str(fewest))
        inputs = sorted((path.read_bytes() for path in fewest.iterdir()), key=lambda i: (len(i), i))
        self._kept.parent.mkdir(exist_ok=True)
        self._kept.write_text("".join(f"{data.hex()}\n" for data in inputs))
        return len(inputs)

    def _run(self, *options: str) -> subprocess.CompletedProcess[str]:
        found = f"-artifact_prefix={self._scratch}/found-"
        return subprocess.run(
            [str(self._program), found, *options, str(self.folder)],
            capture_output=True,
            text=True,
            errors="replace",
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"},
        )


@contextmanager
def target(name: str) -> Iterator[Target]:
    """Build a target, for as long as it is used.

    Raises:
        InputError: there is no clang or no libFuzzer, or it does not compile.
    """
    with tempfile.TemporaryDirectory() as scratch:
        yield Target(name, Path(scratch))


def run(tally: Tally, limit: str, names: Sequence[str] = TARGETS) -> None:
    """Try the corpus of each target and, from there, new inputs.

    Args:
        tally: counts each input.
        limit: libFuzzer's option that ends it, for each target: -runs=N or -max_total_time=SECONDS.
        names: the targets.
    """
    for name in names:
        with target(name) as built:
            executed, said = built.fuzz(limit, "-seed=1")
            with tally.case(name):
                assert not said, said
            tally.passed(max(executed - 1, 0))


def main() -> int:
    """Fuzz for long; return the exit status."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Fuzz the C's entry points.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=600, help="for each target (600)")
    parser.add_argument("--keep", action="store_true", help="write what was found to the corpus")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"no target {min(unknown)}: there are {', '.join(TARGETS)}")
    failed = 0
    for name in options.targets or TARGETS:
        with target(name) as built:
            print(f"fuzz {name}: {options.seconds} s", file=sys.stderr, flush=True)
            executed, said = built.fuzz(f"-max_total_time={options.seconds}")
            failed += bool(said)
            print(said, end="", file=sys.stderr)
            print(f"fuzz {name}: {executed} inputs, {int(bool(said))} failed", flush=True)
            if options.keep:
                print(f"fuzz {name}: {built.keep()} inputs kept", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(run_command("fuzz", main))
