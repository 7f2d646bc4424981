"""What holds for every test, and the fixtures of several rooms.

In CI nothing may skip, nothing measures the machine, a run says how much it compared, and the
data sets are fetched once.
"""

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from virtual_screen import virtual_screen

from inkpin.common import UnavailableError
from inkpin.common.locks import hold
from inkpin.model.data import fetch
from inkpin.model.data.samples import Sample, bundled_samples

MOST_WORKERS = 8  # each has its own Python, screen and emulators: some 700 MB

collect_ignore = [] if find_spec("torch") else ["libs/model/training_tests"]

# However slow the machine, an example is no failure; in CI the same ones come each time.
settings.register_profile(
    "inkpin", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("inkpin")


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Iterator[None]:
    """Share the whole suite between processes; a few tests are quicker in one."""
    processors = yield
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    options = ("keyword", "markexpr", "lf", "collectonly")
    picked = any(config.getoption(option, default=None) for option in options)
    return min(processors, MOST_WORKERS) if whole and not picked and processors > 1 else 0


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C end a process of pytest-xdist in silence until it tests: tools/run_pytest.py."""
    if hears(config):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def pytest_collection_finish(session: pytest.Session) -> None:
    """From the first test on, let Ctrl-C be heard: what tests have started is ended too."""
    if hears(session.config):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def hears(config: pytest.Config) -> bool:
    """Return whether this is a process of pytest-xdist for which Ctrl-C was held back."""
    return bool(getattr(config, "workerinput", {}).get("hears"))


def pytest_report_header() -> list[str]:
    """Say what is left out for want of PyTorch."""
    return [f"{path}: left out, no torch (./dev training has it)" for path in collect_ignore]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Skip a test for want of a compiler, an emulator or data, saying how to get it."""
    try:
        return (yield)
    except UnavailableError as error:
        pytest.skip(str(error))


pytest_runtest_call = pytest_runtest_setup


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


@pytest.fixture
def rng() -> np.random.Generator:
    """Return a generator of the test's own: what it draws depends on no other test."""
    return np.random.default_rng(5)


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Return the folder with the data sets as their sources have them."""
    folder = os.environ.get("INKPIN_MIRROR")
    if not folder:
        pytest.skip("set INKPIN_MIRROR to a folder with mnist/ and pendigits/ to test with them")
    return Path(folder)


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Fill the data cache from $INKPIN_MIRROR where it is set; of several processes, one does."""
    if os.environ.get("INKPIN_MIRROR"):
        with (tmp_path_factory.getbasetemp().parent / "fetching").open("ab") as file:
            wait_for(file)
            fetch.fetch(None, fetch.data_folder())


def wait_for(file: IO[bytes]) -> None:
    """Hold a file once no other process holds it."""
    while True:
        try:
            return hold(file)
        except OSError:
            time.sleep(0.1)


@pytest.fixture(scope="session")
def mnist(fetched: None) -> Path:
    """Return the folder of MNIST's IDX files."""
    return fetch.mnist_folder()


@pytest.fixture(scope="session")
def pens(fetched: None) -> Path:
    """Return the stroke file of the pen digits."""
    return fetch.pen_strokes()


@pytest.fixture(scope="session")
def pin() -> list[Sample]:
    """Return the twelve bundled digits: a PIN, the same again, and again."""
    return bundled_samples()


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """Yield the name of a screen of our own, 1440x1000, without a window manager."""
    if not shutil.which("Xvfb"):
        pytest.skip("no screen to test on: install xvfb")
    with virtual_screen(1440, 1000) as name:
        yield name
