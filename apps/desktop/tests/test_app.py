import shlex
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from drivers import WindowDriver, ttk

from inkpin.common import InputError
from inkpin.desktop import app, launch
from inkpin.desktop.lock.store import memory_store, user_store
from inkpin.desktop.main import main
from inkpin.desktop.root import open_root
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.tabs.train import TrainTab
from inkpin.desktop.widgets.first_steps import FirstSteps
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.desktop.widgets.sample_details import SampleDetails
from inkpin.desktop.widgets.thumbnails import Thumbnails
from inkpin.desktop.window import Window
from inkpin.model.adaptation.model_store import About, ModelStore
from inkpin.model.data.samples import load_samples, save_samples
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.model.training import train_command
from inkpin.model.training.options import DataOptions

GESTURES = Path(__file__).parents[3] / "tests/gestures/gestures.onnx"
LABELS = {"up", "down", "left", "right", "tick", "cross", "circle", "triangle"}


@pytest.fixture
def home(screen, tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("INKPIN_HOME", str(folder))
    return folder


@pytest.fixture
def dialogs(monkeypatch):
    """What dialogs say, instead of showing them."""
    said = []
    for kind in ("showerror", "showwarning"):
        monkeypatch.setattr(app.messagebox, kind, lambda _, text, **__: said.append(text))
    return said


def test_damage_is_told_in_dialogs_and_the_rest_works(home, samples, dialogs):
    file = home / "samples.jsonl"
    save_samples(file, samples("12"))
    file.write_bytes(b"{}\n" + file.read_bytes())
    networks = ModelStore(home / "networks")
    networks.use(SHIPPED.read_bytes(), About()).write_bytes(b"nonsense")
    networks.close()
    (home / "settings.json").write_text('{"tab": "Review"}')
    root = open_root()

    def close_when_told():
        if len(dialogs) < 2:
            root.after(20, close_when_told)
        else:
            root.eval(root.protocol("WM_DELETE_WINDOW"))

    root.after(20, close_when_told)
    root.after(60_000, root.destroy)
    lines = []
    app.run(root, memory_store(), Workspace(home, file), lambda _: iter(()), lines.append)
    network, damaged = sorted(dialogs, key=lambda text: "damaged line" in text)
    assert "the lock reads with the network as it came" in network
    assert "1 damaged line of" in damaged
    assert lines == ["State choose"]
    assert networks.active == SHIPPED


def test_a_second_window_says_in_a_dialog_why_it_does_not_open(home, dialogs, capsys):
    with user_store():
        assert main([]) == 2
    (said,) = dialogs
    assert "used by another Inkpin" in said
    assert capsys.readouterr().err == f"inkpin: {said}\n"


def test_a_home_that_cannot_be_written_is_told_in_a_dialog(home, dialogs):
    home.touch()
    assert main([]) == 2
    (said,) = dialogs
    assert "no place for a PIN" in said


def test_a_screenshot_asks_nobody(home, dialogs, tmp_path):
    home.touch()
    assert main(["--screenshot", str(tmp_path / "shot.png")]) == 2
    assert dialogs == []
    assert launch.home() == home


@pytest.fixture
def drive(monkeypatch):
    """Let steps of a driver be gone through in the window that a program opens next."""
    run = Window.run

    def start(steps):
        def driven(window):
            monkeypatch.setattr(Window, "run", run)
            driver = WindowDriver.of(window)
            driver.run(steps(driver))

        monkeypatch.setattr(Window, "run", driven)

    return start


def show(w, kind):
    tab = w.widget(kind)
    w.root.tk.call(tab.master, "select", tab)
    return tab


def test_a_network_of_other_labels_has_all_tabs_and_a_collection_of_its_own(home, drive):
    def steps(w):
        collect = show(w, CollectTab)
        yield lambda: w.says("Please write:")
        (label,) = {text for text in w.texts() if text in LABELS}
        canvas = next(w.widgets(PixelCanvas, collect))
        yield canvas.winfo_viewable
        for event, x, y in (("ButtonPress-1", 60, 60), ("B1-Motion", 120, 200)):
            canvas.event_generate(f"<{event}>", x=x, y=y)
        canvas.event_generate("<B1-Motion>", x=200, y=90)
        canvas.event_generate("<ButtonRelease-1>", x=200, y=90)
        next(b for b in w.widgets(ttk.Button, collect) if "Accept" in b.cget("text")).invoke()
        yield lambda: w.says(f"Saved as {label}")
        show(w, ReviewTab)
        yield lambda: w.says("1 of 1 sample")
        show(w, ImproveTab)
        yield lambda: w.says("1 sample of 1 label") and w.says("nobody else's drawings")
        assert w.root.title() == "Inkpin (gestures.onnx: the lock is thrown away)"
        assert not w.widget(FirstSteps).winfo_viewable()

    drive(steps)
    assert main(["--model", str(GESTURES)]) == 0
    (file,) = (home / "labels").glob("*/samples.jsonl")
    (sample,) = load_samples(file)
    assert sample.label in LABELS
    assert not (home / "samples.jsonl").exists()


def test_labels_without_a_network_are_collected_and_reviewed_and_say_what_trains_one(
    home, drive, told
):
    copied = []

    def steps(w):
        book = w.widget(ttk.Notebook)
        assert [book.tab(tab, "text") for tab in book.tabs()] == ["Collect", "Review", "Train"]

        collect = show(w, CollectTab)
        yield lambda: w.says("Please write:")
        canvas = next(w.widgets(PixelCanvas, collect))
        yield lambda: canvas.winfo_width() > 300
        for _ in range(10):
            x, y = canvas.winfo_width() // 2, canvas.winfo_height() // 2
            for event, beside in (
                ("ButtonPress-1", -60),
                ("B1-Motion", 60),
                ("ButtonRelease-1", 60),
            ):
                canvas.event_generate(f"<{event}>", x=x + beside, y=y + 2 * beside)
            w.button("Accept").invoke()
            assert {"Saved as A.", "Saved as thumbs up."} & {*w.texts()}, w.texts()
        review = show(w, ReviewTab)
        yield lambda: w.says("10 of 10 samples")
        details = w.widget(SampleDetails)
        yield lambda: any("Label A" in text for text in texts(w, details))
        assert not any("network" in text for text in texts(w, details))
        assert not any("ask it" in b.cget("text") for b in w.widgets(ttk.Checkbutton, review))
        w.button("Step by step").invoke()
        yield lambda: w.dialogs() and w.dialogs()[0].winfo_viewable()
        w.dialogs()[0].close()
        w.widget(Thumbnails).canvas.focus_force()
        yield lambda: w.root.focus_get() is w.widget(Thumbnails).canvas
        w.key("<Control-d>", "<Delete>")
        yield lambda: w.says("1 sample deleted")
        show(w, TrainTab)
        yield lambda: w.says("9 samples of 2 labels. A has fewer than 5")
        w.button("Copy").invoke()
        assert w.says("Copied")
        copied.append(w.root.clipboard_get())
        assert w.says("Then start this window again")
        (file,) = (home / "labels").glob("*/samples.jsonl")
        file.with_name("network.onnx").write_bytes(GESTURES.read_bytes())
        yield lambda: w.says("The network is there")
        book.focus_force()
        yield lambda: w.root.focus_get() is book
        w.key("<F1>")
        yield lambda: w.dialogs() and w.dialogs()[0].winfo_viewable()
        assert not any("first steps" in b.cget("text") for b in w.widgets(ttk.Button))
        w.dialogs()[0].close()

    drive(steps)
    assert main(["--labels", "A", "thumbs up"]) == 0
    assert not told
    (file,) = (home / "labels").glob("*/samples.jsonl")
    assert Counter(sample.label for sample in load_samples(file)) == {"A": 4, "thumbs up": 5}
    parser = ArgumentParser()
    train_command.add_arguments(parser)
    options = parser.parse_args(shlex.split(copied[0].partition(" train ")[2]))
    assert options.out == file.with_name("network.onnx")
    with pytest.raises(InputError, match="4 of 'A'"):
        DataOptions.of(options).load(0)


def texts(w, widget):
    return [label.cget("text") for label in w.widgets(ttk.Label, widget)]
