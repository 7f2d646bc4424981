import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from tkinter import ttk

from controls_in_sight import check_controls

from inkpin.desktop.dialogs.device_settings import DeviceSettingsDialog
from inkpin.desktop.settings import DARK, LIGHT, Settings

KNOWN = {"sound": 1, "vibration": 0, "brightness": 80, "dim": 30, "sleep": 120, "auto": 650}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_setting_is_set_within_its_range_by_a_finger_or_by_keys(
    lock_window, connection, theme
):
    s = lock_window(settings=Settings(theme=theme))
    sent = connection.sent = []
    connection.send = sent.append
    connection.state.settings.update(KNOWN)

    def steps():
        dialog = DeviceSettingsDialog(s.window, connection)
        yield s.dialog_is_up
        check_controls(s, dialog)
        sound, vibration = s.widgets(ttk.Checkbutton, dialog)
        assert (sound.instate(["selected"]), vibration.instate(["selected"])) == (True, False)
        sound.invoke()
        vibration.invoke()
        assert sent == ["set sound 0", "set vibration 1"]

        brightness, dims, dark = s.widgets(ttk.Spinbox, dialog)
        for box, typed, wanted in (
            (brightness, "9", "80"),
            (brightness, "101", "80"),
            (dims, "soon", "30"),
            (dark, "", "120"),
            (dims, "3600", "3600"),
            (brightness, "80", "80"),
        ):
            box.focus_force()
            yield lambda box=box: s.root.focus_get() is box
            box.set(typed)
            box.event_generate("<Return>")
            assert box.get() == wanted
        assert sent[2:] == ["set dim 3600"]  # what is as it was is not sent
        assert not s.says("a number from")
        brightness.set("-1")
        dark.focus_force()
        yield lambda: s.says("Brightness: a number from 10 to 100.")
        brightness.event_generate("<<Increment>>")
        assert sent[3:] == ["set brightness 90"]

        auto = next(b for b in s.widgets(ttk.Combobox, dialog))
        assert auto.get() == "after 0.65 s"
        auto.set("by ENTER")
        auto.event_generate("<<ComboboxSelected>>")
        assert sent[4:] == ["set auto 0"]

    s.run(steps())
