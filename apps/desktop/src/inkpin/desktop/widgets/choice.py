"""A list to choose from, whose long names are cut so that one sees that they are."""

import tkinter as tk
from collections.abc import Callable, Iterable
from tkinter import font, ttk

from inkpin.desktop import theme
from inkpin.desktop.samples.wording import shortened
from inkpin.desktop.shell import Shell

_ARROW = 22  # pixels beside the text, at a scaling of 1, that the list has for its text as well


class Choice(ttk.Combobox):
    """Shows the one that is chosen.

    Args:
        parent: the widget around it.
        shell: the window.
        width: letters of its width.
        changed: called after another choice.
        opening: called before the list is opened, to offer what there is.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        width: int,
        changed: Callable[[], None],
        opening: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent, width=width, state="readonly", postcommand=opening)
        self._shell = shell
        self._values: list[str] = []
        self._chosen = ""
        self.bind("<<ComboboxSelected>>", lambda _: self._take(changed))

    @property
    def chosen(self) -> str:
        """What is chosen, whole."""
        return self._chosen

    def choose(self, value: str) -> None:
        """Choose one, whether it is offered or not."""
        self._chosen = value
        self.set(shortened(value, self._room, font.nametofont(theme.BODY, self).measure))

    def offer(self, values: Iterable[str]) -> None:
        """Have these to choose from."""
        self._values = [*values]
        room = self._room + _ARROW * self._shell.scaling
        measure = font.nametofont(theme.LARGE, self).measure  # the list's font
        self.configure(values=[shortened(value, room, measure) for value in self._values])

    @property
    def _room(self) -> int:
        return int(self.cget("width")) * font.nametofont(theme.BODY, self).measure("0")

    def _take(self, changed: Callable[[], None]) -> None:
        if self.current() >= 0:
            self.choose(self._values[self.current()])
        changed()
