"""What the network is made of, and what it costs."""

from typing import Any

from inkpin.model.evaluation.report.findings import Findings, Unavailable
from inkpin.model.evaluation.report.markup import (
    Html,
    absent,
    paragraph,
    percent,
    section,
    table,
    whole_number,
)


def layers(found: Findings) -> Html:
    """Return a table of the layers."""
    head = ["layer", "weights of shape", "sums", "weights", "bits", "zeros", "multiply-accumulates"]
    head += ["flash, bytes", "signal to noise"]
    rows = [
        [
            layer.name,
            "×".join(map(str, layer.shape)),
            "×".join(map(str, layer.output)),
            f"{layer.weights:,}",
            layer.bits,
            percent(layer.zeros, 0),
            f"{layer.macs:,}",
            flash_of(found.converted, layer.name),
            "lossless" if layer.snr_db is None else f"{layer.snr_db:.1f} dB",
        ]
        for layer in found.layers
    ]
    rows.append(
        [
            *("all", "", "", f"{sum(layer.weights for layer in found.layers):,}", "", ""),
            *(f"{sum(layer.macs for layer in found.layers):,}", "", ""),
        ]
    )
    return section(
        "layers",
        "Layers",
        table(head, rows, text_columns=3),
        paragraph(
            "Signal to noise: of a layer's output as the device computes it, rounded to bytes, "
            "against the same weights with no output rounded. Flash is of the layer's constants; "
            "layers that are computed together share them."
        ),
    )


def flash_of(converted: dict[str, Any] | Unavailable, layer: str) -> str:
    """Return the bytes of a layer's constants, with the layers that it shares them with."""
    if isinstance(converted, Unavailable):
        return ""
    for call in converted["nodes"]:
        if layer in call["nodes"]:
            first = call["nodes"][0]
            return f"{call['flash']:,}" if layer == first else f"with {first}"
    return ""


def costs(found: Findings) -> Html:
    """Return sizes by target, and instructions by kernel."""
    parts: list[Html] = []
    if isinstance(found.converted, Unavailable):
        parts.append(absent("Sizes", found.converted.why))
    else:
        parts += _sizes(found.converted)
    if isinstance(found.costs, Unavailable):
        parts.append(absent("Instructions on emulated Xtensa", found.costs.why))
    else:
        rows = [
            [name, *(f"{n:,}" for n in means)]
            for name, means in (*found.costs["instructions"].items(), ("all", found.costs["total"]))
        ]
        images, drawings = found.costs["n"]
        parts += [
            Html("<h3>Instructions of one reading, emulated Xtensa, -Os</h3>"),
            table(["function", "from bits on", "from touch points on"], rows),
            paragraph(
                f"Means of {images} bitmaps and {drawings} drawings. Instructions are not cycles: "
                "memory, branches and register windows come on top. Whole recogniser there: "
                f"{found.costs['flash_bytes']:,} bytes of flash, {found.costs['ram_bytes']:,} of "
                f"RAM, {found.costs['stack_bytes']:,} of these stack at worst."
            ),
        ]
    return section("costs", "Costs", *parts)


def _sizes(made: dict[str, Any]) -> list[Html]:
    whole = made["recogniser"]
    rows = [
        [target, whole_number(size), whole_number(whole["flash_bytes"][target])]
        for target, size in made["flash_bytes"].items()
    ]
    parts = [
        table(["flash, bytes", "network and kernels", "with preprocess and stroke buffer"], rows),
        table(
            ["RAM, bytes", "one prediction", "with the stroke buffer"],
            [["cortex-m0plus", whole_number(made["ram_bytes"]), whole_number(whole["ram_bytes"])]],
        ),
    ]
    if made["ram_bytes"] is None:
        parts.append(absent("Cortex-M0+", "install gcc-arm-none-eabi"))
    if made["flash_bytes"]["xtensa"] is None:
        parts.append(absent("Xtensa", "install gcc-xtensa-lx106, qemu-user and gcc"))
    parts.append(paragraph("Linked at -Os, support routines included; RAM with the deepest stack."))
    return parts
