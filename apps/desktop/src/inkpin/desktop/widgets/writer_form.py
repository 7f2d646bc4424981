"""Who writes, in which session, and how many samples of each label."""

import time
import tkinter as tk
from collections.abc import Callable, Iterable
from dataclasses import replace
from tkinter import ttk

from inkpin.desktop.shell import Shell, bind

_MOST = 999


class WriterForm(ttk.Frame):
    """Three fields; writer and target are settings, and kept.

    Args:
        parent: the widget around it.
        shell: the window.
        names: gives the writers that there are; asked when their list is opened.
        changed: called when a field may have changed.
        leave: called on Return.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        names: Callable[[], Iterable[str]],
        changed: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._shell = shell
        self.columnconfigure(1, weight=1)
        self._writer = tk.StringVar(value=shell.settings.writer)
        self._session = tk.StringVar(value=time.strftime("%Y-%m-%d %H:%M"))
        self._target = tk.StringVar(value=str(shell.settings.target))
        writers = ttk.Combobox(
            self,
            textvariable=self._writer,
            width=18,
            postcommand=lambda: writers.configure(values=[name for name in names() if name]),
        )
        fields: tuple[tuple[str, ttk.Widget], ...] = (
            ("Writer", writers),
            ("Session", ttk.Entry(self, textvariable=self._session, width=20)),
            (
                "Samples a label",
                ttk.Spinbox(self, textvariable=self._target, from_=1, to=_MOST, width=6),
            ),
        )
        for row, (text, field) in enumerate(fields):
            ttk.Label(self, text=text).grid(
                row=row, column=0, sticky="w", padx=(0, "9p"), pady="3p"
            )
            field.grid(row=row, column=1, sticky="ew", pady="3p")
            bind(field, "<Return>", leave)
            for event in ("<FocusOut>", "<<ComboboxSelected>>", "<<Increment>>", "<<Decrement>>"):
                field.bind(event, lambda _: self.after_idle(changed), add=True)

    @property
    def writer(self) -> str:
        """Who writes; "" for no name."""
        return self._writer.get().strip()

    @property
    def session(self) -> str:
        """In which session."""
        return self._session.get().strip()

    def check(self) -> None:
        """Keep writer and target as settings; a target that is none becomes the last one again."""
        text = self._target.get()
        target = int(text) if text.isdecimal() and 0 < int(text) <= _MOST else 0
        if not target:
            self._shell.status(f"The target is a number from 1 to {_MOST}.")
            target = self._shell.settings.target
            self._target.set(str(target))
        settings = replace(self._shell.settings, writer=self.writer, target=target)
        if settings != self._shell.settings:
            self._shell.remember(settings)
