import re
import shutil
import subprocess
import time

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
import tkinter as tk

from inkpin.desktop.motions import keep_every_motion
from inkpin.desktop.root import open_root

PLACES = [(50 + n % 300, 50 + n // 300) for n in range(200)]


def seen_by_a_busy_window(root):
    """Move the pointer at 125 Hz while Tk is kept busy; return where the window saw it."""
    if not shutil.which("xdotool"):
        pytest.skip("nothing to move the pointer with: install xdotool")
    canvas = tk.Canvas(root, width=500, height=300)
    canvas.pack()
    root.deiconify()
    root.geometry("+0+0")
    root.update()
    seen = []
    canvas.bind("<Motion>", lambda event: seen.append((event.x_root, event.y_root)))
    moves = [word for x, y in PLACES for word in ("mousemove", str(x), str(y), "sleep", "0.008")]
    mover = subprocess.Popen(["xdotool", *moves])
    deadline = time.monotonic() + 60
    while mover.poll() is None and time.monotonic() < deadline:
        time.sleep(0.08)
        root.update()
    root.update()
    root.destroy()
    assert mover.returncode == 0
    return seen


def test_no_motion_is_lost_in_a_busy_window(screen):
    assert [place for place in seen_by_a_busy_window(open_root()) if place in PLACES] == PLACES


def test_a_version_of_tk_that_is_not_known_is_left_alone(screen, monkeypatch):
    root = tk.Tk()
    monkeypatch.setattr("inkpin.desktop.motions._VERSION", re.compile("7"))
    assert not keep_every_motion(root)
    root.destroy()
