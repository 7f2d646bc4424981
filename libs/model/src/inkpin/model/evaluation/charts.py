"""Pictures of results, by matplotlib: each function returns a figure, `png` and `svg` its bytes."""

import io
from collections.abc import Sequence
from itertools import groupby

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from inkpin.model.evaluation.evaluate import Metrics
from inkpin.model.evaluation.reliability import Level
from inkpin.model.training.recipe import Epoch

_DPI = 110


def png(figure: Figure) -> bytes:
    """Return a figure as PNG; the same figure gives the same bytes."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=_DPI, metadata={"Software": None})
    return picture.getvalue()


def svg(figure: Figure) -> bytes:
    """Return a figure as SVG, its words in the reader's font; the same figure, the same bytes."""
    picture = io.BytesIO()
    with mpl.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "inkpin", "font.family": "sans-serif"}
    ):
        figure.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    return picture.getvalue()


def confusion(results: Sequence[Metrics], labels: Sequence[str]) -> Figure:
    """Draw the confusion matrices of `evaluate` side by side.

    The colour shows the share of a true label's samples; the numbers are counts.
    """
    side = max(4.5, 0.42 * len(labels) + 1.2)
    figure = Figure(figsize=(side * len(results), side + 0.4), layout="constrained")
    upright = max(map(len, labels)) > 2
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
        axes.set_xticks(range(len(labels)), labels, rotation=90 * upright)
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xlabel("read as")
        axes.set_ylabel("written")
        right = "none" if result["accuracy"] is None else f"{result['accuracy']:.2%}"
        axes.set_title(
            f"{result['set']}: {right} of {result['n']:,}\n"
            f"engine {result['engine']}, preprocess {result['preprocess'] or 'none'}",
            fontsize=9,
        )
    return figure


def reliability(levels: Sequence[Level]) -> Figure:
    """Draw the share that was right over the confidence; a dot's area shows how many it is of."""
    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], "k:", linewidth=1)
    confidence = [level["confidence"] for level in levels]
    areas = [20 * np.log1p(level["n"]) for level in levels]
    axes.scatter(confidence, [100 * level["right"] for level in levels], s=areas)
    axes.set_xlabel("confidence, %")
    axes.set_ylabel("right, % of held-out samples")
    return figure


def curves(history: Sequence[Epoch]) -> Figure:
    """Draw a training: shares right, and below them the loss, over all epochs of all stages.

    Args:
        history: the epochs in order.
    """
    figure = Figure(figsize=(5.6, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    colours = [f"C{i}" for i in range(1 + len(history[0]["held out"]))]
    first = 1
    for stage, entries in groupby(history, key=lambda entry: entry["stage"]):
        epochs = list(entries)
        places = range(first, first + len(epochs))
        lines = {"training drawings": [epoch["right"] for epoch in epochs]}
        for name in history[0]["held out"]:
            lines[f"held out: {name}"] = [epoch["held out"].get(name, np.nan) for epoch in epochs]
        for colour, (name, shares) in zip(colours, lines.items(), strict=True):
            above.plot(places, shares, colour, label=name if first == 1 else None)
        below.plot(places, [epoch["loss"] for epoch in epochs], "0.3")
        if first > 1:
            for axes in (above, below):
                axes.axvline(first - 0.5, color="0.8", linewidth=0.8)
        place = {"xycoords": ("data", "axes fraction"), "rotation": 25, "va": "bottom"}
        above.annotate(stage, (first - 0.5, 1.01), fontsize=8, color="0.35", **place)
        first += len(epochs)
    # The first epochs of a stage would flatten all that comes after them.
    lows = [min(entry["right"], *entry["held out"].values()) for entry in history]
    above.set_ylim(bottom=float(np.quantile(lows, 0.1)) - 0.01)
    above.yaxis.set_major_formatter(PercentFormatter(1))
    above.set_ylabel("right")
    above.legend(fontsize=8, loc="lower right")
    below.set_ylabel("loss")
    below.set_xlabel("epoch")
    return figure
