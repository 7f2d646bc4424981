"""By keyboard alone: Tab goes through what is seen from left to right and from top to bottom."""

from functools import partial
from itertools import pairwise

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.tabs.collect import CollectTab
from inkpin.desktop.tabs.device import DeviceTab
from inkpin.desktop.tabs.improve import ImproveTab
from inkpin.desktop.tabs.review import ReviewTab
from inkpin.desktop.tabs.train import TrainTab


def tab_order(window):
    """Return what Tab goes through, once around, with the place of each."""
    first = widget = window.root.tk_focusNext()
    found = []
    while widget is not None and len(found) < 100:
        found.append(widget)
        widget = widget.tk_focusNext()
        if widget is first:
            break
    return found


def place(widget):
    """Return left, top, right and bottom on the screen."""
    left, top = widget.winfo_rootx(), widget.winfo_rooty()
    return left, top, left + widget.winfo_width(), top + widget.winfo_height()


def goes_back(before, after):
    """Whether what comes next lies above, in the same column, or to the left in the same row."""
    left, top, right, bottom = place(before)
    next_left, next_top, next_right, next_bottom = place(after)
    middle = (next_top + next_bottom) / 2
    if top <= middle < bottom and next_top < bottom:
        return next_right <= left
    return middle < top and next_left < right


def check_order(window):
    order = tab_order(window)
    assert len(order) > 3
    wrong = [
        (str(one), place(one), str(two), place(two))
        for one, two in pairwise(order)
        if goes_back(one, two)
    ]
    assert not wrong


@pytest.mark.parametrize("tab", [CollectTab, ReviewTab, ImproveTab, TrainTab])
def test_tab_goes_left_to_right_and_top_to_bottom(tab_window, samples, tmp_path, tab):
    w = tab_window(tab)

    def steps():
        yield lambda: w.workspace.collection is not None
        w.root.update_idletasks()
        check_order(w)

    w.run(steps())


def test_on_the_lock_too(lock_window):
    s = lock_window(first_steps=True)

    def steps():
        s.root.update_idletasks()
        check_order(s)
        yield s.is_up

    s.run(steps())


@pytest.mark.parametrize("emulated", [True, False])
def test_on_the_device_too(tab_window, connection, emulated):
    w = tab_window(partial(DeviceTab, connect=lambda _: connection, emulated=emulated))

    def steps():
        yield lambda: w.widget(DeviceTab).is_connected
        w.root.update_idletasks()
        check_order(w)

    w.run(steps())
