import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.dialogs.format_dialog import FormatDialog
from inkpin.model.data.formats.registry import EXPORTS


def test_a_click_on_the_window_behind_leaves_a_dialog_the_keyboard(lock_window):
    s = lock_window()

    def steps():
        dialog = FormatDialog(s.window, "Export samples", EXPORTS, lambda *_: None)
        yield s.dialog_is_up
        s.root.focus_force()  # as a window manager does for a click
        dialog.event_generate("<ButtonPress-1>", x=1, y=1)
        yield s.dialog_is_up
        s.key("<Escape>")
        yield lambda: not s.dialogs()

    s.run(steps())
