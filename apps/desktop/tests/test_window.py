import gc
import threading
import time

import pytest

from inkpin.desktop.session import Session
from inkpin.desktop.store import throw_away
from inkpin.desktop.worker import Worker
from inkpin.lock import Config
from inkpin.preprocess import InputError
from inkpin.screen.layout import BUTTONS, Button

tkinter = pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop import window as module  # noqa: E402
from inkpin.desktop.window import MAX_LINES, NoWindowError, Window, open_root  # noqa: E402

PAPER, INK = (0xF6, 0xF3, 0xEC), (0x1B, 0x24, 0x36)


def nothing(_session):
    yield from ()


class Stage:
    """A window on a screen, and steps that are taken while it runs."""

    def __init__(self, load=lambda: None, script=nothing, store=None):
        self.root = open_root()
        self.worker = Worker(
            lambda say: Session(store or throw_away(), load, say, config=Config(iterations=1)),
            script,
        )
        self.window = Window(self.root, self.worker, throw_away=True)
        self.canvas = self.find(tkinter.Canvas)
        self.text = self.find(tkinter.Text)
        self.button = self.find(tkinter.ttk.Button)

    def all(self, kind):
        def walk(widget):
            yield widget
            for child in widget.winfo_children():
                yield from walk(child)

        return [widget for widget in walk(self.root) if type(widget) is kind]

    def find(self, kind):
        return self.all(kind)[0]

    def lines(self):
        return self.text.get("1.0", "end").split("\n")[:-2]

    @property
    def scale(self):
        return int(self.root.tk.call("image", "width", self.image)) // 320

    @property
    def image(self):
        return self.canvas.itemcget(self.canvas.find_all()[0], "image")

    def pixel(self, x, y):
        middle = self.scale // 2
        at = (x * self.scale + middle, y * self.scale + middle)
        return tuple(map(int, self.root.tk.splitlist(self.root.tk.call(self.image, "get", *at))))

    def at(self, x, y):
        left, top = self.canvas.coords(self.canvas.find_all()[0])
        return {"x": int(left) + x * self.scale, "y": int(top) + y * self.scale}

    def press(self, button):
        where = self.at(BUTTONS[button].x + 9, BUTTONS[button].y + 9)
        self.canvas.event_generate("<ButtonPress-1>", **where)
        self.canvas.event_generate("<ButtonRelease-1>", **where)

    def stroke(self, *points):
        self.canvas.event_generate("<ButtonPress-1>", **self.at(*points[0]))
        for point in points[1:]:
            self.canvas.event_generate("<B1-Motion>", **self.at(*point))
        self.canvas.event_generate("<ButtonRelease-1>", **self.at(*points[-1]))

    def run(self, steps=(), **options):
        """Run the window; take a step whenever the condition that the last one gave holds."""
        steps = iter(steps)
        deadline = time.monotonic() + 10

        def condition():  # it is up
            return self.canvas.winfo_viewable() and self.at(0, 0)["x"] and self.lines()

        def poll():
            nonlocal condition
            assert time.monotonic() < deadline, f"waited in vain: {self.lines()}"
            if condition():
                condition = next(steps, None)
                if condition is None:
                    self.root.eval(self.root.protocol("WM_DELETE_WINDOW"))
                    return
            self.root.after(10, poll)

        if steps:
            self.root.after(10, poll)
        self.window.run(**options)


@pytest.fixture
def stage(display, monkeypatch):
    monkeypatch.setenv("DISPLAY", display)
    made = []

    def make(**options):
        made.append(Stage(**options))
        return made[-1]

    yield make
    while made:
        made.pop().worker.stop()
    gc.collect()  # Tk must be let go of by the thread that made it


def test_ink_appears_where_the_pointer_draws(stage):
    s = stage()

    def steps():
        yield lambda: s.pixel(60, 100) == PAPER
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: s.pixel(60, 100) == s.pixel(100, 140) == INK
        s.press(Button.CLEAR)
        yield lambda: s.pixel(60, 100) == PAPER

    s.run(steps())


def test_buttons_work_by_pointer_and_by_key(stage):
    s = stage()

    def steps():
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        s.canvas.focus_force()
        yield lambda: s.root.focus_get() is s.canvas
        s.canvas.event_generate("<Return>")
        yield lambda: s.lines()[-1] == "State choose"
        s.canvas.event_generate("<t>")
        yield lambda: s.lines()[-1] == "State try"
        s.stroke((50, 100), (100, 100), (100, 150))
        yield lambda: s.pixel(60, 100) == INK
        s.canvas.event_generate("<Escape>")
        yield lambda: s.pixel(60, 100) == PAPER

    s.run(steps())


@pytest.mark.parametrize(("size", "scale"), [("700x600", 1), ("1279x800", 3), ("1000x1000", 2)])
def test_the_replica_follows_the_window_at_integer_scales(stage, size, scale):
    s = stage()

    def steps():
        s.root.geometry(size)
        yield lambda: s.root.winfo_width() == int(size.split("x")[0]) and s.scale == scale
        yield lambda: s.pixel(5, 235) == PAPER
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        s.stroke((0, 0), (239, 239))
        yield lambda: s.pixel(0, 0) == s.pixel(239, 239) == INK

    s.run(steps())


def test_a_factory_reset_asks_first(stage, monkeypatch):
    s = stage()
    answers = [False, True]
    monkeypatch.setattr(module.messagebox, "askyesno", lambda *_, **__: answers.pop(0))

    def steps():
        s.button.invoke()
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        assert "Factory reset" not in s.lines()
        s.button.invoke()
        yield lambda: s.lines()[-2:] == ["Factory reset", "State choose"]

    s.run(steps())
    assert answers == []


def test_the_window_closes_with_the_question_open(stage, monkeypatch):
    s = stage()

    def ask(*_, **__):
        s.root.eval(s.root.protocol("WM_DELETE_WINDOW"))
        raise tkinter.TclError("application has been destroyed")

    monkeypatch.setattr(module.messagebox, "askyesno", ask)
    s.root.after(50, s.button.invoke)
    s.window.run()


def test_return_presses_the_button_that_has_the_focus(stage, monkeypatch):
    s = stage()
    asked = []
    monkeypatch.setattr(module.messagebox, "askyesno", lambda *_, **__: asked.append(1))

    def steps():
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"
        s.button.focus_force()
        yield lambda: s.root.focus_get() is s.button
        s.button.event_generate("<Return>")
        yield lambda: asked == [1]
        s.press(Button.CLEAR)
        yield lambda: True
        assert s.lines()[-1] == "State try"

    s.run(steps())


def test_the_event_log_is_shown(stage, monkeypatch):
    s = stage()
    shown = []
    monkeypatch.setattr(module.messagebox, "showinfo", lambda *_, **words: shown.append(words))

    def steps():
        next(b for b in s.all(tkinter.ttk.Button) if "log" in b.cget("text")).invoke()
        yield lambda: shown
        assert shown[0]["detail"] == "Log 1 reboot 0 s"

    s.run(steps())


def test_the_serial_pane_keeps_its_last_lines(stage):
    s = stage()

    def steps():
        for _ in range(MAX_LINES // 2 + 5):
            s.worker.post(lambda session: session.reset())
            s.worker.post(lambda session: session.key(Button.TRY))
        yield lambda: len(s.lines()) == MAX_LINES and "State choose" in s.lines()[-2:-1]
        assert s.text.cget("state") == "disabled"
        assert s.text.dlineinfo("end-1c")

    s.run(steps())


def test_a_missing_model_closes_the_window_and_is_told(stage):
    def load():
        raise InputError("no model")

    with pytest.raises(InputError, match="no model"):
        stage(load=load).window.run()


def test_ctrl_c_closes_the_window(stage):
    s = stage()

    def interrupt():
        raise KeyboardInterrupt

    s.root.after(50, interrupt)
    with pytest.raises(KeyboardInterrupt):
        s.window.run()


def test_the_window_closes_while_the_session_is_busy(stage):
    s = stage()
    gate = threading.Event()
    started = time.monotonic()

    def steps():
        s.worker.post(lambda _: gate.wait(1))
        s.press(Button.TRY)
        yield lambda: True

    s.run(steps())
    gate.set()
    assert time.monotonic() - started < 5


def test_once_ends_with_the_script(stage):
    played = []

    def script(_session):
        yield 10
        played.append(1)

    stage(script=script).window.run(once=True)
    assert played == [1]


def test_without_a_display_there_is_no_window(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(NoWindowError, match="display"):
        open_root()
