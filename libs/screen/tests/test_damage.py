from itertools import pairwise

import pytest

from inkpin.screen import Button, Ink, Rect, changed, render


def patched(image, before, after, scale):
    """Paint what changed; return the share of the pixels that took."""
    parts = changed(before, after, scale)
    for part in parts:
        image.paste(render(after, scale, part), (part.x, part.y))
    return sum(part.w * part.h for part in parts) / (image.width * image.height)


@pytest.mark.parametrize("scale", [1, 1.63])
def test_the_parts_that_changed_make_the_new_screen_of_the_old(hand, scale):
    screens = [hand.view()]

    def look(_=None):
        screens.append(hand.view())

    look(hand.draw((20, 40), (120, 200)))
    look(hand.draw((20, 200), (220, 60)))
    look(hand.enter())
    look(hand.read("7"))
    look(hand.press(Button.CLEAR))
    look(hand.set_pin())
    look(hand.pin("2580"))
    look(hand.press(Button.ENTER))
    look(hand.press(Button.TRY))
    look(hand.draw())
    image = render(screens[0], scale)
    for before, after in pairwise(screens):
        patched(image, before, after, scale)
        assert image.tobytes() == render(after, scale).tobytes()


def test_what_did_not_change_is_not_painted(hand):
    assert changed(hand.view(), hand.view()) == []


def test_ink_that_grows_costs_its_new_points():
    paper = Rect(0, 0, 240, 240, 0, "paper")
    old = [paper, Ink(((10, 10), (200, 200)), "ink")]
    new = [paper, Ink(((10, 10), (200, 200), (204, 200)), "ink")]
    image = render(old)
    assert patched(image, old, new, 1) < 0.005
    assert image.tobytes() == render(new).tobytes()
    assert patched(image, new, old, 1) > 0.3  # ink that goes leaves what was below it
    assert image.tobytes() == render(old).tobytes()
