"""Pictures of experiments, by matplotlib: each function returns a figure."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from inkpin.model.experiments.learning_curve import Point, share


def learning_curves(points: Sequence[Point]) -> Figure:
    """Draw the share read rightly over the samples written."""
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    axes = figure.subplots()
    for count, colour, name in (
        (1, "tab:blue", "one writer, mean of six"),
        (3, "tab:orange", "three writers on one lock, mean of two groups"),
    ):
        chosen = [point for point in points if len(point.writers) == count]
        sizes = sorted({point.written for point in chosen})
        for writers in dict.fromkeys(point.writers for point in chosen):
            shares = [100 * p.right / p.n for p in chosen if p.writers == writers]
            axes.plot(sizes, shares, color=colour, alpha=0.25, linewidth=1)
        means = [100 * share(chosen, size) for size in sizes]
        axes.plot(sizes, means, "o-", color=colour, label=name)
    sizes = sorted({point.written for point in points})
    others = [
        100 * float(np.mean([p.reference for p in points if p.written == size])) for size in sizes
    ]
    axes.plot(sizes, others, "s--", color="gray", label="reference: many writers")
    axes.set_xticks(sizes)
    axes.set_xlabel("samples written of each digit")
    axes.set_ylabel("read right, %")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def front(
    results: Sequence[Sequence[float]],
    names: Sequence[str],
    shipped_flash: int,
    shipped: Mapping[str, float],
    peers: Mapping[str, tuple[int, float]],
    target: str,
) -> Figure:
    """Draw accuracies over flash of many networks, the shipped one and the peers beside them.

    Args:
        results: of each network the shares read rightly, then bytes of flash.
        names: what the shares are of.
        shipped_flash: the shipped network's bytes.
        shipped: its shares, by name.
        peers: others' bytes of flash and shares of grey MNIST, by name.
        target: what the flash is of.
    """
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for i, name in enumerate(names):
        dots = axes.scatter(
            [row[-1] for row in results], [row[i] for row in results], 10, alpha=0.5
        )
        colour = dots.get_facecolor()
        edge, most = [], 0.0
        for row in sorted(results, key=lambda row: row[-1]):
            most = max(most, row[i])
            edge.append((row[-1], most))
        if edge:
            axes.step(*zip(*edge, strict=True), where="post", c=colour, label=f"{name}, held out")
        if name in shipped:
            # Each smaller than the one before, so that equal shares can both be seen.
            size = 180 / (i + 1)
            axes.scatter(shipped_flash, shipped[name], size, colour, marker="*", alpha=1)
    axes.scatter([], [], 90, "k", marker="*", label="the shipped network, trained in full")
    if "MNIST" in names:
        axes.plot(
            *zip(*peers.values(), strict=True), "k^", label="BitNetMCU, grey MNIST test images"
        )
        for name, point in peers.items():
            axes.annotate(name, point, (4, 4), textcoords="offset points", fontsize=7)
    axes.margins(x=0.1)  # room for the names
    axes.set_xlabel(f"flash of network and kernels on {target}, bytes")
    axes.set_ylabel("share read rightly")
    axes.legend(loc="lower right", fontsize=8)
    return figure
