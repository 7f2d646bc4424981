"""The networks that are kept, in a table to compare them by, and what is done with one."""

import tkinter as tk
from collections.abc import Callable, Sequence
from datetime import datetime
from tkinter import font, ttk

from inkpin.desktop import theme
from inkpin.desktop.percent import PERCENT
from inkpin.desktop.remark import Remark
from inkpin.desktop.samples.wording import shortened
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.flow import Flow
from inkpin.model.adaptation.model_store import KeptNetwork, Score

_COLUMNS = (
    ("#0", "Network", 190),
    ("made", "Made", 90),
    ("writer", "Samples by", 90),
    ("samples", "Learned", 60),
    ("own", "Yours, held back", 115),
    ("others", "Other people's", 110),
)
_IN_USE = "  (in use)"
_BESIDE = 8, 28  # pixels of a cell beside its text, and of one in the first column
_ROWS = 2  # in sight at least


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
        self._active: KeptNetwork | None = None
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
        self._table.pack(fill="x", pady=("6p", "3p"))
        self._table.bind("<<TreeviewSelect>>", lambda _: self._chosen())
        # The columns have their new widths after that.
        self._table.bind("<Configure>", lambda _: self.after_idle(self._fill))
        self._choose = choose
        for sequence in ("<Return>", "<KP_Enter>", "<Double-Button-1>"):
            self._table.bind(sequence, self._opened)
        self._remark = Remark(self._show_below)
        self._below = ttk.Label(self, style="Small.TLabel", wraplength=round(600 * shell.scaling))
        self._row = row = Flow(self, round(8 * shell.scaling))
        row.pack(fill="x", pady=("3p", 0))
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
        """List networks; choose the one that was, else, or if it has just changed, that in use."""
        for part in self._for_kept:
            part.configure(state="disabled" if self.trash else "normal")
        self._for_deleted.configure(state="normal" if self.trash else "disabled")
        another = active and self._active and active.path != self._active.path
        before = active if another else self.chosen or active
        self._networks, self._active = networks, active
        self._table.delete(*self._table.get_children())
        for network in networks:
            row = self._table.insert("", "end")
            if before and network.path == before.path:
                self._table.selection_set(row)
                self._table.focus(row)
        self._fill()
        self._table.configure(height=max(len(networks), _ROWS))
        self._chosen()

    def _fill(self) -> None:
        """Write into the rows what their columns have room for."""
        for row, network in zip(self._table.get_children(), self._networks, strict=True):
            about = network.about
            used = _IN_USE if network == self._active else ""
            values = (
                _date(about.made),
                self._cut("writer", about.writer or ("everybody" if about.samples else "")),
                f"{about.samples:,}" if about.samples else "",
                _score(about.own),
                _score(about.others),
            )
            self._table.item(row, text=self._cut("#0", network.name, used), values=values)

    def _cut(self, column: str, text: str, end: str = "") -> str:
        """Return a text with an ellipsis for what its column has no room for, and what follows."""
        measure = font.nametofont(theme.BODY, self).measure
        beside = _BESIDE[column == "#0"] * self._shell.scaling
        room = self._table.column(column, "width") - beside - measure(end)
        return shortened(text, room, measure) + end

    def say(self, text: str) -> None:
        """Say below the table what its scores are of, until they are others."""
        self._remark.say(
            text, lambda: [(n.path, n.about.own, n.about.others) for n in self._networks]
        )

    def poll(self) -> None:
        """Take away what is not so any more."""
        self._remark.poll()

    @property
    def standing(self) -> object:
        """What is listed, and what is chosen of that."""
        return self._networks, self._active, self._table.selection()

    @property
    def active(self) -> KeptNetwork | None:
        """The network in use, as it is shown."""
        return self._active

    def _show_below(self, text: str) -> None:
        self._below.configure(text=text)
        if text:
            self._below.pack(anchor="w", pady=(0, "3p"), before=self._row)
        else:
            self._below.pack_forget()

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
    return f"{score.accuracy:.1%} of {score.n:,}".replace("%", PERCENT) if score and score.n else ""
