import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.choice import Choice

LONG = [f"a name that is far too long for a list of ten letters, the {n}." for n in range(2)]


class Choosing(Tab):
    title = "Choosing"

    def __init__(self, parent, shell, workspace):
        super().__init__(parent, shell)
        self.taken = []
        self.choice = Choice(self, shell, 10, lambda: self.taken.append(self.choice.chosen))
        self.choice.offer(["short", *LONG])
        self.choice.choose("short")
        self.choice.pack()


def test_names_that_are_cut_alike_are_told_apart(tab_window):
    w = tab_window(Choosing)

    def steps():
        yield lambda: w.widget(Choice).winfo_viewable()
        tab = w.widget(Choosing)
        assert tab.choice.get() == "short"
        for place, name in enumerate(LONG, 1):
            tab.choice.current(place)
            tab.choice.event_generate("<<ComboboxSelected>>")
            assert tab.taken.pop() == name
            assert tab.choice.get().endswith("…")
            assert name.startswith(tab.choice.get()[:-1])

    w.run(steps())
