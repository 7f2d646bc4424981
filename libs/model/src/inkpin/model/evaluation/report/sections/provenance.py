"""Where the network comes from, and how to make it and the page again."""

from collections.abc import Mapping
from importlib.metadata import version

from inkpin.model.evaluation.report.findings import TEST, Findings
from inkpin.model.evaluation.report.markup import (
    Html,
    code,
    html,
    paragraph,
    percent,
    section,
    table,
)

_LIBRARIES = ("inkpin", "numpy", "onnx", "onnxruntime", "matplotlib", "pillow")


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
            [[f"{found.name}, {found.size:,} bytes", code(found.sha256)]],
            text_columns=2,
        ),
        table(["data", "SHA-256", "at the training"], rows, text_columns=3),
        table(["the training says", ""], facts, text_columns=2)
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
    told, data = found.provenance, "".join(f" {word}" for word in found.options)
    commands = ["inkpin-model fetch"] if TEST in found.sets else []
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
