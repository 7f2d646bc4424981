import os
import subprocess
import sys

import pytest

BAR = """
from inkpin.common.progress import progress_bar
with progress_bar("reading") as progress:
    for done in range(0, 1001, 10):
        progress(done, 1000)
"""


def test_a_bar_shows_how_far_a_task_is():
    pty = pytest.importorskip("pty", reason="there are no terminals here")
    termios = pytest.importorskip("termios", reason="there are no terminals here")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    subprocess.run([sys.executable, "-c", BAR], stderr=theirs, check=True)
    os.set_blocking(ours, False)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "reading" in shown
    assert not shown.rpartition("\r")[2].strip()  # and nothing is left of it


def test_where_no_terminal_is_there_is_no_bar():
    done = subprocess.run([sys.executable, "-c", BAR], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
