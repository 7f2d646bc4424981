"""Draw commands to one image of any size: the desktop's only renderer.

Shapes, ink and letters are drawn at the size that they are to have, so that none of them is
blurred or blocky; shapes and ink are smoothed by painting them larger first.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import ceil, floor
from typing import Any

from PIL import Image, ImageColor, ImageDraw

from inkpin.screen.draw import Anchor, Bitmap, Draw, Ink, Rect, Text, Triangle
from inkpin.screen.fonts import font_for
from inkpin.screen.layout import AREA, FONTS, HEIGHT, NUMBERS, PALETTE, WIDTH, Box

_FINE = 4  # sub-pixels a pixel of the screen, each way, and at least two a pixel of the image
_PEN_UP = (255, 255)
_RGB = {name: ImageColor.getrgb(colour) for name, colour in PALETTE.items()}
_ANCHORS = {Anchor.CENTRE: "mm", Anchor.LEFT: "lm"}


def render(draws: Iterable[Draw], scale: float = 1, part: Box | None = None) -> Image.Image:
    """Return the screen as an RGB image.

    Args:
        draws: the commands, in order.
        scale: pixels of the image a pixel of the screen.
        part: pixels of the image to return alone, which are those of the whole; None for all.
    """
    painter = _Painter(scale, part or Box(0, 0, *image_size(scale)))
    for draw in draws:
        painter.paint(draw)
    return painter.image


def image_size(scale: float, width: int = WIDTH, height: int = HEIGHT) -> tuple[int, int]:
    """Return the size of the image at a scale, of the screen or so many of its pixels."""
    return max(round(width * scale), 1), max(round(height * scale), 1)


def bounds(draw: Draw, scale: float = 1) -> Box:
    """Return pixels of the image outside of which a command paints nothing."""
    match draw:
        case Rect(x, y, w, h):
            return _scaled(scale, x, y, x + w, y + h)
        case Bitmap(x, y, rows):
            return _scaled(scale, x, y, x + len(rows), y + len(rows))
        case Triangle(x0, y0, x1, y1, x2, y2):
            xs, ys = (x0, x1, x2), (y0, y1, y2)
            return _scaled(scale, min(xs), min(ys), max(xs), max(ys))
        case Ink(points):
            return ink_bounds(points, scale)
        case Text(x, y, anchor, font, _, string):
            left, top = round(x * scale), round(y * scale)
            face = font_for(string, FONTS[font] * scale)
            edges = face.getbbox(string, anchor=_ANCHORS[anchor])
            return _around(
                left + edges[0], top + edges[1], left + edges[2], top + edges[3], spare=1
            )


def ink_bounds(points: Iterable[tuple[int, int]], scale: float = 1) -> Box:
    """Return pixels of the image outside of which these points leave no ink."""
    down = [point for point in points if point != _PEN_UP]
    if not down:
        return Box(0, 0, 0, 0)
    reach = NUMBERS["ink_width"] / 2 + 1  # with a pixel to spare for smoothing
    left, top = (max(min(axis) - reach, 0) for axis in zip(*down, strict=True))
    right, bottom = (max(axis) + 1 + reach for axis in zip(*down, strict=True))
    return _scaled(scale, left, top, min(right, AREA.w), min(bottom, AREA.h))


def text_width(string: str, font: str) -> int:
    """Return the width of a text in pixels of the screen, rounded up."""
    return -int(-font_for(string, FONTS[font]).getlength(string) // 1)


def _scaled(scale: float, left: float, top: float, right: float, bottom: float) -> Box:
    """Return edges on the screen as whole pixels of the image."""
    return _around(left * scale, top * scale, right * scale, bottom * scale)


def _around(left: float, top: float, right: float, bottom: float, spare: int = 0) -> Box:
    """Return edges as a box of whole pixels, with some to spare for smoothing."""
    x, y = floor(left) - spare, floor(top) - spare
    return Box(x, y, ceil(right) + spare - x, ceil(bottom) + spare - y)


class _Painter:
    """Paints a part of the image.

    Args:
        scale: as for `render`.
        part: likewise.
    """

    def __init__(self, scale: float, part: Box) -> None:
        self.image = Image.new("RGB", part[2:])
        self._canvas = ImageDraw.Draw(self.image)
        self._scale = scale
        self._part = part
        self._fine = max(2, ceil(_FINE / scale))

    def paint(self, draw: Draw) -> None:
        """Paint one command."""
        colour = _RGB[draw.colour]
        match draw:
            case Rect(x, y, w, h, 0):
                left, top = self._at(x, y)
                right, bottom = self._at(x + w, y + h)
                edges = (left, top, max(right - 1, left), max(bottom - 1, top))
                self._canvas.rectangle(edges, fill=colour)
            case Rect(x, y, w, h, radius):
                left, top, right, bottom = map(self._sub, (x, y, x + w, y + h))
                shape = (right - left, bottom - top, self._sub(radius))
                self._stamp(colour, left, top, _round_rect, shape)
            case Triangle(x0, y0, x1, y1, x2, y2):
                xs, ys = [*map(self._sub, (x0, x1, x2))], [*map(self._sub, (y0, y1, y2))]
                left, top = min(xs), min(ys)
                corners = tuple((x - left, y - top) for x, y in zip(xs, ys, strict=True))
                self._stamp(colour, left, top, _triangle, corners)
            case Text(x, y, anchor, font, _, string):
                face = font_for(string, FONTS[font] * self._scale)
                self._canvas.text(self._at(x, y), string, colour, face, _ANCHORS[anchor])
            case Ink(points):
                self._ink(points, colour)
            case Bitmap(x, y, rows):
                size = image_size(self._scale, len(rows), len(rows))
                self.image.paste(colour, self._at(x, y), _cells(rows).resize(size))

    def _at(self, x: int, y: int) -> tuple[int, int]:
        """Return the pixel of the part where a pixel of the screen begins."""
        return round(x * self._scale) - self._part.x, round(y * self._scale) - self._part.y

    def _sub(self, value: float) -> int:
        """Return a length or place of the screen in sub-pixels of the image."""
        return round(value * self._scale * self._fine)

    def _stamp(
        self, colour: tuple[int, ...], x: int, y: int, mask: Callable[..., Image.Image], shape: Any
    ) -> None:
        """Put colour through a mask whose top left corner is at a sub-pixel."""
        fine = self._fine
        place = (x // fine - self._part.x, y // fine - self._part.y)
        self.image.paste(colour, place, mask(fine, (x % fine, y % fine), shape))

    def _ink(self, points: Iterable[tuple[int, int]], colour: tuple[int, ...]) -> None:
        """Paint strokes, round at ends and joints, on the area alone."""
        width, height = image_size(self._scale, AREA.x + AREA.w, AREA.y + AREA.h)
        width, height = (
            min(width - self._part.x, self._part.w),
            min(height - self._part.y, self._part.h),
        )
        if width <= 0 or height <= 0:
            return
        fine = self._fine
        mask = Image.new("L", (width * fine, height * fine))
        canvas = ImageDraw.Draw(mask)
        r = self._sub(NUMBERS["ink_width"] / 2)
        left, top = self._part.x * fine, self._part.y * fine
        last: tuple[int, int] | None = None
        for point in points:
            if point == _PEN_UP:
                last = None
                continue
            x, y = (self._sub(v + 0.5) for v in point)
            x, y = x - left, y - top
            canvas.ellipse((x - r, y - r, x + r, y + r), fill=255)
            if last:
                canvas.line((*last, x, y), 255, 2 * r + 1)
            last = x, y
        self.image.paste(colour, (0, 0), mask.reduce(fine))


def _whole(length: int, fine: int) -> int:
    """Return sub-pixels for a length that end with a pixel."""
    return -(-length // fine) * fine


@lru_cache(256)
def _round_rect(fine: int, at: tuple[int, int], shape: tuple[int, int, int]) -> Image.Image:
    w, h, radius = shape
    mask = Image.new("L", (_whole(at[0] + w, fine), _whole(at[1] + h, fine)))
    box = (*at, at[0] + w - 1, at[1] + h - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius, fill=255)
    return mask.reduce(fine)


@lru_cache(256)
def _triangle(fine: int, at: tuple[int, int], shape: tuple[tuple[int, int], ...]) -> Image.Image:
    corners = [(at[0] + x, at[1] + y) for x, y in shape]
    width, height = (_whole(max(axis), fine) for axis in zip(*corners, strict=True))
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    return mask.reduce(fine)


def _cells(rows: Sequence[int]) -> Image.Image:
    cells = Image.new("1", (len(rows), len(rows)))
    cells.putdata([row >> column & 1 for row in rows for column in range(len(rows))])
    return cells
