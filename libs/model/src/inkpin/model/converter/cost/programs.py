"""Programs around a converted network, for measuring what it costs."""

import tempfile
from pathlib import Path

from inkpin import preprocess
from inkpin.model.converter.codegen.c_source import CSource
from inkpin.model.converter.cost.measure import ENTRY, TARGETS, Cost

Costs = dict[str, Cost | None]
"""By target; None without that compiler."""


def network_costs(source: CSource, kernels: list[Path], c_folder: Path) -> Costs:
    """Return what a network and its kernels cost, the input and the scores included.

    Args:
        source: the network's C.
        kernels: the C files that it calls.
        c_folder: where their headers are.
    """
    storage = "\n".join(source.storage)
    program = (
        f'#include "{source.name}.h"\n{storage}\n'
        f"void {ENTRY}(void);\nvoid {ENTRY}(void) {{ {source.invocation} }}\n"
    )
    return _costs(source, program, kernels, [c_folder])


def recogniser_costs(source: CSource, kernels: list[Path], c_folder: Path) -> Costs:
    """Return what reading a drawing costs: stroke buffer, preprocess and prediction.

    Args:
        source: the C of a network that reads drawings.
        kernels: the C files that it calls.
        c_folder: where their headers and the prediction are.
    """
    program = (
        f'#include "{source.name}.h"\n#include "ink_preprocess.h"\n'
        f"static ink_strokes ink;\nstatic int32_t memory[{source.name.upper()}_MEMORY];\n"
        "static ink_prediction result;\nstatic uint32_t rows[INK_SIDE];\n"
        f"void {ENTRY}(void);\n"
        f"void {ENTRY}(void) {{\n"
        "    ink_strokes_clear(&ink);\n"
        "    ink_strokes_point(&ink, 1, 2);\n"
        "    ink_strokes_up(&ink);\n"
        "    if (ink_strokes_legible(&ink)) {\n"
        "        ink_strokes_bitmap(&ink, INK_NORMALISED, rows);\n"
        f"        ink_predict(&{source.name}_model, memory, rows, &result);\n"
        "    }\n}\n"
    )
    sources = [*kernels, preprocess.C_FOLDER / "ink_preprocess.c"]
    return _costs(source, program, sources, [c_folder, preprocess.C_FOLDER])


def _costs(source: CSource, program: str, sources: list[Path], include: list[Path]) -> Costs:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source.write(folder)
        (folder / "program.c").write_text(program)
        own = [folder / f"{source.name}.c", folder / "program.c"]
        return {
            target: measure([*own, *sources], [folder, *include], source.function)
            for target, measure in TARGETS.items()
        }
