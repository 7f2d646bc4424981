"""`python -m bench.beside`: what networks cost by our converter and by those of others.

For each network, converter and core: flash with start code and library routines, RAM with input,
output and stack, instructions of a run; the least of each is bold. Each program's answer is
compared with onnxruntime's, or with our integers. A pattern of names picks some networks.

Others are compared where they are installed: emx-onnx-cgen and emlearn (with scikit-learn) as
Python packages, onnx2c on PATH.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

from bench.cases import NETWORKS
from bench.converters import CONVERTERS, Converter, Task
from bench.forest import forest
from bench.targets import TARGETS, Cost, Target
from inkpin.common import InputError, UnavailableError
from inkpin.common.command import run_command

_FIELDS = ("flash", "ram", "instructions")


def tasks(pattern: str, folder: Path) -> Iterator[tuple[str, Task]]:
    """Yield what is converted, by name."""
    random = np.random.default_rng(0)
    for name, make in NETWORKS.items():
        if fnmatch(name, pattern):
            net = make()
            path = folder / "model.onnx"
            path.write_bytes(net.model())
            yield name, Task(path, random.random((100, *net.shape[1:]), dtype=np.float32))
    if fnmatch("forest", pattern):
        made = forest(folder / "forest.onnx")
        if made is not None:
            yield "forest", made


def costs(task: Task, converter: Converter, targets: Sequence[Target]) -> list[Cost | None]:
    """Return what a network costs on each core; None where there is no program of it."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            program = converter.program(task, Path(scratch))
        except InputError as error:
            print(f"{converter.name}: {error}", file=sys.stderr)
            return [None for _ in targets]
        found: list[Cost | None] = []
        for target in targets:
            try:
                cost = target.cost(program.sources, program.include, program.given)
            except InputError as error:
                print(f"{converter.name}: {error}", file=sys.stderr)
                found.append(None)
            else:
                program.check(cost.answer)
                found.append(cost)
    return found


def rows(name: str, found: dict[str, list[Cost | None]]) -> Iterator[str]:
    """Yield a network's lines of the table."""
    cells = {
        converter: [
            None if cost is None else getattr(cost, key) for cost in each for key in _FIELDS
        ]
        for converter, each in found.items()
        if any(each)
    }
    least = [
        min((number for number in column if number is not None), default=None)
        for column in zip(*cells.values(), strict=True)
    ]
    for converter, numbers in cells.items():
        shown = [
            "-" if number is None else f"**{number:,}**" if number == best else f"{number:,}"
            for number, best in zip(numbers, least, strict=True)
        ]
        yield f"| {name} | {converter} | {' | '.join(shown)} |"


def main() -> None:
    """Print the table, and what made it."""
    targets = [target for target in TARGETS if target.missing is None]
    if not targets:
        raise UnavailableError(f"not found: {', '.join(str(each.missing) for each in TARGETS)}")
    converters = [each for each in CONVERTERS if each.version]
    heads = [f"{target.name}: {key}" for target in targets for key in _FIELDS]
    print(f"| network | converter | {' | '.join(heads).replace('ram', 'RAM')} |")
    print(f"|---|---|{'---:|' * len(heads)}")
    with tempfile.TemporaryDirectory() as scratch:
        for name, task in tasks(sys.argv[1] if sys.argv[1:] else "*", Path(scratch)):
            found = {each.name: costs(task, each, targets) for each in converters}
            for row in rows(name, found):
                print(row, flush=True)
    print(f"\n{date.today()}: {', '.join(f'{each.name} {each.version}' for each in converters)}.")
    for target in targets:
        print(f"{target.name}: {target.versions}.")


if __name__ == "__main__":
    sys.exit(run_command("bench.beside", main))
