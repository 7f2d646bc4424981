"""The verdicts as a Markdown page."""

import re
from collections import Counter
from collections.abc import Sequence

import onnx

from nodes.cases import ENOUGH, LIMITED, PASSED, REFUSED_CASE, WRONG, Verdict

_KNOWN = re.compile(r"; supported are .*")
_NODE = re.compile(r"^\w+ node '[^']*': |^the input '[^']*' ")


def page(verdicts: Sequence[Verdict]) -> str:
    """Return the page: a table by operator, and below it why cases did not pass."""
    total = Counter(verdict.outcome for verdict in verdicts)
    lines = [
        "# The ONNX standard's node tests",
        "",
        f"All single-node cases of onnx {onnx.__version__} for the operators that the converter",
        "knows; `./dev nodes` makes this page and demands that nothing is wrong. Inputs behind",
        "the first are frozen to constants unless the operator is of two values by nature. Cases",
        f"in floats pass at {ENOUGH:g} dB with 8-bit weights and activations, calibrated with",
        "their own data; *limited* are those whose data, rounded to 8 bits, give less even with",
        "exact arithmetic. Cases on integers must equal onnxruntime bit for bit.",
        "",
        "| operator | cases | passed | limited | refused | wrong |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for operator in sorted({verdict.case.operator for verdict in verdicts}):
        count = Counter(v.outcome for v in verdicts if v.case.operator == operator)
        lines.append(_row(operator, count))
    lines += [_row("**all**", total), "", "## Limited", "", "| case | why |", "|---|---|"]
    lines += [f"| {v.case.name} | {v.detail} |" for v in verdicts if v.outcome == LIMITED]
    lines += ["", "## Refused", "", "| operator | cases | reason |", "|---|---:|---|"]
    refused = Counter((v.case.operator, _reason(v)) for v in verdicts if v.outcome == REFUSED_CASE)
    for (operator, reason), count in sorted(refused.items()):
        lines.append(f"| {operator} | {count} | {reason} |")
    return "\n".join(lines) + "\n"


def _reason(verdict: Verdict) -> str:
    return _NODE.sub("", _KNOWN.sub("", verdict.detail)).replace("|", "/")


def _row(name: str, count: Counter[str]) -> str:
    numbers = (sum(count.values()), *(count[k] for k in (PASSED, LIMITED, REFUSED_CASE, WRONG)))
    return f"| {name} | {' | '.join(map(str, numbers))} |"
