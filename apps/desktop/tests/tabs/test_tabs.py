import gc
import threading
import time
from functools import partial

import pytest

tkinter = pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk  # noqa: E402

from inkpin.desktop import window  # noqa: E402
from inkpin.desktop.dialogs import format_dialog  # noqa: E402
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog  # noqa: E402
from inkpin.desktop.root import open_root  # noqa: E402
from inkpin.desktop.samples import workspace  # noqa: E402
from inkpin.desktop.samples.workspace import Workspace  # noqa: E402
from inkpin.desktop.settings import DARK, LIGHT, Settings  # noqa: E402
from inkpin.desktop.tabs import improve  # noqa: E402
from inkpin.desktop.tabs.collect import CollectTab  # noqa: E402
from inkpin.desktop.tabs.improve import ImproveTab  # noqa: E402
from inkpin.desktop.tabs.review import ReviewTab  # noqa: E402
from inkpin.desktop.widgets.label_counts import LabelCounts  # noqa: E402
from inkpin.desktop.widgets.sample_details import SampleDetails  # noqa: E402
from inkpin.desktop.widgets.thumbnails import Thumbnails  # noqa: E402
from inkpin.desktop.window import Window  # noqa: E402
from inkpin.model.collection.collection import Collection  # noqa: E402
from inkpin.model.data.samples import load_samples, save_samples  # noqa: E402
from inkpin.model.inference.recogniser import SHIPPED  # noqa: E402


class Bench:
    """A window with one tab on a workspace of its own, and steps that are taken in it."""

    def __init__(self, tab, folder, told):
        self.told = told
        self.workspace = Workspace(folder, folder / "samples.jsonl")
        self.root = open_root()
        make = partial(tab, workspace=self.workspace)
        self.window = Window(self.root, [make], Settings(), lambda _: None, folder / "inkpin.log")

    def widgets(self, kind, within=None):
        for child in (within or self.root).winfo_children():
            if isinstance(child, kind):
                yield child
            yield from self.widgets(kind, child)

    def says(self, words):
        return any(words in label.cget("text") for label in self.widgets(ttk.Label))

    def button(self, words):
        return next(b for b in self.widgets(ttk.Button) if words in b.cget("text"))

    def radio(self, words):
        return next(b for b in self.widgets(ttk.Radiobutton) if words in b.cget("text"))

    def run(self, steps):
        """Take a step whenever the condition that the last one gave holds."""
        error = None
        deadline = time.monotonic() + 30

        def poll():
            nonlocal condition, error
            try:
                assert time.monotonic() < deadline, f"waited in vain, told {self.told}"
                if condition():
                    condition = next(steps, None)
            except BaseException as raised:
                error, condition = raised, None
            if condition is None:
                self.window.close(error)
            else:
                self.root.after(10, poll)

        condition = next(steps)
        self.root.after(10, poll)
        try:
            self.window.run()
        finally:
            self.workspace.close()


@pytest.fixture
def told(monkeypatch):
    """The errors that the user is told of."""
    lines = []

    def take(_title, line, detail, **_):
        lines.append(line)

    monkeypatch.setattr(window.messagebox, "showerror", take)
    return lines


@pytest.fixture
def bench(display, monkeypatch, tmp_path, told):
    monkeypatch.setenv("DISPLAY", display)
    yield lambda tab: Bench(tab, tmp_path, told)
    gc.collect()  # Tk must be let go of by the thread that made it


def test_samples_are_imported_and_exported(bench, samples, tmp_path, monkeypatch):
    save_samples(tmp_path / "samples.jsonl", samples("1"))
    save_samples(tmp_path / "more.jsonl", samples("227"))
    b = bench(ReviewTab)
    places = {"askopenfilename": "more.jsonl", "asksaveasfilename": "out.npz"}
    for name, file in places.items():
        monkeypatch.setattr(
            format_dialog.filedialog, name, lambda file=file, **_: str(tmp_path / file)
        )

    def steps():
        yield lambda: b.says("1 of 1 samples")
        b.button("Import").invoke()
        b.button("Choose a place").invoke()
        yield lambda: b.says("3 samples imported")
        b.button("Export").invoke()
        assert b.says("4 samples")
        b.radio("NumPy").invoke()
        b.button("Choose a place").invoke()
        yield lambda: b.says("4 samples written")
        b.button("Undo").invoke()
        yield lambda: b.says("Undone: adding 3 samples")

    b.run(steps())
    assert (tmp_path / "out.npz").exists()
    assert len(load_samples(tmp_path / "samples.jsonl")) == 1


def test_an_import_stopped_too_late_is_told_as_what_it_is(bench, samples, tmp_path, monkeypatch):
    save_samples(tmp_path / "more.jsonl", samples("22"))
    b = bench(ReviewTab)
    monkeypatch.setattr(
        format_dialog.filedialog, "askopenfilename", lambda **_: str(tmp_path / "more.jsonl")
    )
    saving, go_on = threading.Event(), threading.Event()
    extend = Collection.extend

    def slowly(*arguments):
        saving.set()
        assert go_on.wait(30)
        return extend(*arguments)

    monkeypatch.setattr(Collection, "extend", slowly)

    def steps():
        yield lambda: b.says("No samples yet")
        b.button("Import").invoke()
        b.button("Choose a place").invoke()
        yield saving.is_set
        next(b.widgets(ProgressDialog)).close()
        go_on.set()
        yield lambda: b.says("2 samples imported")

    b.run(steps())


def test_the_network_disagrees_with_a_wrong_label(bench, pin, tmp_path):
    three = pin[0]
    save_samples(tmp_path / "samples.jsonl", [three])
    b = bench(ReviewTab)

    def steps():
        yield lambda: b.says(f"The network reads {three.label}")
        disagreeing = next(b.widgets(ttk.Checkbutton))
        disagreeing.invoke()
        yield lambda: b.says("0 of 1 samples")
        disagreeing.invoke()
        b.window._front.typed("8")
        yield lambda: b.says("1 sample relabelled as 8")
        disagreeing.invoke()
        yield lambda: b.says("1 of 1 samples")

    b.run(steps())


def test_the_networks_answers_leave_the_grid_where_it_was_scrolled_to(bench, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("0123456789" * 60))
    b = bench(ReviewTab)

    def steps():
        yield lambda: b.says("600 of 600 samples")
        grid = next(b.widgets(Thumbnails))
        yield lambda: grid.grid_shown.full_height > grid.grid_shown.height > 1
        for _ in range(3):
            grid.canvas.event_generate("<Button-5>")
        scrolled = grid.grid_shown.top
        assert scrolled > 0
        yield lambda: len(b.workspace.collection.guesses) == 600
        yield lambda: not b.button("Stop").winfo_ismapped()
        assert grid.grid_shown.top == scrolled

    b.run(steps())


def test_reading_that_was_stopped_keeps_what_it_had_and_goes_on_when_asked(
    bench, samples, tmp_path, monkeypatch
):
    save_samples(tmp_path / "samples.jsonl", samples("12"))
    b = bench(ReviewTab)
    reading = threading.Event()
    go_on = threading.Event()

    def slowly(entries, _recogniser):
        for entry in entries:
            reading.set()
            assert go_on.wait(30)
            yield {entry.id: entry.label}

    monkeypatch.setattr(workspace, "guesses", slowly)

    def steps():
        yield reading.is_set
        b.button("Stop").invoke()
        go_on.set()
        yield lambda: b.says("what was read so far is shown")
        assert [*b.workspace.collection.guesses.values()] == ["1"]
        next(b.widgets(ttk.Checkbutton)).invoke()
        yield lambda: [*b.workspace.collection.guesses.values()] == ["1", "2"]

    b.run(steps())


def test_the_large_picture_has_the_colours_of_the_theme(bench, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("1"))
    b = bench(ReviewTab)

    def steps():
        (details,) = b.widgets(SampleDetails)
        (picture,) = (w for w in b.widgets(tkinter.Canvas) if w.master is details)
        for theme in (LIGHT, DARK, LIGHT):
            if theme != b.window.settings.theme:
                b.button("F9").invoke()
            assert b.window.settings.theme == theme
            yield lambda: picture.cget("background") == b.window.colours.card
            yield lambda: b.says("1 of 1 samples")
            assert {picture.itemcget(bit, "fill") for bit in picture.find_all()} == {
                b.window.colours.text
            }

    b.run(steps())


def test_nothing_to_export_is_told(bench, told):
    b = bench(ReviewTab)

    def steps():
        yield lambda: b.says("No samples yet")
        b.root.after(1, b.button("Export").invoke)
        yield lambda: told

    b.run(steps())
    assert "No samples to export" in told[0]


@pytest.mark.parametrize("tab", [CollectTab, ReviewTab, ImproveTab])
def test_samples_in_use_elsewhere_are_told(bench, told, tmp_path, tab):
    with Collection.open(tmp_path / "samples.jsonl"):
        b = bench(tab)

        def steps():
            yield lambda: told

        b.run(steps())
    assert "samples.jsonl" in told[0]


def test_too_few_samples_to_improve_are_told(bench, told, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("123"))
    b = bench(ImproveTab)

    def steps():
        yield lambda: b.says("3 samples of 3 labels")
        b.button("Improve").invoke()
        yield lambda: told
        yield lambda: "disabled" not in b.button("Improve").state()
        assert "disabled" in b.button("Use it").state()

    b.run(steps())
    assert b.workspace.networks.active == SHIPPED


def test_improving_before_the_samples_are_open_is_told(bench, monkeypatch):
    b = bench(ImproveTab)
    go_on = threading.Event()
    opening = Collection.open

    def slowly(path):
        assert go_on.wait(30)
        return opening(path)

    monkeypatch.setattr(Collection, "open", slowly)

    def steps():
        yield lambda: b.button("Improve").winfo_viewable()
        b.button("Improve").invoke()
        assert b.says("not open yet")
        go_on.set()
        yield lambda: b.says("No samples yet")

    b.run(steps())


def test_improving_can_be_stopped(bench, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("0123456789" * 10))
    b = bench(ImproveTab)

    def steps():
        yield lambda: b.says("100 samples of 10 labels")
        b.button("Improve").invoke()
        b.button("Stop").invoke()
        yield lambda: b.says("Stopped")
        assert "disabled" not in b.button("Improve").state()

    b.run(steps())


def test_the_c_is_exported_and_a_bad_place_is_told(bench, told, tmp_path, monkeypatch):
    places = [str(tmp_path / "file" / "below"), str(tmp_path / "out"), ""]
    (tmp_path / "file").touch()
    monkeypatch.setattr(improve.filedialog, "askdirectory", lambda **_: places.pop(0))
    b = bench(ImproveTab)

    def steps():
        yield lambda: b.says("No samples yet")
        b.button("Export").invoke()
        yield lambda: told
        b.button("Export").invoke()
        yield lambda: b.says("digits.c")
        b.button("Export").invoke()

    b.run(steps())
    assert (tmp_path / "out" / "digits.c").exists()
    assert places == []


def test_a_bad_target_is_told_and_what_was_there_comes_back(bench):
    b = bench(CollectTab)

    def steps():
        yield lambda: b.says("0 of 100 samples")
        box = next(b.widgets(ttk.Spinbox))
        box.delete(0, "end")
        box.insert(0, "no")
        box.event_generate("<FocusOut>")
        yield lambda: b.says("from 1 to 999")
        assert box.get() == "10"
        box.delete(0, "end")
        box.insert(0, "3")
        box.event_generate("<FocusOut>")
        yield lambda: b.says("0 of 30 samples")

    b.run(steps())


def test_a_label_is_asked_for_by_its_bar_and_by_arrows(bench):
    b = bench(CollectTab)

    def steps():
        yield lambda: b.says("0 of 100 samples")
        bars = next(b.widgets(LabelCounts))
        yield lambda: bars.winfo_height() > 50

        def asked():
            return next(b.widgets(ttk.Label, bars.master)).master.winfo_children()[1].cget("text")

        row = bars.winfo_height() // 5
        bars.event_generate("<Button-1>", x=bars.winfo_width() - 5, y=row * 2 + 5)
        assert asked() == "7"
        bars.focus_force()
        yield lambda: b.root.focus_get() is bars
        bars.event_generate("<Down>")
        assert asked() == "8"
        bars.event_generate("<Up>")
        bars.event_generate("<Up>")
        assert asked() == "6"
        bars.event_generate("<Button-1>", x=5, y=row * 5 + 1)  # below the last one
        assert asked() == "6"

    b.run(steps())


@pytest.mark.parametrize("tab", [CollectTab, ReviewTab, ImproveTab])
def test_nothing_of_a_tab_is_lost_in_the_smallest_window(bench, samples, tmp_path, tab):
    save_samples(tmp_path / "samples.jsonl", samples("0123456789" * 3))
    b = bench(tab)

    def lost():
        """Return the widgets whose right or lower edge is cut off."""
        for kind in (ttk.Button, ttk.Radiobutton, ttk.Checkbutton, ttk.Combobox, ttk.Entry):
            for widget in b.widgets(kind, b.window._front):
                if widget.winfo_ismapped():
                    around = widget.nametowidget(widget.winfo_parent())
                    right = widget.winfo_x() + widget.winfo_reqwidth()
                    lower = widget.winfo_y() + widget.winfo_reqheight()
                    if right > around.winfo_width() or lower > around.winfo_height():
                        yield widget

    def steps():
        yield lambda: b.says("30 ")
        wide, high = b.root.minsize()
        b.root.geometry(f"{wide}x{high}")
        yield lambda: (b.root.winfo_width(), b.root.winfo_height()) == (wide, high)
        b.root.update_idletasks()  # lays all of it out anew
        yield lambda: not [*lost()]

    b.run(steps())
