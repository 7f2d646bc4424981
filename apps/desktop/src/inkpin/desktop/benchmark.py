"""How long the twin takes: `python -m inkpin.desktop.benchmark`.

Prints a table, each row as soon as it is measured, so that Ctrl-C keeps those before it:
milliseconds from the start of Python to the lock on the screen, from a touch to its ink on the
replica, for opening 50,000 samples, for having the network read 1,000 of them, for changing all of
them at once, and for turning a page of 50,000 thumbnails; then how many points of a pen are lost
and how late the others come. Nothing is kept, nothing asserted. The pen takes most of a quarter of
an hour, as it moves 20,000 times at 125 Hz, and at 250 Hz, in each of three states of the window.
"""

import gc
import statistics
import subprocess
import sys
import time
import tkinter as tk
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from inkpin.common import InputError, UnavailableError
from inkpin.common.command import run_command
from inkpin.desktop import app
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lost_points import BLOCKED, IDLE, IMPROVING, lost_points, own_screen
from inkpin.desktop.root import NoWindowError, open_root
from inkpin.desktop.samples.review_list import ReviewList
from inkpin.desktop.samples.thumbnail_grid import Cell, Grid, GridColours, render_grid
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import guesses
from inkpin.model.data.samples import bundled_samples, save_samples
from inkpin.model.inference.recogniser import SHIPPED, Recogniser
from inkpin.screen.layout import AREA

_STARTS, _TOUCHES, _PAGES, _OPENINGS = 5, 40, 20, 3
_SAMPLES, _READ = 50_000, 1_000
_RATES, _POINTS = (125, 250), 20_000
_MANY = 100  # times of which the 99th of 100 says something
_WIDE = 50  # characters of the table's first column
_COLOURS = GridColours(*7 * ("#808080",))


def main() -> None:
    """Measure, and print."""
    if len(sys.argv) > 1:  # one start of several, measured from when its parent began it
        _window(int(sys.argv[1]))
        return
    try:
        open_root().destroy()
        gc.collect()  # Tk must be let go of by the thread that made it
    except NoWindowError as error:
        raise InputError(str(error)) from error
    print(f"{'':{_WIDE}}{'median':>10}{'99 of 100':>12}{'worst':>10}{'times':>8}", flush=True)
    starts: list[float] = []
    touches: list[float] = []
    for _ in range(_STARTS):
        command = [sys.executable, "-m", "inkpin.desktop.benchmark", str(time.time_ns())]
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        first, *rest = map(float, out.split())
        starts.append(first)
        touches += rest
    _row("from start to the lock on the screen, ms", starts)
    _row("from a touch to its ink on the replica, ms", touches)
    openings, readings = zip(*_openings(), strict=True)
    _row(f"opening {_SAMPLES:,} samples, ms", openings)
    _row(f"the network reads {_READ:,} of them, ms", readings)
    for what, times in _bulk_changes().items():
        _row(f"{what} {_SAMPLES:,} samples, ms", times)
    _row(f"a page of {_SAMPLES:,} thumbnails, ms", list(_pages()))
    _print_lost_points()


def _print_lost_points() -> None:
    try:
        with own_screen():
            for state in (IDLE, BLOCKED, IMPROVING):
                for rate in _RATES:
                    pen = lost_points(state, rate, _POINTS, _SAMPLES)
                    lost = f"{pen.lost:,} of {_POINTS:,}"
                    print(f"{f'points lost at {rate} Hz, {state}':{_WIDE}}{lost:>40}")
                    _row("  from a motion to its handler, ms", pen.late)
                    _row("  from a motion to its ink, ms", pen.inked)
    except UnavailableError as error:
        print(f"points lost: {error}")


def _window(started: int) -> None:
    """Open a window that measures itself, prints one number a line, and closes."""

    def script(_session: Session) -> Iterator[int]:
        yield from ()

    root = open_root()
    root.after(1, _Probe(root, started).begin)
    app.run_replay(root, SHIPPED, script, lambda _: None)


class _Probe:
    """Touches the replica again and again, and prints the milliseconds until the ink is there.

    Args:
        root: whose window will be there when it begins.
        started: when Python was, in ns.
    """

    def __init__(self, root: tk.Tk, started: int) -> None:
        self._root = root
        self._started = started

    def begin(self) -> None:
        """Wait for the lock on the screen, print how long that took, and touch."""
        self._replica = next(w for w in _widgets(self._root) if isinstance(w, PixelCanvas))
        self._when(lambda: self._painted, self._shown)

    def _shown(self) -> None:
        self._root.update_idletasks()
        print((time.time_ns() - self._started) / 1e6)
        self._touch(0)

    def _touch(self, count: int) -> None:
        if count == _TOUCHES:
            self._root.eval(self._root.protocol("WM_DELETE_WINDOW"))
            return
        left, top = self._replica.coords(1)
        x = int(((20 + count * 5) % AREA.w + 0.5) * self._replica.zoom)
        y = int((60.5 + count % 8 * 20) * self._replica.zoom)
        paper, begun = self._colour(x, y), time.perf_counter()
        for event in ("<ButtonPress-1>", "<ButtonRelease-1>"):
            self._replica.event_generate(event, x=int(left) + x, y=int(top) + y)

        def inked() -> None:
            print((time.perf_counter() - begun) * 1000)
            self._touch(count + 1)

        self._when(lambda: self._colour(x, y) != paper, inked)

    @property
    def _painted(self) -> bool:
        """Whether the replica is on the screen, which has no pixels before it is laid out."""
        wide = int(self._root.tk.call("image", "width", self._image))
        return bool(self._replica.winfo_viewable()) and wide > 5 and self._colour(5, 5) != (0, 0, 0)

    @property
    def _image(self) -> str:
        return str(self._root.tk.call(self._replica, "itemcget", 1, "-image"))

    def _colour(self, x: int, y: int) -> tuple[int, ...]:
        rgb = self._root.tk.call(self._image, "get", x, y)
        return tuple(map(int, self._root.tk.splitlist(rgb)))

    def _when(self, condition: Callable[[], bool], then: Callable[[], None]) -> None:
        if condition():
            then()
        else:
            self._root.after(1, self._when, condition, then)


def _widgets(widget: tk.Misc) -> Iterator[tk.Misc]:
    yield widget
    for child in widget.winfo_children():
        yield from _widgets(child)


@contextmanager
def _many_samples() -> Iterator[Path]:
    """Keep the file of very many samples as long as it is wanted."""
    known = bundled_samples()
    many = (known[number % len(known)] for number in range(_SAMPLES))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "samples.jsonl"
        save_samples(path, (replace(one, extra={"key_id": str(n)}) for n, one in enumerate(many)))
        yield path


def _openings() -> Iterator[tuple[float, float]]:
    network = Recogniser.load()
    with _many_samples() as path:
        for _ in range(_OPENINGS):
            begun = time.perf_counter()
            with Collection.open(path) as collection:
                opened = time.perf_counter()
                list(guesses(collection.find()[:_READ], network))
                yield (opened - begun) * 1000, (time.perf_counter() - opened) * 1000


def _bulk_changes() -> dict[str, list[float]]:
    """Return the milliseconds of changes of all samples of a collection, as Review makes them."""
    with _many_samples() as path, Collection.open(path) as collection:
        review = ReviewList(collection)
        changes: tuple[tuple[str, Callable[[], object]], ...] = (
            ("choosing", review.select_all),
            ("relabelling", lambda: review.relabel("7")),
            ("undoing that for", review.undo),
            ("choosing", review.select_all),
            ("deleting", review.delete),
            ("bringing back", review.undo),
        )
        times: dict[str, list[float]] = {}
        for what, change in changes:
            begun = time.perf_counter()
            change()
            times.setdefault(what, []).append((time.perf_counter() - begun) * 1000)
    return times


def _pages() -> Iterator[float]:
    chance = np.random.default_rng(1)
    bitmaps = chance.random((500, 28, 28)) < 0.15
    grid = Grid(_SAMPLES, 1000, 700, 2)
    for page in range(_PAGES):
        begun = time.perf_counter()
        render_grid(grid.at(page * 1500), lambda place: Cell(bitmaps[place % 500], "7"), _COLOURS)
        yield (time.perf_counter() - begun) * 1000


def _row(what: str, times: Sequence[float]) -> None:
    """Print a line of the table."""
    late = f"{statistics.quantiles(times, n=100)[-1]:.1f}" if len(times) >= _MANY else ""
    median, worst = statistics.median(times), max(times)
    print(f"{what:{_WIDE}}{median:10.1f}{late:>12}{worst:10.1f}{len(times):8,}", flush=True)


if __name__ == "__main__":
    sys.exit(run_command("inkpin.desktop.benchmark", main))
