"""Which key does what: the window's commands always, those of the tab in front, then its text."""

import tkinter as tk
from collections.abc import Callable, Iterable
from functools import partial

from inkpin.desktop.shell import Command, bind
from inkpin.desktop.tabs.tab import Tab

_ENTRIES = {"TEntry", "TCombobox", "TSpinbox"}  # classes of widgets that take text


class Keyboard:
    """Binds keys to commands.

    Args:
        root: the window.
        commands: those of the window itself.
        tabs: all tabs, for their commands.
        front: gives the tab in front.
        escape: is offered the escape key first; whether it was of use.
    """

    def __init__(
        self,
        root: tk.Tk,
        commands: Iterable[Command],
        tabs: Iterable[Tab],
        front: Callable[[], Tab | None],
        escape: Callable[[], bool],
    ) -> None:
        self._front = front
        self._escape = escape
        for command in commands:
            for sequence in command.sequences:
                bind(root, sequence, command.run)
        own = {s for tab in tabs for command in tab.commands for s in command.sequences}
        for sequence in own | {"<Key>"}:
            root.bind(sequence, partial(self._press, sequence))
        for kind in _ENTRIES:
            # The same keys as in every program; Tk's own Control-a goes to the start of the line.
            root.tk.call("bind", kind, "<Control-a>", "%W selection range 0 end; break")
        for kind in ("TButton", "TCheckbutton", "TRadiobutton"):
            for sequence in ("<Return>", "<KP_Enter>", "<space>"):
                # In Tcl, for Tk's own message boxes have buttons that Python knows nothing of.
                root.tk.call("bind", kind, sequence, "%W invoke; break")

        for key, way in (("Left", -1), ("Up", -1), ("Right", 1), ("Down", 1)):
            # Tk's own go from one to the other without choosing it.
            script = f"ttk::button::RadioTraverse %W {way}; [focus] invoke; break"
            root.tk.call("bind", "TRadiobutton", f"<{key}>", script)

    def _press(self, sequence: str, event: tk.Event) -> None:
        """Give a key to the tab in front, unless a field for text has it."""
        tab = self._front()
        if tab is None or isinstance(event.widget, str):  # a list that Tk itself made
            return
        plain = "Control" not in sequence
        if plain and event.widget.winfo_class() in _ENTRIES:
            return
        if sequence == "<Escape>" and self._escape():
            return
        for command in tab.commands:
            if sequence in command.sequences:
                command.run()
                return
        if plain and len(event.char) == 1 and event.char.isprintable():
            tab.typed(event.char)
