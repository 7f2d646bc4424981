"""Windows for tests: steps are taken in them while their event loop runs."""

import subprocess
import time
from functools import partial

import pytest
from PIL import ImageColor

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
import tkinter as tk
from tkinter import ttk

from inkpin.desktop.lock.parity_check import ParityCheck
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import memory_store
from inkpin.desktop.lock.worker import Worker
from inkpin.desktop.root import open_root
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.settings import Settings
from inkpin.desktop.tabs.lock import LockTab
from inkpin.desktop.widgets.first_steps import FirstSteps
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.window import Window
from inkpin.lock import Config
from inkpin.model.inference.recogniser import Recogniser
from inkpin.screen.layout import BUTTONS, PALETTE

_FIRST_DAY = Settings()
PAPER, INK = (ImageColor.getrgb(PALETTE[name]) for name in ("paper", "ink"))


class WindowDriver:
    """A window with a tab, or some.

    Attributes:
        kept: the settings that were kept.
    """

    def __init__(self, *tabs, folder, settings=_FIRST_DAY):
        self.root = open_root()
        self.kept = []
        self.window = Window(self.root, tabs, settings, self.kept.append, folder / "inkpin.log")

    @classmethod
    def of(cls, window):
        """Return a driver of a window that is there already."""
        driver = cls.__new__(cls)
        driver.root, driver.window, driver.kept = window.root, window, []
        return driver

    def widgets(self, kind, within=None):
        for child in (within or self.root).winfo_children():
            if isinstance(child, kind):
                yield child
            yield from self.widgets(kind, child)

    def widget(self, kind):
        return next(self.widgets(kind))

    def button(self, text):
        return next(b for b in self.widgets(ttk.Button) if text in b.cget("text"))

    def radio(self, text):
        return next(b for b in self.widgets(ttk.Radiobutton) if text in b.cget("text"))

    def texts(self):
        return [label.cget("text") for label in self.widgets(ttk.Label)]

    def says(self, text):
        return any(text in label for label in self.texts())

    def dialogs(self):
        return list(self.widgets(tk.Toplevel))

    def dialog_is_up(self):
        """Whether a dialog is there and has the focus."""
        focus = str(self.root.focus_get())
        return any(focus.startswith(str(dialog)) for dialog in self.dialogs())

    def key(self, *keys):
        """Press keys where the focus is."""
        for key in keys:
            self.root.focus_get().event_generate(key)

    def pull(self, widget, start, end):
        """Pull a widget by a finger from one height of the screen to another.

        At once: as long as a button is down, Tk tells of where the real pointer is as well.
        """
        widget.event_generate("<ButtonPress-1>", rootx=0, rooty=start)
        widget.event_generate("<B1-Motion>", rootx=0, rooty=end)
        widget.event_generate("<ButtonRelease-1>", rootx=0, rooty=end)

    def close(self):
        self.root.eval(self.root.protocol("WM_DELETE_WINDOW"))

    def is_up(self):
        return self.root.winfo_viewable()

    def run(self, steps=None):
        """Take a step whenever the condition that the last one gave holds; then close."""
        deadline = time.monotonic() + 120
        condition = self.is_up

        def poll():
            nonlocal condition
            try:
                assert time.monotonic() < deadline, f"waited in vain: {self.texts()}"
                if condition():
                    condition = next(steps, None)
            except BaseException as error:
                self.window.close(error)
                return
            if condition is None:
                self.close()
            else:
                self.root.after(10, poll)

        if steps:
            self.root.after(10, poll)
        self.window.run()


class WorkspaceDriver(WindowDriver):
    """A window with a tab on a workspace of its own."""

    def __init__(self, tab, folder):
        self.workspace = Workspace(folder, folder / "samples.jsonl")
        super().__init__(partial(tab, workspace=self.workspace), folder=folder)

    def run(self, steps=None):
        try:
            super().run(steps)
        finally:
            self.workspace.close()


class LockDriver(WindowDriver):
    """A window with the lock, and perhaps other tabs behind it; and a hand."""

    def __init__(
        self,
        folder,
        load=Recogniser.load,
        script=lambda _: iter(()),
        once=False,
        settings=_FIRST_DAY,
        first_steps=False,
        others=(),
    ):
        def start(say):
            self.say = say
            return Session(memory_store(), load, say, config=Config(iterations=1))

        self.worker = Worker(start, script)
        parity = ParityCheck(lambda: (load().model, load()), folder)
        options = {"once": once, "first_steps": first_steps}
        lock = partial(LockTab, worker=self.worker, parity=parity, reload=load, **options)
        super().__init__(lock, *others, folder=folder, settings=settings)
        self.canvas = self.widget(PixelCanvas)
        self.text = self.widget(tk.Text)

    def first_steps_are_up(self):
        return self.widget(FirstSteps).winfo_viewable()

    def is_up(self):
        return self.canvas.winfo_viewable() and self.is_whole() and self.lines()

    def lines(self):
        return self.text.get("1.0", "end").split("\n")[:-2]

    @property
    def image(self):
        return self.canvas.itemcget(self.canvas.find_all()[0], "image")

    @property
    def zoom(self):
        return self.canvas.zoom

    def is_whole(self):
        """Whether the replica is painted at the size that it has."""
        width = int(self.root.tk.call("image", "width", self.image))
        return width == round(320 * self.zoom)

    def pixel(self, x, y):
        """Return what is shown at a pixel of the screen, once it is painted at its size."""
        if not self.is_whole():
            return None
        at = (int((x + 0.5) * self.zoom), int((y + 0.5) * self.zoom))
        return tuple(map(int, self.root.tk.splitlist(self.root.tk.call(self.image, "get", *at))))

    def at(self, x, y):
        left, top = self.canvas.coords(self.canvas.find_all()[0])
        return {"x": int(left + (x + 0.5) * self.zoom), "y": int(top + (y + 0.5) * self.zoom)}

    def press(self, button):
        where = self.at(BUTTONS[button].x + 9, BUTTONS[button].y + 9)
        self.canvas.event_generate("<ButtonPress-1>", **where)
        self.canvas.event_generate("<ButtonRelease-1>", **where)

    def stroke(self, *points):
        self.canvas.event_generate("<ButtonPress-1>", **self.at(*points[0]))
        for point in points[1:]:
            self.canvas.event_generate("<B1-Motion>", **self.at(*point))
        self.canvas.event_generate("<ButtonRelease-1>", **self.at(*points[-1]))

    def focus(self):
        """Give the replica the focus; return what tells that it has it."""
        self.canvas.focus_force()
        return lambda: self.root.focus_get() is self.canvas

    def said_before_now(self):
        """Return what tells that all that was done has been, and been shown."""
        self.worker.post(lambda _: self.say("now"))
        return lambda: self.lines()[-1] == "now"


class Hand:
    """A hand on the real keyboard and mouse of a screen: its server sends the events."""

    def keys(self, *names):
        self._do("key", "--delay", 20, *names)

    def point(self, x, y):
        self._do("mousemove", x, y)

    def _do(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True)
