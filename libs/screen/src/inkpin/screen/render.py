"""Draw commands to one 320x240 image: the desktop's only renderer.

Shapes and ink are smoothed by painting them four times as large.
"""

from collections.abc import Iterable
from functools import cache

from PIL import Image, ImageColor, ImageDraw, ImageFont

from inkpin.screen.draw import Anchor, Bitmap, Draw, Ink, Rect, Text, Triangle
from inkpin.screen.layout import AREA, FONTS, HEIGHT, NUMBERS, PALETTE, WIDTH

_FINE = 4  # sub-pixels a pixel, each way
_PEN_UP = (255, 255)
_RGB = {name: ImageColor.getrgb(colour) for name, colour in PALETTE.items()}
_ANCHORS = {Anchor.CENTRE: "mm", Anchor.LEFT: "lm"}


def render(draws: Iterable[Draw]) -> Image.Image:
    """Return the screen as an RGB image of 320x240."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    canvas = ImageDraw.Draw(image)
    for draw in draws:
        colour = _RGB[draw.colour]
        match draw:
            case Rect(x, y, w, h, 0):
                canvas.rectangle((x, y, x + w - 1, y + h - 1), fill=colour)
            case Rect(x, y, w, h, radius):
                image.paste(colour, (x, y), _round_rect(w, h, radius))
            case Triangle(x0, y0, x1, y1, x2, y2):
                left, top = min(x0, x1, x2), min(y0, y1, y2)
                corners = ((x0 - left, y0 - top), (x1 - left, y1 - top), (x2 - left, y2 - top))
                image.paste(colour, (left, top), _triangle(corners))
            case Text(x, y, anchor, font, _, string):
                canvas.text((x, y), string, colour, _font(font), _ANCHORS[anchor])
            case Ink(points):
                image.paste(colour, (AREA.x, AREA.y), _strokes(points))
            case Bitmap(x, y, rows):
                image.paste(colour, (x, y), _cells(rows))
    return image


def text_width(string: str, font: str) -> int:
    """Return the width of a text in pixels, rounded up."""
    return -int(-_font(font).getlength(string) // 1)


@cache
def _font(name: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(FONTS[name])


@cache
def _round_rect(w: int, h: int, radius: int) -> Image.Image:
    fine = Image.new("L", (w * _FINE, h * _FINE))
    box = (0, 0, w * _FINE - 1, h * _FINE - 1)
    ImageDraw.Draw(fine).rounded_rectangle(box, radius * _FINE, fill=255)
    return fine.reduce(_FINE)


@cache
def _triangle(corners: tuple[tuple[int, int], ...]) -> Image.Image:
    size = (max(x for x, _ in corners) * _FINE, max(y for _, y in corners) * _FINE)
    fine = Image.new("L", size)
    ImageDraw.Draw(fine).polygon([(x * _FINE, y * _FINE) for x, y in corners], fill=255)
    return fine.reduce(_FINE)


def _strokes(points: Iterable[tuple[int, int]]) -> Image.Image:
    """Return the mask of the strokes, round at ends and joints."""
    fine = Image.new("L", (AREA.w * _FINE, AREA.h * _FINE))
    canvas = ImageDraw.Draw(fine)
    r = NUMBERS["ink_width"] * _FINE // 2
    last = _PEN_UP
    for point in points:
        if point != _PEN_UP:
            x, y = (_FINE * v + _FINE // 2 for v in point)
            canvas.ellipse((x - r, y - r, x + r, y + r), fill=255)
            if last != _PEN_UP:
                canvas.line((*(_FINE * v + _FINE // 2 for v in last), x, y), 255, 2 * r + 1)
        last = point
    return fine.reduce(_FINE)


def _cells(rows: Iterable[int]) -> Image.Image:
    rows = tuple(rows)
    cells = Image.new("1", (len(rows), len(rows)))
    cells.putdata([row >> column & 1 for row in rows for column in range(len(rows))])
    return cells
