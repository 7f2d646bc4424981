import gc
import threading
import time
from functools import partial

import pytest

from inkpin.common import InputError
from inkpin.desktop.lock.session import Session
from inkpin.desktop.lock.store import memory_store
from inkpin.desktop.lock.worker import Worker
from inkpin.lock import Config
from inkpin.screen.layout import BUTTONS, Button

tkinter = pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop import window  # noqa: E402
from inkpin.desktop.lock.parity_check import ParityCheck  # noqa: E402
from inkpin.desktop.root import NoWindowError, open_root  # noqa: E402
from inkpin.desktop.settings import Settings  # noqa: E402
from inkpin.desktop.tabs import lock as module  # noqa: E402
from inkpin.desktop.tabs.lock import LockTab  # noqa: E402
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas  # noqa: E402
from inkpin.desktop.widgets.serial_monitor import MAX_LINES  # noqa: E402
from inkpin.desktop.window import Window  # noqa: E402

PAPER, INK = (0xF6, 0xF3, 0xEC), (0x1B, 0x24, 0x36)


def nothing(_session):
    yield from ()


class Stage:
    """A window on a screen, and steps that are taken while it runs."""

    def __init__(self, folder, load=lambda: None, script=nothing, store=None, once=False):
        self.root = open_root()
        self.worker = Worker(
            lambda say: Session(store or memory_store(), load, say, config=Config(iterations=1)),
            script,
        )
        self.kept = []
        lock = partial(
            LockTab,
            worker=self.worker,
            parity=ParityCheck(load, folder),
            reload=load,
            once=once,
        )
        self.window = Window(self.root, [lock], Settings(), self.kept.append, folder / "inkpin.log")
        told = self.root.report_callback_exception

        def failed(kind, error, trace):
            if isinstance(error, AssertionError):  # of a step of the test, not of the window
                self.window.close(error)
            else:
                told(kind, error, trace)

        self.root.report_callback_exception = failed
        self.canvas = self.find(PixelCanvas)
        self.text = self.find(tkinter.Text)
        self.button = self.button_of("reset")

    def all(self, kind):
        def walk(widget):
            yield widget
            for child in widget.winfo_children():
                yield from walk(child)

        return [widget for widget in walk(self.root) if type(widget) is kind]

    def find(self, kind):
        return self.all(kind)[0]

    def button_of(self, word):
        return next(b for b in self.all(tkinter.ttk.Button) if word in b.cget("text"))

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

    def run(self, steps=()):
        """Run the window; take a step whenever the condition that the last one gave holds."""
        steps = iter(steps)
        deadline = time.monotonic() + 30

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
        self.window.run()


@pytest.fixture
def stage(display, monkeypatch, tmp_path):
    monkeypatch.setenv("DISPLAY", display)
    made = []

    def make(**options):
        made.append(Stage(tmp_path, **options))
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


@pytest.mark.parametrize(("size", "scale"), [("700x600", 1), ("1320x980", 3), ("1000x1000", 2)])
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
        s.button_of("log").invoke()
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

    stage(script=script, once=True).window.run()
    assert played == [1]


def test_without_a_display_there_is_no_window(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(NoWindowError, match="display"):
        open_root()


def dialogs(stage):
    return [w for w in stage.root.winfo_children() if isinstance(w, tkinter.Toplevel)]


def ready(stage):
    """Whether a dialog is there and has the focus."""
    return any(str(stage.root.focus_get()).startswith(str(dialog)) for dialog in dialogs(stage))


def press(stage, *keys):
    for key in keys:
        stage.root.focus_get().event_generate(key)


def test_theme_and_size_are_changed_by_keys_and_kept(stage):
    s = stage()

    def steps():
        s.canvas.focus_force()
        yield lambda: s.root.focus_get() is s.canvas
        light = s.root.cget("background")
        press(s, "<F9>", "<Control-plus>")
        yield lambda: s.root.cget("background") != light
        assert (s.kept[-1].theme, s.kept[-1].size) == ("dark", 110)
        press(s, "<F9>", "<Control-minus>", "<Control-minus>")
        yield lambda: s.root.cget("background") == light
        assert (s.kept[-1].theme, s.kept[-1].size) == ("light", 90)

    s.run(steps())
    assert "x" in s.kept[-1].geometry


def test_help_names_every_key_and_gives_the_focus_back(stage):
    s = stage()

    def steps():
        s.canvas.focus_force()
        yield lambda: s.root.focus_get() is s.canvas
        press(s, "<F1>")
        yield lambda: ready(s)
        texts = {label.cget("text") for label in s.all(tkinter.ttk.Label)}
        assert {"Return", "Backspace", "T", "F11", "Ctrl+Q"} <= texts
        assert any(str(s.window.log_file.parent) in text for text in texts)
        (help_,) = dialogs(s)
        assert help_.winfo_reqheight() < 700
        help_.event_generate("<Escape>")
        yield lambda: not dialogs(s) and s.root.focus_get() is s.canvas

    s.run(steps())


def test_an_error_is_told_in_a_sentence_and_the_window_goes_on(stage, monkeypatch):
    s = stage()
    told = []
    monkeypatch.setattr(
        window.messagebox, "showerror", lambda _, line, detail, **__: told.append((line, detail))
    )

    def bad(error):
        raise error

    def steps():
        s.root.after(1, bad, InputError("no room: delete something"))
        yield lambda: told
        assert told.pop()[0] == "no room: delete something"
        s.root.after(1, bad, KeyError("x"))
        yield lambda: told
        line, detail = told.pop()
        assert "unexpected" in line
        assert str(s.window.log_file) in detail
        s.press(Button.TRY)
        yield lambda: s.lines()[-1] == "State try"

    s.run(steps())


def test_polls_that_take_long_leave_time_to_paint(stage, monkeypatch):
    s = stage()
    poll = LockTab.poll
    idle = []

    def slow(tab):
        time.sleep(0.02)  # more than from one poll to the next
        tab.after_idle(idle.append, 1)
        poll(tab)

    def steps():
        monkeypatch.setattr(LockTab, "poll", slow)
        yield lambda: idle

    s.run(steps())


@pytest.mark.parametrize("key", ["<Return>", "<space>"])
def test_a_key_answers_a_message(stage, key):
    s = stage()
    ok = ".__tk__messagebox.ok"

    def steps():
        s.root.after(1, s.window.report_error, InputError("no room: delete something"))
        yield lambda: s.root.tk.call("winfo", "exists", ok)
        s.root.tk.call("focus", "-force", ok)
        yield lambda: str(s.root.tk.call("focus")) == ok
        s.root.tk.call("event", "generate", ok, key)
        yield lambda: not s.root.tk.call("winfo", "exists", ok)

    s.run(steps())
    assert not s.window.log_file.exists() or "AttributeError" not in s.window.log_file.read_text()


def test_what_is_tried_is_shown_beside_the_lock_and_goes_with_the_ink(stage, bench):
    s = stage(load=lambda: bench("77").recogniser)

    def shown(words):
        return any(words in label.cget("text") for label in s.all(tkinter.ttk.Label))

    def steps():
        s.press(Button.TRY)
        s.stroke((50, 100), (100, 100), (100, 150))
        s.press(Button.ENTER)
        yield lambda: shown("Read as 7") and shown("bit for bit")
        s.press(Button.CLEAR)
        yield lambda: not shown("Read as 7") and not shown("bit for bit")

    s.run(steps())


def test_nothing_of_a_pin_is_shown_beside_the_lock(stage, bench):
    s = stage(load=lambda: bench("1234").recogniser)

    def steps():
        before = [label.cget("text") for label in s.all(tkinter.ttk.Label)]
        for count in range(1, 5):
            s.stroke((50, 100), (100, 100), (100, 150))
            s.press(Button.ENTER)
            yield lambda count=count: s.lines().count("Output *") == count
            assert [label.cget("text") for label in s.all(tkinter.ttk.Label)] == before

    s.run(steps())


def test_the_steps_of_what_was_tried_are_played(stage, bench):
    s = stage(load=lambda: bench("7").recogniser)

    def steps():
        s.canvas.focus_force()
        yield lambda: s.root.focus_get() is s.canvas
        press(s, "<s>")
        assert not dialogs(s)
        s.press(Button.TRY)
        s.stroke((50, 100), (100, 100), (100, 150))
        s.press(Button.ENTER)
        yield lambda: "disabled" not in s.button_of("Step").state()
        press(s, "<s>")
        yield lambda: ready(s)
        (lesson,) = dialogs(s)
        assert s.root.grab_current() is lesson
        assert s.button_of("Hold")  # it plays by itself
        lesson.event_generate("<space>")
        assert s.button_of("Play")
        for _ in range(6):
            lesson.event_generate("<Right>")
        assert any("reads 7" in label.cget("text") for label in s.all(tkinter.ttk.Label))
        assert s.button_of("Again")
        lesson.event_generate("<Escape>")
        yield lambda: not dialogs(s)

    s.run(steps())
