"""The settings of a device, to look at and to change."""

import tkinter as tk
from functools import partial
from tkinter import ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.lock.device_connection import DeviceConnection
from inkpin.desktop.samples.wording import when_read
from inkpin.desktop.settings import AUTO_ENTER
from inkpin.desktop.shell import Shell, bind

_SWITCHES = {"sound": "Sound", "vibration": "Vibration"}
_NUMBERS = {
    "brightness": ("Brightness", "%", range(10, 101), 10),
    "dim": ("Dims after", "s", range(5, 3601), 5),
    "sleep": ("Goes dark after", "s", range(5, 3601), 5),
}
_AUTO = "auto"


class DeviceSettingsDialog(Dialog):
    """A change is sent when it is made.

    Args:
        shell: the window.
        connection: of a device that has told its settings.
    """

    def __init__(self, shell: Shell, connection: DeviceConnection) -> None:
        super().__init__(shell, "Settings of the device")
        self._connection = connection
        self._values = dict(connection.state.settings)
        self.body.columnconfigure(0, weight=1)
        for name in self._values:
            if name in _SWITCHES:
                self._switch(name)
            elif name in _NUMBERS:
                self._number(name)
            elif name == _AUTO:
                self._auto_enter()
        self._refusal = ttk.Label(self.body, style="Bad.TLabel")
        self._refusal.grid(columnspan=2, sticky="w")
        self.close_button()
        self.open()

    def _switch(self, name: str) -> None:
        on = tk.BooleanVar(self, bool(self._values[name]))
        ttk.Checkbutton(
            self.body,
            text=_SWITCHES[name],
            variable=on,
            command=lambda: self._change(name, int(on.get())),
        ).grid(columnspan=2, sticky="w")

    def _number(self, name: str) -> None:
        text, unit, values, step = _NUMBERS[name]
        box = ttk.Spinbox(self.body, from_=values[0], to=values[-1], increment=step, width=6)
        box.set(self._values[name])
        self._row(f"{text}, {values[0]:,} to {values[-1]:,} {unit}", box)
        change = partial(self._typed, name, box)
        box.configure(command=change)
        for sequence in ("<Return>", "<KP_Enter>", "<FocusOut>"):
            bind(box, sequence, change)

    def _auto_enter(self) -> None:
        choices = sorted({*AUTO_ENTER, self._values[_AUTO]})
        box = ttk.Combobox(
            self.body, state="readonly", width=11, values=[when_read(ms) for ms in choices]
        )
        box.current(choices.index(self._values[_AUTO]))
        self._row("Ink is read", box)
        bind(box, "<<ComboboxSelected>>", lambda: self._change(_AUTO, choices[box.current()]))

    def _row(self, text: str, field: ttk.Widget) -> None:
        label = ttk.Label(self.body, text=text)
        label.grid(column=0, sticky="w", padx=(0, "9p"))
        field.grid(row=label.grid_info()["row"], column=1, sticky="e", pady="3p")

    def _typed(self, name: str, box: ttk.Spinbox) -> None:
        """Take a number; where there is none of the range, say so, and show the last again."""
        text, _, values, _ = _NUMBERS[name]
        typed = box.get().strip()
        if typed.isdecimal() and int(typed) in values:
            self._refusal.configure(text="")
            self._change(name, int(typed))
        else:
            box.set(self._values[name])
            self._refusal.configure(text=f"{text}: a number from {values[0]:,} to {values[-1]:,}.")

    def _change(self, name: str, value: int) -> None:
        if value != self._values[name]:
            self._values[name] = value
            self._connection.send(f"set {name} {value}")
