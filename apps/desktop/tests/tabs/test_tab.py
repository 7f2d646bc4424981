import pytest
from drivers import ttk

from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.model.collection.collection import Collection
from inkpin.model.data.samples import save_samples


@pytest.mark.parametrize("tab", [CollectTab, ReviewTab, ImproveTab])
def test_samples_in_use_elsewhere_are_told(tab_window, told, tmp_path, tab):
    with Collection.open(tmp_path / "samples.jsonl"):
        w = tab_window(tab)

        def steps():
            yield lambda: told

        w.run(steps())
    assert "samples.jsonl" in told[0][0]


@pytest.mark.parametrize("tab", [CollectTab, ReviewTab, ImproveTab])
def test_nothing_of_a_tab_is_lost_in_the_smallest_window(tab_window, samples, tmp_path, tab):
    save_samples(tmp_path / "samples.jsonl", samples("0123456789" * 3))
    w = tab_window(tab)

    def lost():
        """Return the widgets whose right or lower edge is cut off."""
        for kind in (ttk.Button, ttk.Radiobutton, ttk.Checkbutton, ttk.Combobox, ttk.Entry):
            for widget in w.widgets(kind, w.widget(tab)):
                if widget.winfo_ismapped():
                    around = widget.nametowidget(widget.winfo_parent())
                    right = widget.winfo_x() + widget.winfo_reqwidth()
                    lower = widget.winfo_y() + widget.winfo_reqheight()
                    if right > around.winfo_width() or lower > around.winfo_height():
                        yield widget

    def steps():
        yield lambda: w.says("30 ")
        wide, high = w.root.minsize()
        w.root.geometry(f"{wide}x{high}")
        yield lambda: (w.root.winfo_width(), w.root.winfo_height()) == (wide, high)
        w.root.update_idletasks()  # lays all of it out anew
        yield lambda: not [*lost()]

    w.run(steps())
