"""The networks that are kept, in a table to compare them by, and what is done with one."""

import tkinter as tk
from collections.abc import Callable, Sequence
from datetime import datetime
from tkinter import ttk

from inkpin.desktop import theme
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.flow import Flow
from inkpin.model.adaptation.model_store import KeptNetwork, Score

_COLUMNS = (
    ("#0", "Network", 165),
    ("made", "Made", 90),
    ("writer", "Samples by", 75),
    ("samples", "Learned", 60),
    ("own", "Yours, held back", 115),
    ("others", "Other people's", 110),
)
_ROWS = 2, 5  # in sight at least, and at most


class NetworkTable(ttk.Frame):
    """A row for each network, those in the trash on demand, a field for a name, and buttons.

    Args:
        parent: the widget around it.
        shell: the window.
        listed: called when the others are to be listed, those in the trash or those out of it.
        choose: uses the network that is chosen; Return and a double click run it too.
        rename: takes another name for the network that is chosen.
        delete: moves it to the trash.
        restore: brings it back from there.
        buttons: further texts, and what they run.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        listed: Callable[[], None],
        choose: Callable[[], None],
        rename: Callable[[str], None],
        delete: Callable[[], None],
        restore: Callable[[], None],
        buttons: Sequence[tuple[str, Callable[[], None]]],
    ) -> None:
        super().__init__(parent)
        self._shell = shell
        self._networks: Sequence[KeptNetwork] = ()
        self._rename = rename
        ttk.Label(self, text="Networks", style="Subtitle.TLabel").pack(anchor="w")
        self._table = ttk.Treeview(
            self,
            columns=[name for name, _, _ in _COLUMNS[1:]],
            selectmode="browse",
            style="Networks.Treeview",
        )
        for name, text, width in _COLUMNS:
            self._table.column(name, width=round(width * shell.scaling), minwidth=1, anchor="w")
            self._table.heading(name, text=text, anchor="w")
        self._table.pack(fill="x", pady=(8, 4))
        self._table.bind("<<TreeviewSelect>>", lambda _: self._chosen())
        self._choose = choose
        for sequence in ("<Return>", "<KP_Enter>", "<Double-Button-1>"):
            self._table.bind(sequence, self._opened)
        self._below = ttk.Label(self, style="Small.TLabel", wraplength=round(600 * shell.scaling))
        self._row = row = Flow(self, round(8 * shell.scaling))
        row.pack(fill="x", pady=(4, 0))
        self._trash = tk.BooleanVar(self)
        self._name = ttk.Entry(row, width=18)
        self._name.bind("<Return>", lambda _: self._named())
        use, rename_it, gone, back = (
            ttk.Button(row, text=text, command=run)
            for text, run in (
                ("Use this one", choose),
                ("Rename  F2", self._named),
                ("Delete  Del", delete),
                ("Restore", restore),
            )
        )
        self._for_kept: tuple[ttk.Button, ...] = (use, rename_it, gone)
        self._for_deleted = back
        parts: list[tk.Widget] = [use, self._name, rename_it, gone, back]
        parts += [ttk.Button(row, text=text, command=run) for text, run in buttons]
        parts.append(ttk.Checkbutton(row, text="trash", variable=self._trash, command=listed))
        row.fill(parts)
        for event in ("<<ThemeChanged>>", "<Map>"):  # what is not seen hears of no theme
            self.bind(event, lambda _: self._apply_theme())
        self._apply_theme()

    @property
    def chosen(self) -> KeptNetwork | None:
        """The network whose row is chosen."""
        rows = self._table.selection()
        return self._networks[self._table.index(rows[0])] if rows else None

    @property
    def trash(self) -> bool:
        """Whether those in the trash are listed, instead of the others."""
        return self._trash.get()

    def show(self, networks: Sequence[KeptNetwork], active: KeptNetwork | None) -> None:
        """List networks; choose the one that was, else the one in use."""
        for part in self._for_kept:
            part.configure(state="disabled" if self.trash else "normal")
        self._for_deleted.configure(state="normal" if self.trash else "disabled")
        before = self.chosen or active
        self._networks = networks
        self._table.delete(*self._table.get_children())
        for network in networks:
            about = network.about
            name = f"{network.name}  (in use)" if network == active else network.name
            values = (
                _date(about.made),
                about.writer or ("everybody" if about.samples else ""),
                f"{about.samples:,}" if about.samples else "",
                _score(about.own),
                _score(about.others),
            )
            row = self._table.insert("", "end", text=name, values=values)
            if before and network.path == before.path:
                self._table.selection_set(row)
                self._table.focus(row)
        self._table.configure(height=min(max(len(networks), _ROWS[0]), _ROWS[1]))
        self._chosen()

    def say(self, text: str) -> None:
        """Say below the table what the scores are of."""
        self._below.configure(text=text)
        self._below.pack(anchor="w", pady=(0, 4), before=self._row)

    def edit_name(self) -> None:
        """Let the user type another name."""
        self._name.focus_set()
        self._name.selection_range(0, "end")

    def _chosen(self) -> None:
        self._name.configure(state="normal")  # else it takes no text
        self._name.delete(0, "end")
        if network := self.chosen:
            self._name.insert(0, network.name)
        if self.trash:
            self._name.configure(state="disabled")

    def _opened(self, _event: tk.Event) -> str:
        self._choose()
        return "break"

    def _named(self) -> None:
        self._rename(self._name.get())

    def _apply_theme(self) -> None:
        style, colours = ttk.Style(self), self._shell.colours
        high = round(theme.FINGER * self._shell.scaling)  # of a row, for fingers
        style.configure("Networks.Treeview", rowheight=high)
        style.map(
            "Networks.Treeview",
            background=[("selected", colours.selection)],
            foreground=[("selected", colours.text)],
        )


def _date(made: str) -> str:
    """Return a date in ISO 8601 as it is at the user's place; nothing for what is none."""
    try:
        return datetime.fromisoformat(made).astimezone().date().isoformat()
    except ValueError:
        return ""


def _score(score: Score | None) -> str:
    return f"{score.accuracy:.1%} of {score.n:,}".replace("%", " %") if score and score.n else ""
