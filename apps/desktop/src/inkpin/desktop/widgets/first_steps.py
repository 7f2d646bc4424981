"""The first steps with the lock: a card that says each, and marks where it is done."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from tkinter import ttk

from inkpin.desktop.shell import Shell
from inkpin.screen import Button
from inkpin.screen.layout import AREA, BUTTONS, Box


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes:
        text: what.
        place: on the lock's screen, where it is done; None for elsewhere.
    """

    text: str
    place: Box | None


DRAW = Step("Draw a digit on the paper: with a finger, a pen or the mouse.", AREA)
ENTER = Step(
    "Press ENTER: the digit is read. Four digits or more are a PIN, which ENTER takes.",
    BUTTONS[Button.ENTER],
)
LOOK = Step(
    "Below stands what the lock says over its serial line. TRY reads all that you draw, and shows "
    "how sure the network is.",
    None,
)
_STEPS = (DRAW, ENTER, LOOK)


class FirstSteps(ttk.Frame):
    """Shows a step until it is done or put away, then the next; after the last it is gone for good.

    Args:
        parent: the widget around it.
        shell: the window, which remembers that they were seen.
        mark: marks a place on the lock's screen, or none.
        moved: called when it comes or goes.
    """

    def __init__(
        self,
        parent: ttk.Frame,
        shell: Shell,
        mark: Callable[[Box | None], None],
        moved: Callable[[], None],
    ) -> None:
        super().__init__(parent, padding="9p", style="Strip.TFrame")
        self._shell = shell
        self._mark = mark
        self._moved = moved
        self._step: Step | None = None
        wide = round(270 * shell.scaling)
        self._title = ttk.Label(self, style="StripStrong.TLabel")
        self._text = ttk.Label(self, style="Strip.TLabel", wraplength=wide)
        self._next = ttk.Button(self, style="Accent.TButton", command=self._go_on)
        self._skip = ttk.Button(self, text="Skip all", command=self._end)
        self._title.grid(row=0, columnspan=2, sticky="w")
        self._text.grid(row=1, columnspan=2, sticky="w", pady=("3p", "7.5p"))
        self._next.grid(row=2, column=0, sticky="w", padx=(0, "6p"))
        self._skip.grid(row=2, column=1, sticky="w")
        self.columnconfigure(1, weight=1)

    @property
    def active(self) -> bool:
        """Whether there is a step to show."""
        return self._step is not None

    def begin(self) -> None:
        """Start with the first step."""
        self._show(DRAW)

    def done(self, step: Step) -> None:
        """Go on, if this is the step that is shown."""
        if step is self._step:
            self._go_on()

    def _go_on(self) -> None:
        if self._step is not None:
            place = _STEPS.index(self._step) + 1
            if place < len(_STEPS):
                self._show(_STEPS[place])
            else:
                self._end()

    def _show(self, step: Step) -> None:
        self._step = step
        place = _STEPS.index(step) + 1
        self._title.configure(text=f"First steps, {place} of {len(_STEPS)}")
        self._text.configure(text=step.text)
        self._next.configure(text="Got it" if step is LOOK else "Next")
        self._mark(step.place)
        self._moved()

    def _end(self) -> None:
        self._step = None
        self._mark(None)
        self._shell.remember(replace(self._shell.settings, first_steps=False))
        self._moved()
