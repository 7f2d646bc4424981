import numpy as np
import pytest
from PIL import Image, ImageChops, ImageColor

from inkpin.screen import Anchor, Bitmap, Ink, Rect, Text, Triangle, image_size, render
from inkpin.screen.layout import PALETTE, Box
from inkpin.screen.render import text_width

BLACK = (0, 0, 0)


def rgb(name):
    return ImageColor.getrgb(PALETTE[name])


def test_the_screen_is_320_by_240():
    image = render([])
    assert (image.size, image.mode) == ((320, 240), "RGB")


def test_a_rectangle_covers_exactly_its_pixels():
    image = render([Rect(10, 20, 30, 5, 0, "open")])
    assert image.getbbox() == (10, 20, 40, 25)
    assert image.crop((10, 20, 40, 25)).getcolors() == [(150, rgb("open"))]


def test_a_round_rectangle_has_its_size_and_round_corners():
    image = render([Rect(10, 20, 30, 20, 6, "open")])
    assert image.getbbox() == (10, 20, 40, 40)
    assert image.getpixel((10, 20)) == BLACK
    assert image.getpixel((25, 30)) == rgb("open")


def test_a_triangle_is_filled():
    image = render([Triangle(10, 10, 50, 10, 10, 50, "open")])
    assert image.getpixel((12, 12)) == rgb("open")
    assert image.getpixel((45, 45)) == BLACK
    left, top, right, bottom = image.getbbox()
    assert (left, top) == (10, 10)
    assert abs(right - 50) <= 1
    assert abs(bottom - 50) <= 1


def test_later_commands_cover_earlier_ones():
    image = render([Rect(0, 0, 9, 9, 0, "open"), Rect(0, 0, 9, 9, 0, "fault")])
    assert image.getpixel((4, 4)) == rgb("fault")


@pytest.mark.parametrize("anchor", Anchor)
def test_a_text_stands_at_its_anchor(anchor):
    left, top, right, bottom = render([Text(100, 50, anchor, "body", "paper", "OOO")]).getbbox()
    width = text_width("OOO", "body")
    start = 100 if anchor is Anchor.LEFT else 100 - width // 2
    assert abs(left - start) <= 2
    assert abs(right - start - width) <= 2
    assert abs((top + bottom) / 2 - 50) <= 2


def test_ink_covers_its_points_and_what_lies_between():
    image = render([Ink(((20, 20), (60, 20), (255, 255), (20, 100)), "ink")])
    for point in [(20, 20), (40, 20), (60, 20), (20, 100)]:
        assert image.getpixel(point) == rgb("ink")
    for point in [(20, 60), (40, 60), (60, 30)]:  # the pen was up
        assert image.getpixel(point) == BLACK


def test_ink_stops_at_the_edge_of_the_area():
    image = render([Ink(((239, 0), (239, 239)), "ink")])
    assert image.getbbox()[2] == 240


def test_a_bitmap_is_a_pixel_for_each_bit():
    rows = tuple(1 << row for row in range(28))
    image = render([Bitmap(250, 10, rows, "bright")])
    lit = {
        (x - 250, y - 10)
        for x in range(320)
        for y in range(240)
        if image.getpixel((x, y)) == rgb("bright")
    }
    assert lit == {(i, i) for i in range(28)}


def test_the_same_commands_give_the_same_image(hand):
    hand.draw()
    one, two = render(hand.view()), render(hand.view())
    assert ImageChops.difference(one, two).getbbox() is None
    assert isinstance(one, Image.Image)


@pytest.mark.parametrize("scale", [0.7, 1, 1.37, 2, 4.5])
def test_a_part_has_the_pixels_of_the_whole(hand, scale):
    hand.draw((10, 200), (230, 60), (120, 120))
    whole = render(hand.view(), scale)
    assert whole.size == image_size(scale)
    for part in (Box(0, 0, 50, 60), Box(33, 21, 100, 90), Box(150, 20, 70, 140)):
        crop = whole.crop((part.x, part.y, part.x + part.w, part.y + part.h))
        assert render(hand.view(), scale, part).tobytes() == crop.tobytes()


@pytest.mark.parametrize("scale", [3, 4.5])
def test_ink_and_letters_are_sharp_at_every_size(scale):
    draws = [
        Rect(0, 0, 320, 240, 0, "paper"),
        Ink(((30, 30), (200, 180), (255, 255)), "ink"),
        Text(120, 120, Anchor.CENTRE, "huge", "ink", "Locked"),
    ]

    def between(image):
        """Return how many pixels are neither paper nor ink."""
        pixels = np.asarray(image)
        return (pixels != rgb("paper")).any(2).sum() - (pixels == rgb("ink")).all(2).sum()

    small, large = render(draws), render(draws, scale)
    assert between(large) < 0.75 * between(small) * scale**2 / 2
    blocky = small.resize(large.size, Image.Resampling.NEAREST)
    assert ImageChops.difference(large, blocky).getbbox() is not None


def test_letters_that_the_own_font_lacks_are_taken_from_another():
    def shown(text):
        return render([Text(120, 120, Anchor.CENTRE, "digit", "paper", text)]).tobytes()

    assert len({shown(text) for text in ("\u03b1", "\u2192", "\u25b3", "\U0010ffff")}) == 4
    assert shown("\u25b3\U0010ffff") != shown("\U0010ffff\U0010ffff")
