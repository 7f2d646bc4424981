import threading

from drivers import tk, ttk

from inkpin.desktop.dialogs import format_dialog, large_change
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog
from inkpin.desktop.samples import workspace
from inkpin.desktop.settings import DARK, LIGHT
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.widgets.sample_details import SampleDetails
from inkpin.desktop.widgets.thumbnails import Thumbnails
from inkpin.model.collection.collection import Collection
from inkpin.model.data.samples import load_samples, save_samples


def test_samples_are_imported_and_exported(tab_window, samples, tmp_path, monkeypatch):
    save_samples(tmp_path / "samples.jsonl", samples("1"))
    save_samples(tmp_path / "more.jsonl", samples("227"))
    w = tab_window(ReviewTab)
    places = {"askopenfilename": "more.jsonl", "asksaveasfilename": "out.npz"}
    for name, file in places.items():
        monkeypatch.setattr(
            format_dialog.filedialog, name, lambda file=file, **_: str(tmp_path / file)
        )

    def steps():
        yield lambda: w.says("1 of 1 samples")
        w.button("Import").invoke()
        w.button("Choose a place").invoke()
        yield lambda: w.says("3 samples imported")
        w.button("Export").invoke()
        assert w.says("4 samples")
        w.radio("NumPy").invoke()
        w.button("Choose a place").invoke()
        yield lambda: w.says("4 samples written")
        w.button("Undo").invoke()
        yield lambda: w.says("Undone: adding 3 samples")

    w.run(steps())
    assert (tmp_path / "out.npz").exists()
    assert len(load_samples(tmp_path / "samples.jsonl")) == 1


def test_an_import_stopped_too_late_is_told_as_what_it_is(
    tab_window, samples, tmp_path, monkeypatch
):
    save_samples(tmp_path / "more.jsonl", samples("22"))
    w = tab_window(ReviewTab)
    monkeypatch.setattr(
        format_dialog.filedialog, "askopenfilename", lambda **_: str(tmp_path / "more.jsonl")
    )
    saving, go_on = threading.Event(), threading.Event()
    extend = Collection.extend

    def slowly(*arguments):
        saving.set()
        assert go_on.wait(60)
        return extend(*arguments)

    monkeypatch.setattr(Collection, "extend", slowly)

    def steps():
        yield lambda: w.says("No samples yet")
        w.button("Import").invoke()
        w.button("Choose a place").invoke()
        yield saving.is_set
        w.widget(ProgressDialog).close()
        go_on.set()
        yield lambda: w.says("2 samples imported")

    w.run(steps())


def test_all_that_was_deleted_is_brought_back_by_a_later_window(
    tab_window, samples, tmp_path, monkeypatch
):
    file = tmp_path / "samples.jsonl"
    save_samples(file, samples("0123456789" * 3))
    asked, answers = [], [False, True, True]

    def ask(_title, what, **_):
        asked.append(what)
        return answers.pop(0)

    monkeypatch.setattr(large_change.messagebox, "askokcancel", ask)
    w = tab_window(ReviewTab)

    def delete():
        yield lambda: w.says("30 of 30 samples")
        grid = w.widget(Thumbnails).canvas
        grid.focus_force()
        yield lambda: w.root.focus_get() is grid
        w.key("<Control-a>", "<Delete>")
        assert asked == ["Delete 30 samples?"]
        assert len(w.workspace.collection) == 30
        w.key("<Delete>")
        yield lambda: w.says("30 samples deleted")
        w.root.after(1, w.key, "<Control-q>")
        yield lambda: False

    w.run(delete())
    assert file.read_bytes() == b""
    w = tab_window(ReviewTab)

    def undo():
        yield lambda: w.says("No samples yet")
        grid = w.widget(Thumbnails).canvas
        grid.focus_force()
        yield lambda: w.root.focus_get() is grid
        w.key("<Control-z>")
        assert asked[-1] == "Undo deleting 30 samples?"
        yield lambda: w.says("Undone: deleting 30 samples")

    w.run(undo())
    assert len(load_samples(file)) == 30


def test_the_trash_is_shown_and_what_is_in_it_restored(tab_window, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("123"))
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("3 of 3 samples")
        w.button("Delete").invoke()
        yield lambda: w.says("1 sample deleted")
        trash = next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash")
        trash.invoke()
        yield lambda: w.says("1 sample in the trash")
        w.button("Delete").invoke()
        assert w.says("These are in the trash")
        w.widget(ReviewTab).typed("9")
        yield lambda: w.button("Restore").winfo_ismapped()
        w.button("Restore").invoke()
        yield lambda: w.says("1 sample restored")
        assert [entry.label for entry in w.workspace.collection.find()] == ["1", "2", "3"]
        trash.invoke()
        yield lambda: w.says("3 of 3 samples")
        yield lambda: not w.button("Restore").winfo_ismapped()
        w.key("<Control-r>")
        assert w.says("Tick trash above")

    w.run(steps())


def test_nothing_to_export_is_told(tab_window, told):
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("No samples yet")
        w.root.after(1, w.button("Export").invoke)
        yield lambda: told

    w.run(steps())
    assert "No samples to export" in told[0][0]


def test_the_network_disagrees_with_a_wrong_label(tab_window, pin, tmp_path):
    three = pin[0]
    save_samples(tmp_path / "samples.jsonl", [three])
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says(f"The network reads {three.label}")
        disagreeing = w.widget(ttk.Checkbutton)
        disagreeing.invoke()
        yield lambda: w.says("0 of 1 samples")
        disagreeing.invoke()
        w.widget(ReviewTab).typed("8")
        yield lambda: w.says("1 sample relabelled as 8")
        disagreeing.invoke()
        yield lambda: w.says("1 of 1 samples")

    w.run(steps())


def test_the_networks_answers_leave_the_grid_where_it_was_scrolled_to(
    tab_window, samples, tmp_path
):
    save_samples(tmp_path / "samples.jsonl", samples("0123456789" * 60))
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("600 of 600 samples")
        grid = w.widget(Thumbnails)
        yield lambda: grid.grid_shown.full_height > grid.grid_shown.height > 1
        for _ in range(3):
            grid.canvas.event_generate("<Button-5>")
        scrolled = grid.grid_shown.top
        assert scrolled > 0
        yield lambda: len(w.workspace.collection.guesses) == 600
        yield lambda: not w.button("Stop").winfo_ismapped()
        assert grid.grid_shown.top == scrolled

    w.run(steps())


def test_reading_that_was_stopped_keeps_what_it_had_and_goes_on_when_asked(
    tab_window, samples, tmp_path, monkeypatch
):
    save_samples(tmp_path / "samples.jsonl", samples("12"))
    w = tab_window(ReviewTab)
    reading = threading.Event()
    go_on = threading.Event()

    def slowly(entries, _recogniser):
        for entry in entries:
            reading.set()
            assert go_on.wait(60)
            yield {entry.id: entry.label}

    monkeypatch.setattr(workspace, "guesses", slowly)

    def steps():
        yield reading.is_set
        w.button("Stop").invoke()
        go_on.set()
        yield lambda: w.says("what was read so far is shown")
        assert [*w.workspace.collection.guesses.values()] == ["1"]
        w.widget(ttk.Checkbutton).invoke()
        yield lambda: [*w.workspace.collection.guesses.values()] == ["1", "2"]

    w.run(steps())


def test_the_large_picture_has_the_colours_of_the_theme(tab_window, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("1"))
    w = tab_window(ReviewTab)

    def steps():
        details = w.widget(SampleDetails)
        (picture,) = w.widgets(tk.Canvas, details)
        for theme in (LIGHT, DARK, LIGHT):
            if theme != w.window.settings.theme:
                w.button("F9").invoke()
            assert w.window.settings.theme == theme
            yield lambda: picture.cget("background") == w.window.colours.card
            yield lambda: w.says("1 of 1 samples")
            assert {picture.itemcget(bit, "fill") for bit in picture.find_all()} == {
                w.window.colours.text
            }

    w.run(steps())
