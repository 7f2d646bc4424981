"""What reading a digit costs on the device's kind of core, counted on an emulated one."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from inkpin import xtensa
from inkpin.common.arrays import Bitmaps, Drawing, GreyImages
from inkpin.model.converter import convert
from inkpin.model.inference.c_engine import recogniser_sources
from inkpin.model.inference.engine_io import encode_bitmaps, encode_drawings
from inkpin.model.inference.xtensa_engine import HARNESS_FUNCTIONS, XtensaRecogniser

SAMPLES = 100
"""MNIST test images, and as many pen drawings, that the command counts over."""

FLAGS = ("-Os",)
"""What the C is compiled with for the device."""

_SMALLEST = Path(__file__).with_suffix(".c")


class Costs(TypedDict):
    """What reading a digit costs on Xtensa.

    Attributes:
        n: how many bitmaps and how many drawings were counted over.
        instructions: by function, of one reading, the means from a bitmap on and from touch points
            on; the largest first.
        total: likewise, of all functions.
        flash_bytes: of code and constants.
        ram_bytes: of stroke buffer, input, arena, result and the deepest stack.
        stack_bytes: that stack alone.
    """

    n: list[int]
    instructions: dict[str, list[int]]
    total: list[int]
    flash_bytes: int
    ram_bytes: int
    stack_bytes: int


def spread(count: int) -> slice:
    """Return which SAMPLES of so many things to count over, from all over."""
    step = max(1, count // SAMPLES)
    return slice(0, step * SAMPLES, step)


def costs(model: Path, bitmaps: Bitmaps | GreyImages, drawings: Sequence[Drawing]) -> Costs:
    """Return what a network and the preprocess cost on Xtensa.

    Args:
        model: an ONNX file.
        bitmaps: at least one.
        drawings: at least one; they are normalised.

    Raises:
        InputError: no toolchain, or an unusable model.
    """
    converted = convert(model)
    elf = XtensaRecogniser(converted, FLAGS).elf
    with recogniser_sources(converted) as (sources, include):
        smallest = xtensa.build([*sources, _SMALLEST], include, FLAGS)
    size = xtensa.sizes(smallest)
    stack = xtensa.stack(smallest, pointee=f"{converted.source.name}_run")
    n = [len(bitmaps), len(drawings)]
    counts = [
        _by_function(elf, work) for work in (encode_bitmaps(bitmaps), encode_drawings(drawings))
    ]

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
        if name not in HARNESS_FUNCTIONS:
            counts[name] += count
    return counts


def table(result: Costs) -> str:
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
