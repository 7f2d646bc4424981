"""The page's parts: each takes the findings and returns HTML."""

import io
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
from PIL import Image

from inkpin.model.confidence import margins_of
from inkpin.model.data.dataset import Dataset
from inkpin.model.data.labelled import DIGITS
from inkpin.model.evaluation import charts
from inkpin.model.evaluation.report.findings import TEST, Findings, Missing, Read
from inkpin.model.evaluation.report.markup import (
    Html,
    code,
    figure,
    html,
    joined,
    paragraph,
    picture,
    section,
    table,
)

MISTAKES = 24
"""Of each set, how many mistakes are shown."""

_LIBRARIES = ("inkpin", "numpy", "onnx", "onnxruntime", "matplotlib", "pillow")


def page(found: Findings) -> str:
    """Return the whole page."""
    parts = (head, data, training, confusion, confidence, layers, mistakes, costs, provenance)
    template = Template((files("inkpin.model.evaluation.report") / "page.html").read_text("utf-8"))
    body = joined(part(found) for part in parts)
    return template.substitute(title=html(f"Inkpin: {found.name}"), body=body)


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
                code(found.model[:16]),
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
    if TEST in found.read:
        images = len(found.read[TEST].known)
        if isinstance(device, Missing):
            tiles.append(("not counted", f"right on {TEST} through the C: {device.why}"))
        else:
            tiles.append(
                (percent(device[TEST]), f"right on MNIST's {images:,} test images, the device's C")
            )
    validation = found.provenance.get("validation", {})
    for name, one in found.read.items():
        if name == TEST:
            continue
        if not found.writers_known and not isinstance(device, Missing):
            tiles.append((percent(device[name]), f"right on held-out {name}, the device's C"))
        elif name in validation:
            tiles.append(
                (percent(validation[name]), f"right on held-out {name}, before it met them")
            )
        else:
            tiles.append(
                (percent(one.figures["accuracy"]), f"right on {name}, which it may have met")
            )
    for name, share in found.reliability["refused"].items():
        what = "of scribbles refused" if name == "scribbles" else f"of held-out {name} refused"
        tiles.append((percent(share), what))
    if not isinstance(found.converted, Missing):
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
    if not isinstance(found.cost, Missing):
        bits, _ = found.cost["total"]
        tiles.append((f"{bits:,}", "instructions of one prediction, emulated Xtensa"))
    return tiles


def data(found: Findings) -> Html:
    """Return what there was to learn from: counts, and contact sheets."""
    learned, held_out = found.split.training, found.split.validation
    columns = {
        f"{name}, {use}": counts(part, name)
        for part, use in ((learned, "learned"), (held_out, "held out"))
        for name in (learned.title, "pens")
    }
    shown = {title: numbers for title, numbers in columns.items() if numbers}
    rows = [
        [label, *(f"{numbers[label]:,}" for numbers in shown.values())] for label in found.labels
    ]
    rows.append(["all", *(f"{sum(numbers.values()):,}" for numbers in shown.values())])
    sheets = (
        figure(
            Html(f'<div class="wide">{picture(png, f"drawings of the kind {kind}")}</div>'), kind
        )
        for kind, png in found.sheets.items()
    )
    missing = found.sheets_missing
    return section(
        "data",
        "Data",
        paragraph(
            "Whole writers are held out, where they are known: "
            f"here those of fold {found.fold}. What nobody drew is made up for the training "
            "(forms, scribbles)."
        ),
        table(["label", *shown], rows),
        Html("<h3>What a training sees</h3>"),
        Html(f'<div class="sheets">{joined(sheets)}</div>'),
        *([absent("The other kinds of drawings", missing)] if missing else []),
    )


def counts(part: Dataset, name: str) -> Counter[str]:
    """Return how many of each label there are of one source of some data."""
    if name == "pens":
        return Counter(sample.label for sample in part.pens)
    return Counter(part.images.texts)


def training(found: Findings) -> Html:
    """Return the curves of the training."""
    if not found.history:
        body: list[Html] = [
            paragraph("This network does not remember its training; those trained since do.")
        ]
    else:
        body = [
            figure(
                picture(charts.svg(charts.curves(found.history)), "curves of the training"),
                "Shares right of the training drawings (which are bent, and harder) and of what "
                "was held out, and the loss; a line is where a stage ends.",
            )
        ]
    return section("training", "Training", *body)


def confusion(found: Findings) -> Html:
    """Return a confusion matrix for each set, and what it comes to."""
    head = ["set", "n", "right", "right of those accepted", "refused", "right, the C"]
    rows = [
        [
            name,
            f"{one.figures['n']:,}",
            percent(one.figures["accuracy"]),
            percent(one.figures["accuracy_accepted"]),
            f"{one.figures['rejected']:,}",
            "" if isinstance(found.device, Missing) else percent(found.device[name]),
        ]
        for name, one in found.read.items()
    ]
    if isinstance(found.device, Missing):
        device = absent("The device's C", found.device)
    else:
        device = paragraph(
            f"The device's C read all {found.same:,} as well: every logit is the same."
        )
    pictures = (
        figure(
            picture(
                charts.svg(charts.confusion([one.figures], found.labels)), f"confusion: {name}"
            ),
            f"{name}: rows are the truth, numbers are counts.",
        )
        for name, one in found.read.items()
    )
    return section(
        "confusion",
        "Confusion",
        *([paragraph(known_writers(found))] if found.writers_known else []),
        table(head, rows),
        device,
        Html(f'<div class="charts">{joined(pictures)}</div>'),
    )


def known_writers(found: Findings) -> str:
    """Return what to think of figures on writers that the network may have met."""
    told = found.provenance
    sets = " and ".join(name for name in found.read if name != TEST)
    if told.get("kept out") is False and told.get("fold") == found.fold:
        said = (f"{name} {percent(share)}" for name, share in told.get("validation", {}).items())
        return (
            f"Careful: the last stage of the training learned from the held-out {sets} too. "
            f"Before, it read rightly of them: {', '.join(said) or 'nobody says'}."
        )
    return (
        f"Careful: nothing says that the network has not learned from the held-out {sets}. "
        "Train with --keep-out, and give the same --fold here, for figures on hands it never met."
    )


def confidence(found: Findings) -> Html:
    """Return what the confidence is worth, and what is refused."""
    levels = found.reliability["levels"]
    rows = [[f"{n} %", f"{k:,}", percent(r)] for n, k, r in (level.values() for level in levels)]
    refused = [[name, percent(share)] for name, share in found.reliability["refused"].items()]
    return section(
        "confidence",
        "Confidence",
        paragraph(
            "How often it was right where it said so, on what was held out"
            f"{' (and met later)' if found.writers_known else ''}. Below {found.threshold} % a "
            "reading is refused. What ought to be refused is drawn by chance: scribbles, taps"
            f"{', letters' if found.labels == DIGITS else ''}."
        ),
        Html(
            '<div class="charts"><div>'
            + figure(
                picture(charts.svg(charts.reliability(levels)), "reliability diagram"),
                "On the dotted line a confidence is worth what it says; above it, more.",
            )
            + "</div><div>"
            + table(["confidence", "samples", "right"], rows)
            + table(["refused of", "share"], refused)
            + "</div></div>"
        ),
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
        table(head, rows, words=3),
        paragraph(
            "Signal to noise: of a layer's output as the device computes it, rounded to bytes, "
            "against the same weights with no output rounded. Flash is of the layer's constants; "
            "layers that are computed together share them."
        ),
    )


def flash_of(converted: dict[str, Any] | Missing, layer: str) -> str:
    """Return the bytes of a layer's constants, with the layers that it shares them with."""
    if isinstance(converted, Missing):
        return ""
    for call in converted["nodes"]:
        if layer in call["nodes"]:
            first = call["nodes"][0]
            return f"{call['flash']:,}" if layer == first else f"with {first}"
    return ""


def mistakes(found: Findings) -> Html:
    """Return pictures of the worst mistakes of each set."""
    parts = []
    for name, one in found.read.items():
        worst = worst_of(one)
        wrong = sum(
            p.best != truth for p, truth in zip(one.predictions, one.known.targets, strict=True)
        )
        shown = f"{len(worst)} of the {wrong:,} mistakes" if worst else "no mistake"
        parts += [
            Html(f"<h3>{html(name)}: {shown}</h3>"),
            Html(f'<div class="mistakes">{joined(_mistake(found, one, i) for i in worst)}</div>'),
        ]
    return section(
        "mistakes",
        "Worst mistakes",
        paragraph("Truth → what was read, and its confidence; the surest first. ? was refused."),
        *parts,
    )


def worst_of(one: Read) -> list[int]:
    """Return which of a set were read wrongly, the surest first, at most MISTAKES of them."""
    wrong = [i for i, p in enumerate(one.predictions) if p.best != one.known.targets[i]]
    margins = margins_of(np.stack([p.logits for p in one.predictions]))
    return sorted(wrong, key=lambda i: (-one.predictions[i].confidence, -margins[i], i))[:MISTAKES]


def _mistake(found: Findings, one: Read, index: int) -> Html:
    prediction = one.predictions[index]
    truth, read = found.labels[one.known.targets[index]], found.labels[prediction.best]
    refused = " ?" if prediction.label is None else ""
    return figure(
        picture(bits_png(one.known.bitmaps[index]), f"{truth} read as {read}", "bits"),
        f"{truth} → {read}{refused}, {prediction.confidence} %",
    )


def bits_png(bitmap: np.ndarray) -> bytes:
    """Return a bitmap (h, w) as a PNG, ink black."""
    content = io.BytesIO()
    Image.fromarray(bitmap == 0).save(content, "png", optimize=True)
    return content.getvalue()


def costs(found: Findings) -> Html:
    """Return sizes by target, and instructions by kernel."""
    parts: list[Html] = []
    if isinstance(found.converted, Missing):
        parts.append(absent("Sizes", found.converted))
    else:
        parts += _sizes(found.converted)
    if isinstance(found.cost, Missing):
        parts.append(absent("Instructions on emulated Xtensa", found.cost))
    else:
        rows = [
            [name, *(f"{n:,}" for n in means)]
            for name, means in (*found.cost["instructions"].items(), ("all", found.cost["total"]))
        ]
        images, drawings = found.cost["n"]
        parts += [
            Html("<h3>Instructions of one reading, emulated Xtensa, -Os</h3>"),
            table(["function", "from bits on", "from touch points on"], rows),
            paragraph(
                f"Means of {images} bitmaps and {drawings} drawings. Instructions are not cycles: "
                "memory, branches and register windows come on top. Whole recogniser there: "
                f"{found.cost['flash_bytes']:,} bytes of flash, {found.cost['ram_bytes']:,} of "
                f"RAM, {found.cost['stack_bytes']:,} of these stack at worst."
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
        parts.append(absent("Cortex-M0+", Missing("install gcc-arm-none-eabi")))
    if made["flash_bytes"]["xtensa"] is None:
        parts.append(absent("Xtensa", Missing("install gcc-xtensa-lx106, qemu-user and gcc")))
    parts.append(paragraph("Linked at -Os, support routines included; RAM with the deepest stack."))
    return parts


def provenance(found: Findings) -> Html:
    """Return where the network comes from, and how to make it and this page again."""
    told = found.provenance
    known = told.get("data", {})
    rows = [[name, code(sha), _same(known, name, sha)] for name, sha in sorted(found.files.items())]
    facts = [[name, _plain(value)] for name, value in told.items() if name != "data"]
    commands = "\n".join(commands_of(found))
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return section(
        "provenance",
        "Provenance",
        table(
            ["model", "SHA-256"],
            [[f"{found.name}, {found.size:,} bytes", code(found.model)]],
            words=2,
        ),
        table(["data", "SHA-256", "at the training"], rows, words=3),
        table(["the training says", ""], facts, words=2)
        if facts
        else paragraph("The network does not say how it came about."),
        Html("<h3>Again</h3>"),
        Html(f"<pre><code>{html(commands)}</code></pre>"),
        paragraph(f"This page was made with {versions}."),
    )


def _same(known: Mapping[str, str], name: str, sha: str) -> str:
    if name not in known:
        return "not read"
    return "the same" if known[name] == sha else "another content"


def commands_of(found: Findings) -> list[str]:
    """Return what to type for such a network, if it says how it came about, and for the page."""
    told, data = found.provenance, f" {found.words}" if found.words else ""
    commands = ["inkpin-model fetch"] if TEST in found.read else []
    if told.get("command") == "inkpin-model train" and {"epochs", "seed", "fold"} <= set(told):
        options = "".join(f" --{name} {told[name]}" for name in ("epochs", "seed", "fold"))
        options += " --keep-out" * (told.get("kept out") is True)
        commands.append(f"inkpin-model train{data}{options} --out {found.name}")
    commands.append(f"inkpin-model report --model {found.name}{data} --fold {found.fold}")
    return commands


def _plain(value: object) -> str:
    if isinstance(value, dict):
        shown = (percent(v) if isinstance(v, float) else v for v in value.values())
        return ", ".join(f"{name} {text}" for name, text in zip(value, shown, strict=True))
    return str(value)


def absent(what: str, missing: Missing) -> Html:
    """Return a sentence about a figure that could not be had."""
    return paragraph(f"{what}: left out here. {missing.why[:1].upper()}{missing.why[1:]}.")


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share in percent; a dash for none."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def whole_number(number: int | None) -> str:
    """Return a number; a dash where it could not be had."""
    return "–" if number is None else f"{number:,}"
