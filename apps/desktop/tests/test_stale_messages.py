"""What was said goes when what it speaks of has gone, in every tab."""

import threading
from functools import partial

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk

from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.device import DeviceTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.widgets.thumbnails import Thumbnails
from inkpin.device import wire
from inkpin.screen import Button


def test_saved_as_goes_when_the_sample_is_deleted_in_review(lock_window, tmp_path):
    workspace = Workspace(tmp_path, tmp_path / "samples.jsonl")
    w = lock_window(others=[partial(tab, workspace=workspace) for tab in (CollectTab, ReviewTab)])
    book, collect = w.widget(ttk.Notebook), w.widget(CollectTab)

    def steps():
        book.select(str(collect))
        yield lambda: collect.winfo_viewable() and w.says("Write this label on the paper")
        paper = next(w.widgets(PixelCanvas, collect))
        yield paper.winfo_viewable
        for kind, x, y in (
            ("<ButtonPress-1>", 120, 100),
            ("<B1-Motion>", 200, 110),
            ("<B1-Motion>", 160, 300),
            ("<ButtonRelease-1>", 160, 300),
        ):
            paper.event_generate(kind, x=x, y=y)
        w.button("Accept").invoke()
        assert not w.says("Write this label on the paper")
        assert w.says("Saved as")
        assert w.says("with it there is 1 sample")
        book.select(str(w.widget(ReviewTab)))
        grid = w.widget(Thumbnails)
        yield lambda: grid.winfo_viewable() and w.says("1 of 1 sample.")
        grid.canvas.focus_force()
        yield lambda: w.root.focus_get() is grid.canvas
        w.key("<Delete>")
        yield lambda: w.says("1 sample deleted")
        book.select(str(collect))
        yield lambda: collect.winfo_viewable() and not w.says("Saved as")
        assert w.says("Taken back")

    try:
        w.run(steps())
    finally:
        workspace.close()


def test_press_try_first_goes_once_try_was_pressed(lock_window):
    s = lock_window()

    def steps():
        yield s.focus()
        s.key("<s>")
        assert s.says("Press TRY first")
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try" and not s.says("Press TRY first")

    s.run(steps())


def test_what_keeps_a_drawing_from_being_saved_goes_with_it(tab_window, connection):
    go_on = threading.Event()

    def connect(_progress):
        assert go_on.wait(60)
        return connection

    w = tab_window(partial(DeviceTab, connect=connect, emulated=True))

    def steps():
        w.button("Save sample").invoke()
        assert w.says("There is no device yet")
        go_on.set()
        yield lambda: not w.says("There is no device yet")
        yield lambda: w.workspace.collection is not None
        w.button("Save sample").invoke()
        assert w.says("Nothing to save")
        connection.state.take(wire.Point(50, 60, 10))
        yield lambda: not w.says("Nothing to save")

    w.run(steps())
