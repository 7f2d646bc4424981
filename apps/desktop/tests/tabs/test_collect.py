from drivers import ttk

from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.widgets.label_counts import LabelCounts


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
        yield lambda: bars.winfo_height() > 50

        def asked():
            labels = w.widgets(ttk.Label)
            return next(label for label in labels if str(label.cget("style")) == "Huge.TLabel")[
                "text"
            ]

        row = bars.winfo_height() // 5
        bars.event_generate("<Button-1>", x=bars.winfo_width() - 5, y=row * 2 + 5)
        assert asked() == "7"
        bars.focus_force()
        yield lambda: w.root.focus_get() is bars
        bars.event_generate("<Down>")
        assert asked() == "8"
        bars.event_generate("<Up>")
        bars.event_generate("<Up>")
        assert asked() == "6"
        bars.event_generate("<Button-1>", x=5, y=row * 5 + 1)  # below the last one
        assert asked() == "6"

    w.run(steps())
