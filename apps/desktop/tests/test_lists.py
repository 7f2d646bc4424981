"""Lists by keyboard alone, by real events: the arrows choose in each that there is."""

from functools import partial

import numpy as np
import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk

from networks import learned, planted

from inkpin.desktop.samples.workspace import Workspace
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.lock import LockTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.widgets.review_menu import ReviewMenu
from inkpin.desktop.widgets.thumbnails import Thumbnails
from inkpin.model.adaptation.model_store import About
from inkpin.model.data.samples import Sample, save_samples

TABS = [LockTab, CollectTab, ReviewTab, ImproveTab]
LISTS = (ttk.Combobox, ttk.Spinbox, ttk.Treeview, ttk.Radiobutton)


def drawn():
    strokes = [np.array([[60, 60], [150, 60], [90, 200]])]
    return [
        Sample(label, strokes, [None], {"writer": writer, "session": writer})
        for label in "17"
        for writer in ("anna", "bert")
    ]


def stands_at(one):
    """Return what is chosen in a list."""
    if isinstance(one, ttk.Treeview):
        return one.selection()
    if isinstance(one, ttk.Radiobutton):
        return one.getvar(str(one.cget("variable")))
    return one.get()


def lists_of(w, tab):
    """Return the lists of a tab that one can go to."""
    found = (one for kind in LISTS for one in w.widgets(kind, w.widget(tab)))
    return [one for one in found if one.winfo_viewable() and str(one.cget("takefocus")) != "0"]


@pytest.mark.parametrize("tab", TABS)
def test_the_arrows_choose_in_every_list(lock_window, hand, tmp_path, tab):
    save_samples(tmp_path / "samples.jsonl", drawn())
    workspace = Workspace(tmp_path, tmp_path / "samples.jsonl")
    slip, label = planted()
    workspace.networks.use(learned(slip, label), About(name="mine"))
    w = lock_window(others=[partial(tab, workspace=workspace) for tab in TABS[1:]])

    def steps():
        w.root.geometry("1400x980+0+0")
        w.root.update_idletasks()
        w.widget(ttk.Notebook).select(str(w.widget(tab)))
        yield w.widget(tab).winfo_viewable
        yield lambda: tab is LockTab or (workspace.labels() and workspace.collection is not None)
        yield lambda: lists_of(w, tab)
        lists = lists_of(w, tab)
        if tab is ReviewTab:
            yield from choose_in_the_grid(w, hand)
        seen = set()  # of the buttons of one choice, the first stands for all
        for one in lists:
            choice = str(one.cget("variable")) if isinstance(one, ttk.Radiobutton) else str(one)
            if one.instate(["disabled"]) or choice in seen:
                continue
            seen.add(choice)
            one.focus_force()
            yield lambda one=one: w.root.focus_get() is one
            before = stands_at(one)

            opens = isinstance(one, ttk.Combobox)
            keys = {ttk.Treeview: "Up", ttk.Radiobutton: "Right"}
            hand.keys(keys.get(type(one), "Down"))
            if opens:
                yield lambda one=one: str(w.root.tk.call("focus")).startswith(f"{one}.popdown")
                hand.keys("Down", "Return")
            yield lambda one=one, before=before: stands_at(one) != before
            w.root.update()  # what follows a choice, such as the focus on what was filtered

    try:
        w.run(steps())
    finally:
        workspace.close()


def choose_in_the_grid(w, hand):
    """Move in the grid of samples, and choose in the menu of what can be done there."""
    grid = w.widget(Thumbnails)
    grid.canvas.focus_force()
    yield lambda: w.root.focus_get() is grid.canvas
    hand.keys("Home", "Right")
    yield lambda: grid.review.cursor == 1
    menu = next(w.widgets(ReviewMenu))
    hand.keys("shift+F10")
    yield menu.winfo_viewable
    chosen = grid.review.entries[1]
    delete = menu.index("Delete")
    hand.keys(*["Down"] * (delete + 1), "Return")
    yield lambda: not menu.winfo_viewable() and w.says("1 sample deleted")
    assert chosen.id not in grid.review.collection
    hand.keys("shift+F10")
    yield menu.winfo_viewable
    hand.keys("Escape")
    yield lambda: not menu.winfo_viewable() and w.root.focus_get() is grid.canvas
