"""The benchmark in short: that it measures, not how long anything takes."""

import shutil
import subprocess
import sys
import time

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.lost_points import BLOCKED, lost_points


@pytest.mark.usefixtures("screen")
def test_a_window_measures_its_start_and_its_ink():
    command = [sys.executable, "-m", "inkpin.desktop.benchmark", str(time.time_ns())]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    start, *touches = map(float, done.stdout.split())
    assert start > 0
    assert len(touches) == 40
    assert min(touches) > 0


@pytest.mark.usefixtures("screen")
def test_the_points_that_a_pen_loses_are_counted():
    if not shutil.which("xdotool"):
        pytest.skip("no hand to test with: install xdotool")
    pen = lost_points(BLOCKED, 250, 100, 0)
    assert pen.lost == 0
    assert len(pen.late) == 100
    assert 0 < len(pen.inked) <= 100
    assert min(pen.late) == 0
