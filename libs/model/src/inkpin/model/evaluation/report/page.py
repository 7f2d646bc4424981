"""The page as HTML: each section takes the findings and returns its part."""

from importlib.resources import files
from string import Template

from inkpin.model.evaluation.report.findings import Findings
from inkpin.model.evaluation.report.markup import html, joined
from inkpin.model.evaluation.report.sections.accuracy import (
    confidence,
    confusion,
    mistakes,
    writers,
)
from inkpin.model.evaluation.report.sections.data import data, training
from inkpin.model.evaluation.report.sections.head import head
from inkpin.model.evaluation.report.sections.network import costs, layers
from inkpin.model.evaluation.report.sections.provenance import provenance


def page(found: Findings) -> str:
    """Return the whole page."""
    parts = (
        head,
        data,
        training,
        confusion,
        writers,
        confidence,
        layers,
        mistakes,
        costs,
        provenance,
    )
    template = Template((files("inkpin.model.evaluation.report") / "page.html").read_text("utf-8"))
    body = joined(part(found) for part in parts)
    return template.substitute(title=html(f"Inkpin: {found.name}"), body=body)
