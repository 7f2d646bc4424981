"""`python -m bench`: flash, RAM and instructions of the fixtures, ours beside a plain loop nest.

Counted on the emulated Xtensa core at -Os, support routines included; instructions are not cycles.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.plain import plain_c
from inkpin import xtensa
from inkpin.model import convert
from inkpin.model.converter.converted import C_FOLDER, Converted
from inkpin.model.fetch import mnist_folder
from inkpin.model.idx import load_split

FIXTURES = Path(__file__).parents[2] / "libs/model/tests/fixtures"
_OWN = {"main", "ink_read", "ink_write", "ink_exit", "_start"}


def measured(sources: list[Path], include: list[Path], call: str, image: bytes) -> tuple[int, ...]:
    """Return flash, RAM and instructions of one prediction, and its output as a hash."""
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
    return flash, ram, work, hash(answer)


def program(converted: Converted, run: str, header: str, arena: str) -> str:
    """Return a main that reads an image, runs a network and writes its output."""
    source = converted.source
    return (
        f'#include "ink_xtensa.h"\n{header}\n'
        f"static uint8_t input[{source.inputs[0].count}];\n"
        f"static int32_t output[{source.output.count}];\n{arena}"
        "int main(void) {\n    ink_read(input, sizeof input);\n"
        f"    {run}\n    ink_write(output, sizeof output);\n    return 0;\n}}\n"
    )


def main() -> int:
    """Print the table."""
    images = load_split(mnist_folder(), "train")[0][:300].astype(np.float32) / 255
    print("| model | MACs | flash | plain | RAM | plain | instructions | plain |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for path in sorted(FIXTURES.glob("*.onnx")):
        given = "qdq" in path.stem or "qoperator" in path.stem
        converted = convert(path, None if given else images, name="net")
        if converted.source.output.element != "int32_t":
            continue
        source = converted.lowered.sources[0]
        codes = converted.lowered.encode({source.name: images[:1].reshape(1, *source.shape[1:])})
        image = codes[source.name].astype(np.uint8).tobytes()
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            files = [p for p in converted.write(folder) if p.suffix == ".c"]
            arena = f"static {converted.source.arena_element} arena[NET_ARENA];\n"
            ours = measured(
                files,
                [folder, C_FOLDER],
                program(converted, "net_run(input, output, arena);", '#include "net.h"', arena),
                image,
            )
            text, plain = plain_c(converted), None
            if text is not None:
                (folder / "plain.c").write_text(text)
                header = "#include <stdint.h>\nvoid plain_run(const uint8_t *, int32_t *);"
                run = program(converted, "plain_run(input, output);", header, "")
                plain = measured([folder / "plain.c"], [folder], run, image)
                assert plain[3] == ours[3], f"{path.stem}: the baseline computes something else"
        cells = [f"{sum(call.macs for call in converted.lowered.calls):,}"]
        for place in range(3):
            cells += [f"{ours[place]:,}", "" if plain is None else f"{plain[place]:,}"]
        print(f"| {path.stem} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
