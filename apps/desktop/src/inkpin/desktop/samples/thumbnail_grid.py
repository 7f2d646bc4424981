"""A grid of thumbnails, of which only the visible ones are ever made: geometry and picture."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from inkpin.common.arrays import Bitmap
from inkpin.desktop.samples.wording import shortened
from inkpin.preprocess import SIDE
from inkpin.screen.fonts import font_for

MARGIN = 5  # pixels of a cell around the thumbnail, times the zoom over two


@dataclass(frozen=True)
class Grid:
    """Equal cells in rows, a window of pixels over them.

    Attributes:
        count: cells.
        width: of the window, in pixels.
        height: of the window, in pixels.
        zoom: pixels of a bit of a thumbnail.
        top: pixels of the grid above the window.
    """

    count: int
    width: int
    height: int
    zoom: int
    top: int = 0

    @property
    def margin(self) -> int:
        """Pixels around a thumbnail."""
        return MARGIN * self.zoom // 2

    @property
    def pitch(self) -> int:
        """Side of a cell; thumbnail, margin, and a line of text below."""
        return SIDE * self.zoom + 2 * self.margin

    @property
    def row_height(self) -> int:
        """Height of a cell."""
        return self.pitch + 7 * self.zoom

    @property
    def columns(self) -> int:
        """Cells of a row."""
        return max(self.width // self.pitch, 1)

    @property
    def full_height(self) -> int:
        """Height of all rows."""
        return -(-self.count // self.columns) * self.row_height

    @property
    def page(self) -> int:
        """Cells of the rows that fit whole."""
        return max(self.height // self.row_height, 1) * self.columns

    def at(self, top: int) -> "Grid":
        """Return the grid scrolled to `top`, or as near as it goes."""
        limit = max(self.full_height - self.height, 0)
        return Grid(self.count, self.width, self.height, self.zoom, min(max(top, 0), limit))

    def showing(self, place: int) -> "Grid":
        """Return the grid scrolled as little as it takes to show a cell whole."""
        y = place // self.columns * self.row_height
        return self.at(min(max(self.top, y + self.row_height - self.height), y))

    @property
    def visible(self) -> range:
        """The places of the cells in the window."""
        first = self.top // self.row_height * self.columns
        rows = -(-(self.top % self.row_height + self.height) // self.row_height)
        return range(first, min(first + rows * self.columns, self.count))

    def corner(self, place: int) -> tuple[int, int]:
        """Return where in the window a cell begins."""
        row, column = divmod(place, self.columns)
        return column * self.pitch, row * self.row_height - self.top

    def within(self, start: tuple[int, int], end: tuple[int, int]) -> list[int]:
        """Return the places of the cells that a box of the grid touches, by two of its corners."""
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(start, end, strict=True))
        last = min(right // self.pitch, self.columns - 1)
        return [
            place
            for row in range(max(top, 0) // self.row_height, bottom // self.row_height + 1)
            for place in range(
                row * self.columns + max(left, 0) // self.pitch, row * self.columns + last + 1
            )
            if place < self.count
        ]

    def hit(self, x: int, y: int) -> int | None:
        """Return the place of the cell at a pixel of the window."""
        column = x // self.pitch
        place = (y + self.top) // self.row_height * self.columns + column
        return place if 0 <= column < self.columns and 0 <= place < self.count else None


@dataclass(frozen=True)
class Cell:
    """What a cell shows.

    Attributes:
        bitmap: of the thumbnail.
        text: below it.
        alert: whether the text is to be seen from afar.
        selected: whether the cell is marked.
        current: whether it has a frame.
    """

    bitmap: Bitmap
    text: str
    alert: bool = False
    selected: bool = False
    current: bool = False


@dataclass(frozen=True)
class GridColours:
    """The colours of a picture, as #rrggbb."""

    background: str
    card: str
    ink: str
    selection: str
    edge: str
    text: str
    alert: str


def render_grid(grid: Grid, cell: Callable[[int], Cell], colours: GridColours) -> Image.Image:
    """Return the window, RGB.

    Args:
        grid: what is visible.
        cell: gives a cell by its place; called for visible ones alone.
        colours: of the parts.
    """
    rgb = {name: ImageColor.getrgb(colour) for name, colour in vars(colours).items()}
    image = Image.new("RGB", (grid.width, grid.height), rgb["background"])
    canvas = ImageDraw.Draw(image)
    side, margin = SIDE * grid.zoom, grid.margin
    for place in grid.visible:
        x, y = grid.corner(place)
        shown = cell(place)
        if shown.selected:
            box = (x + 1, y + 1, x + grid.pitch - 2, y + grid.row_height - 2)
            canvas.rounded_rectangle(box, margin, rgb["selection"], rgb["edge"])
        edge = (x + margin - 1, y + margin - 1, x + margin + side, y + margin + side)
        canvas.rectangle(edge, rgb["card"])
        image.paste(rgb["ink"], (x + margin, y + margin), _mask(shown.bitmap, grid.zoom))
        if shown.current:
            box = (x, y, x + grid.pitch - 1, y + grid.row_height - 1)
            canvas.rounded_rectangle(box, margin, outline=rgb["text"], width=max(grid.zoom, 2))
        colour = rgb["alert"] if shown.alert else rgb["text"]
        middle = (x + grid.pitch // 2, y + grid.pitch + 2 * grid.zoom)
        text = cut_to(shown.text, grid.pitch - 2, 6 * grid.zoom)
        canvas.text(middle, text, colour, font_for(text, 6 * grid.zoom), "mm")
    return image


@lru_cache(4096)
def cut_to(text: str, width: int, size: float) -> str:
    """Return a text that fits into so many pixels, with an ellipsis for what does not."""
    return shortened(text, width, lambda part: font_for(part, size).getlength(part))


def _mask(bitmap: Bitmap, zoom: int) -> Image.Image:
    large = bitmap.repeat(zoom, axis=0).repeat(zoom, axis=1)
    return Image.fromarray(large.astype(np.uint8) * 255, "L")


def shares(grid: Grid) -> tuple[float, float]:
    """Return where the window begins and ends, as shares of the grid: what a scroll bar wants."""
    full = max(grid.full_height, 1)
    return grid.top / full, min((grid.top + grid.height) / full, 1)
