"""How many points of a pen the Collect tab loses: part of the benchmark.

A window on a screen of its own (Xvfb) is drawn on by xdotool, so that the motions come by the X
server as a mouse's do. Nothing is kept.
"""

import os
import shutil
import subprocess
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from tkinter import ttk

from inkpin.common import UnavailableError
from inkpin.desktop.root import open_root
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.settings import Settings
from inkpin.desktop.shell import Shell
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.window import Window
from inkpin.model.data.samples import bundled_samples, save_samples

IDLE, BLOCKED, IMPROVING = "idle", "its loop blocked 80 ms of 90", "beside an Improve"


@contextmanager
def own_screen() -> Iterator[None]:
    """Let windows go to a screen that nobody sees.

    Raises:
        UnavailableError: Xvfb or xdotool is missing.
    """
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        raise UnavailableError("no pen to move: install xvfb and xdotool")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x1000x24", "-nolisten", "tcp"]
    before = os.environ.get("DISPLAY")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        os.environ["DISPLAY"] = f":{server.stdout.readline().strip()}"
        try:
            yield
        finally:
            server.terminate()
            if before is None:
                del os.environ["DISPLAY"]
            else:
                os.environ["DISPLAY"] = before


def lost_points(state: str, rate: int, count: int, samples: int) -> tuple[int, list[float]]:
    """Draw one line in a window; return how many of its points are missing, and how late they came.

    Args:
        state: of the window: IDLE, BLOCKED or IMPROVING.
        rate: motions a second.
        count: of the motions.
        samples: that an Improve learns from.

    Returns:
        The points that were lost, and for each that came the ms from its time by the X server's
        clock to when it was taken, above the least of them.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "samples.jsonl"
        if state == IMPROVING:
            _fill(path, samples)
        workspace = Workspace(Path(folder), path)
        try:
            return _Pen(workspace, Path(folder), state, rate, count).run()
        finally:
            workspace.close()


def _fill(path: Path, count: int) -> None:
    known = bundled_samples()
    many = (replace(known[n % len(known)], extra={"key_id": str(n)}) for n in range(count))
    save_samples(path, many)


class _Pen:
    """One window, one line."""

    def __init__(
        self, workspace: Workspace, folder: Path, state: str, rate: int, count: int
    ) -> None:
        self._workspace = workspace
        self._state = state
        self._count = count
        self._wait = f"sleep {1 / rate:.4f}"
        self._root = open_root()
        self._tabs: list[CollectTab] = []
        self._late: list[float] = []
        self._error: BaseException | None = None

        def tab(parent: ttk.Notebook, shell: Shell) -> CollectTab:
            self._tabs.append(CollectTab(parent, shell, workspace))
            return self._tabs[0]

        self._window = Window(self._root, [tab], Settings(), lambda _: None, folder / "inkpin.log")

    def run(self) -> tuple[int, list[float]]:
        """Draw it; return what lost_points() does."""
        self._root.after(500, self._begin)
        self._window.run()
        if self._error:
            raise self._error
        least = min(self._late)
        return self._count - len(self._late), [late - least for late in self._late]

    def _begin(self) -> None:
        collection = self._workspace.collection
        if collection is None:
            self._root.after(50, self._begin)
            return
        if self._state == IMPROVING:
            entries = collection.find()
            self._window.jobs.start(
                lambda job: self._workspace.improve(entries, job), lambda _: None, self._failed
            )
            self._root.after(3000, self._draw)  # until it is at work
        else:
            if self._state == BLOCKED:
                self._root.after(10, self._block)
            self._draw()

    def _failed(self, error: BaseException) -> None:
        self._error = self._error or error

    def _block(self) -> None:
        time.sleep(0.08)
        self._root.after(10, self._block)

    def _draw(self) -> None:
        canvas = next(w for w in self._tabs[0].winfo_children() if isinstance(w, PixelCanvas))
        canvas.bind("<B1-Motion>", self._moved, add=True)
        left, top = (int(v) for v in canvas.coords(1))
        x, y = canvas.winfo_rootx() + left + 20, canvas.winfo_rooty() + top + 20
        places = [(x + n % 200, y + n // 200 % 200) for n in range(self._count + 1)]
        moves = [f"mousemove {a} {b} {self._wait}" for a, b in places[1:]]
        first = f"mousemove {places[0][0]} {places[0][1]} sleep 0.1 mousedown 1"
        script = "\n".join([first, *moves, "sleep 0.2", "mouseup 1"])
        self._mover = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, text=True)
        assert self._mover.stdin
        self._mover.stdin.write(script)
        self._mover.stdin.close()
        self._wait_for(lambda: self._mover.poll() is not None)

    def _moved(self, event: tk.Event) -> None:
        self._late.append(time.monotonic() * 1000 - event.time)

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        if condition():
            self._root.after(1000, self._window.close)
        else:
            self._root.after(100, self._wait_for, condition)
