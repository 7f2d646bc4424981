"""`python -m inkpin.model.experiments.learning_curve_command MODEL.onnx PNG`.

Prints and draws what writers gain from their own samples; see `learning_curve`.
"""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from inkpin.common.command import run_command
from inkpin.common.extras import extra
from inkpin.common.files import read_bytes, replacing
from inkpin.common.installation import typed
from inkpin.common.parser import Parser
from inkpin.model.data import fetch
from inkpin.model.data.samples import load_samples
from inkpin.model.experiments.learning_curve import SIZES, WRITERS, Point, learning_curve, share


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table, draw the picture; return the exit status."""
    return run_command("learning_curve_command", partial(_run, arguments))


def _run(arguments: Sequence[str] | None) -> None:
    parser = Parser(
        prog="python -m inkpin.model.experiments.learning_curve_command",
        description="What writers gain from their own samples.",
    )
    parser.add_argument("model", type=Path, help="trained without the writers that learn here")
    parser.add_argument("png", type=Path)
    options = parser.parse_args(arguments)
    _measure(options.model, options.png)


def _measure(model: Path, picture: Path) -> None:
    with extra("the picture takes matplotlib", "report"):
        from inkpin.model.evaluation.charts import png
        from inkpin.model.experiments.charts import learning_curves
    base = read_bytes(model, f"name a network of `{typed('inkpin-model train --keep-out')}`")
    samples = load_samples(fetch.pen_strokes())
    points: list[Point] = []
    for writers in [*((writer,) for writer in WRITERS), WRITERS[:3], WRITERS[3:]]:
        for point in learning_curve(base, samples, writers, SIZES[len(writers)]):
            points.append(point)
            print(
                f"writers {', '.join(map(str, writers)):11} {point.written:3} of each: "
                f"{point.right} of {point.n} right, {point.right / point.n:.2%}; "
                f"reference {point.reference:.2%}",
                flush=True,
            )
    for count, sizes in SIZES.items():
        for size in (0, *sizes):
            chosen = [point for point in points if len(point.writers) == count]
            print(f"{count} on a lock, {size} of each: {share(chosen, size):.2%}")
    with replacing(picture) as file:
        file.write(png(learning_curves(points)))


if __name__ == "__main__":
    sys.exit(main())
