"""What there was to learn from, and how the learning went."""

from collections import Counter

from inkpin.model.data.dataset import Dataset
from inkpin.model.evaluation import charts
from inkpin.model.evaluation.report.findings import Findings
from inkpin.model.evaluation.report.markup import (
    Html,
    absent,
    figure,
    joined,
    paragraph,
    picture,
    section,
    table,
)


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
    missing = found.sheets_unavailable
    return section(
        "data",
        "Data",
        paragraph(
            "Whole writers are held out, where they are known: "
            f"here those of fold {found.fold}. What nobody drew is made up for the training "
            "(templates, scribbles)."
        ),
        table(["label", *shown], rows),
        Html("<h3>What a training sees</h3>"),
        Html(f'<div class="sheets">{joined(sheets)}</div>'),
        *([absent("The other kinds of drawings", missing.why)] if missing else []),
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
                "Shares right of the training drawings (which are augmented, and harder) and of "
                "what was held out, and the loss; a line is where a stage ends.",
            )
        ]
    return section("training", "Training", *body)
