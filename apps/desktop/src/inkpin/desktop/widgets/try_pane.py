"""What *try it* lets one see beside the lock: probabilities, confidence, and the C's answer."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from inkpin.desktop.lock.parity_check import DevicePrediction, ParityResult
from inkpin.desktop.lock.session import TryResult
from inkpin.desktop.percent import PERCENT
from inkpin.desktop.samples.wording import reason
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.label_bars import LabelBars

_WIDTH = 270  # pixels, at a scaling of 1
_EMPTY = "In try it (TRY, T), what the network sees appears here, and follows the pen."


class TryPane(ttk.Frame):
    """Shows a result of *try it*, and nothing at any other time.

    Args:
        parent: the widget around it.
        shell: the window.
        teach: opens the drawing step by step.
    """

    def __init__(self, parent: tk.Misc, shell: Shell, teach: Callable[[], None]) -> None:
        super().__init__(parent)
        self._shell = shell
        ttk.Label(self, text="Try it", style="Strong.TLabel").grid(sticky="w")
        self._answer = ttk.Label(self, text=_EMPTY)
        self._answer.grid(sticky="w", pady=("1.5p", "4.5p"))
        self._bars = LabelBars(self, shell)
        self._bars.grid(sticky="ew")
        table = ttk.Frame(self)
        table.grid(sticky="ew", pady=("4.5p", 0))
        table.columnconfigure(1, weight=1)
        self._engines = [self._engine(table, *row) for row in enumerate(("onnxruntime", "The C"))]
        self._verdict = ttk.Label(self, style="Small.TLabel")
        self._verdict.grid(sticky="w", pady=("1.5p", "4.5p"))
        self._teach = ttk.Button(self, text="Step by step…  S", command=teach, state="disabled")
        self._teach.grid(sticky="w")
        self.columnconfigure(0, weight=1)
        self.set_width()

    def set_width(self, pixels: int | None = None) -> None:
        """Take so much of the window's width, or what is usual."""
        wide = pixels or round(_WIDTH * self._shell.scaling)
        self._bars.configure(width=wide)
        for label in (self._answer, self._verdict):
            label.configure(wraplength=wide)

    @staticmethod
    def _engine(table: ttk.Frame, row: int, name: str) -> ttk.Label:
        ttk.Label(table, text=name, style="Muted.TLabel").grid(row=row, column=0, sticky="w")
        answer = ttk.Label(table, style="Strong.TLabel")
        answer.grid(row=row, column=1, sticky="w", padx=("9p", 0))
        return answer

    def show(self, tried: TryResult | None) -> None:
        """Show a result, or nothing any more."""
        for label in (*self._engines, self._verdict):
            label.configure(text="")
        self._teach.configure(state="normal" if tried else "disabled")
        if tried is None:
            self._answer.configure(text=_EMPTY)
            self._bars.show((), (), ())
            return
        self._answer.configure(text=_sentence(tried))
        self._bars.show(tried.labels, tried.probabilities, tried.prediction.logits)
        if tried.live:
            return
        self._engines[0].configure(text=_short(tried.prediction))
        self._engines[1].configure(text="…")
        self._verdict.configure(text="Asking the device's C…", style="Small.TLabel")

    def show_parity(self, result: ParityResult) -> None:
        """Show how the C compares in what is shown."""
        answer = _short(result.prediction) if result.prediction else "not asked"
        self._engines[1].configure(text=answer)
        style = "Small.TLabel" if result.agrees else "Bad.TLabel"
        self._verdict.configure(text=result.text, style=style)


def _short(prediction: DevicePrediction) -> str:
    return f"{prediction.label or '?'}   {prediction.confidence}{PERCENT}"


def _sentence(tried: TryResult) -> str:
    if tried.refusal:
        return f"Not read: {reason(tried.refusal, tried.labels)}."
    prediction = tried.prediction
    if tried.live:
        return f"So far a {prediction.label} ({prediction.confidence}{PERCENT})."
    return f"Read as {prediction.label} ({prediction.confidence}{PERCENT})."
