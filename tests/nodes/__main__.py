"""`python -m nodes`: put every node test to the converter's C and print the table."""

import sys
from pathlib import Path

from inkpin.common.command import run_command
from nodes.cases import WRONG, collected, verdicts
from nodes.table import page

PAGE = Path(__file__).parents[2] / "docs" / "nodes.md"


def main() -> int:
    """Print the table, write it to docs/ and return whether anything is wrong."""
    found = list(verdicts(collected(), compiled=True))
    text = page(found)
    print(text)
    PAGE.write_text(text, encoding="utf-8")
    return int(any(verdict.outcome == WRONG for verdict in found))


if __name__ == "__main__":
    sys.exit(run_command("nodes", main))
