"""How long the twin takes: `python -m inkpin.desktop.benchmark`.

Prints milliseconds from the start of Python to the lock on the screen, from a touch to its ink on
the replica, for opening 50,000 samples, for having the network read 1,000 of them, and for turning
a page of 50,000 thumbnails. Nothing is kept, nothing asserted.
"""

import statistics
import subprocess
import sys
import time
import tkinter as tk
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from inkpin.desktop import app
from inkpin.desktop.lock.session import Session
from inkpin.desktop.main import load_device, load_shipped
from inkpin.desktop.samples.grid import Cell, Grid, Paint, picture
from inkpin.desktop.widgets.pixels import Pixels
from inkpin.desktop.window import NoWindowError, open_root
from inkpin.model.collection.collection import Collection, guesses
from inkpin.model.data.samples import load_samples, save_samples
from inkpin.model.inference.recogniser import Recogniser
from inkpin.screen.layout import AREA

_STARTS, _TOUCHES, _PAGES, _OPENINGS = 5, 40, 20, 3
_SAMPLES, _READ = 50_000, 1_000
_PAINT = Paint("#ffffff", "#ffffff", "#000000", "#0000ff", "#000000", "#ff0000")


def main() -> int:
    """Measure, and print; return the exit status."""
    if len(sys.argv) > 1:  # one start of several, measured from when its parent began it
        _window(int(sys.argv[1]))
        return 0
    try:
        open_root().destroy()
    except NoWindowError as error:
        print(f"inkpin: {error}", file=sys.stderr)
        return 2
    starts: list[float] = []
    touches: list[float] = []
    for _ in range(_STARTS):
        command = [sys.executable, "-m", "inkpin.desktop.benchmark", str(time.time_ns())]
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        first, *rest = map(float, out.split())
        starts.append(first)
        touches += rest
    _print("from start to the lock on the screen", starts)
    _print("from a touch to its ink", touches)
    openings, readings = zip(*_openings(), strict=True)
    _print(f"opening {_SAMPLES:,} samples", openings)
    _print(f"the network reads {_READ:,} of them", readings)
    _print(f"a page of {_SAMPLES:,} thumbnails", list(_pages()))
    return 0


def _window(started: int) -> None:
    """Open a window that measures itself, prints one number a line, and closes."""
    root = open_root()

    def colour(x: int, y: int) -> str:
        image = replica.itemcget(replica.find_all()[0], "image")
        return root.tk.call(image, "get", x, y)

    def when(change: Callable[[], bool], then: Callable[[], None]) -> None:
        if change():
            then()
        else:
            root.after(1, when, change, then)

    def shown() -> None:
        root.update_idletasks()
        print((time.time_ns() - started) / 1e6)
        touch(0)

    def touch(count: int) -> None:
        if count == _TOUCHES:
            root.eval(root.protocol("WM_DELETE_WINDOW"))
            return
        scale = max(1, root.tk.call("image", "width", replica.itemcget(1, "image")) // 320)
        left, top = replica.coords(1)
        x = (20 + count * 5) % AREA.w * scale
        y = (60 + count % 8 * 20) * scale
        at = {"x": int(left) + x, "y": int(top) + y}
        paper, begun = colour(x, y), time.perf_counter()
        replica.event_generate("<ButtonPress-1>", **at)
        replica.event_generate("<ButtonRelease-1>", **at)

        def inked() -> None:
            print((time.perf_counter() - begun) * 1000)
            touch(count + 1)

        when(lambda: colour(x, y) != paper, inked)

    def begin() -> None:
        nonlocal replica
        replica = next(w for w in _widgets(root) if isinstance(w, Pixels))
        when(lambda: replica.winfo_viewable() and colour(5, 5) != (0, 0, 0), shown)

    replica: tk.Canvas = tk.Canvas(root)

    def script(_session: Session) -> Iterator[int]:
        yield from ()

    root.after(1, begin)
    app.run_replay(root, load_shipped, load_device, script, lambda _: None)


def _widgets(widget: tk.Misc) -> Iterator[tk.Misc]:
    yield widget
    for child in widget.winfo_children():
        yield from _widgets(child)


def _openings() -> Iterator[tuple[float, float]]:
    with as_file(files("inkpin.samples") / "pin.jsonl") as path:
        known = load_samples(path)
    network = Recogniser.load()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "samples.jsonl"
        many = (known[number % len(known)] for number in range(_SAMPLES))
        save_samples(path, (replace(one, extra={"key_id": str(n)}) for n, one in enumerate(many)))
        for _ in range(_OPENINGS):
            begun = time.perf_counter()
            with Collection.open(path) as collection:
                opened = time.perf_counter()
                list(guesses(collection.find()[:_READ], network))
                yield (opened - begun) * 1000, (time.perf_counter() - opened) * 1000


def _pages() -> Iterator[float]:
    chance = np.random.default_rng(1)
    bitmaps = chance.random((500, 28, 28)) < 0.15
    grid = Grid(_SAMPLES, 1000, 700, 2)
    for page in range(_PAGES):
        begun = time.perf_counter()
        picture(grid.at(page * 1500), lambda place: Cell(bitmaps[place % 500], "7"), _PAINT)
        yield (time.perf_counter() - begun) * 1000


def _print(what: str, times: Sequence[float]) -> None:
    median, worst = statistics.median(times), max(times)
    print(f"{what}: {median:.1f} ms (worst of {len(times)}: {worst:.1f})")


if __name__ == "__main__":
    sys.exit(main())
