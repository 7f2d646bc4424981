import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk

from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.widgets.flow import Flow


class Flowing(Tab):
    title = "Flowing"
    minsize = (200, 200)

    def __init__(self, parent, shell, workspace):
        super().__init__(parent, shell)
        flow = Flow(self, 8)
        self.parts = [
            ttk.Entry(flow, width=12),
            ttk.Button(flow, text="A button"),
            ttk.Checkbutton(flow, text="a choice"),
        ] + [ttk.Button(flow, text=f"Button {number}") for number in range(6)]
        flow.fill(self.parts)
        flow.pack(fill="x")


def middle(part):
    return part.winfo_rooty() + part.winfo_height() // 2


def test_what_stands_in_a_row_stands_on_one_line(tab_window):
    w = tab_window(Flowing)

    def steps():
        parts = w.widget(Flowing).parts
        yield parts[-1].winfo_viewable
        w.root.geometry("420x300")
        yield lambda: parts[-1].winfo_rooty() > parts[0].winfo_rooty() + 40
        w.root.update()
        rows = {}
        for part in parts:
            rows.setdefault(round(middle(part) / 20), []).append(middle(part))
        assert 2 <= len(rows) <= 4
        assert all(max(row) - min(row) <= 1 for row in rows.values()), rows
        assert len({part.winfo_height() for part in parts}) > 1

    w.run(steps())
