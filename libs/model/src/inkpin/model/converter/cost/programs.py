"""Programs around a converted network, for measuring what it costs."""

import tempfile
from pathlib import Path

from inkpin import preprocess
from inkpin.model.converter.codegen.emit import Source
from inkpin.model.converter.cost.measure import ENTRY, TARGETS, Cost

Costs = dict[str, Cost | None]
"""By target; None without that compiler."""


def network_costs(source: Source, kernels: list[Path], c_folder: Path) -> Costs:
    """Return what a network and its kernels cost, the input and the scores included.

    Args:
        source: the network's C.
        kernels: the C files that it calls.
        c_folder: where their headers are.
    """
    name = source.name
    statics = [f"static {p.element} {p.name}[{p.count}];\n" for p in source.inputs]
    arguments = ", ".join([*(p.name for p in source.inputs), source.output.name, "arena"])
    each = 4 if source.arena_element == "int32_t" else 1
    program = (
        f'#include "{name}.h"\n'
        + "".join(statics)
        + f"static {source.output.element} {source.output.name}[{name.upper()}_CLASSES];\n"
        f"static {source.arena_element} arena[{name.upper()}_ARENA / {each}];\n"
        f"void {ENTRY}(void);\n"
        f"void {ENTRY}(void) {{ {name}_run({arguments}); }}\n"
    )
    return _costs(source, program, kernels, [c_folder])


def recogniser_costs(source: Source, kernels: list[Path], c_folder: Path) -> Costs:
    """Return what reading a drawing costs: stroke buffer, preprocess and prediction.

    Args:
        source: the C of a network of 28x28 bitmaps with labels and confidence, named "digits".
        kernels: the C files that it calls.
        c_folder: where their headers and the prediction are.
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
        *kernels,
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
