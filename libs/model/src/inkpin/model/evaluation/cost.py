"""What reading a digit costs on the device's kind of core, counted on an emulated one."""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inkpin import xtensa
from inkpin.common.arrays import Drawing
from inkpin.model.converter import convert
from inkpin.model.data import fetch
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.samples import load_samples
from inkpin.model.inference.c_engine import recogniser_c
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.model.inference.xtensa_engine import (
    OWN_FUNCTIONS,
    XtensaRecogniser,
    bitmap_work,
    drawing_work,
)

SAMPLES = 100
"""MNIST test images, and as many pen drawings, that the command counts over."""

FLAGS = ("-Os",)
"""What the C is compiled with for the device."""

_SMALLEST = Path(__file__).with_suffix(".c")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model cost`."""
    xtensa.toolchain()  # if it is missing, that is the first thing to say
    images = load_split(fetch.mnist_folder(), "test").bitmaps
    drawings = [sample.strokes for sample in load_samples(fetch.pen_strokes())]
    result = costs(arguments.model, spread(images), spread(drawings))
    print(json.dumps(result) if arguments.json else table(result))


def spread(items: Sequence[Any]) -> Sequence[Any]:
    """Return SAMPLES of the items, from all over."""
    return items[:: max(1, len(items) // SAMPLES)][:SAMPLES]


def costs(model: Path, bitmaps: np.ndarray, drawings: Sequence[Drawing]) -> dict[str, Any]:
    """Return what a network and the preprocess cost on Xtensa.

    Args:
        model: an ONNX file.
        bitmaps: (n, 28, 28), n > 0.
        drawings: at least one; they are normalised.

    Returns:
        `instructions`, {function: [from a bitmap on, from touch points on]}, the means of one
        reading, the largest first; `total`, likewise; `n`, the numbers of bitmaps and drawings;
        `flash_bytes` of code and constants; `ram_bytes` of stroke buffer, input, arena, result and
        the deepest stack; `stack_bytes`, that stack alone.

    Raises:
        InputError: no toolchain, or an unusable model.
    """
    converted = convert(model, name="digits")
    elf = XtensaRecogniser(converted, FLAGS).elf
    with recogniser_c(converted) as (sources, include):
        smallest = xtensa.build([*sources, _SMALLEST], include, FLAGS)
    size, stack = xtensa.sizes(smallest), xtensa.stack(smallest)
    n = [len(bitmaps), len(drawings)]
    counts = [_by_function(elf, work) for work in (bitmap_work(bitmaps), drawing_work(drawings))]

    def means(sums: Sequence[int]) -> list[int]:
        return [round(total / count) for total, count in zip(sums, n, strict=True)]

    return {
        "n": n,
        "instructions": {
            name: means([count[name] for count in counts])
            for name, _ in (counts[0] | counts[1]).most_common()
        },
        "total": means([count.total() for count in counts]),
        "flash_bytes": size["text"] + size["rodata"] + size["data"],
        "ram_bytes": size["data"] + size["bss"] + stack,
        "stack_bytes": stack,
    }


def _by_function(elf: xtensa.Elf, work: bytes) -> Counter[str]:
    """Return the instructions by function of the C; gcc's clones of one are counted with it."""
    counts: Counter[str] = Counter()
    for symbol, count in xtensa.count(elf, work).items():
        name = symbol.partition(".")[0]
        if name not in OWN_FUNCTIONS:
            counts[name] += count
    return counts


def table(result: dict[str, Any]) -> str:
    """Return as text what `costs` returned."""
    rows = [*result["instructions"].items(), ("total", result["total"])]
    width = max(len(name) for name, _ in rows)
    images, drawings = result["n"]
    return "\n".join(
        [
            f"{'instructions':{width}}   from bits  from touch points",
            *(f"{name:{width}}  {bits:10,}  {points:17,}" for name, (bits, points) in rows),
            "",
            f"Means of {images:,} images and {drawings:,} drawings; emulated Xtensa core, -Os.",
            "Instructions are not cycles: memory, branches and register windows come on top.",
            f"Flash {result['flash_bytes']:,} bytes; RAM {result['ram_bytes']:,} bytes,"
            f" {result['stack_bytes']:,} of them stack at worst.",
        ]
    )
