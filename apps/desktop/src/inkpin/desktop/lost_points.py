"""How many points of a pen the Collect tab loses: part of the benchmark.

A window on a screen of its own (Xvfb) is drawn on by xdotool, so that the motions come by the X
server as a mouse's do. Nothing is kept.
"""

import gc
import os
import shutil
import subprocess
import time
import tkinter as tk
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from inkpin.model.collection.sample import Entry
from inkpin.model.data.samples import bundled_samples, save_samples

_STROKE = 200  # motions

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
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C is for the benchmark, whose window this is to outlive
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


@dataclass(frozen=True)
class PenTimes:
    """What became of the motions of a pen.

    Attributes:
        lost: motions that never came.
        late: ms from a motion, by the X server's clock, to when it was taken, above the least of
            them; for each that came.
        inked: ms likewise to when its ink had been painted.
    """

    lost: int
    late: list[float]
    inked: list[float]


def lost_points(state: str, rate: int, count: int, samples: int) -> PenTimes:
    """Draw many strokes in a window; return what became of their motions.

    Args:
        state: of the window: IDLE, BLOCKED or IMPROVING.
        rate: motions a second.
        count: of the motions.
        samples: that an Improve learns from, again and again.
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
            gc.collect()  # Tk must be let go of by the thread that made it


def _fill(path: Path, count: int) -> None:
    known = bundled_samples()
    many = (replace(known[n % len(known)], extra={"key_id": str(n)}) for n in range(count))
    save_samples(path, many)


class _Pen:
    """One window, and what draws in it."""

    def __init__(
        self, workspace: Workspace, folder: Path, state: str, rate: int, count: int
    ) -> None:
        self._workspace = workspace
        self._folder = folder
        self._state = state
        self._count = count
        self._wait = f"sleep {1 / rate:.4f}"
        self._root = open_root()
        self._tabs: list[CollectTab] = []
        self._late: list[float] = []
        self._unpainted: list[int] = []
        self._inked: list[float] = []
        self._error: BaseException | None = None
        self._mover: subprocess.Popen[bytes] | None = None

        def tab(parent: ttk.Notebook, shell: Shell) -> CollectTab:
            self._tabs.append(CollectTab(parent, shell, workspace))
            return self._tabs[0]

        self._window = Window(self._root, [tab], Settings(), lambda _: None, folder / "inkpin.log")

    def run(self) -> PenTimes:
        """Draw them; return what lost_points() does."""
        self._root.after(500, self._begin)
        try:
            self._window.run()
        finally:
            if self._mover:
                self._mover.kill()
                self._mover.wait()
        if self._error:
            raise self._error
        least = min(self._late)
        late, inked = ([ms - least for ms in times] for times in (self._late, self._inked))
        return PenTimes(self._count - len(late), late, inked)

    def _begin(self) -> None:
        collection = self._workspace.collection
        if collection is None:
            self._root.after(50, self._begin)
            return
        if self._state == IMPROVING:
            self._improve(collection.find())
            self._root.after(3000, self._draw)  # until it is at work
        else:
            if self._state == BLOCKED:
                self._root.after(10, self._block)
            self._draw()

    def _improve(self, entries: list[Entry]) -> None:
        """Learn from samples, and as soon as that is done again."""
        self._window.jobs.start(
            lambda job: self._workspace.improve(entries, job),
            lambda _: self._improve(entries),
            self._failed,
        )

    def _failed(self, error: BaseException) -> None:
        self._error = self._error or error

    def _block(self) -> None:
        time.sleep(0.08)
        self._root.after(10, self._block)

    def _draw(self) -> None:
        """Draw strokes of some hundred motions each; what stands on the paper is skipped then."""
        tab = self._tabs[0]
        canvas = next(w for w in tab.winfo_children() if isinstance(w, PixelCanvas))
        canvas.bind("<B1-Motion>", self._moved, add=True)
        self._watch(canvas)
        skip = next(w for w in _buttons(tab) if "Skip" in str(w.cget("text")))
        left, top = (int(v) for v in canvas.coords(1))
        x, y = canvas.winfo_rootx() + left + 20, canvas.winfo_rooty() + top + 20
        a, b = (place() + 9 for place in (skip.winfo_rootx, skip.winfo_rooty))
        script = []
        for start in range(0, self._count, _STROKE):
            count = min(_STROKE, self._count - start)
            places = [(x + n % 200, y + start // _STROKE % 200) for n in range(count + 1)]
            script += [f"mousemove {a} {b}", "click 1", "sleep 0.05"]
            script += ["mousemove {} {}".format(*places[0]), "sleep 0.05", "mousedown 1"]
            script += [f"mousemove {c} {d} {self._wait}" for c, d in places[1:]]
            script += ["sleep 0.05", "mouseup 1", "sleep 0.05"]
        commands = self._folder / "pen.xdotool"
        commands.write_text("\n".join(script))
        mover = self._mover = subprocess.Popen(["xdotool", commands], start_new_session=True)
        self._wait_for(lambda: mover.poll() is not None)

    def _moved(self, event: tk.Event) -> None:
        self._late.append(time.monotonic() * 1000 - event.time)
        self._unpainted.append(event.time)

    def _watch(self, canvas: PixelCanvas) -> None:
        """Note when ink has been painted: Tk paints in its idle moments, in the order of asking."""
        draw = canvas.add_line

        def watched(points: Sequence[tuple[int, int]], width: int, colour: str) -> None:
            draw(points, width, colour)
            times, self._unpainted = self._unpainted, []
            self._root.after_idle(self._painted, times)

        canvas.add_line = watched  # type: ignore[method-assign]

    def _painted(self, times: list[int]) -> None:
        now = time.monotonic() * 1000
        self._inked += [now - ms for ms in times]

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        if condition():
            self._root.after(1000, self._window.close)
        else:
            self._root.after(100, self._wait_for, condition)


def _buttons(widget: tk.Misc) -> Iterator[ttk.Button]:
    for child in widget.winfo_children():
        if isinstance(child, ttk.Button):
            yield child
        yield from _buttons(child)
