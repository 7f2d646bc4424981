"""The title, and the figures that matter most."""

from inkpin.model.evaluation.report.findings import TEST, Findings, Unavailable
from inkpin.model.evaluation.report.markup import (
    Html,
    code,
    html,
    joined,
    paragraph,
    percent,
    whole_number,
)


def head(found: Findings) -> Html:
    """Return the title and the figures that matter most."""
    links = {
        "data": "Data",
        "training": "Training",
        "confusion": "Confusion",
        "confidence": "Confidence",
        "layers": "Layers",
        "mistakes": "Mistakes",
        "costs": "Costs",
        "provenance": "Provenance",
    }
    tiles = joined(
        Html(f'<div class="tile"><b>{html(value)}</b><span>{html(words)}</span></div>')
        for value, words in tiles_of(found)
    )
    return joined(
        [
            Html(f"<header><h1>{html(found.name)}</h1>"),
            paragraph(
                f"A network that reads {', '.join(found.labels)} in 28x28 bits, "
                f"{sum(layer.weights for layer in found.layers):,} weights in "
                f"{len(found.layers)} layers. SHA-256 ",
                code(found.sha256[:16]),
                " … ",
            ),
            Html(
                "<nav>"
                + " ".join(f'<a href="#{name}">{text}</a>' for name, text in links.items())
                + "</nav></header>"
            ),
            Html(f'<div class="tiles">{tiles}</div>'),
        ]
    )


def tiles_of(found: Findings) -> list[tuple[str, str]]:
    """Return the figures of the head, each with what it is."""
    tiles = []
    device = found.device
    if TEST in found.sets:
        images = len(found.sets[TEST].known)
        if isinstance(device, Unavailable):
            tiles.append(("not counted", f"right on {TEST} through the C: {device.why}"))
        else:
            tiles.append(
                (percent(device[TEST]), f"right on MNIST's {images:,} test images, the device's C")
            )
    validation = found.provenance.get("validation", {})
    for name, one in found.sets.items():
        if name == TEST:
            continue
        if not found.writers_known and not isinstance(device, Unavailable):
            tiles.append((percent(device[name]), f"right on held-out {name}, the device's C"))
        elif name in validation:
            tiles.append(
                (percent(validation[name]), f"right on held-out {name}, before it met them")
            )
        else:
            tiles.append(
                (percent(one.metrics["accuracy"]), f"right on {name}, which it may have met")
            )
    for name, share in found.reliability["refused"].items():
        what = "of scribbles refused" if name == "scribbles" else f"of held-out {name} refused"
        tiles.append((percent(share), what))
    if not isinstance(found.converted, Unavailable):
        made = found.converted
        whole = made["recogniser"]
        tiles += [
            (
                whole_number(made["flash_bytes"]["cortex-m0plus"]),
                "bytes of flash, network and kernels",
            ),
            (
                whole_number(whole["flash_bytes"]["cortex-m0plus"]),
                "bytes of flash, whole recogniser",
            ),
            (whole_number(made["ram_bytes"]), "bytes of RAM of one prediction"),
            (whole_number(whole["ram_bytes"]), "bytes of RAM with the stroke buffer"),
        ]
    if not isinstance(found.costs, Unavailable):
        bits, _ = found.costs["total"]
        tiles.append((f"{bits:,}", "instructions of one prediction, emulated Xtensa"))
    return tiles
