"""What the converter knows of every operator, as a Markdown page."""

from collections.abc import Sequence

from inkpin.model.converter.onnx.operators import OPERATORS
from nodes.cases import PASSED, Verdict

_HEAD = """\
# Operators

What `inkpin-model convert` takes, as its code says it; `./dev nodes` makes this page. Where
ONNX's [node tests](nodes.md) have an operator, the table says which kernels its passed cases
became, in how many bits the results are held (16 with `--activation-bits`), and what the costliest
of them takes: multiply-accumulates, and bytes of constants. Weights have 8, 4 or 2 bits. What costs
nothing is taken over by layers, or done while the graph is read. An operator that makes the output
may leave its sums in 32 bits. The columns are empty where none of the standard's tests is in floats
or bytes.

| operator | what is done | kernels | bits | MACs | flash |
|---|---|---|---|---:|---:|
"""


def page(verdicts: Sequence[Verdict]) -> str:
    """Return the page."""
    passed: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.outcome == PASSED:
            passed.setdefault(verdict.case.operator, []).append(verdict)
    lines = []
    for name, operator in sorted(OPERATORS.items()):
        if operator.convert:
            lines.append(_row(name, _summary(operator.convert.__doc__), passed.get(name, [])))
    lines += ["", "## Of constants alone", ""]
    lines.append(_listed(name for name, one in OPERATORS.items() if one.fold and not one.convert))
    lines += ["", "## Not supported", "", "| operator | what to do |", "|---|---|"]
    lines += [
        f"| {name} | {one.hint} |"
        for name, one in sorted(OPERATORS.items())
        if one.hint and not one.convert
    ]
    return _HEAD + "\n".join(lines) + "\n"


def _summary(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _row(name: str, summary: str, passed: list[Verdict]) -> str:
    kernels = sorted({kernel for verdict in passed for kernel in verdict.kernels})
    bits = sorted({bits for verdict in passed for bits in verdict.bits})
    macs = max((verdict.macs for verdict in passed), default=0)
    flash = max((verdict.flash for verdict in passed), default=0)
    costs = (f"{macs:,}", f"{flash:,}") if kernels else ("", "")
    shown = ", ".join(kernels) or ("none" if passed else "")
    return f"| {name} | {summary} | {shown} | {', '.join(map(str, bits))} | {' | '.join(costs)} |"


def _listed(names: object) -> str:
    return ", ".join(sorted(names))
