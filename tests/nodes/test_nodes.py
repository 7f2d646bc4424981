"""The node tests against the exact reference in numpy; `./dev nodes` runs the C as well."""

from pathlib import Path

from nodes import operators
from nodes.cases import WRONG, collected, judge, verdicts
from nodes.table import page

DOCS = Path(__file__).parents[2] / "docs"


def test_nothing_is_wrong_and_the_pages_say_what_came_out():
    found = list(verdicts(collected(), compiled=False))
    assert len(found) > 400
    assert [v for v in found if v.outcome == WRONG] == []
    pages = {"nodes.md": page(found), "operators.md": operators.page(found)}
    for name, text in pages.items():
        assert text == (DOCS / name).read_text(encoding="utf-8"), "run: ./dev nodes"


def test_the_c_agrees_on_a_sample():
    for case in collected()[::40]:
        assert judge(case, compiled=True).outcome != WRONG, case.name
