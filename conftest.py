"""In CI nothing may skip, and a run says how much it compared."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Make a skip in CI a failure."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr[2]}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up what tests recorded as `record_property("... compared", count)`."""
    totals: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name.endswith(" compared"):
                totals[name.removesuffix(" compared")] += value
    if totals:
        text = ", ".join(f"{count:,} {name}" for name, count in totals.items())
        terminalreporter.write_line(f"compared, Python with C: {text}")
