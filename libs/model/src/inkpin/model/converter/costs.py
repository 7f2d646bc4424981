"""Programs around a converted network, for measuring what it costs."""

import tempfile
from pathlib import Path

from inkpin import preprocess
from inkpin.model.converter.emit import Source
from inkpin.model.converter.lower import Layer
from inkpin.model.converter.measure import ENTRY, TARGETS, Cost

Costs = dict[str, Cost | None]
"""By target; None without that compiler."""


def network_costs(source: Source, first: Layer, c_folder: Path) -> Costs:
    """Return what a network and its kernels cost, the input and the scores included.

    Args:
        source: the network's C.
        first: its first layer.
        c_folder: where the kernels are.
    """
    name = source.name
    element, count = ("uint32_t", first.in_shape[1]) if first.bitmap else ("uint8_t", first.in_size)
    program = (
        f'#include "{name}.h"\n'
        f"static {element} input[{count}];\n"
        f"static int32_t logits[{name.upper()}_CLASSES];\n"
        f"static uint8_t arena[{name.upper()}_ARENA];\n"
        f"void {ENTRY}(void);\n"
        f"void {ENTRY}(void) {{ {name}_run(input, logits, arena); }}\n"
    )
    return _costs(source, program, [c_folder / "ink_kernels.c"], [c_folder])


def recogniser_costs(source: Source, c_folder: Path) -> Costs:
    """Return what reading a drawing costs: stroke buffer, preprocess and prediction.

    Args:
        source: the C of a network of 28x28 bitmaps with labels and confidence, named "digits".
        c_folder: where the kernels and the prediction are.
    """
    program = (
        '#include "ink_predict.h"\n#include "ink_preprocess.h"\n'
        "static ink_strokes ink;\nstatic ink_predictor predictor;\n"
        "static ink_prediction result;\nstatic uint32_t rows[INK_SIDE];\n"
        f"void {ENTRY}(void);\n"
        f"void {ENTRY}(void) {{\n"
        "    ink_strokes_clear(&ink);\n"
        "    ink_strokes_point(&ink, 1, 2);\n"
        "    ink_strokes_up(&ink);\n"
        "    if (ink_strokes_legible(&ink)) {\n"
        "        ink_strokes_bitmap(&ink, INK_NORMALISED, rows);\n"
        "        ink_predict(&predictor, rows, &result);\n"
        "    }\n}\n"
    )
    sources = [
        c_folder / "ink_kernels.c",
        c_folder / "ink_predict.c",
        preprocess.C_FOLDER / "ink_preprocess.c",
    ]
    return _costs(source, program, sources, [c_folder, preprocess.C_FOLDER])


def _costs(source: Source, program: str, sources: list[Path], include: list[Path]) -> Costs:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source.write(folder)
        (folder / "program.c").write_text(program)
        own = [folder / f"{source.name}.c", folder / "program.c"]
        return {
            target: measure([*own, *sources], [folder, *include])
            for target, measure in TARGETS.items()
        }
