import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.dialogs.format_dialog import FormatDialog
from inkpin.desktop.dialogs.import_dialog import ImportDialog
from inkpin.model.data.formats.registry import EXPORTS


def make_format(window, chosen):
    return FormatDialog(window, "Export samples", EXPORTS, chosen)


def make_import(window, chosen):
    return ImportDialog(window, chosen)


@pytest.mark.parametrize("make", [make_format, make_import])
def test_return_presses_the_accented_button_and_esc_leaves(lock_window, monkeypatch, make):
    s = lock_window()
    asked = []
    for module in ("format_dialog", "import_dialog"):
        for ask in ("ask_folder", "ask_new_file", "ask_file"):
            monkeypatch.setattr(
                f"inkpin.desktop.dialogs.{module}.{ask}",
                lambda *_, **__: asked.append(1),
                raising=False,
            )

    def steps():
        make(s.window, lambda *_: None)
        yield s.dialog_is_up
        s.key("<Return>")
        yield lambda: asked == [1] and not s.dialogs()
        make(s.window, lambda *_: None)
        yield s.dialog_is_up
        s.key("<Escape>")
        yield lambda: asked == [1] and not s.dialogs()

    s.run(steps())


def test_a_click_on_the_window_behind_leaves_a_dialog_the_keyboard(lock_window):
    s = lock_window()

    def steps():
        dialog = make_format(s.window, lambda *_: None)
        yield s.dialog_is_up
        s.root.focus_force()  # as a window manager does for a click
        dialog.event_generate("<ButtonPress-1>", x=1, y=1)
        yield s.dialog_is_up
        s.key("<Escape>")
        yield lambda: not s.dialogs()

    s.run(steps())
