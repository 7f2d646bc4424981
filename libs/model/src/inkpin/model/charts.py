"""Pictures of results, by matplotlib."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from inkpin.model.files import replacing


def confusion_png(results: Sequence[dict[str, Any]], labels: Sequence[str], path: Path) -> None:
    """Draw the confusion matrices of `evaluate` side by side into a PNG.

    The colour shows the share of a true label's samples; the numbers are counts.

    Raises:
        InputError: the file cannot be written.
    """
    side = max(4.5, 0.42 * len(labels) + 1.2)
    figure = Figure(figsize=(side * len(results), side + 0.4), layout="constrained")
    for axes, result in zip(
        figure.subplots(1, len(results), squeeze=False)[0], results, strict=True
    ):
        counts = np.array(result["confusion"])
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        # The root makes rare mistakes visible beside the diagonal.
        axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
        for row, column in np.argwhere(counts):
            axes.text(
                column,
                row,
                counts[row, column],
                ha="center",
                va="center",
                fontsize=7,
                color="white" if shares[row, column] > 0.35 else "black",
            )
        axes.set_xticks(range(len(labels)), labels)
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xlabel("read as")
        axes.set_ylabel("written")
        axes.set_title(
            f"{result['set']}: {result['accuracy']:.2%} of {result['n']:,}\n"
            f"engine {result['engine']}, preprocess {result['preprocess'] or 'none'}",
            fontsize=9,
        )
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": None})
    with replacing(path) as file:
        file.write(picture.getvalue())
