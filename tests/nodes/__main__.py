"""`python -m nodes`: put every node test to the converter's C and print the table."""

import sys
from pathlib import Path

from inkpin.common.command import run_command
from nodes import operators
from nodes.cases import WRONG, collected, verdicts
from nodes.table import page

DOCS = Path(__file__).parents[2] / "docs"


def main() -> int:
    """Print the table, write it and the page of operators; return whether anything is wrong."""
    found = list(verdicts(collected(), compiled=True))
    text = page(found)
    print(text)
    (DOCS / "nodes.md").write_text(text, encoding="utf-8")
    (DOCS / "operators.md").write_text(operators.page(found), encoding="utf-8")
    return int(any(verdict.outcome == WRONG for verdict in found))


if __name__ == "__main__":
    sys.exit(run_command("nodes", main))
