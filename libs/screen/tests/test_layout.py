import itertools
import re

import pytest

from inkpin.lock import Message, State
from inkpin.preprocess import Unread
from inkpin.screen import C_FOLDER, HEIGHT, WIDTH, Anchor, Button, Text, render
from inkpin.screen.layout import (
    AREA,
    BOXES,
    BUTTONS,
    FONTS,
    ICONS,
    LETTERS,
    LOOKS,
    NOTICES,
    NUMBERS,
    PALETTE,
    POINTS,
    TEXTS,
    UNREADS,
    Box,
    fill,
)
from inkpin.screen.render import text_width

GAP = 6  # pixels that a text leaves on each side, for the fonts of another shell


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a, b):
    light, dark = sorted((luminance(PALETTE[a]), luminance(PALETTE[b])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_box_holds_its_edges_and_clamps_the_rest():
    box = Box(10, 20, 3, 2)
    inside = [(x, y) for x in range(5, 20) for y in range(15, 30) if box.holds(x, y)]
    assert inside == [(x, y) for x in (10, 11, 12) for y in (20, 21)]
    assert box.clamp(0, 99) == (10, 21)
    assert box.clamp(11, 20) == (11, 20)


def test_fill_replaces_numbers_and_labels():
    assert fill("Output @ #%", 98, "7") == "Output 7 98%"
    assert fill("#@#", 1, "#") == "1#1"


def test_the_layout_is_the_contract_s():
    assert tuple(AREA) == (0, 0, 240, 240)
    assert BOXES["column"] == (240, 0, WIDTH - 240, HEIGHT)
    assert POINTS["preview"][0] == 250
    assert POINTS["digit"] == (265, 80)


def test_buttons_are_as_large_as_fingers_and_apart():
    for box in BUTTONS.values():
        assert box.w >= 60
        assert box.h >= 30
        assert box.x > AREA.w
        assert box.x + box.w <= WIDTH
        assert box.y + box.h <= HEIGHT
    for a, b in itertools.pairwise(BUTTONS.values()):
        assert a.y + a.h + 4 <= b.y


def test_every_state_has_its_words_and_its_shape():
    assert set(LOOKS) == set(State)
    titles = [look.title for look in LOOKS.values()]
    serials = [look.serial for look in LOOKS.values()]
    assert len(set(titles)) == len(set(serials)) == len(State)
    apart = [State.LOCKED, State.WAITING, State.OPEN, State.FAULT, State.TRY, State.CHOOSE]
    assert len({LOOKS[state].icon for state in apart}) == len(apart)
    assert all(look.icon in ICONS and look.colour in PALETTE for look in LOOKS.values())


def test_lines_cover_the_area_where_no_ink_is_taken():
    covered = {state for state, look in LOOKS.items() if look.lines}
    assert covered == {State.WAITING, State.OPEN, State.FAULT}
    assert all(len(LOOKS[state].lines) == 2 for state in covered)


def test_every_message_has_words():
    without = {message for message in Message if not NOTICES[message].text}
    assert without == {Message.NONE, Message.UNREAD}  # UNREAD says why in words of its own
    assert all(UNREADS[unread] for unread in Unread)


@pytest.mark.parametrize("font", FONTS)
def test_no_letter_covers_more_than_is_said_of_it(font):
    """Damage is reckoned with these: what is painted outside would stay on a board's screen."""
    above, below, widths = LETTERS[font]
    letters = [chr(code) for code in range(ord(" "), ord("~") + 1)]
    assert len(widths) == len(letters)
    for letter, width in zip(letters, widths, strict=True):
        assert text_width(letter, font) <= width
        shown = render([Text(100, 100, Anchor.CENTRE, font, "bright", 3 * letter)]).getbbox()
        left, top, right, bottom = shown or (100, 100, 100, 100)
        assert 100 - above <= top
        assert bottom <= 100 + below
        assert 100 - (3 * width + 1) // 2 - 1 <= left
        assert right <= 100 - (3 * width + 1) // 2 + 3 * width + 2


@pytest.mark.parametrize("font", FONTS)
def test_figures_are_of_one_width(font):
    """A text whose figures change is painted from the first of these to the last."""
    widths = LETTERS[font].widths
    assert len({widths[ord(figure) - ord(" ")] for figure in "0123456789"}) == 1
    assert len({text_width(figure, font) for figure in "0123456789"}) == 1


def all_texts():
    yield from TEXTS.values()
    yield from UNREADS.values()
    for look in LOOKS.values():
        yield from (look.title, look.serial, look.enough, *look.lines)
    for notice in NOTICES.values():
        yield from notice


def test_texts_are_printable_ascii():
    assert all(text.isascii() and text.isprintable() for text in all_texts() if text)


def widest(template):
    return fill(template, 3600, "7")


def test_texts_are_not_cut():
    size = re.search(r"INK_TEXT_SIZE (\d+)", (C_FOLDER / "ink_text.h").read_text())
    assert all(len(widest(text)) < int(size[1]) for text in all_texts())


def board_width(text, font):
    """Return how wide a text is at most, on a board or here."""
    return sum(LETTERS[font].widths[ord(letter) - ord(" ")] for letter in widest(text))


@pytest.mark.parametrize("state", State)
def test_titles_and_lines_fit(state):
    look = LOOKS[state]
    if look.lines:
        assert text_width(widest(look.title), "huge") <= AREA.w - 2 * GAP
        assert all(text_width(widest(line), "body") <= AREA.w - 2 * GAP for line in look.lines)
        return
    room = AREA.w - POINTS["title"][0] - GAP
    if state is State.LOCKED:
        attempts = text_width(fill(TEXTS["attempts"], 255), "small")
        left, right = (POINTS["attempts"][0] + sign * attempts // 2 for sign in (-1, 1))
        assert right <= AREA.w - GAP // 2
        room = left - POINTS["title"][0] - GAP
    assert text_width(look.title, "title") <= room


def test_hints_and_messages_fit():
    names = ("choose", "first", "next", "any", "read", "soon", "reading", "leave")
    hints = [TEXTS[name] for name in names]
    hints += [look.enough for look in LOOKS.values()]
    hints += [notice.text for notice in NOTICES.values()]
    hints += [*UNREADS.values(), fill(TEXTS["unsure"], label=f"7{TEXTS['or']}1")]
    for hint in hints:
        assert text_width(widest(hint), "body") <= AREA.w - 2 * GAP, hint
        assert board_width(hint, "body") <= AREA.w, hint
    for name, font in (("cross", "title"), ("cross_number", "body"), ("cross_leave", "body")):
        assert board_width(TEXTS[name], font) <= WIDTH - 2 * GAP


def test_the_column_s_texts_fit():
    for button, box in BUTTONS.items():
        assert text_width(button.name, "body") <= box.w - 2 * GAP
    digit = POINTS["digit"][0] + text_width("0", "digit") // 2
    confidence = text_width(fill(TEXTS["confidence"], 100), "body") // 2
    assert digit < POINTS["confidence"][0] - confidence
    assert POINTS["confidence"][0] + confidence < WIDTH
    assert text_width("0", "place") <= NUMBERS["place_pitch"]


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"),
        ("muted", "paper"),
        ("fault", "paper"),
        *((look.colour, "paper") for look in LOOKS.values()),
        ("bright", "column"),
        ("soft", "column"),
        ("bright", "well"),
        ("bright", "button"),
        ("bright", "enter"),
        ("column", "bright"),
    ],
)
def test_texts_stand_out(ink, ground):
    assert contrast(ink, ground) >= 4.5  # WCAG 2 AA


def test_empty_places_stand_out():
    assert contrast("ring", "column") >= 3


def test_buttons_are_named_in_the_file_s_order():
    assert [button.name for button in Button] == ["ENTER", "CLEAR", "TRY"]
