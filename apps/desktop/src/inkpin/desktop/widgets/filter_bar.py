"""Which samples are to be shown: a row of lists to choose from."""

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from tkinter import ttk

from inkpin.desktop.samples.review_list import Filter, Order
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.choice import Choice
from inkpin.desktop.widgets.flow import Flow

NOBODY = "(no name)"
_WIDTHS = {"Label": 8, "Writer": 10, "Session": 16, "Order": 9}

Names = Callable[[str | None], Mapping[str, Sequence[str]]]


class FilterBar(Flow):
    """Chooses by label, writer, session, and by what the network makes of samples.

    Args:
        parent: the widget around it.
        shell: the window.
        names: gives what there is to choose from, by the names of the lists, the sessions of one
            writer or of all; asked when a list is opened.
        changed: called after another choice.
        ask: told whether the network as it came is to be asked, instead of the one in use.
        buttons: texts, and what they run, to stand at the end.
        trained: whether there is a network: what asks for its readings is shown.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        names: Names,
        changed: Callable[[], None],
        ask: Callable[[bool], None],
        buttons: Sequence[tuple[str, Callable[[], None]]],
        *,
        trained: bool,
    ) -> None:
        super().__init__(parent, round(10 * shell.scaling))
        parts: list[tk.Widget] = []
        self._names = names
        self._boxes: dict[str, Choice] = {}
        for name, width in _WIDTHS.items():
            self._boxes[name] = Choice(self, shell, width, changed, self._fill)
            self._boxes[name].choose(_all(name))
            if trained or name != "Order":
                parts.append(self._boxes[name])
        self._boxes["Order"].choose(Order.LABEL.value)
        self._disagreeing = tk.BooleanVar()
        self._trash = tk.BooleanVar()
        self._asks_base = tk.BooleanVar()
        readings = (
            ("network disagrees", self._disagreeing, changed),
            ("ask it as it came", self._asks_base, lambda: ask(self._asks_base.get())),
        )
        parts += [
            ttk.Checkbutton(self, text=text, variable=variable, command=run)
            for text, variable, run in (
                *(readings if trained else ()),
                ("trash", self._trash, changed),
            )
        ]
        parts += [ttk.Button(self, text=text, command=run) for text, run in buttons]
        self.fill(parts)

    def show_disagreements(self, writer: str | None) -> None:
        """Choose the samples of a writer, or of all, that the network does not read as labelled."""
        for name in ("Label", "Writer", "Session"):
            by = writer if name == "Writer" else None
            self._boxes[name].choose(_all(name) if by is None else by or NOBODY)
        self._disagreeing.set(True)
        self._trash.set(False)

    def show_asked(self, *, base: bool) -> None:
        """Show which network is asked."""
        self._asks_base.set(base)

    @property
    def filter(self) -> Filter:
        """What is chosen."""
        return Filter(
            label=self._chosen("Label"),
            writer=self._chosen("Writer"),
            session=self._chosen("Session"),
            disagreeing=self._disagreeing.get(),
            trash=self._trash.get(),
            order=Order(self._boxes["Order"].chosen),
        )

    def _chosen(self, name: str) -> str | None:
        value = self._boxes[name].chosen
        return None if value == _all(name) else "" if value == NOBODY else value

    def _fill(self) -> None:
        for name, values in self._names(self._chosen("Writer")).items():
            self._boxes[name].offer([_all(name), *(value or NOBODY for value in values)])
        self._boxes["Order"].offer([order.value for order in Order])


def _all(name: str) -> str:
    return f"all {name.lower()}s"
