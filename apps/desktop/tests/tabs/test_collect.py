from dataclasses import replace
from functools import partial

from drivers import INK, PAPER, WindowDriver, tk, ttk

from inkpin.desktop import theme
from inkpin.desktop.samples.label_sets import workspace_of
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.theme import FINGER
from inkpin.desktop.widgets.bitmap_view import BitmapView
from inkpin.desktop.widgets.label_counts import LabelCounts
from inkpin.desktop.widgets.pixel_canvas import PixelCanvas
from inkpin.model.data.samples import load_samples, save_samples


def test_a_bad_target_is_told_and_what_was_there_comes_back(tab_window):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.says("0 of 100 samples")
        box = w.widget(ttk.Spinbox)
        box.delete(0, "end")
        box.insert(0, "no")
        box.event_generate("<FocusOut>")
        yield lambda: w.says("from 1 to 999")
        assert box.get() == "10"
        box.delete(0, "end")
        box.insert(0, "3")
        box.event_generate("<FocusOut>")
        yield lambda: w.says("0 of 30 samples")

    w.run(steps())


def test_a_label_is_asked_for_by_its_bar_and_by_arrows(tab_window):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.says("0 of 100 samples")
        bars = w.widget(LabelCounts)
        yield lambda: bars.winfo_height() == bars.winfo_reqheight()  # it is laid out

        def asked():
            labels = w.widgets(ttk.Label)
            return next(label for label in labels if str(label.cget("style")) == "Huge.TLabel")[
                "text"
            ]

        row = bars.winfo_height() // 5
        assert row >= FINGER

        def tap(x, y, moved=0):
            bars.event_generate("<ButtonPress-1>", x=x, y=y, rooty=y)
            bars.event_generate("<ButtonRelease-1>", x=x, y=y, rooty=y + moved)

        tap(bars.winfo_width() - 5, row * 2 + 5)
        assert asked() == "7"
        tap(5, 5, moved=40)  # pulls the panel
        assert asked() == "7"
        bars.focus_force()
        yield lambda: w.root.focus_get() is bars
        bars.event_generate("<Down>")
        assert asked() == "8"
        bars.event_generate("<Up>")
        bars.event_generate("<Up>")
        assert asked() == "6"
        tap(5, row * 5 + 1)  # below the last one
        assert asked() == "6"

    w.run(steps())


class Hand:
    """Writes on the pad of a window with real events, `step` ms apart."""

    def __init__(self, window):
        self.canvas = window.widget(PixelCanvas)
        self.now = 1000

    def at(self, x, y):
        left, top = self.canvas.coords(self.canvas.find_all()[0])
        scale = self.canvas.zoom
        return {"x": int(left + (x + 0.5) * scale), "y": int(top + (y + 0.5) * scale)}

    def event(self, name, x, y):
        self.canvas.event_generate(name, **self.at(x, y), time=self.now)

    def stroke(self, *points, step=8):
        self.event("<ButtonPress-1>", *points[0])
        for point in points[1:]:
            self.now += step
            self.event("<B1-Motion>", *point)
        self.event("<ButtonRelease-1>", *points[-1])
        self.now += 400

    def colour(self, x, y):
        at = (int((v + 0.5) * self.canvas.zoom) for v in (x, y))
        image = self.canvas.itemcget(self.canvas.find_all()[0], "image")
        read = self.canvas.tk.call(image, "get", *at)
        return tuple(map(int, self.canvas.tk.splitlist(read)))


SEVEN = [(60 + x, 60) for x in range(0, 120, 6)] + [
    (180 - y // 2, 60 + y) for y in range(0, 120, 6)
]


def test_ctrl_z_takes_back_ink_before_any_sample_and_space_can_be_undone(tab_window, tmp_path):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.says("0 of 100 samples")
        hand = Hand(w)
        hand.canvas.focus_force()
        yield lambda: w.root.focus_get() is hand.canvas
        hand.stroke(*SEVEN)
        w.key("<Return>")
        yield lambda: w.says("1 of 100 samples")
        hand.stroke(*SEVEN)
        yield lambda: hand.colour(100, 60) == INK
        w.key("<Control-z>")
        yield lambda: hand.colour(100, 60) == PAPER
        assert w.says("Taken back: the last stroke")
        assert w.says("1 of 100 samples")
        w.key("<Control-Shift-Key-Z>")
        yield lambda: hand.colour(100, 60) == INK
        w.key("<space>")
        yield lambda: hand.colour(100, 60) == PAPER
        w.key("<Control-z>")
        yield lambda: hand.colour(100, 60) == INK

    w.run(steps())
    assert len(load_samples(tmp_path / "samples.jsonl")) == 1


def test_the_sample_saved_last_is_seen_and_taken_back_beside_a_drawing_under_way(tab_window):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.says("0 of 100 samples")
        assert not w.widget(BitmapView).winfo_viewable()  # an empty card says nothing
        hand = Hand(w)
        hand.canvas.focus_force()
        yield lambda: w.root.focus_get() is hand.canvas
        w.key("7")
        hand.stroke(*SEVEN)
        w.key("<Return>")
        yield lambda: w.says("Saved: 7") and w.says("1 of 100 samples")
        yield w.widget(BitmapView).winfo_viewable
        (entry,) = w.workspace.collection.find()
        assert len(w.widget(BitmapView).find_all()) == entry.bitmap.sum()
        hand.stroke(*SEVEN)
        yield lambda: hand.colour(100, 60) == INK
        w.button("Take it back").invoke()
        assert w.says("Taken back: 7")
        assert w.says("0 of 100 samples")
        assert hand.colour(100, 60) == INK
        assert len(w.widget(BitmapView).find_all()) == entry.bitmap.sum()
        w.button("Bring it back").invoke()
        assert w.says("Saved: 7")
        assert w.says("1 of 100 samples")
        w.key("<Control-z>", "<Control-z>")  # the stroke, then the sample
        assert w.says("Taken back: 7")

    w.run(steps())


def test_point_times_are_those_of_the_events(tab_window, tmp_path):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.says("0 of 100 samples")
        hand = Hand(w)
        hand.canvas.focus_force()
        yield lambda: w.root.focus_get() is hand.canvas
        hand.stroke(*SEVEN, step=13)
        w.key("<Return>")
        yield lambda: w.says("1 of 100 samples")

    w.run(steps())
    (sample,) = load_samples(tmp_path / "samples.jsonl")
    assert sample.times[0].tolist()[:-1] == [13 * n for n in range(len(SEVEN))]


def test_a_drawing_with_gaps_is_not_saved_unasked(tab_window, tmp_path):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.says("0 of 100 samples")
        hand = Hand(w)
        hand.canvas.focus_force()
        yield lambda: w.root.focus_get() is hand.canvas
        hand.stroke((60, 60), (180, 60), (120, 180), step=250)
        w.key("<Return>")
        assert w.says("points of this drawing were lost")
        assert w.says("0 of 100 samples")
        w.key("<Return>")
        yield lambda: w.says("1 of 100 samples")

    w.run(steps())


def test_a_click_beside_the_paper_is_no_dot(tab_window):
    w = tab_window(CollectTab)

    def steps():
        yield lambda: w.says("0 of 100 samples")
        hand = Hand(w)
        hand.canvas.focus_force()
        yield lambda: w.root.focus_get() is hand.canvas
        hand.stroke((-3, 100), (100, 100), (130, 100))
        hand.stroke((100, 241), (100, 200))
        w.key("<BackSpace>")
        assert w.says("There is no stroke")

    w.run(steps())


def test_long_names_are_cut_and_leave_the_paper_its_room(tab_window):
    w = tab_window(CollectTab)
    name = "Bartholomew-Maximilian of the Upper and the Lower Valley " * 3

    def steps():
        yield lambda: w.says("0 of 100 samples")
        w.root.geometry("1024x600")
        yield lambda: w.root.winfo_height() == 600
        before = w.widget(PixelCanvas).winfo_width()
        writer = w.widget(ttk.Combobox)
        writer.set(name)
        writer.event_generate("<FocusOut>")
        yield lambda: w.says(f"samples by {name.strip()}")
        w.root.update_idletasks()
        assert w.widget(PixelCanvas).winfo_width() >= before

    w.run(steps())


def test_skipping_and_saving_look_through_no_samples(tab_window, samples, tmp_path, monkeypatch):
    """Of tens of thousands that would keep the pen waiting."""
    named = [replace(s, extra={"writer": "Ada"}) for s in samples("0123456789")]
    save_samples(tmp_path / "samples.jsonl", named)
    w = tab_window(CollectTab)
    looks = []

    def steps():
        yield lambda: w.says("0 of 100 samples")
        collection = w.workspace.collection
        find = collection.find
        monkeypatch.setattr(
            collection, "find", lambda *a, **named: looks.append(a) or find(*a, **named)
        )
        w.button("Skip").invoke()
        Hand(w).stroke(*SEVEN)
        w.button("Accept").invoke()
        yield lambda: w.says("1 of 100 samples")
        assert looks == []
        (writers,) = (box for box in w.widgets(ttk.Combobox) if len(box.cget("values")) == 0)
        w.root.tk.eval(writers.cget("postcommand"))
        assert writers.cget("values") == ("Ada",)

    w.run(steps())


def test_an_empty_collection_says_what_to_do_first(tab_window):
    w = tab_window(CollectTab)
    w.run(iter([lambda: w.says("Ten of each are a beginning")]))


def test_a_long_label_is_asked_for_in_two_lines(screen, tmp_path):
    long = "right curly bracket with a very long name indeed"
    workspace = workspace_of([long, "x"], tmp_path, tmp_path / "samples.jsonl")
    w = WindowDriver(partial(CollectTab, workspace=workspace), folder=tmp_path)

    def steps():
        yield lambda: w.says("0 of 20 samples")
        bars = w.widget(LabelCounts)
        bars.event_generate("<ButtonPress-1>", x=5, y=5, rooty=5)
        bars.event_generate("<ButtonRelease-1>", x=5, y=5, rooty=5)
        asked = next(label for label in w.widgets(ttk.Label) if "right" in label.cget("text"))
        w.root.update_idletasks()
        line = tk.font.nametofont(theme.SUBTITLE, w.root).metrics("linespace")
        assert line < asked.winfo_reqheight() < 3 * line
        assert asked.cget("text").endswith("…")

    try:
        w.run(steps())
    finally:
        workspace.close()
