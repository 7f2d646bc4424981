"""The settings of a device, to look at and to change."""

from functools import partial
from tkinter import ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.lock.device_connection import DeviceConnection
from inkpin.desktop.settings import AUTO_ENTER
from inkpin.desktop.shell import Shell, bind

_FIELDS = {
    "sound": ("Sound (0 or 1)", range(2)),
    "vibration": ("Vibration (0 or 1)", range(2)),
    "brightness": ("Brightness, %", range(10, 101)),
    "dim": ("Dims after, s", range(5, 3601)),
    "sleep": ("Dark after, s", range(5, 3601)),
    "auto": ("Reads a digit by itself after, ms (0: ENTER does)", AUTO_ENTER),
}


class DeviceSettingsDialog(Dialog):
    """A change is sent when it is made.

    Args:
        shell: the window.
        connection: of a device that was asked for its settings.
    """

    def __init__(self, shell: Shell, connection: DeviceConnection) -> None:
        super().__init__(shell, "Settings of the device")
        self._connection = connection
        known = connection.state.settings
        if not known:
            ttk.Label(self.body, text="The device did not answer.").pack(anchor="w", pady=(0, 12))
        for name, (text, values) in _FIELDS.items():
            if name not in known:
                continue
            row = ttk.Frame(self.body)
            row.pack(fill="x", pady=3)
            ttk.Label(row, text=text).pack(side="left", padx=(0, 12))
            box = ttk.Spinbox(row, values=list(values), width=6)
            box.set(known[name])
            box.pack(side="right")
            change = partial(self._change, name, box)
            box.configure(command=change)
            for sequence in ("<Return>", "<FocusOut>"):
                bind(box, sequence, change)
        self.close_button()
        self.open()

    def _change(self, name: str, box: ttk.Spinbox) -> None:
        self._connection.send(f"set {name} {box.get()}")
