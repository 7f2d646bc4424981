"""The lists that comboboxes open, by a finger."""

from itertools import pairwise

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import Tcl, ttk

from inkpin.desktop.finger_lists import fit_lists
from inkpin.desktop.tabs.tab import Tab
from inkpin.desktop.theme import FINGER

NAMES = [f"name {number}" for number in range(14)]


class Boxes(Tab):
    """One high up, one far down, one that is empty."""

    title = "Boxes"
    minsize = (300, 200)

    def __init__(self, parent, shell, workspace):
        super().__init__(parent, shell)
        self.chosen = []
        self.boxes = [ttk.Combobox(self, state="readonly", values=v) for v in (NAMES, NAMES, [])]
        for box, side in zip(self.boxes, ("top", "bottom", "right"), strict=True):
            box.pack(side=side)
            box.bind("<<ComboboxSelected>>", lambda event: self.chosen.append(event.widget.get()))


def list_of(box):
    """Return what asks something of the list of a box."""
    return lambda *words: box.tk.call(f"{box}.popdown.f.l", *words)


def ask(box, what):
    return int(box.tk.call("winfo", what, f"{box}.popdown.f.l"))


def open_list(box, x=10):
    box.event_generate("<ButtonPress-1>", x=x, y=10)
    return lambda: box.tk.getboolean(box.tk.call("winfo", "viewable", f"{box}.popdown.f.l"))


@pytest.mark.parametrize("number", [0, 1])
def test_rows_are_as_high_as_a_finger_and_in_sight(tab_window, number):
    w = tab_window(Boxes)

    def steps():
        w.root.geometry("640x900")
        yield lambda: w.root.winfo_height() == 900
        box = w.widget(Boxes).boxes[number]
        yield open_list(box)
        w.root.update()
        of = list_of(box)
        tops = [int(of("bbox", row)[1]) for row in range(5)]
        assert {low - high for high, low in pairwise(tops)} == {FINGER}
        top, high = ask(box, "rooty"), ask(box, "height")
        assert top >= 0
        assert top + high <= w.root.winfo_screenheight()
        assert high >= 5 * FINGER
        w.root.tk.call("ttk::combobox::Unpost", box)

    w.run(steps())


def test_a_tap_chooses_and_a_pull_only_scrolls(tab_window):
    w = tab_window(Boxes)

    def steps():
        yield w.widget(Boxes).winfo_viewable
        tab = w.widget(Boxes)
        box, of = tab.boxes[0], list_of(tab.boxes[0])
        yield open_list(box)
        w.root.update()
        press = {"x": 30, "y": 3 * FINGER}
        name = f"{box}.popdown.f.l"

        def finger(event, y):
            w.root.tk.call("event", "generate", name, event, "-x", press["x"], "-y", y)

        finger("<ButtonPress-1>", 5 * FINGER)
        finger("<B1-Motion>", 4 * FINGER - 2)
        finger("<B1-Motion>", 3 * FINGER - 4)
        finger("<ButtonRelease-1>", 3 * FINGER - 4)
        assert (tab.chosen, str(of("bbox", 0))) == ([], "")
        first = next(row for row in range(14) if of("bbox", row))
        assert first == 2
        y = int(of("bbox", 4)[1]) + FINGER // 2
        finger("<ButtonPress-1>", y)
        finger("<B1-Motion>", y + 5)
        finger("<B1-Motion>", y - 5)
        finger("<ButtonRelease-1>", y)
        yield lambda: tab.chosen == ["name 4"]
        assert not ask(box, "viewable")

    w.run(steps())


def test_where_all_choices_are_in_sight_a_pull_goes_from_one_to_the_next(tab_window):
    w = tab_window(Boxes)

    def steps():
        yield w.widget(Boxes).winfo_viewable
        box = w.widget(Boxes).boxes[0]
        box.configure(values=NAMES[:4])
        yield open_list(box)
        w.root.update()
        name = f"{box}.popdown.f.l"
        for event, row in (("<ButtonPress-1>", 0), ("<B1-Motion>", 2), ("<ButtonRelease-1>", 2)):
            y = row * FINGER + FINGER // 2
            w.root.tk.call("event", "generate", name, event, "-x", 30, "-y", y)
        yield lambda: w.widget(Boxes).chosen == ["name 2"]

    w.run(steps())


def test_a_list_without_choices_opens_and_closes(tab_window, hand):
    w = tab_window(Boxes)

    def steps():
        yield w.widget(Boxes).winfo_viewable
        tab = w.widget(Boxes)
        yield open_list(tab.boxes[2])
        w.root.update()
        hand.keys("Return")
        yield lambda: not ask(tab.boxes[2], "viewable")
        assert tab.chosen == []

    w.run(steps())


def test_on_a_mac_whose_lists_are_the_systems_menus_they_stay_as_they_are():
    mac = Tcl()
    mac.eval("proc tk args { return aqua }")
    fit_lists(mac)
    assert mac.eval("namespace exists ::ttk::combobox") == "0"
