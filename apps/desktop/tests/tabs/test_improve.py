import threading
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.tabs import improve
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.widgets.comparison import Comparison
from inkpin.model.adaptation.improved_model import BeforeAfter, ConfusionMatrix, ImprovedModel
from inkpin.model.collection.collection import Collection
from inkpin.model.data.samples import bundled_samples, save_samples
from inkpin.model.inference.recogniser import SHIPPED


def test_too_few_samples_to_improve_are_told(tab_window, told, samples, tmp_path):
    save_samples(tmp_path / "samples.jsonl", samples("123"))
    w = tab_window(ImproveTab)

    def steps():
        yield lambda: w.says("3 samples of 3 labels")
        w.button("Improve").invoke()
        yield lambda: told
        yield lambda: "disabled" not in w.button("Improve").state()
        assert "disabled" in w.button("Use it").state()

    w.run(steps())
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
    places = [str(tmp_path / "file" / "below"), str(tmp_path / "out"), ""]
    (tmp_path / "file").touch()
    monkeypatch.setattr(improve.filedialog, "askdirectory", lambda **_: places.pop(0))
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
    assert places == []


def test_the_network_before_comes_back_by_ctrl_z_in_a_later_window_too(tab_window):
    w = tab_window(ImproveTab)
    w.workspace.use(SHIPPED.read_bytes())
    improved = w.workspace.networks.active

    def steps():
        yield lambda: w.says("No samples yet")
        w.button("Improve").focus_force()
        yield lambda: w.root.focus_get() is w.button("Improve")
        w.key("<Control-z>")
        yield lambda: w.says("In use: as shipped")
        assert w.workspace.networks.active == SHIPPED
        w.key("<Control-z>")
        assert w.workspace.networks.active == improved

    w.run(steps())
    assert w.workspace.networks.active == improved


def test_without_a_network_before_there_is_nothing_to_undo(tab_window):
    w = tab_window(ImproveTab)

    def steps():
        yield lambda: w.says("No samples yet")
        w.button("Improve").focus_force()
        yield lambda: w.root.focus_get() is w.button("Improve")
        w.key("<Control-z>")
        assert w.says("No other network")

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
        yield lambda: w.says("1 of 7 are not read as they are labelled")
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
