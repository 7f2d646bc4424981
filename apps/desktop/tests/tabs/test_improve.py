import os
import threading
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from controls_in_sight import panel_of
from networks import learned, planted

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import font

from drivers import ttk

from inkpin.desktop import theme
from inkpin.desktop.dialogs import places
from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.widgets.comparison import Comparison
from inkpin.desktop.widgets.network_table import NetworkTable
from inkpin.model.adaptation.improved_model import BeforeAfter, ConfusionMatrix, ImprovedModel
from inkpin.model.adaptation.model_store import About, ModelStore, Score
from inkpin.model.collection.collection import Collection
from inkpin.model.data.samples import bundled_samples, save_samples
from inkpin.model.inference.recogniser import SHIPPED

MODEL = SHIPPED.read_bytes()


def test_too_few_samples_to_improve_are_told(tab_window, told, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("123"))
    w = tab_window(ImproveTab)

    def steps():
        yield lambda: w.says("3 samples of 3 labels")
        w.button("Improve").invoke()
        yield lambda: w.says("3 samples are too few to learn from")
        yield lambda: "disabled" not in w.button("Improve").state()
        assert not w.button("Use it").winfo_viewable()

    w.run(steps())
    assert told == []  # in a dialog
    assert w.workspace.networks.active == SHIPPED


def test_improving_before_the_samples_are_open_is_told(tab_window, monkeypatch):
    w = tab_window(ImproveTab)
    go_on = threading.Event()
    opening = Collection.open

    def slowly(path):
        assert go_on.wait(60)
        return opening(path)

    monkeypatch.setattr(Collection, "open", slowly)

    def steps():
        yield lambda: w.button("Improve").winfo_viewable()
        w.button("Improve").invoke()
        assert w.says("not open yet")
        go_on.set()
        yield lambda: w.says("No samples yet")

    w.run(steps())


def test_another_network_is_asked_before_review_was_ever_seen(lock_window, told, pin, tmp_path):
    save_samples(tmp_path / "samples.jsonl", pin)
    workspace = Workspace(tmp_path, tmp_path / "samples.jsonl")
    workspace.networks.use(MODEL, About())
    w = lock_window(others=[partial(tab, workspace=workspace) for tab in (ReviewTab, ImproveTab)])

    def steps():
        w.widget(ttk.Notebook).select(str(w.widget(ImproveTab)))
        yield lambda: w.says("The network reads all of them as labelled")
        boxes = w.widgets(ttk.Checkbutton, w.widget(ImproveTab))
        next(b for b in boxes if "as it came" in b.cget("text")).invoke()
        looks = iter(range(50))  # whoever else reads has told of it by then
        yield lambda: next(looks, None) is None or told
        yield lambda: w.says("The network reads all of them as labelled") or told
        w.widget(ttk.Notebook).select(str(w.widget(ReviewTab)))
        yield lambda: w.says("12 of 12 samples") or told

    try:
        w.run(steps())
    finally:
        workspace.close()
    assert told == []


def test_improving_can_be_stopped(tab_window, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("0123456789" * 10))
    w = tab_window(ImproveTab)

    def steps():
        yield lambda: w.says("100 samples of 10 labels")
        w.button("Improve").invoke()
        w.button("Stop").invoke()
        yield lambda: w.says("Stopped")
        assert "disabled" not in w.button("Improve").state()

    w.run(steps())


def test_the_c_is_exported_and_a_bad_place_is_told(tab_window, told, tmp_path, monkeypatch):
    answers = [str(tmp_path / "file" / "below"), str(tmp_path / "out"), ""]
    (tmp_path / "file").touch()
    monkeypatch.setattr(places.filedialog, "askdirectory", lambda **_: answers.pop(0))
    w = tab_window(ImproveTab)

    def steps():
        yield lambda: w.says("No samples yet")
        w.button("Export").invoke()
        yield lambda: told
        w.button("Export").invoke()
        yield lambda: w.says("digits.c")
        w.button("Export").invoke()

    w.run(steps())
    assert (tmp_path / "out" / "digits.c").exists()
    assert answers == []


def test_choosing_a_network_is_undone_and_done_again(tab_window):
    w = tab_window(ImproveTab)
    improved = w.workspace.networks.use(MODEL, About())

    def steps():
        yield lambda: w.says("No samples yet")
        w.button("Improve").focus_force()
        yield lambda: w.root.focus_get() is w.button("Improve")
        w.key("<Control-z>")
        yield lambda: w.says("Undone: using 'improved 1'")
        assert w.workspace.networks.active == SHIPPED
        w.key("<Control-z>")
        assert w.says("nothing to undo")
        w.key("<Control-Z>")
        yield lambda: w.says("Done again")
        assert w.workspace.networks.active == improved

    w.run(steps())
    assert ModelStore(w.workspace.folder / "networks").active == improved


def test_the_network_that_comes_into_use_is_the_one_that_is_chosen(tab_window):
    w = tab_window(ImproveTab)
    improved = w.workspace.networks.use(MODEL, About())

    def chosen():
        network = w.widget(NetworkTable).chosen
        return network.path if network else None

    def steps():
        yield lambda: chosen() == improved
        w.button("Undo").invoke()
        yield lambda: chosen() == SHIPPED
        pick(w, 1)
        w.root.event_generate("<<NetworkChanged>>")
        assert chosen() == improved
        w.button("Use this one").invoke()
        yield lambda: chosen() == improved and w.says("In use: improved 1")

    w.run(steps())


def rows(w):
    """Return the rows of the table of networks, as texts."""
    (table,) = (t for t in w.widgets(ttk.Treeview) if "writer" in t.cget("columns"))
    return [(table.item(row, "text"), *table.item(row, "values")) for row in table.get_children()]


def pick(w, place):
    (table,) = (t for t in w.widgets(ttk.Treeview) if "writer" in t.cget("columns"))
    table.selection_set(table.get_children()[place])
    w.root.update_idletasks()


def test_networks_are_compared_renamed_deleted_and_that_is_undone_in_a_later_window(
    tab_window, told
):
    w = tab_window(ImproveTab)
    store = w.workspace.networks
    first = store.use(MODEL, About("", "", "Ada", 80, Score(19, 20), Score(1900, 2000)))
    second = store.use(MODEL, About(samples=1200))

    def steps():
        yield lambda: w.says("No samples yet")
        shipped, ada, mine = rows(w)
        assert shipped == ("as it came", "", "", "", "", "")
        assert (ada[0], *ada[2:4]) == ("improved 1", "Ada", "80")
        assert ada[4:] == ("95.0\N{NO-BREAK SPACE}% of 20", "95.0\N{NO-BREAK SPACE}% of 2,000")
        assert ada[1][:4] == str(datetime.now(UTC).astimezone().year)
        assert (mine[0], *mine[2:4]) == ("improved 2  (in use)", "everybody", "1,200")

        pick(w, 1)
        table = w.widget(NetworkTable)
        field = next(e for e in w.widgets(ttk.Entry, table) if not isinstance(e, ttk.Combobox))
        yield lambda: field.get() == "improved 1"
        w.root.focus_force()
        w.button("Rename").event_generate("<F2>")
        yield lambda: w.root.focus_get() is field
        field.delete(0, "end")
        field.insert(0, "the first")
        field.event_generate("<Return>")
        yield lambda: rows(w)[1][0] == "the first"
        w.button("Use this one").invoke()
        yield lambda: rows(w)[1][0] == "the first  (in use)"
        assert w.workspace.networks.active == first
        pick(w, 2)
        w.button("Delete").invoke()
        yield lambda: len(rows(w)) == 2
        trash = next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash")
        trash.invoke()
        yield lambda: [row[0] for row in rows(w)] == ["improved 2"]

    w.run(steps())

    later = tab_window(ImproveTab)

    def undo():
        yield lambda: later.says("No samples yet")
        for what in ("deleting 'improved 2'", "using 'the first'", "naming 'the first'"):
            later.button("Undo").invoke()
            yield lambda what=what: later.says(f"Undone: {what}")
        names = ["as it came", "improved 1", "improved 2  (in use)"]
        assert [row[0] for row in rows(later)] == names
        pick(later, 2)
        later.button("Delete").invoke()
        yield lambda: later.says("Not deleted: 'improved 2' is in use; use another one first.")
        pick(later, 1)
        later.button("Delete").invoke()
        trash = next(b for b in later.widgets(ttk.Checkbutton) if b.cget("text") == "trash")
        trash.invoke()
        pick(later, 0)
        later.button("Restore").invoke()
        trash.invoke()
        assert [row[0] for row in rows(later)] == names

    later.run(undo())
    assert later.workspace.networks.active == second
    assert told == []


def test_what_is_not_done_to_a_network_is_said_below_and_what_could_not_be_in_a_dialog(
    tab_window, told, monkeypatch
):
    w = tab_window(ImproveTab)
    w.workspace.networks.use(MODEL, About())

    def no_room(_file):
        raise OSError(28, "No space left on device")

    def steps():
        yield lambda: w.says("No samples yet")
        for place, button, why in (
            (0, "Delete", "Not deleted: the network as it came takes over"),
            (0, "Rename", "Not renamed: the network as it came keeps its name"),
            (1, "Delete", "'improved 1' is in use"),
        ):
            pick(w, place)
            w.button(button).invoke()
            yield lambda why=why: w.says(why)
        w.root.update_idletasks()
        assert told == []
        w.workspace.networks.choose(SHIPPED)
        monkeypatch.setattr(os, "fsync", no_room)
        w.button("Delete").invoke()
        yield lambda: told
        monkeypatch.undo()

    w.run(steps())
    ((line, _),) = told
    assert "No space left on device" in line
    assert len(w.workspace.networks.kept()) == 2


def test_all_networks_are_compared_by_the_same_samples(tab_window, tmp_path):
    known = bundled_samples()
    save_samples(tmp_path / "samples.jsonl", [*known] * 3)
    w = tab_window(ImproveTab)
    slip, label = planted()
    w.workspace.networks.use(learned(slip, label), About())

    def steps():
        yield lambda: w.says("36 samples")
        w.button("Compare all").invoke()
        yield lambda: w.says("Compared by the same")
        shipped, confused = rows(w)
        assert shipped[4] == "100.0\N{NO-BREAK SPACE}% of 8"
        assert confused[4] == "50.0\N{NO-BREAK SPACE}% of 8"
        assert shipped[5].endswith("of 2,000")
        assert confused[5] != shipped[5]

    w.run(steps())
    shipped, _ = ModelStore(tmp_path / "networks").kept()
    assert shipped.about.own.right == shipped.about.own.n > 0


def test_what_was_learned_wrong_is_found_by_asking_the_shipped_network(tab_window, tmp_path):
    slip, label = planted()
    save_samples(tmp_path / "samples.jsonl", [replace(slip, label=label)])
    w = tab_window(ImproveTab)
    w.workspace.networks.use(learned(slip, label), About())

    def steps():
        yield lambda: w.says("reads all of them as labelled")
        ask = next(b for b in w.widgets(ttk.Checkbutton) if "as it came" in b.cget("text"))
        ask.invoke()
        yield lambda: w.says("Not read as labelled: 1 of 1")
        ask.invoke()
        yield lambda: w.says("reads all of them as labelled")

    w.run(steps())


def test_before_learning_it_says_how_many_samples_are_read_otherwise_and_shows_them(
    tab_window, tmp_path
):
    known = bundled_samples()
    planted = replace(known[0], label="0" if known[0].label != "0" else "1")
    save_samples(tmp_path / "samples.jsonl", [*known[:6], planted])
    w = tab_window(ImproveTab)
    shown = []

    def steps():
        yield lambda: w.says("Not read as labelled: 1 of 7")
        w.root.bind("<<ShowDisagreements>>", shown.append)
        w.button("Look at them").invoke()
        yield lambda: shown

    w.run(steps())
    assert w.workspace.looked_at is None  # of everybody


def _compared(before, after):
    def score(right):
        counts = np.zeros((2, 2), int)
        counts[0, 0], counts[0, 1] = right, 20 - right
        return ConfusionMatrix(counts)

    same = BeforeAfter(score(19), score(19))
    return ImprovedModel(b"", ("0", "1"), 80, 0, BeforeAfter(score(before), score(after)), same)


@pytest.mark.parametrize(("after", "accented"), [(19, "Use it"), (17, "Keep"), (16, "Keep")])
def test_a_result_that_is_no_better_is_not_the_accented_button(tab_window, after, accented):
    w = tab_window(ImproveTab)

    def steps():
        yield lambda: w.says("No samples yet")
        w.widget(Comparison).show(_compared(17, after))
        styles = {t: str(w.button(t).cget("style")) for t in ("Use it", "Keep")}
        assert [t for t, style in styles.items() if style == "Accent.TButton"] == [accented]

    w.run(steps())


def test_what_was_said_of_a_network_in_use_goes_when_it_is_not(tab_window):
    w = tab_window(ImproveTab)

    def steps():
        yield lambda: w.says("No samples yet")
        result = replace(_compared(17, 19), model=learned(*planted()))
        w.widget(Comparison).show(result)
        w.button("Use it").invoke()
        assert w.says("The lock reads with it now")
        w.button("Undo").invoke()
        assert w.says("Undone: using")
        yield lambda: not w.says("The lock reads with it now")
        assert w.says("Before and after will be compared here")
        w.button("Restore").state(["!disabled"])
        w.button("Restore").invoke()
        assert w.says("Tick trash")
        next(b for b in w.widgets(ttk.Checkbutton) if b.cget("text") == "trash").invoke()
        yield lambda: not w.says("Tick trash")

    w.run(steps())


def test_long_names_in_the_table_are_cut_so_that_one_sees_it(tab_window):
    w = tab_window(ImproveTab)
    long = "the network of a rainy afternoon in the mountains"
    w.workspace.networks.use(learned(*planted()), About(name=long, writer=long, samples=5))

    def steps():
        yield lambda: w.says("No samples yet")
        (table,) = (t for t in w.widgets(ttk.Treeview) if "writer" in t.cget("columns"))
        yield lambda: table.winfo_viewable() and "…" in rows(w)[1][0]
        for size in ("700x700", "1400x900"):
            w.root.geometry(size)
            yield lambda size=size: w.root.winfo_width() == int(size[:-4])
            w.root.update_idletasks()
            w.root.update()
            measure = font.nametofont(theme.BODY, w.root).measure
            name, _, writer = rows(w)[1][:3]
            assert name.startswith("the net")
            assert name.endswith("…  (in use)")
            assert measure(name) < table.column("#0", "width")
            assert writer.startswith("the")
            assert measure(writer) < table.column("writer", "width")
        pick(w, 1)
        assert w.widget(NetworkTable).chosen.name == long

    w.run(steps())


def test_however_many_networks_there_are_a_finger_comes_to_each(tab_window):
    w = tab_window(ImproveTab)
    for _ in range(9):
        w.workspace.networks.use(MODEL, About())

    def steps():
        w.root.geometry("800x480")
        yield lambda: w.root.winfo_height() == 480 and len(rows(w)) == 10
        table = next(w.widgets(ttk.Treeview, w.widget(NetworkTable)))
        page = panel_of(w, table)
        w.root.focus_force()
        yield lambda: w.root.focus_get() is w.root
        page.see(w.button("Compare all"))
        w.root.update()
        assert all(table.bbox(row) for row in table.get_children())
        before = table.winfo_rooty()
        w.pull(table, 100, 220)  # which gives it the keyboard
        yield lambda: w.root.focus_get() is table
        w.root.update()
        assert table.winfo_rooty() == before + 120

    w.run(steps())
