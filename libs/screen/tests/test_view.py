from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkpin.lock import Message, State
from inkpin.preprocess import Unread
from inkpin.screen import Bitmap, Button, Rect, Text, Touch, Triangle, view
from inkpin.screen import Ink as InkDraw
from inkpin.screen.layout import BUTTONS, HEIGHT, ICONS, LOOKS, NOTICES, TEXTS, UNREADS, WIDTH, fill
from inkpin.screen.render import text_width


def strings(hand):
    return [draw.string for draw in hand.view() if isinstance(draw, Text)]


def drawn(hand, kind):
    return [draw for draw in hand.view() if isinstance(draw, kind)]


def shows_digit(hand, digit):
    return digit in strings(hand)


def test_the_hint_leads_through_a_pin(hand):
    hints = [strings(hand)[1]]
    hand.draw()
    hints.append(strings(hand)[1])
    hand.enter()
    hints.append(strings(hand)[1])
    hand.read("2")
    hints.append(strings(hand)[1])
    for digits in ("580", "1931"):
        for digit in digits:
            hand.write(digit)
        hints.append(strings(hand)[1])
    assert hints == [
        "Write 4 to 8 digits",
        TEXTS["read"],
        TEXTS["reading"],
        TEXTS["next"],
        LOOKS[State.CHOOSE].enough,
        NOTICES[Message.FULL].text,
    ]


def test_with_auto_enter_the_hint_says_that_ink_is_read_by_itself(hand):
    hand.panel.auto_ms = 900
    hand.draw()
    assert TEXTS["soon"] in strings(hand)
    assert TEXTS["read"] not in strings(hand)


def test_a_message_takes_the_place_of_the_hint_until_the_next_ink(hand):
    hand.press(Button.ENTER)
    assert fill(NOTICES[hand.lock.message].text, hand.config.shortest) in strings(hand)
    hand.draw()
    assert TEXTS["read"] in strings(hand)


@pytest.mark.parametrize("unread", Unread)
def test_ink_that_is_not_read_says_why_until_the_next_ink(hand, unread):
    hand.draw()
    hand.enter()
    hand.refuse(unread)
    assert UNREADS[unread] in strings(hand)
    hand.draw()
    assert UNREADS[unread] not in strings(hand)


@pytest.mark.parametrize(
    ("labels", "words"),
    [("7", "Not sure: 7?"), ("71", "Not sure: 7 or 1?"), ("714", "Not sure: 7 or 1?")],
)
def test_what_ink_may_be_is_named_in_try_it_alone(hand, labels, words):
    hand.draw()
    hand.enter()
    hand.refuse(Unread.UNSURE, *labels)
    assert UNREADS[Unread.UNSURE] in strings(hand)
    assert hand.panel.seen is None
    hand.press(Button.TRY)
    hand.draw()
    hand.enter()
    hand.refuse(Unread.UNSURE, *labels)
    assert words in strings(hand)
    hand.enter()
    assert hand.panel.seen is None


def test_while_the_digit_before_still_shows_nothing_is_kept_of_what_ink_may_be(hand):
    hand.write("2")
    hand.draw()
    hand.enter()
    hand.refuse(Unread.UNSURE, "7", "1")
    assert hand.panel.seen is None or hand.panel.seen.between == ()
    assert UNREADS[Unread.UNSURE] in strings(hand)


def test_waiting_says_how_long_and_how_many_attempts_are_left(hand):
    hand.set_pin()
    hand.pin("9999")
    assert {"Wait 1 s", "Wrong PIN", "Tries left: 9"} <= set(strings(hand))
    hand.wait(1000)
    assert {"Locked", "Tries left: 9"} <= set(strings(hand))


def test_a_lock_that_cannot_drive_its_bolt_says_so(hand):
    hand.set_pin()
    hand.lock.power(on=False)
    hand.write(None)
    hand.draw()
    hand.press(Button.CLEAR)
    hand.press(Button.TRY)
    hand.press(Button.TRY)
    assert NOTICES[Message.POWER].text in strings(hand)
    hand.pin("2580")
    assert "Locked" in strings(hand)
    assert "Open 30 s" not in strings(hand)
    assert hand.lines[-1] == "No power for the bolt"


def test_open_and_fault_fill_the_area(hand):
    hand.set_pin()
    hand.pin("2580")
    assert hand.view()[0] == Rect(0, 0, 240, 240, 0, "open")
    hand.wait(1000)
    assert "Open 29 s" in strings(hand)
    hand.hooks.slots[:] = [b"torn", b"torn"]
    hand.boot()
    assert hand.view()[0] == Rect(0, 0, 240, 240, 0, "fault")
    assert {"Fault", "The PIN record is damaged"} <= set(strings(hand))


def test_ink_is_shown_as_it_was_drawn(hand):
    hand.draw((1, 2), (3, 4))
    assert drawn(hand, InkDraw) == [InkDraw(((1, 2), (3, 4), (255, 255)), "ink")]
    hand.enter()
    hand.read("7")
    assert drawn(hand, InkDraw) == []


def test_a_shell_that_failed_to_erase_shows_no_ink(hand):
    assert not any(isinstance(draw, InkDraw) for draw in view(hand.panel, [(1, 2)]))


def test_a_digit_shows_for_a_second_and_then_a_dot(hand):
    hand.write("7")
    assert strings(hand).count("7") == 2  # large, and in its place
    assert "98%" in strings(hand)
    assert drawn(hand, Bitmap)
    hand.wait(1000)
    assert not shows_digit(hand, "7")
    assert "98%" not in strings(hand)
    assert drawn(hand, Bitmap) == []


def test_only_the_newest_digit_shows(hand):
    hand.write("7")
    hand.write("5")
    assert not shows_digit(hand, "7")
    assert shows_digit(hand, "5")


def test_a_digit_taken_back_shows_no_more(hand):
    hand.write("7")
    hand.press(Button.CLEAR)
    assert not shows_digit(hand, "7")
    assert drawn(hand, Bitmap) == []


def test_submitting_hides_the_last_digit_at_once(hand):
    hand.pin("2580")
    assert not shows_digit(hand, "0")
    assert drawn(hand, Bitmap) == []


def test_try_shows_the_reading_and_no_places(hand):
    hand.press(Button.TRY)
    hand.write("A")
    assert {"Try it", "A", "98%"} <= set(strings(hand))
    assert drawn(hand, Bitmap)
    assert drawn(hand, InkDraw)
    assert not any(draw.radius == 6 and draw.w == 12 for draw in drawn(hand, Rect))
    hand.wait(60_000)
    assert "A" in strings(hand)
    hand.draw()
    hand.enter()
    hand.read(None)
    assert "?" in strings(hand)
    assert "98%" not in strings(hand)


@pytest.mark.parametrize("label", ["A", "17", "tick", "triangle", "rightward"])
def test_a_label_and_its_confidence_fit_beside_the_paper(hand, label):
    hand.press(Button.TRY)
    hand.write(label)
    shown = {text.string: text for text in drawn(hand, Text)}
    for string in (label, "98%"):
        half = -(-text_width(string, shown[string].font) // 2)
        assert shown[string].x - half >= 240
        assert shown[string].x + half <= 320
    assert (shown[label].font == "digit") == (len(label) == 1)
    assert len(label) == 1 or shown["98%"].y - shown[label].y > 14


@pytest.mark.parametrize("length", range(1, 9))
def test_places_fit_for_every_length(new_hand, length):
    hand = new_hand(shortest=length)
    rings = [draw for draw in drawn(hand, Rect) if draw.colour == "ring"]
    assert len(rings) == length
    assert rings[0].x >= 242
    assert rings[-1].x + rings[-1].w <= WIDTH - 2
    assert all(right.x - left.x >= left.w for left, right in pairwise(rings))


def test_places_become_more_only_as_they_are_filled(new_hand):
    """So that nothing shows how long the PIN is that is set."""
    places = []
    for pin in ("3141", "314159"):
        hand = new_hand()
        hand.set_pin(pin)
        for digit in "27182":
            hand.write(digit)
            hand.wait(1000)
            places.append([d for d in drawn(hand, Rect) if d.colour in ("ring", "bright")])
    assert places[:5] == places[5:]
    dots = [sum(place.colour == "bright" for place in row) for row in places[:5]]
    rings = [sum(place.colour == "ring" for place in row) for row in places[:5]]
    assert [dots, rings] == [[1, 2, 3, 4, 5], [3, 2, 1, 0, 0]]


def test_what_is_too_short_says_how_long_it_has_to_be(hand):
    hand.press(Button.ENTER)
    assert "Too short: 4 digits or more" in strings(hand)


def test_a_pressed_button_looks_pressed_while_the_finger_is_on_it(hand):
    before = hand.view()
    hand.touch(Touch.DOWN, 280, 140)
    pressed = hand.view()
    assert pressed != before
    hand.touch(Touch.MOVE, 100, 100)
    assert hand.view() == before


def test_buttons_that_do_nothing_look_so(hand):
    def off():
        return {draw.string for draw in drawn(hand, Text) if draw.colour == "off_text"}

    assert off() == set()
    hand.set_pin()
    hand.pin("9999")
    assert off() == {"ENTER", "CLEAR", "TRY"}


# --- secrets ---

ACTION = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 3)),
    st.tuples(st.just("draw"), st.none()),
    st.tuples(st.just("press"), st.sampled_from(Button)),
    st.tuples(st.just("wait"), st.sampled_from([100, 1000, 5000, 40_000])),
)


def act(hand, action, pin):
    name, value = action
    match name:
        case "write":
            hand.write(pin[value])
        case "draw":
            hand.draw()
        case "press":
            hand.press(value)
        case "wait":
            hand.wait(value)


@given(st.lists(ACTION, max_size=40))
def test_what_may_be_seen_does_not_depend_on_the_pin(new_hand, actions):
    """Two hands with different PINs do the same; after each digit's second nothing differs."""
    hands = [(new_hand(), "3589"), (new_hand(), "5836")]  # no two alike, none of them common
    for action in actions:
        for hand, pin in hands:
            act(hand, action, pin)
        (one, _), (two, _) = hands
        assert one.orders == two.orders
        assert len(one.lines) == len(two.lines)
        for a, b in zip(one.lines, two.lines, strict=True):
            assert a == b or (a.startswith("Output") and "State try" in one.lines)
        if one.lock.state is not State.TRY and one.lock.shown is None:
            assert one.view() == two.view()


# --- commands ---


def test_every_command_lies_on_the_screen(hand):
    for draw in hand.view():
        match draw:
            case Rect(x, y, w, h):
                corners = [(x, y), (x + w, y + h)]
            case Triangle(x0, y0, x1, y1, x2, y2):
                corners = [(x0, y0), (x1, y1), (x2, y2)]
            case Text(x, y):
                corners = [(x, y)]
            case _:
                corners = []
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners), draw


def test_icons_stay_on_their_grid():
    for shapes in ICONS.values():
        for kind, numbers, _ in shapes:
            if kind == "rect":
                x, y, w, h, radius = numbers
                assert 0 <= radius <= min(w, h) / 2
                numbers = (x, y, x + w, y + h)
            assert all(0 <= number <= 24 for number in numbers)


def test_buttons_are_drawn_where_they_are_pressed(hand):
    rects = {(draw.x, draw.y, draw.w, draw.h) for draw in drawn(hand, Rect)}
    assert set(map(tuple, BUTTONS.values())) <= rects
