"""The grid of thumbnails as a widget: scrolls, and says where it was clicked."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Protocol

from inkpin.desktop.samples.thumbnail_grid import Cell, Grid, GridColours, render_grid, shares
from inkpin.desktop.shell import Shell


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
    """

    def __init__(
        self,
        parent: tk.Misc,
        shell: Shell,
        cell: Callable[[int], Cell],
        picked: Picked,
        opened: Callable[[int], None],
    ) -> None:
        super().__init__(parent)
        self._shell = shell
        self._cell = cell
        self._grid = Grid(0, 1, 1, 2)
        self._due = ""
        self.canvas = tk.Canvas(
            self,
            width=round(660 * shell.scaling),
            height=round(480 * shell.scaling),
            borderwidth=0,
            highlightthickness=2,
            takefocus=True,
        )
        self._image = tk.PhotoImage(master=self)
        self.canvas.create_image(2, 2, image=self._image, anchor="nw")
        self._bar = ttk.Scrollbar(self, command=self._scroll)
        self._bar.pack(side="right", fill="y")
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
            text=colours.text,
            alert=colours.bad,
        )
        image = render_grid(self._grid, self._cell, shades)
        self.canvas.configure(
            background=colours.background,
            highlightbackground=colours.background,
            highlightcolor=colours.accent,
        )
        self._image.configure(width=image.width, height=image.height)
        ppm = b"P6 %d %d 255\n" % image.size + image.tobytes()
        self.tk.call(self._image, "put", ppm, "-format", "ppm", "-to", 0, 0)

    def _click(self, run: Callable[[int], None], event: tk.Event) -> None:
        self.canvas.focus_set()
        place = self._grid.hit(event.x - 2, event.y - 2)
        if place is not None:
            run(place)

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
