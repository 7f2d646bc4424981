"""Every dialog by keyboard alone, by real events: it keeps the keyboard until it is closed."""

import time
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import messagebox

from inkpin.common import InputError
from inkpin.desktop import dialogs
from inkpin.desktop.dialogs.device_settings import DeviceSettingsDialog
from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.dialogs.format_dialog import FormatDialog
from inkpin.desktop.dialogs.help import HelpDialog
from inkpin.desktop.dialogs.import_dialog import ImportDialog
from inkpin.desktop.dialogs.lesson import LessonDialog
from inkpin.desktop.dialogs.places import ask_file, ask_folder, ask_new_file
from inkpin.desktop.dialogs.progress_dialog import ProgressDialog
from inkpin.desktop.lock.device_connection import DeviceConnection
from inkpin.desktop.lock.lesson import scenes
from inkpin.model.data.formats.registry import EXPORTS
from inkpin.model.inference.recogniser import Prediction

PREDICTION = Prediction("7", 7, 97, np.arange(10, dtype=np.int32))


def settings_dialog(window, _done):
    connection = DeviceConnection(None, None, None)
    connection.state.settings["brightness"] = 50
    connection.send = lambda _: None
    return DeviceSettingsDialog(window, connection)


def progress_dialog(window, _done):
    def work(job):
        while True:
            job.progress(1, 2)
            time.sleep(0.02)

    return ProgressDialog(window, "Working", work, lambda _: None)


STROKES = [np.array([[60, 60], [150, 60], [90, 200]])]
OURS = {
    HelpDialog: lambda window, _: HelpDialog(window, [("Keys", ())]),
    FormatDialog: lambda window, done: FormatDialog(window, "Export", EXPORTS, done),
    ImportDialog: lambda window, done: ImportDialog(window, done),
    LessonDialog: lambda window, _: LessonDialog(window, scenes(STROKES, PREDICTION)),
    ProgressDialog: progress_dialog,
    DeviceSettingsDialog: settings_dialog,
}
ACCENTED = {FormatDialog, ImportDialog}


def test_no_dialog_is_left_out():
    for module in iter_modules(dialogs.__path__):
        import_module(f"{dialogs.__name__}.{module.name}")
    assert set(Dialog.__subclasses__()) == set(OURS)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_a_dialog_keeps_the_keyboard_and_return_and_esc_leave_it(
    lock_window, hand, monkeypatch, kind
):
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
        yield s.focus()
        for key in ("Return", "Escape"):
            dialog = OURS[kind](s.window, lambda *_: None)
            yield lambda dialog=dialog: s.root.focus_get() is dialog.first is not dialog
            yield from leave_it_by_the_pointer(s, hand, str(dialog))
            hand.keys("t", "Tab")
            alone = kind is ProgressDialog  # its button
            yield (
                lambda dialog=dialog, alone=alone: (
                    s.dialog_is_up() and (alone or s.root.focus_get() is not dialog.first)
                )
            )
            hand.keys("shift+Tab")
            yield lambda dialog=dialog: s.root.focus_get() is dialog.first
            hand.keys(key)
            if kind is LessonDialog and key == "Return":  # which presses what has the focus
                yield lambda dialog=dialog: "Hold" not in dialog.first.cget("text")
                hand.keys("Escape")
            yield lambda: not s.dialogs() and s.root.focus_get() is s.canvas
            assert asked == ([1] if kind in ACCENTED else [])
        yield s.said_before_now()
        assert "State try" not in s.lines()  # no key came to the window behind

    s.run(steps())


def leave_it_by_the_pointer(s, hand, name):
    """Move the pointer over a dialog and over what is behind it."""
    ask = s.root.tk.call

    def is_over():
        return str(ask("winfo", "containing", *ask("winfo", "pointerxy", "."))).startswith(name)

    x, y, wide = (ask("winfo", what, name) for what in ("rootx", "rooty", "width"))
    hand.point(x + wide // 2, y + 8)
    yield is_over
    hand.point(s.root.winfo_rootx() + 3, s.root.winfo_rooty() + s.root.winfo_height() - 3)
    yield lambda: not is_over()
    s.root.update_idletasks()


# What is asked, what Return answers where it is opened, and what Esc does.
SYSTEMS = {
    "error": (lambda s, _: s.window.report_error(InputError("no room")), None, None),
    "question": (lambda s, _: messagebox.askokcancel("Inkpin", "So?", parent=s.root), True, False),
    "danger": (
        lambda s, _: messagebox.askyesno("Inkpin", "So?", default="no", parent=s.root),
        False,
        False,
    ),
    "file": (lambda s, _: ask_file(s.root, "A file"), "one.txt", None),
    "folder": (lambda s, _: ask_folder(s.root, "A folder"), "", None),
    "new file": (lambda s, _: ask_new_file(s.root, "A new file", [".txt"]), "two.txt", None),
}


@pytest.mark.parametrize("kind", SYSTEMS)
def test_tk_s_own_dialogs_keep_it_too(lock_window, hand, monkeypatch, tmp_path, kind):
    (tmp_path / "one.txt").touch()
    monkeypatch.setattr("inkpin.desktop.dialogs.places.user_documents_path", lambda: tmp_path)
    s = lock_window()
    ask, by_return, by_esc = SYSTEMS[kind]
    tk = s.root.tk

    def shown():
        """Return the name of the dialog, that has the focus; None while there is none."""
        focus = str(tk.call("focus"))
        names = tk.splitlist(tk.eval("winfo children ."))
        return next((n for n in names if "__tk" in n and focus.startswith(f"{n}.")), None)

    def steps():
        yield s.focus()
        for key, answer in (("Return", by_return), ("Escape", by_esc)):
            got = []
            s.root.after(1, lambda got=got: got.append(ask(s, None)))
            yield shown
            yield from leave_it_by_the_pointer(s, hand, shown())
            if isinstance(answer, str) and answer:
                hand.keys(*("period" if one == "." else one for one in answer))
            hand.keys(key)
            yield lambda got=got: got and not shown()
            assert got == [tmp_path / answer if isinstance(answer, str) else answer]
            # the keyboard is the window's again
            yield lambda: s.root.focus_get() is s.canvas

    s.run(steps())
