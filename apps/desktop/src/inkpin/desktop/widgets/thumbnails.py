"""The grid of thumbnails as a widget: scrolls, and says where it was clicked."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Protocol

from inkpin.desktop import theme
from inkpin.desktop.samples.thumbnail_grid import Cell, Grid, GridColours, render_grid, shares
from inkpin.desktop.shell import Shell
from inkpin.desktop.widgets.picture import Picture

_STILL = 6  # pixels, at a scaling of 1, that a click may move
_WORDS = 420  # pixels of a line of words, at a scaling of 1
_SHIFT_OR_CONTROL = 0x0001 | 0x0004  # of a Tk event's state


class Picked(Protocol):
    """Takes a click on a cell."""

    def __call__(self, place: int, *, extend: bool, toggle: bool) -> None:
        """Take its place, and whether Shift and Control were held."""


class Thumbnails(ttk.Frame):
    """Shows cells; draws anew, at most once for all that happened, when the rest is done.

    Args:
        parent: the widget around it.
        shell: the window, for its colours.
        cell: gives a cell by its place.
        picked: takes a click.
        opened: takes the place of a double click.
        banding: called where a rubber band may begin, before the click there counts.
        banded: takes the places within a rubber band, and whether Shift or Control was held.
        asked: takes the point on the screen where a menu is asked for, after a click there.
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        cell: Callable[[int], Cell],
        picked: Picked,
        opened: Callable[[int], None],
        banding: Callable[[], None],
        banded: Callable[[list[int], bool], None],
        asked: Callable[[int, int], None],
    ) -> None:
        super().__init__(parent)
        self._shell = shell
        self._cell = cell
        self._grid = Grid(0, 1, 1, 2)
        self._due = ""
        self._banding, self._banded = banding, banded
        self._asked = asked
        self._picked = picked
        self._begun: tuple[int, int] | None = None  # of a rubber band, in pixels of the grid
        self.canvas = tk.Canvas(
            self,
            width=round(660 * shell.scaling),
            height=round(480 * shell.scaling),
            borderwidth=0,
            highlightthickness=2,
            takefocus=True,
        )
        self._picture = Picture(self.canvas, 2, 2)
        self._words = self.canvas.create_text(0, 0, font=theme.BODY, justify="center")
        side = ttk.Frame(self)
        self._bar = ttk.Scrollbar(side, command=self._scroll)
        # A finger's pull is a rubber band here, and the bar too narrow for one.
        up, down = (
            ttk.Button(
                side, text=text, width=3, takefocus=False, command=partial(self._scroll, *page)
            )
            for text, page in (("▲", ("scroll", "-1", "pages")), ("▼", ("scroll", "1", "pages")))
        )
        up.pack()
        down.pack(side="bottom")
        self._bar.pack(fill="y", expand=True)
        side.pack(side="right", fill="y", padx=("3p", 0))
        self.canvas.pack(side="left", fill="both", expand=True)
        self.canvas.bind("<Configure>", lambda _: self.show(self._grid.count))
        self.bind("<<ThemeChanged>>", lambda _: self.show(self._grid.count))
        for sequence, shift, control in (
            ("<Button-1>", False, False),
            ("<Shift-Button-1>", True, False),
            ("<Control-Button-1>", False, True),
        ):
            pick = partial(picked, extend=shift, toggle=control)
            self.canvas.bind(sequence, partial(self._click, pick))
        self.canvas.bind("<Double-Button-1>", partial(self._click, opened))
        self.canvas.bind("<B1-Motion>", self._pull_band)
        self.canvas.bind("<ButtonRelease-1>", lambda _: self._end_band())
        self._band = self.canvas.create_rectangle(0, 0, 0, 0, state="hidden", dash=(4, 3), width=2)
        menu_button = (
            "<Button-2>" if self.tk.call("tk", "windowingsystem") == "aqua" else "<Button-3>"
        )
        self.canvas.bind(menu_button, self._ask)
        for key in ("<Menu>", "<Shift-F10>"):
            self.canvas.bind(key, self._ask_by_key)
        self.canvas.bind("<Button-4>", lambda _: self._wheel(-1))
        self.canvas.bind("<Button-5>", lambda _: self._wheel(1))
        self.canvas.bind("<MouseWheel>", lambda event: self._wheel(-event.delta / 120))

    @property
    def grid_shown(self) -> Grid:
        """The geometry, for moves by rows and pages."""
        return self._grid

    def show(self, count: int) -> None:
        """Show so many cells, from where the window is."""
        width = max(self.canvas.winfo_width() - 4, 1)
        height = max(self.canvas.winfo_height() - 4, 1)
        zoom = max(round(2 * self._shell.scaling), 1)
        self._turn(Grid(count, width, height, zoom, self._grid.top).at(self._grid.top))

    def say(self, text: str) -> None:
        """Show words in the middle, in place of cells."""
        self.canvas.itemconfigure(self._words, text=text)

    def reveal(self, place: int) -> None:
        """Scroll until a cell is seen, and draw."""
        if place >= 0:
            self._turn(self._grid.showing(place))

    def _turn(self, grid: Grid) -> None:
        self._grid = grid
        self._bar.set(*shares(grid))
        if not self._due:
            self._due = self.after_idle(self._draw)

    def _draw(self) -> None:
        self._due = ""
        colours = self._shell.colours
        shades = GridColours(
            background=colours.background,
            card=colours.card,
            ink=colours.text,
            selection=colours.selection,
            edge=colours.accent,
            text=colours.text,
            alert=colours.bad,
        )
        wide, high = self.canvas.winfo_width(), self.canvas.winfo_height()
        self.canvas.coords(self._words, wide / 2, high / 2)
        self.canvas.itemconfigure(
            self._words,
            fill=colours.text,
            width=max(min(wide - 40, _WORDS * self._shell.scaling), 1),
        )
        image = render_grid(self._grid, self._cell, shades)
        self.canvas.configure(
            background=colours.background,
            highlightbackground=colours.background,
            highlightcolor=colours.accent,
        )
        self._picture.show(image)

    def _click(self, run: Callable[[int], None], event: tk.Event) -> None:
        self.canvas.focus_set()
        self._begin_band(event)
        place = self._grid.hit(event.x - 2, event.y - 2)
        if place is not None:
            run(place)

    def _begin_band(self, event: tk.Event) -> None:
        self._begun = event.x, event.y + self._grid.top
        self._banding()

    def _pull_band(self, event: tk.Event) -> None:
        """Follow the pointer, beyond the edge too, with all that lies between."""
        if self._begun is None:
            return
        (x, y), end = self._begun, (event.x, event.y + self._grid.top)
        if abs(end[0] - x) + abs(end[1] - y) < _STILL * self._shell.scaling:
            return
        if event.y < 0 or event.y > self.canvas.winfo_height():
            self._wheel(-0.2 if event.y < 0 else 0.2)
        top = self._grid.top
        self.canvas.coords(self._band, x, y - top, end[0], end[1] - top)
        self.canvas.itemconfigure(self._band, state="normal", outline=self._shell.colours.accent)
        add = bool(int(event.state) & _SHIFT_OR_CONTROL)
        self._banded(self._grid.within((x - 2, y - 2), (end[0] - 2, end[1] - 2)), add)

    def _end_band(self) -> None:
        self._begun = None
        self.canvas.itemconfigure(self._band, state="hidden")

    def _ask(self, event: tk.Event) -> None:
        """Ask for a menu of what is chosen, or of what was clicked on where that is not."""
        self.canvas.focus_set()
        place = self._grid.hit(event.x - 2, event.y - 2)
        if place is not None:
            if not self._cell(place).selected:
                self._picked(place, extend=False, toggle=False)
            self._asked(event.x_root, event.y_root)

    def _ask_by_key(self, _event: tk.Event) -> str:
        place = next((p for p in self._grid.visible if self._cell(p).current), None)
        if place is not None:
            x, y = self._grid.corner(place)
            side = self._grid.pitch // 2
            canvas = self.canvas
            self._asked(canvas.winfo_rootx() + x + side, canvas.winfo_rooty() + y + side)
        return "break"

    def _wheel(self, notches: float) -> None:
        self._turn(self._grid.at(round(self._grid.top + notches * self._grid.row_height)))

    def _scroll(self, kind: str, amount: str, unit: str = "") -> None:
        """Follow the scroll bar: to a share, or by units or pages."""
        if kind == "moveto":
            top = float(amount) * self._grid.full_height
        else:
            step = self._grid.row_height if unit == "units" else self._grid.height
            top = self._grid.top + int(amount) * step
        self._turn(self._grid.at(round(top)))
