"""`python -m bench`: flash, RAM and instructions of the fixtures, ours beside a plain loop nest.

Single layers come before the fixtures. A pattern of names picks some of both: `python -m bench
'lenet*'`.

Counted on the emulated Xtensa core at -Os, support routines included; instructions are not cycles.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

from bench.cases import LAYERS
from bench.plain import plain_c
from inkpin import xtensa
from inkpin.common.command import run_command
from inkpin.model import convert
from inkpin.model.converter.converted import Converted
from inkpin.model.converter.ir import size
from inkpin.model.data.fetch import mnist_folder
from inkpin.model.data.formats.idx import load_split

FIXTURES = Path(__file__).parents[2] / "libs/model/tests/converter/fixtures"
_SOFTMAX = {"ink_softmax", "ink_log_softmax", "ink_power", "ink_rescale"}
_OWN = {"main", "ink_read", "ink_write", "ink_exit", "_start"}


@dataclass(frozen=True)
class Measured:
    """Bytes, instructions of one prediction, and its output."""

    flash: int
    ram: int
    instructions: int
    answer: bytes


def measured(sources: list[Path], include: list[Path], call: str, image: bytes) -> Measured:
    """Return what a program costs that reads an image and writes scores."""
    with tempfile.TemporaryDirectory() as scratch:
        main = Path(scratch) / "main.c"
        main.write_text(call)
        elf = xtensa.build([*sources, main], include)
        counts = xtensa.count(elf, image)
        answer = xtensa.run(elf, image)
        sizes, stack = xtensa.sizes(elf), xtensa.stack(elf)
    ram = sizes["data"] + sizes["bss"] + stack
    flash = sizes["text"] + sizes["rodata"] + sizes["data"]
    work = sum(number for name, number in counts.items() if name not in _OWN)
    return Measured(flash, ram, work, answer)


def program(converted: Converted, run: str, header: str, arena: str) -> str:
    """Return a main that reads an image, runs a network and writes its output."""
    source = converted.source
    return (
        f'#include "ink_xtensa.h"\n{header}\n'
        f"static uint8_t input[{source.inputs[0].count}];\n"
        f"static {source.output.element} output[{source.output.count}];\n{arena}"
        "int main(void) {\n    ink_read(input, sizeof input);\n"
        f"    {run}\n    ink_write(output, sizeof output);\n    return 0;\n}}\n"
    )


def compared(converted: Converted, image: bytes) -> tuple[Measured, Measured]:
    """Return what a network costs, and what its plain loop nests cost.

    Args:
        converted: the network, named "net".
        image: the bytes of its input.
    """
    source = converted.source
    each = 4 if source.arena_element == "int32_t" else 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = [path for path in converted.write(folder) if path.suffix == ".c"]
        arena = f"static {source.arena_element} arena[NET_ARENA / {each}];\n"
        run = program(converted, "net_run(input, output, arena);", '#include "net.h"', arena)
        ours = measured(files, [folder], run, image)
        (folder / "plain.c").write_text(plain_c(converted))
        softmax = [path for path in files if path.stem in _SOFTMAX]
        head = f"#include <stdint.h>\nvoid plain_run(const uint8_t *, {source.output.element} *);"
        run = program(converted, "plain_run(input, output);", head, "")
        plain = measured([folder / "plain.c", *softmax], [folder], run, image)
    return ours, plain


def networks(pattern: str) -> Iterator[tuple[str, Converted, np.ndarray]]:
    """Yield each case's name, the network, named "net", and the real numbers of one input."""
    for name, make in LAYERS.items():
        if fnmatch(name, pattern):
            net = make()
            samples = np.random.default_rng(0).random((20, *net.shape[1:]), dtype=np.float32)
            yield name, convert(net.model(), samples, name="net"), samples[:1]
    images = load_split(mnist_folder(), "train").bitmaps[:300].astype(np.float32) / 255
    for path in sorted(FIXTURES.glob("*.onnx")):
        if fnmatch(path.stem, pattern):
            given = "qdq" in path.stem or "qoperator" in path.stem
            converted = convert(path, None if given else images, name="net")
            shape = (1, *converted.integer_program.inputs[0].shape)
            if size(shape) == images[0].size:  # or it is no classifier of MNIST
                yield path.stem, converted, images[:1].reshape(shape)


def main() -> None:
    """Print the table."""
    print("| model | MACs | flash | plain | RAM | plain | instructions | a MAC | plain | a MAC |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, converted, sample in networks(sys.argv[1] if sys.argv[1:] else "*"):
        source = converted.integer_program.inputs[0]
        codes = converted.integer_program.encode({source.name: sample})
        ours, plain = compared(converted, codes[source.name].astype(np.uint8).tobytes())
        assert plain.answer == ours.answer, f"{name}: the baseline computes something else"
        macs = sum(call.macs for call in converted.integer_program.calls)
        cells = [f"{macs:,}"]
        for a, b in ((ours.flash, plain.flash), (ours.ram, plain.ram)):
            cells += [f"{a:,}", f"{b:,}"]
        for one in (ours, plain):
            cells += [f"{one.instructions:,}", f"{one.instructions / macs:.1f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    sys.exit(run_command("bench", main))
