import threading
from dataclasses import replace

import pytest
from drivers import tk, ttk

from inkpin.desktop.dialogs import large_change, places, review_changes
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog
from inkpin.desktop.samples import workspace
from inkpin.desktop.samples.review_list import Filter
from inkpin.desktop.settings import DARK, LIGHT
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.theme import FINGER
from inkpin.desktop.widgets.review_grid import ReviewGrid
from inkpin.desktop.widgets.sample_details import SampleDetails
from inkpin.desktop.widgets.thumbnails import Thumbnails
from inkpin.model.collection.collection import Collection
from inkpin.model.collection.guesses import Guess
from inkpin.model.data.samples import Sample, bundled_samples, load_samples, save_samples


def different(samples):
    """Return samples whose drawings are not the same."""
    return [
        replace(one, strokes=[stroke + place + 1 for stroke in one.strokes])
        for place, one in enumerate(samples)
    ]


def answer(monkeypatch, folder, **names):
    """Let the system's dialogs give files of a folder."""
    for name, file in names.items():
        monkeypatch.setattr(places.filedialog, name, lambda file=file, **_: str(folder / file))


def agree(monkeypatch):
    """Let questions be agreed to; return what was asked."""
    asked = []
    monkeypatch.setattr(
        large_change.messagebox, "askokcancel", lambda _, what, **__: asked.append(what) or True
    )
    return asked


def test_samples_are_imported_and_exported(tab_window, samples, tmp_path, monkeypatch):
    save_samples(tmp_path / "samples.jsonl", samples("1"))
    save_samples(tmp_path / "more.jsonl", different(samples("227")))
    w = tab_window(ReviewTab)
    answer(monkeypatch, tmp_path, askopenfilename="more.jsonl", asksaveasfilename="out.npz")
    asked = agree(monkeypatch)

    def steps():
        yield lambda: w.says("1 of 1 sample.")
        w.button("Import").invoke()
        w.button("A file").invoke()
        yield lambda: w.says("3 samples imported")
        assert asked == ["Add 3 samples of 2 labels?"]
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
    save_samples(tmp_path / "more.jsonl", different(samples("22")))
    w = tab_window(ReviewTab)
    answer(monkeypatch, tmp_path, askopenfilename="more.jsonl")
    agree(monkeypatch)
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
        w.button("A file").invoke()
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
        yield lambda: w.says("All samples are in the trash")
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
        yield lambda: w.says("No samples to export: collect some, or change the filter.")

    w.run(steps())
    assert told == []  # in a dialog


def test_the_network_disagrees_with_a_wrong_label(tab_window, pin, tmp_path):
    three = pin[0]
    save_samples(tmp_path / "samples.jsonl", [three])
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says(f"The network reads {three.label}")
        disagreeing = w.widget(ttk.Checkbutton)
        disagreeing.invoke()
        yield lambda: w.says("0 of 1 sample.")
        disagreeing.invoke()
        w.widget(ReviewTab).typed("8")
        yield lambda: w.says("1 sample relabelled as 8")
        disagreeing.invoke()
        yield lambda: w.says("1 of 1 sample.")

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
            yield {entry.id: Guess(entry.label, 99)}

    monkeypatch.setattr(workspace, "guesses", slowly)

    def steps():
        yield reading.is_set
        w.button("Stop").invoke()
        go_on.set()
        yield lambda: w.says("what was read so far is shown")
        assert [guess.label for guess in w.workspace.collection.guesses.values()] == ["1"]
        w.widget(ttk.Checkbutton).invoke()
        yield lambda: len(w.workspace.collection.guesses) == 2

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
            yield lambda: w.says("1 of 1 sample.")
            assert {picture.itemcget(bit, "fill") for bit in picture.find_all()} == {
                w.window.colours.text
            }

    w.run(steps())


def test_a_file_is_known_again_and_nothing_is_added_twice(
    tab_window, samples, tmp_path, monkeypatch
):
    save_samples(tmp_path / "samples.jsonl", samples("1"))
    save_samples(tmp_path / "more.jsonl", samples("7"))  # the same drawing, relabelled since
    w = tab_window(ReviewTab)
    answer(monkeypatch, tmp_path, askopenfilename="more.jsonl")
    asked = agree(monkeypatch)

    def steps():
        yield lambda: w.says("1 of 1 sample.")
        w.button("Import").invoke()
        w.button("A file").invoke()
        yield lambda: w.says("0 samples imported; 1 sample was there already.")
        assert asked == []

    w.run(steps())


def test_an_import_that_is_not_agreed_to_adds_nothing(tab_window, samples, tmp_path, monkeypatch):
    save_samples(tmp_path / "more.jsonl", samples("7"))
    w = tab_window(ReviewTab)
    answer(monkeypatch, tmp_path, askopenfilename="more.jsonl")
    monkeypatch.setattr(large_change.messagebox, "askokcancel", lambda *_, **__: False)

    def steps():
        yield lambda: w.says("No samples yet")
        w.button("Import").invoke()
        w.button("A file").invoke()
        yield lambda: w.says("Nothing was imported")
        assert len(w.workspace.collection) == 0

    w.run(steps())


def on_grid(w):
    """Return the grid's canvas, once it has the focus."""
    grid = w.widget(Thumbnails).canvas
    grid.focus_force()
    return grid


def test_a_rubber_band_chooses_and_shift_adds(tab_window, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("0123456789" * 3))
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("30 of 30 samples") and w.widget(Thumbnails).grid_shown.columns > 3
        grid = w.widget(Thumbnails).grid_shown
        canvas = on_grid(w)

        def band(first, last, state=0):
            """Pull from the middle of a cell to that of another."""
            (x, y), (right, low) = grid.corner(first), grid.corner(last)
            half = grid.pitch // 2
            canvas.event_generate("<ButtonPress-1>", x=x + half, y=y + half, state=state)
            for event in ("<B1-Motion>", "<ButtonRelease-1>"):
                canvas.event_generate(event, x=right + half, y=low + half, state=state | 0x100)

        band(0, 2)
        assert w.says("3 chosen")
        band(grid.columns + 1, grid.columns + 2, state=1)
        assert w.says("5 chosen")
        band(1, grid.columns + 2)
        assert w.says("4 chosen")

    w.run(steps())


def test_what_the_network_reads_becomes_the_label_of_all_that_is_chosen(
    tab_window, pin, tmp_path, monkeypatch
):
    wrong = [replace(one, label="9") for one in pin for _ in range(2)]
    save_samples(tmp_path / "samples.jsonl", wrong)
    w = tab_window(ReviewTab)
    asked = agree(monkeypatch)

    def steps():
        yield lambda: w.workspace.collection and len(w.workspace.collection.guesses) == len(wrong)
        on_grid(w)
        yield lambda: w.root.focus_get() is w.widget(Thumbnails).canvas
        w.key("<Control-a>", "<Control-l>")
        assert asked == [f"Label {len(wrong)} samples as read?"]
        assert w.says("24 samples labelled as read")
        labels = [entry.label for entry in w.workspace.collection.find()]
        assert labels == [one.label for one in pin for _ in range(2)]
        w.key("<Control-d>")
        assert w.says("disagrees with none")
        w.key("<Control-z>")
        assert {entry.label for entry in w.workspace.collection.find()} == {"9"}

    w.run(steps())


def test_a_sample_that_was_relabelled_keeps_its_place_until_the_view_is_left(
    tab_window, samples, tmp_path
):
    save_samples(tmp_path / "samples.jsonl", samples("123"))
    w = tab_window(ReviewTab)

    def shown():
        return [entry.label for entry in w.widget(ReviewTab)._review.entries]

    def steps():
        yield lambda: w.says("3 of 3 samples") and w.workspace.labels()
        w.widget(ReviewTab).typed("9")
        assert w.says("1 sample relabelled as 9")
        assert shown() == ["9", "2", "3"]
        w.widget(ReviewTab).shown()
        assert shown() == ["2", "3", "9"]

    w.run(steps())


def test_a_click_of_the_other_button_opens_a_menu_of_what_can_be_done(
    tab_window, samples, tmp_path, monkeypatch
):
    save_samples(tmp_path / "samples.jsonl", samples("123"))
    w = tab_window(ReviewTab)
    opened = []
    monkeypatch.setattr(tk.Menu, "tk_popup", lambda menu, x, y: opened.append((menu, x, y)))

    def steps():
        yield lambda: w.says("3 of 3 samples") and w.workspace.labels()
        yield lambda: w.widget(Thumbnails).grid_shown.columns > 3
        grid = w.widget(Thumbnails).grid_shown
        canvas = on_grid(w)
        x, y = grid.corner(1)
        canvas.event_generate("<ButtonPress-3>", x=x + 20, y=y + 20)
        ((menu, *_),) = opened
        names = [menu.entrycget(n, "label") for n in range(menu.index("end") + 1)]
        assert names[:3] == ["Relabel as", "Next that disagrees", "Label as read"]
        labels = menu.nametowidget(menu.entrycget(0, "menu"))
        for one in (menu, labels):  # for a finger, and flat
            w.root.update_idletasks()
            assert one.yposition(2) - one.yposition(1) >= FINGER
            assert int(str(one.cget("activeborderwidth"))) == 0
        labels.invoke(8)
        assert w.says("1 sample relabelled as 8")
        assert [entry.label for entry in w.workspace.collection.find()] == ["1", "8", "3"]

    w.run(steps())


def test_what_is_read_otherwise_is_shown_when_another_tab_asks_for_it(tab_window, tmp_path):
    known = bundled_samples()
    planted = replace(known[0], label="0" if known[0].label != "0" else "1")
    save_samples(tmp_path / "samples.jsonl", [*known[:6], planted])
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("7 of 7 samples")
        yield lambda: len(w.workspace.collection.guesses) == 7
        w.root.event_generate("<<ShowDisagreements>>")
        assert w.says("1 of 7 samples")

    w.run(steps())


def test_samples_are_sorted_by_how_sure_the_network_is_once_it_has_read_them(tab_window, tmp_path):
    known = bundled_samples()
    halves = [
        Sample(
            one.label,
            [stroke[: len(stroke) * 2 // 3] for stroke in one.strokes],
            [None] * len(one.strokes),
            {},
        )
        for one in known
    ]
    save_samples(tmp_path / "samples.jsonl", [*known, *halves])
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("samples.") and w.widget(Thumbnails).grid_shown.columns > 3
        order = next(b for b in w.widgets(ttk.Combobox) if b.get() == "by label")
        order.tk.eval(str(order.cget("postcommand")))
        order.set("least sure")
        order.event_generate("<<ComboboxSelected>>")
        grid, read = w.widget(Thumbnails), w.workspace.collection.guesses
        yield lambda: len(read) == len(w.workspace.collection)
        yield lambda: not w.button("Stop").winfo_ismapped()
        sure = [read[entry.id].confidence for entry in grid.review.entries]
        assert sure == sorted(sure)
        assert sure[0] < sure[-1]

    w.run(steps())


def test_each_change_is_undone_by_a_later_window(tab_window, pin, tmp_path, monkeypatch):
    file = tmp_path / "samples.jsonl"
    save_samples(file, [replace(one, label="9") for one in pin[:3]])
    save_samples(tmp_path / "more.jsonl", pin[4:6])
    answer(monkeypatch, tmp_path, askopenfilename="more.jsonl")
    asked = agree(monkeypatch)
    before = [entry.label for entry in pin[:3]]
    w = tab_window(ReviewTab)

    def change():
        yield lambda: w.workspace.collection and len(w.workspace.collection.guesses) == 3
        grid = on_grid(w)
        yield lambda: w.root.focus_get() is grid
        w.key("<Control-a>", "<Control-l>")  # as read
        yield lambda: w.says("3 samples labelled as read")
        w.key("<Home>")
        w.widget(ReviewTab).typed("5")
        yield lambda: w.says("1 sample relabelled as 5")
        w.key("<Control-o>")
        w.button("A file").invoke()
        yield lambda: w.says("2 samples imported")
        grid.focus_force()
        yield lambda: w.root.focus_get() is grid
        w.key("<Home>", "<Delete>")
        yield lambda: w.says("1 sample deleted")

    w.run(change())
    assert len(load_samples(file)) == 4
    w = tab_window(ReviewTab)

    def undo():
        yield lambda: w.says("4 of 4 samples")
        grid = on_grid(w)
        yield lambda: w.root.focus_get() is grid
        collection = w.workspace.collection
        for what in ("deleting 1 sample", "adding 2 samples", "relabelling 1 sample as '5'"):
            w.key("<Control-z>")
            yield lambda what=what: w.says(f"Undone: {what}")
        assert sorted(entry.label for entry in collection.find()) == sorted(before)
        w.key("<Control-z>")
        yield lambda: w.says("Undone: relabelling 3 samples")
        assert [entry.label for entry in collection.find()] == ["9"] * 3
        for _ in range(4):
            w.key("<Control-Shift-Key-Z>")
        assert len(collection) == 4

    w.run(undo())
    assert asked == ["Add 2 samples of 2 labels?"]


def test_whatever_changes_more_than_twenty_samples_says_so_first(
    tab_window, pin, tmp_path, monkeypatch
):
    save_samples(tmp_path / "samples.jsonl", [replace(pin[0], label="9", extra={})] * 21)
    w = tab_window(ReviewTab)
    asked = agree(monkeypatch)
    read = pin[0].label

    def steps():
        yield lambda: w.workspace.collection and len(w.workspace.collection.guesses) == 21
        grid = on_grid(w)
        yield lambda: w.root.focus_get() is grid
        w.key("<Control-a>")
        w.widget(ReviewTab).typed("5")
        w.key("<Control-l>", "<Delete>")
        trash = next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash")
        trash.invoke()
        yield lambda: w.says("21 samples in the trash")
        w.key("<Control-a>", "<Control-r>", "<Control-z>", "<Control-Shift-Key-Z>")

    w.run(steps())
    assert asked == [
        "Label 21 samples as 5?",
        "Label 21 samples as read?",
        "Delete 21 samples?",
        "Restore 21 samples?",
        "Undo restoring 21 samples?",
        "Redo restoring 21 samples?",
    ]
    assert {sample.label for sample in load_samples(tmp_path / "samples.jsonl")} == {read}


def test_an_empty_grid_says_why_and_what_to_do(tab_window, samples, tmp_path):
    w = tab_window(ReviewTab)

    def words():
        canvas = w.widget(Thumbnails).canvas
        (text,) = (i for i in canvas.find_all() if canvas.type(i) == "text")
        return canvas.itemcget(text, "text")

    def steps():
        yield lambda: words().startswith("No samples yet. Write some in Collect")
        w.workspace.collection.extend(samples("7"))
        w.widget(ReviewTab).shown()
        assert words() == ""
        next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash").invoke()
        assert words() == "The trash is empty."
        next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash").invoke()
        w.button("Delete").invoke()
        assert words().startswith("All samples are in the trash")
        next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash").invoke()
        assert words() == ""
        grid = w.widget(ReviewGrid)
        grid.review.show(Filter(label="1", trash=True))
        grid.paint()
        assert words().startswith("Nothing that you deleted")

    w.run(steps())


@pytest.mark.parametrize("how", ["Undo", "Restore"])
def test_what_an_earlier_window_deleted_is_read_once_it_is_back(tab_window, pin, tmp_path, how):
    with Collection.open(tmp_path / "samples.jsonl") as collection:
        collection.delete([collection.extend(pin[:1])[0].id])
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("All samples are in the trash")
        if how == "Restore":
            next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash").invoke()
        w.button(how).invoke()
        if how == "Restore":
            next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash").invoke()
        yield lambda: w.says(f"Label {pin[0].label}\nThe network reads {pin[0].label}")

    w.run(steps())


def test_a_change_of_very_many_samples_shows_that_it_goes_on(
    tab_window, samples, tmp_path, monkeypatch
):
    save_samples(tmp_path / "samples.jsonl", samples("777"))
    monkeypatch.setattr(review_changes, "AT_ONCE", 2)
    go_on, deleting = threading.Event(), Collection.delete

    def slowly(collection, keys):
        assert go_on.wait(60)
        deleting(collection, keys)

    monkeypatch.setattr(Collection, "delete", slowly)
    w = tab_window(ReviewTab)

    def steps():
        yield lambda: w.says("3 of 3 samples")
        w.button("Choose all").invoke()
        w.button("Delete").invoke()
        yield w.dialog_is_up
        (dialog,) = w.dialogs()
        assert w.says("Deleting: 3 samples")
        bar = next(w.widgets(ttk.Progressbar, dialog))
        at = float(bar.cget("value"))
        yield lambda: float(bar.cget("value")) != at  # the window lives
        assert len(w.workspace.collection) == 3
        go_on.set()
        yield lambda: not w.dialogs() and w.says("3 samples deleted; Ctrl+Z brings them back")
        w.button("Undo").invoke()
        yield lambda: not w.dialogs() and w.says("Undone: deleting 3 samples")
        assert len(w.workspace.collection) == 3

    w.run(steps())


def test_a_finger_turns_the_pages_of_the_grid(tab_window, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", different(samples("1" * 90)))
    w = tab_window(ReviewTab)

    def steps():
        w.root.geometry("800x480")
        yield lambda: w.says("90 of 90 samples") and w.root.winfo_height() == 480
        grid = w.widget(Thumbnails)
        up, down = w.button("▲"), w.button("▼")
        for button in (up, down):
            assert min(button.winfo_width(), button.winfo_height()) >= FINGER
        down.invoke()
        assert grid.grid_shown.top == grid.grid_shown.height
        down.invoke()
        up.invoke()
        up.invoke()
        assert grid.grid_shown.top == 0

    w.run(steps())
