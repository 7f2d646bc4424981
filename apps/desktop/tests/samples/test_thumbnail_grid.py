import numpy as np
import pytest
from PIL import ImageColor

from inkpin.desktop.samples.thumbnail_grid import (
    Cell,
    Grid,
    GridColours,
    cut_to,
    render_grid,
    shares,
)
from inkpin.screen.fonts import font_for

COLOURS = GridColours("#ffffff", "#eeeeee", "#000000", "#0000ff", "#00ffff", "#111111", "#ff0000")


def test_only_visible_cells_are_made():
    grid = Grid(50_000, 700, 500, 2).at(1_000_000)
    made = []

    def cell(place):
        made.append(place)
        return Cell(np.zeros((28, 28), bool), "7")

    image = render_grid(grid, cell, COLOURS)
    assert image.size == (700, 500)
    assert made == list(grid.visible)
    assert len(made) <= (500 // grid.row_height + 2) * grid.columns
    assert made[-1] == 49_999


@pytest.mark.parametrize("top", [0, 1, 79, 80, 4321])
def test_a_click_hits_the_cell_that_is_drawn_there(top):
    grid = Grid(1000, 700, 500, 2).at(top)
    for place in grid.visible:
        x, y = grid.corner(place)
        assert grid.hit(x, y) == place
        assert grid.hit(x + grid.pitch - 1, y + grid.row_height - 1) == place


def test_a_click_beside_the_cells_hits_none():
    grid = Grid(3, 700, 500, 2)
    assert grid.hit(grid.columns * grid.pitch + 1, 5) is None
    assert grid.hit(3 * grid.pitch + 1, 5) is None
    assert grid.hit(5, 400) is None


def test_scrolling_ends_at_both_ends():
    grid = Grid(1000, 700, 500, 2)
    assert grid.at(-5).top == 0
    assert grid.at(10**9).top == grid.full_height - 500
    assert Grid(3, 700, 500, 2).at(100).top == 0


@pytest.mark.parametrize("place", [0, 333, 999])
def test_showing_a_cell_moves_no_more_than_it_must(place):
    grid = Grid(1000, 700, 500, 2).showing(place)
    _, y = grid.corner(place)
    assert 0 <= y <= 500 - grid.row_height
    assert grid.showing(place) == grid


def test_the_smallest_window_and_no_cells():
    for count in (0, 1, 5):
        grid = Grid(count, 1, 1, 1)
        assert grid.columns == 1
        assert len(grid.visible) == min(count, 1)
        render_grid(grid, lambda _: Cell(np.ones((28, 28), bool), ""), COLOURS)
        assert shares(grid)[0] == 0


def test_bits_are_drawn_as_squares_and_marks_around_them():
    bitmap = np.zeros((28, 28), bool)
    bitmap[3, 4] = True
    grid = Grid(1, 100, 100, 3)
    image = render_grid(grid, lambda _: Cell(bitmap, "", selected=True, current=True), COLOURS)
    x, y = grid.margin + 4 * 3, grid.margin + 3 * 3
    ink = ImageColor.getrgb(COLOURS.ink)
    assert image.getpixel((x, y)) == image.getpixel((x + 2, y + 2)) == ink
    assert image.getpixel((x + 3, y)) == ImageColor.getrgb(COLOURS.card)
    assert image.getpixel((grid.margin // 2 + 2, 50)) == ImageColor.getrgb(COLOURS.selection)
    assert image.getpixel((0, 50)) == ImageColor.getrgb(COLOURS.text)


def test_a_long_label_is_cut_and_any_letter_shown():
    assert cut_to("7", 60, 12) == "7"
    cut = cut_to("a very long label that nobody can read", 60, 12)
    assert cut.startswith("a v")
    assert cut.endswith("…")
    assert font_for(cut, 12).getlength(cut) <= 60
    blank = np.zeros((28, 28), bool)
    shown = {
        render_grid(Grid(1, 100, 100, 2), lambda _, text=text: Cell(blank, text), COLOURS).tobytes()
        for text in ("\u25b3", "\u2192", "\u03b1", "\U0010ffff")
    }
    assert len(shown) == 4
