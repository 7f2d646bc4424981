from types import SimpleNamespace

import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from PIL import ImageColor

from inkpin.desktop import controls, theme
from inkpin.desktop.settings import DARK, LIGHT, Settings
from inkpin.screen.layout import PALETTE


@pytest.mark.parametrize(
    ("screen", "inch", "scaling"),
    [
        ((1440, 900), 96, 1),
        ((3840, 2160), 192, 2),
        ((1920, 1200), 192, 1.5),  # dense, but with room for no more
        ((1024, 768), 192, 1),
        ((800, 480), 96, 1),
        ((7680, 4320), 400, 3),
    ],
)
def test_things_are_as_large_as_dots_are_small_while_the_window_fits(screen, inch, scaling):
    root = SimpleNamespace(
        winfo_screenwidth=lambda: screen[0],
        winfo_screenheight=lambda: screen[1],
        winfo_fpixels=lambda _: inch,
    )
    assert theme.scaling(root, Settings()) == scaling
    assert theme.scaling(root, Settings(size=150)) == 1.5 * scaling


def luminance(colour):
    """Return how bright a colour is, as WCAG 2 has it."""
    parts = [part / 255 for part in ImageColor.getrgb(colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_text_and_edges_stand_out_from_what_is_behind_them(mode):
    own = theme.colours(Settings(theme=mode))
    for text in (own.text, own.muted, own.good, own.bad, own.doubt, own.accent):
        for ground in (own.background, own.card):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(own.text, own.strip) >= 4.5
    for text in (own.text, own.bad):  # of a sample that is chosen, and is read otherwise
        assert contrast(text, own.selection) >= 4.5, text
    assert contrast(own.accent, own.selection) >= 3
    for bar in (own.good, own.accent):  # on the part of it that is still to come
        assert contrast(bar, own.line) >= 3, bar
    assert contrast(own.card, own.accent) >= 4.5  # what is chosen in a list
    assert contrast(own.terminal_text, own.terminal) >= 4.5
    for ground in (own.background, own.card, PALETTE["paper"], PALETTE["column"]):
        assert contrast(own.edge, ground) >= 3, ground


def test_words_and_rings_of_the_replica_stand_out():
    for text in ("ink", "muted", "calm", "open", "wait", "fault", "try"):
        assert contrast(PALETTE[text], PALETTE["paper"]) >= 4.5, text
    for ground in ("column", "well", "button", "enter"):
        assert contrast(PALETTE["bright"], PALETTE[ground]) >= 4.5, ground
    assert contrast(PALETTE["soft"], PALETTE["column"]) >= 4.5
    assert contrast(PALETTE["ring"], PALETTE["column"]) >= 3


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize("scale", [1, 1.5, 2])
def test_controls_have_edges_and_are_as_large_as_the_screen_asks_for(mode, scale):
    own = theme.colours(Settings(theme=mode))
    pictures = controls.sprites(mode, scale, own.edge, own.accent)
    for name in (
        *("button-rest", "textbox-rest", "textbox-focus"),
        *("check-unsel-rest", "radio-unsel-rest"),
    ):
        picture = pictures[name]
        assert picture.size == (round(20 * scale), round(20 * scale))
        middle = picture.height // 2
        edge = "#{:02x}{:02x}{:02x}".format(*picture.getpixel((0, middle))[:3])
        assert contrast(edge, own.background) >= 3, name
    assert pictures["down"].size == (round(10 * scale), round(5 * scale))
