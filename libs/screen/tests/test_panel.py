import re

import pytest

from inkpin.lock import Effect, Message, State
from inkpin.screen import C_FOLDER, Button, InkState, Order, Touch
from inkpin.screen.layout import BUTTONS
from inkpin.screen.panel import AUTO_MS

INK = (Order.POINT, Order.PEN_UP, Order.PREVIEW)


def orders(outputs):
    return [output.order for output in outputs]


def wrong_pin(hand):
    hand.pin("9999")


def to(hand, state):
    """Bring a fresh hand to a state."""
    if state is State.CHOOSE:
        return
    if state is State.REPEAT:
        hand.pin("2580")
        return
    hand.set_pin()
    match state:
        case State.WAITING:
            wrong_pin(hand)
        case State.OPEN:
            hand.pin("2580")
        case State.CHANGE_OLD | State.CHANGE_NEW | State.CHANGE_REPEAT:
            hand.pin("2580")
            hand.press(Button.CLEAR)
            if state is not State.CHANGE_OLD:
                hand.pin("2580")
            if state is State.CHANGE_REPEAT:
                hand.pin("3690")
        case State.FAULT:
            hand.hooks.slots[:] = [b"torn", b"torn"]
            hand.boot()
        case State.TRY:
            hand.press(Button.TRY)
    assert hand.lock.state is state


TAKES_DIGITS = [
    State.CHOOSE,
    State.REPEAT,
    State.LOCKED,
    State.CHANGE_OLD,
    State.CHANGE_NEW,
    State.CHANGE_REPEAT,
]
IGNORES_INK = [State.WAITING, State.OPEN, State.FAULT]


def test_a_whole_life_as_the_serial_line_tells_it(hand):
    hand.pin("2580")
    hand.pin("2580")
    hand.pin("2581")
    hand.wait(500)
    hand.wait(500)
    hand.pin("2580")
    hand.enter()
    assert hand.lines == [
        "State choose",
        *["Output *"] * 4,
        "State repeat",
        *["Output *"] * 4,
        "PIN set",
        "State locked",
        *["Output *"] * 4,
        "Wrong PIN, tries left: 9",
        "State waiting 1 s",
        "State locked",
        *["Output *"] * 4,
        "State open",
        "State locked",
    ]


@pytest.mark.parametrize("state", TAKES_DIGITS)
def test_ink_and_enter_fill_the_next_place(hand, state):
    to(hand, state)
    hand.draw()
    assert orders(hand.enter()) == [Order.READING]
    assert hand.panel.awaiting
    outputs = hand.read("7")
    assert orders(outputs) == [Order.ERASE, Order.LOCK, Order.LINE]
    assert outputs[1].effect == Effect.DIGIT
    assert outputs[2].text == "Output *"
    assert (hand.lock.filled, hand.lock.shown) == (1, 7)
    assert hand.panel.ink is InkState.NONE


@pytest.mark.parametrize("state", TAKES_DIGITS)
@pytest.mark.parametrize("label", [None, "", "A", "17", "-1", "²", "٣"])
def test_what_is_no_digit_takes_no_place(hand, state, label):
    to(hand, state)
    assert hand.write(label)[-1].text == "Output ?"
    assert (hand.lock.filled, hand.lock.message) == (0, Message.UNREAD)
    assert hand.panel.seen is None


def test_a_digit_beyond_the_alphabet_takes_no_place(new_hand):
    hand = new_hand(alphabet=3, shortest=2)
    hand.write("3")
    assert hand.lock.filled == 0
    hand.write("2")
    assert hand.lock.filled == 1


@pytest.mark.parametrize("state", TAKES_DIGITS)
def test_clear_erases_the_ink_first_and_then_takes_back_a_digit(hand, state):
    to(hand, state)
    hand.write("1")
    hand.draw()
    assert orders(hand.press(Button.CLEAR)) == [Order.ERASE]
    assert hand.lock.filled == 1
    hand.press(Button.CLEAR)
    assert hand.lock.filled == 0


@pytest.mark.parametrize("state", IGNORES_INK)
def test_ink_is_ignored(hand, state):
    to(hand, state)
    hand.draw()
    assert not hand.points
    assert hand.panel.ink is InkState.NONE
    assert hand.panel.rows is None


def test_open_locks_on_enter_and_by_itself(hand):
    to(hand, State.OPEN)
    hand.enter()
    assert hand.lock.state is State.LOCKED
    hand.pin("2580")
    hand.wait(30_000)
    assert hand.lock.state is State.LOCKED
    assert hand.lines[-1] == "State locked"


def test_clear_in_open_changes_the_pin(hand):
    to(hand, State.CHANGE_REPEAT)
    hand.pin("3690")
    assert hand.lines[-2:] == ["PIN changed", "State locked"]
    hand.pin("3690")
    assert hand.lock.state is State.OPEN


def test_a_fault_is_left_by_a_factory_reset_only(hand):
    to(hand, State.FAULT)
    for button in Button:
        hand.press(button)
    hand.wait(10**6)
    assert hand.lock.state is State.FAULT
    hand.take(hand.panel.reset(hand.now))
    assert hand.lines == [
        "Fault: record unreadable",
        "State fault",
        "Factory reset",
        "State choose",
    ]


def test_reset_forgets_ink_and_the_reading_under_way(hand):
    hand.draw()
    hand.enter()
    hand.take(hand.panel.reset(hand.now))
    assert hand.points == []
    assert hand.read("7") == []
    assert hand.lock.filled == 0
    hand.write("7")
    assert hand.lock.filled == 1


@pytest.mark.parametrize("label", ["7", "A"])
def test_try_shows_digit_and_confidence_and_keeps_the_ink(hand, label):
    to(hand, State.TRY)
    outputs = hand.write(label)
    assert [(o.order, o.text, o.effect) for o in outputs] == [
        (Order.LOCK, "", Effect.DIGIT),
        (Order.LINE, f"Output {label} 98%", Effect(0)),
    ]
    assert hand.panel.ink is InkState.READ
    assert hand.points
    assert hand.lock.filled == 0
    outputs = hand.touch(Touch.DOWN, 5, 6)
    assert orders(outputs) == [Order.ERASE, Order.POINT]
    assert hand.panel.seen is None
    assert hand.panel.rows is None


def test_try_says_what_it_cannot_read(hand):
    to(hand, State.TRY)
    assert hand.write(None)[-1].text == "Output ?"
    assert hand.panel.seen.label is None


def test_a_symbol_that_the_lock_lacks_is_not_read(new_hand):
    hand = new_hand(alphabet=4)
    for label in ("3", "4"):
        hand.write(label)
    assert hand.lock.filled == 1
    assert hand.lines[-2:] == ["Output *", "Output ?"]
    assert hand.panel.seen.label is None


def test_of_a_long_label_the_begin_is_kept(hand):
    hand.press(Button.TRY)
    hand.write("rhinoceroses")
    assert hand.panel.seen.label == "rhinocerose"
    assert hand.lines[-1] == "Output rhinocerose 98%"


def test_try_is_left_by_enter_after_a_reading(hand):
    to(hand, State.TRY)
    hand.write("7")
    assert orders(hand.enter()) == [Order.ERASE, Order.LINE]
    assert hand.lock.state is State.LOCKED
    assert hand.panel.seen is None


def test_try_clears_a_reading(hand):
    to(hand, State.TRY)
    hand.write("7")
    hand.press(Button.CLEAR)
    assert hand.panel.seen is None
    assert not hand.points
    assert hand.lock.state is State.TRY


def test_the_newest_digit_is_forgotten_on_the_way_into_try(hand):
    hand.write("7")
    hand.press(Button.TRY)
    assert hand.lock.state is State.TRY
    assert hand.panel.seen is None
    assert hand.panel.rows is None


def test_try_where_it_does_not_apply_keeps_the_ink(hand):
    to(hand, State.REPEAT)
    hand.draw()
    hand.press(Button.TRY)
    assert hand.panel.ink is InkState.FRESH


def test_after_a_second_nothing_of_a_digit_is_kept(hand):
    hand.write("7")
    assert hand.panel.seen.label == "7"
    assert hand.panel.rows
    hand.wait(999)
    assert hand.panel.seen
    hand.wait(1)
    assert hand.panel.seen is None
    assert hand.panel.rows is None


def test_ink_begun_while_a_digit_shows_hides_its_preview(hand):
    hand.write("7")
    hand.touch(Touch.DOWN, 100, 100)
    assert hand.panel.rows is None


def test_the_preview_of_ink_outlives_the_digit_before_it(hand):
    hand.write("7")
    hand.draw()
    hand.wait(1000)
    assert hand.panel.rows
    assert hand.panel.seen is None


def test_while_a_reading_is_awaited_hands_are_ignored(hand):
    hand.draw()
    hand.enter()
    before = list(hand.points)
    hand.draw()
    for button in Button:
        assert hand.press(button) == []
        assert hand.panel.key(button, hand.now) == []
    assert hand.points == before
    hand.read("7")
    assert hand.lock.filled == 1


def test_a_reading_that_nobody_asked_for_is_ignored(hand):
    assert hand.read("7") == []
    assert hand.lock.filled == 0


def test_a_reading_that_comes_too_late_is_ignored(hand):
    to(hand, State.CHANGE_NEW)
    hand.draw()
    hand.enter()
    hand.now += 30_000
    assert hand.read("7")[-1].text == "State locked"
    assert hand.lock.filled == 0
    assert not hand.panel.awaiting


def test_a_full_pin_takes_no_ninth_digit(hand):
    for digit in "258025807":
        hand.write(digit)
    assert hand.lines[-1] == "All places are filled"
    assert hand.lock.filled == 8


# --- touches ---


def test_a_stroke_is_points_a_pen_up_and_a_wish_for_a_preview(hand):
    hand.draw((10, 20), (30, 40), (30, 41))
    assert hand.points == [(10, 20), (30, 40), (30, 41), (255, 255)]
    assert hand.orders[-2:] == [Order.PEN_UP, Order.PREVIEW]


def test_ink_that_leaves_the_area_is_kept_at_its_edge(hand):
    hand.draw((200, 100), (300, 100), (400, -50), (-7, 999), (-(10**6), 10**6))
    assert hand.points[1:5] == [(239, 100), (239, 0), (0, 239), (0, 239)]


@pytest.mark.parametrize("start", [(242, 60), (246, 131), (-1, 5), (5, 240), (320, 240)])
def test_a_press_that_begins_elsewhere_never_inks(hand, start):
    hand.touch(Touch.DOWN, *start)
    hand.touch(Touch.MOVE, 100, 100)
    hand.touch(Touch.UP, 100, 100)
    assert not set(hand.orders) & set(INK)
    assert hand.lines == ["State choose"]


def test_a_press_in_the_area_never_presses_a_button(hand):
    box = BUTTONS[Button.TRY]
    hand.draw((200, 210), (box.x + 5, box.y + 5))
    assert hand.lock.state is State.CHOOSE


@pytest.mark.parametrize("button", Button)
def test_a_button_acts_on_release_inside(hand, button):
    to(hand, State.OPEN)
    box = BUTTONS[button]
    hand.touch(Touch.DOWN, box.x, box.y)
    assert hand.lock.state is State.OPEN
    assert hand.panel.pressed is button
    hand.touch(Touch.MOVE, 0, 0)
    assert hand.panel.pressed is None
    hand.touch(Touch.UP, box.x + box.w - 1, box.y + box.h - 1)
    expected = {
        Button.ENTER: State.LOCKED,
        Button.CLEAR: State.CHANGE_OLD,
        Button.TRY: State.TRY,
    }
    assert hand.lock.state is expected[button]
    assert hand.panel.pressed is None


@pytest.mark.parametrize("end", [(245, 131), (246, 162), (280, 180), (-1, -1), (314, 140)])
def test_a_finger_that_slides_off_a_button_does_nothing(hand, end):
    to(hand, State.OPEN)
    hand.touch(Touch.DOWN, 280, 140)
    hand.touch(Touch.UP, *end)
    assert hand.lock.state is State.OPEN


def test_two_presses_in_a_row_end_the_first_stroke(hand):
    hand.touch(Touch.DOWN, 10, 10)
    outputs = hand.touch(Touch.DOWN, 200, 200)
    assert orders(outputs) == [Order.PEN_UP, Order.PREVIEW, Order.POINT]
    hand.touch(Touch.UP, 200, 200)
    assert hand.points == [(10, 10), (255, 255), (200, 200), (255, 255)]


def test_a_press_on_a_button_ends_a_stroke_that_never_ended(hand):
    hand.touch(Touch.DOWN, 10, 10)
    hand.enter()
    assert hand.orders[-3:] == [Order.PEN_UP, Order.PREVIEW, Order.READING]


def test_a_key_ends_a_stroke_that_never_ended(hand):
    hand.touch(Touch.DOWN, 10, 10)
    hand.take(hand.panel.key(Button.ENTER, hand.now))
    assert hand.orders[-3:] == [Order.PEN_UP, Order.PREVIEW, Order.READING]
    assert hand.touch(Touch.MOVE, 20, 20) == []


def test_a_touch_that_never_ends_does_not_reach_into_the_next_state(hand):
    to(hand, State.CHANGE_OLD)
    hand.touch(Touch.DOWN, 10, 10)
    hand.wait(30_000)
    assert hand.lock.state is State.LOCKED
    assert hand.points == []
    assert hand.touch(Touch.MOVE, 20, 20) == []
    assert hand.touch(Touch.UP, 20, 20) == []


def test_a_touch_keeps_digits_that_stand_unsent(hand):
    hand.write("2")
    hand.wait(29_000)
    hand.touch(Touch.DOWN, 10, 10)
    hand.wait(29_999)
    assert hand.lock.filled == 1
    hand.wait(1)
    assert hand.lock.filled == 0


def test_a_button_held_while_the_state_changes_does_nothing(hand):
    to(hand, State.OPEN)
    hand.touch(Touch.DOWN, 280, 140)
    hand.wait(30_000)
    assert hand.touch(Touch.UP, 280, 140) == []
    assert hand.lock.message is Message.NONE


@pytest.mark.parametrize("phase", [Touch.MOVE, Touch.UP])
def test_a_touch_without_a_beginning_is_ignored(hand, phase):
    assert hand.touch(phase, 100, 100) == []
    assert hand.touch(phase, 280, 140) == []


def test_a_preview_without_ink_is_not_kept(hand):
    hand.panel.preview([1] * 28)
    assert hand.panel.rows is None


# --- auto-enter ---


@pytest.fixture
def auto(hand):
    hand.panel.auto_ms = 900
    return hand


@pytest.mark.parametrize("state", [State.CHOOSE, State.LOCKED])
def test_ink_that_nobody_enters_is_a_digit_that_stands_unsent(hand, state):
    to(hand, state)
    hand.draw()
    assert hand.wait(29_999) == []
    hand.touch(Touch.DOWN, 310, 5)  # where nothing is
    hand.touch(Touch.UP, 310, 5)
    assert hand.wait(29_999) == []
    assert orders(hand.wait(1)) == [Order.ERASE]
    assert (hand.panel.ink, hand.panel.rows) == (InkState.NONE, None)


def test_the_ink_beside_digits_that_stand_unsent_goes_with_them(hand):
    to(hand, State.LOCKED)
    hand.write("2")
    hand.draw()
    hand.wait(30_000)
    assert (hand.lock.filled, hand.panel.ink) == (0, InkState.NONE)


def test_a_key_that_does_nothing_keeps_the_ink_all_the_same(hand):
    to(hand, State.REPEAT)
    hand.draw()
    hand.wait(29_999)
    hand.take(hand.panel.key(Button.TRY, hand.now))
    assert hand.wait(29_999) == []
    assert hand.panel.ink is InkState.FRESH


def test_a_pen_that_is_down_keeps_its_ink(hand):
    hand.touch(Touch.DOWN, 50, 50)
    assert hand.wait(30_000) == []
    hand.touch(Touch.UP, 50, 50)
    assert hand.wait(29_999) == []


def test_ink_of_try_it_is_nobodys_secret_and_stays(hand):
    to(hand, State.TRY)
    hand.draw()
    assert hand.wait(60_000) == []
    assert hand.panel.ink is InkState.FRESH


def test_auto_enter_has_the_limits_of_the_c():
    header = (C_FOLDER / "ink_panel.h").read_text()
    limits = re.findall(r"#define INK_AUTO_(LEAST|MOST) (\d+)", header)
    assert limits == [("LEAST", str(AUTO_MS[0])), ("MOST", str(AUTO_MS[-1]))]


def test_auto_enter_reads_ink_once_the_pen_was_up_long_enough(auto):
    auto.draw()
    assert auto.wait(899) == []
    assert [output.order for output in auto.wait(1)] == [Order.READING]
    assert auto.panel.awaiting
    assert auto.wait(10_000) == []
    auto.read("2")
    assert auto.lock.filled == 1


def test_each_stroke_begins_the_wait_anew(auto):
    auto.draw()
    auto.wait(899)
    auto.touch(Touch.DOWN, 50, 50)
    assert auto.wait(5000) == []  # the pen is down
    auto.touch(Touch.UP, 50, 50)
    assert auto.wait(899) == []
    assert [output.order for output in auto.wait(1)] == [Order.READING]


def test_a_finger_on_a_button_comes_first(auto):
    auto.draw()
    box = BUTTONS[Button.CLEAR]
    auto.touch(Touch.DOWN, box.x + 5, box.y + 5)
    assert auto.wait(5000) == []
    auto.touch(Touch.UP, box.x + 5, box.y + 5)
    assert auto.wait(5000) == []
    assert auto.panel.ink is InkState.NONE


def test_with_auto_enter_a_pin_takes_its_digits_and_one_press(auto):
    for _ in range(3):
        auto.lines.clear()
        for digit in "2580":
            auto.draw()
            auto.wait(900)
            auto.read(digit)
            auto.wait(5000)  # nothing is submitted by itself
            assert "State" not in auto.lines[-1]
        assert auto.lock.filled == 4
        auto.enter()
    assert auto.lock.state is State.OPEN


def test_auto_enter_reads_in_try_it_and_leaves_what_was_read(auto):
    auto.press(Button.TRY)
    auto.draw()
    auto.wait(900)
    auto.read("7")
    assert auto.lines[-1] == "Output 7 98%"
    assert auto.wait(20_000) == []


def test_auto_enter_over_the_wrap_of_the_clock(auto):
    auto.panel.auto_ms = 901
    auto.now = 2**32 - 100
    auto.draw()
    auto.now = 800
    assert auto.take(auto.panel.tick(auto.now)) == []
    assert [output.order for output in auto.wait(1)] == [Order.READING]


def test_what_cannot_be_read_by_itself_costs_nothing(auto):
    auto.draw()
    auto.wait(900)
    auto.read(None)
    assert auto.lock.message is Message.UNREAD
    assert auto.lock.filled == 0
    assert auto.wait(900) == []
