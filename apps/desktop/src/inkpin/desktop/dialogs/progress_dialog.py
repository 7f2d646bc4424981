"""Work that nothing else may go on beside: a bar, and a button that stops it."""

from collections.abc import Callable
from tkinter import ttk
from typing import Generic, TypeVar

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.jobs import Job
from inkpin.desktop.shell import Shell

T = TypeVar("T")

_WHOLE = 100  # of the bar
_STEP_MS = 20  # of the bar, while nobody knows how far the work is


class ProgressDialog(Dialog, Generic[T]):
    """Starts the work and closes when it has ended; closing it before stops the work.

    The bar goes to and fro until the work says how far it is.

    Args:
        shell: the window.
        text: what is done.
        work: is given the job.
        done: takes what the work returned.
    """

    def __init__(
        self, shell: Shell, text: str, work: Callable[[Job], T], done: Callable[[T], None]
    ) -> None:
        super().__init__(shell, "Inkpin")
        self._done = done
        wide = round(360 * shell.scaling)
        ttk.Label(self.body, text=text, wraplength=wide).pack(anchor="w")
        self._bar = ttk.Progressbar(self.body, length=wide, maximum=_WHOLE, mode="indeterminate")
        self._bar.start(_STEP_MS)
        self._bar.pack(fill="x", pady=("9p", 0))
        self._count = ttk.Label(self.foot, style="Muted.TLabel")
        self._count.pack(side="left")
        self._stop = ttk.Button(self.foot, text="Stop  Esc", command=self.close)
        self._stop.pack(side="right")
        self.first = self._stop
        self._job = shell.jobs.start(work, self._ended, self._failed, self._progressed)
        self.open()

    def close(self) -> None:
        """Stop the work; the dialog goes when it has ended."""
        self._stop.configure(text="Stopping…", state="disabled")
        self._job.stop()

    def _progressed(self, done: int, total: int) -> None:
        if str(self._bar.cget("mode")) == "indeterminate":
            self._bar.stop()
            self._bar.configure(mode="determinate")
        self._bar.configure(value=_WHOLE * done / max(total, 1))
        self._count.configure(text=f"{done:,} of {total:,}")

    def _ended(self, result: T) -> None:
        super().close()
        self._done(result)

    def _failed(self, error: BaseException) -> None:
        super().close()
        self.shell.report_error(error)
