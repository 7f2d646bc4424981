"""How right the network is, how sure, and its worst mistakes."""

import io

import numpy as np
from PIL import Image

from inkpin.common.arrays import Bitmap, GreyImages
from inkpin.model.confidence import margins_of
from inkpin.model.data.dataset import may_be_shown
from inkpin.model.data.labelled import DIGITS
from inkpin.model.evaluation import charts
from inkpin.model.evaluation.evaluate import misread, writers_line
from inkpin.model.evaluation.report.findings import TEST, EvaluatedSet, Findings, Unavailable
from inkpin.model.evaluation.report.markup import (
    Html,
    absent,
    figure,
    html,
    joined,
    paragraph,
    percent,
    picture,
    section,
    table,
)

MISTAKES = 24
"""Of each set, how many mistakes are shown."""


def confusion(found: Findings) -> Html:
    """Return a confusion matrix for each set, and what it comes to."""
    head = ["set", "n", "right", "right of those accepted", "refused", "right, the C"]
    rows = [
        [
            name,
            f"{one.metrics['n']:,}",
            percent(one.metrics["accuracy"]),
            percent(one.metrics["accuracy_accepted"]),
            f"{one.metrics['rejected']:,}",
            "" if isinstance(found.device, Unavailable) else percent(found.device[name]),
        ]
        for name, one in found.sets.items()
    ]
    if isinstance(found.device, Unavailable):
        device = absent("The device's C", found.device.why)
    else:
        device = paragraph(
            f"The device's C read all {found.same:,} as well: every logit is the same."
        )
    pictures = (
        figure(
            picture(
                charts.svg(charts.confusion([one.metrics], found.labels)), f"confusion: {name}"
            ),
            f"{name}: rows are the truth, numbers are counts.",
        )
        for name, one in found.sets.items()
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
    sets = " and ".join(name for name in found.sets if name != TEST)
    if told.get("kept out") is False and told.get("fold") == found.fold:
        said = (f"{name} {percent(share)}" for name, share in told.get("validation", {}).items())
        return (
            f"Careful: the last stage of the training learned from the held-out {sets} too. "
            f"Before, it read rightly of them: {', '.join(said) or 'nobody says'}."
        )
    return (
        f"Careful: nothing says that the network has not learned from the held-out {sets}. "
        "Train with --keep-out, and give the same --fold here, for figures on writers it never met."
    )


def confidence(found: Findings) -> Html:
    """Return what the confidence is worth, and what is refused."""
    levels = found.reliability["levels"]
    rows = [
        [f"{level['confidence']} %", f"{level['n']:,}", percent(level["right"])] for level in levels
    ]
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


def writers(found: Findings) -> Html:
    """Return who is misread, and as what."""
    parts = []
    for name, one in found.sets.items():
        own = one.answers.by_writer()
        if not (known := one.metrics["by_writer"]):
            continue
        people = sorted(one.metrics["writers"], key=lambda w: (w["right"] / w["n"], w["writer"]))
        rows = [
            [
                person["writer"],
                misread(one.answers, own[person["writer"]], found.labels),
                f"{person['n']:,}",
                percent(person["right"] / person["n"]),
                f"{person['rejected']:,}",
            ]
            for person in people[:MISTAKES]
            if person["right"] < person["n"]
        ]
        head = ["writer", "misread", "samples", "right", "refused"]
        parts += [
            Html(f"<h3>{html(name)}: {len(rows)} of {len(people)} writers</h3>"),
            paragraph(f"{writers_line(known)}."),
            table(head, rows, text_columns=2),
        ]
    return section("writers", "Who is misread, and as what", *parts) if parts else Html("")


def mistakes(found: Findings) -> Html:
    """Return pictures of the worst mistakes of each set."""
    parts = []
    for name, one in found.sets.items():
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


def worst_of(one: EvaluatedSet) -> list[int]:
    """Return which of a set were read wrongly, the surest first, at most MISTAKES of them.

    Drawings that may not be shown are none of them.
    """
    writers = one.known.writers or ("",) * len(one.known)
    wrong = [
        i
        for i, p in enumerate(one.predictions)
        if p.best != one.known.targets[i] and may_be_shown(writers[i])
    ]
    margins = margins_of(np.stack([p.logits for p in one.predictions]))
    return sorted(wrong, key=lambda i: (-one.predictions[i].confidence, -margins[i], i))[:MISTAKES]


def _mistake(found: Findings, one: EvaluatedSet, index: int) -> Html:
    prediction = one.predictions[index]
    truth, read = found.labels[one.known.targets[index]], found.labels[prediction.best]
    refused = " ?" if prediction.label is None else ""
    return figure(
        picture(bits_png(one.known.bitmaps[index]), f"{truth} read as {read}", "bits"),
        f"{truth} → {read}{refused}, {prediction.confidence} %",
    )


def bits_png(bitmap: Bitmap | GreyImages) -> bytes:
    """Return a bitmap (h, w) as a PNG, ink black."""
    content = io.BytesIO()
    Image.fromarray(bitmap == 0).save(content, "png", optimize=True)
    return content.getvalue()
