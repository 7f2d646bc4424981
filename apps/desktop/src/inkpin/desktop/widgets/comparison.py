"""A network before and after it was improved: how well each reads, and what each mistakes."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from inkpin.desktop.remark import Remark, nothing
from inkpin.desktop.samples.wording import percent, verdict, worth_using
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.confusion_matrix import ConfusionMatrix
from inkpin.model.adaptation.improved_model import BeforeAfter, ImprovedModel

_OWN, _OTHERS = "your samples held back", "other people's digits"

_NOTHING = "Before and after will be compared here."
_WIDE, _GAP = 580, 20  # pixels at a scaling of 1, so that both panels fit into 1024


class Comparison(ttk.Frame):
    """A verdict, a table, two confusion matrices, and what to do with the result.

    Args:
        parent: the widget around it.
        shell: the window.
        use: called when the result is to be used.
        keep: called when the old network is to stay.

    Attributes:
        result: what is shown.
    """

    def __init__(
        self, parent: tk.Misc, shell: Shell, use: Callable[[], None], keep: Callable[[], None]
    ) -> None:
        super().__init__(parent)
        self.result: ImprovedModel | None = None
        self._verdict = ttk.Label(self, wraplength=round(_WIDE * shell.scaling))
        self._verdict.pack(anchor="w")
        self._remark = Remark(lambda text: self._verdict.configure(text=text or _NOTHING))
        ttk.Frame(self, width=round(_WIDE * shell.scaling)).pack()  # as wide without a result
        self._found = found = ttk.Frame(self)
        self._table = ttk.Treeview(
            found, columns=("before", "after"), height=2, selectmode="none", takefocus=False
        )
        for column, text, width in (
            ("#0", "Read right of", 0.36),
            ("before", "Before", 0.32),
            ("after", "After", 0.32),
        ):
            self._table.column(column, width=round(width * _WIDE * shell.scaling), anchor="w")
            self._table.heading(column, text=text, anchor="w")
        self._table.pack(fill="x", pady=("9p", "6p"))
        row = ttk.Frame(found)
        row.pack(anchor="w", pady=(0, "7.5p"))
        self._use = ttk.Button(row, text="Use it  U", command=use, style="Accent.TButton")
        self._use.pack(side="left", padx=(0, "6p"))
        self._keep = ttk.Button(row, text="Keep the old one  K", command=keep)
        self._keep.pack(side="left")
        row = ttk.Frame(found)
        row.pack(anchor="w", pady=(0, "4.5p"))
        self._set = tk.StringVar(value=_OWN)
        for name in (_OWN, _OTHERS):
            choice = ttk.Radiobutton(
                row, text=name, value=name, variable=self._set, command=self._show_matrices
            )
            choice.pack(side="left", padx=(0, "6p"))
        self._for_others = choice
        matrices = ttk.Frame(found)
        matrices.pack(anchor="w")
        self._before = self._matrix(matrices, shell, 0, "Before: written down, read across")
        self._after = self._matrix(matrices, shell, 1, "After")
        self.show(None)

    @staticmethod
    def _matrix(parent: ttk.Frame, shell: Shell, column: int, text: str) -> ConfusionMatrix:
        title = ttk.Label(parent, text=text, style="Small.TLabel")
        title.grid(row=0, column=column, sticky="w")
        matrix = ConfusionMatrix(parent, shell, (_WIDE - _GAP) // 2)
        matrix.grid(row=1, column=column, padx=(0, 0 if column else "15p"), pady=("3p", 0))
        return matrix

    def show(
        self,
        result: ImprovedModel | None,
        without: str = "",
        about: Callable[[], object] = nothing,
    ) -> None:
        """Show a result; or none, and what to say then for as long as what it is about stays."""
        self.result = result
        self._remark.say(verdict(result) if result else without, about)
        if result is None:
            self._found.pack_forget()
            return
        better, others = worth_using(result), bool(result.reference.before.n)
        self._use.configure(style="Accent.TButton" if better else "TButton")
        self._keep.configure(style="TButton" if better else "Accent.TButton")
        self._for_others.configure(state="normal" if others else "disabled")
        if not others:
            self._set.set(_OWN)
        self._table.delete(*self._table.get_children())
        for name in (_OWN, _OTHERS)[: 1 + others]:
            change = self._change(result, name)
            values = (percent(change.before), percent(change.after))
            self._table.insert("", "end", text=name, values=values)
        self._show_matrices()
        self._found.pack(fill="x")

    def poll(self) -> None:
        """Take away what is not so any more."""
        self._remark.poll()

    @staticmethod
    def _change(result: ImprovedModel, name: str) -> BeforeAfter:
        return result.own if name == _OWN else result.reference

    def _show_matrices(self) -> None:
        assert self.result is not None
        change = self._change(self.result, self._set.get())
        self._before.show(self.result.labels, change.before.counts)
        self._after.show(self.result.labels, change.after.counts)
