"""The touch panel as it really is: traces of what goes wrong, and what becomes of it."""

import ctypes
from pathlib import Path

import pytest

from inkpin import lock, screen
from inkpin.common import host_compiler
from inkpin.device import C_FOLDER
from inkpin.screen import Button, Touch
from inkpin.screen.layout import BUTTONS

TRACES = Path(__file__).parent / "traces"


def play(device, name):
    """Poll a trace; return the lines that the device sent meanwhile."""
    device.lines()
    start = device.now
    for line in (TRACES / f"{name}.txt").read_text().splitlines():
        if not line.startswith("#"):
            fingers, x, y, ms = map(int, line.split())
            device.poll(fingers, x, y, start + ms)
    return device.lines()


def test_dropped_samples_leave_one_stroke(device):
    play(device, "dropped-samples")
    (stroke,) = device.ink
    assert len(stroke) == 30
    assert (stroke[0], stroke[-1]) == ((60, 70), (112, 190))


def test_a_leap_is_left_out(device):
    play(device, "leap")
    (stroke,) = device.ink
    assert len(stroke) == 20
    assert {x for x, _ in stroke} == {120}


def test_merged_fingers_end_the_stroke_where_it_was(device):
    play(device, "merged-fingers")
    (stroke,) = device.ink
    assert {x for x, _ in stroke} == {60}
    device.poll(1, 150, 100, device.now + 50)
    device.poll(0, 0, 0, device.now + 50)
    assert len(device.ink) == 2  # the panel was free in between


def test_a_second_finger_presses_nothing(device):
    assert play(device, "two-fingers") == []
    assert device.ink == []
    device.press(Button.ENTER)
    assert device.lines() == ["PIN incomplete"]


def test_a_second_finger_cancels_wherever_it_lies(device):
    """Also where the first is, so that nothing but their number tells."""
    box = BUTTONS[Button.ENTER]
    device.lines()
    for ms, fingers in enumerate((1, 1, 2, 2, 1)):
        device.poll(fingers, box.x + 5, box.y + 5, 10 * ms)
    device.poll(0, 0, 0, 60)
    assert device.lines() == []


def test_a_touch_that_was_cancelled_has_no_more_events():
    """What the device does not see: its panel takes no event twice."""
    folders = [C_FOLDER, lock.C_FOLDER, screen.C_FOLDER]
    poll = host_compiler.load([C_FOLDER / "ink_touch.c"], folders).ink_touch_poll
    poll.restype = ctypes.c_bool
    nobody, event = bytes(64), (ctypes.c_int16 * 4)()
    touched = ctypes.create_string_buffer(nobody, len(nobody))
    fingers = (1, 2, 2, 1, 2, 1, 0, 1)
    happened = [
        (Touch(event[0]), *event[2:])
        for ms, n in enumerate(fingers)
        if poll(touched, n, 100, 101, 10 * ms, event)
    ]
    assert happened == [(Touch.DOWN, 100, 101), (Touch.UP, -1, -1), (Touch.DOWN, 100, 101)]


def test_a_reading_that_failed_is_no_second_finger(device):
    """M5GFX makes two fingers somewhere of a reading that failed."""
    for step in range(20):
        device.poll(1, 120, 60 + 4 * step, 20 * step)
        if step == 10:
            device.poll(2, 513, 77, 20 * step + 10)
    device.poll(0, 0, 0, 400)
    (stroke,) = device.ink
    assert len(stroke) == 20
    assert {x for x, _ in stroke} == {120}


@pytest.mark.parametrize("rest", [100, 500, 5000])
def test_a_finger_that_rested_leaps_no_farther(device, rest):
    for ms in range(0, rest, 10):
        device.poll(1, 100, 100, ms)
    device.poll(1, 232, 100, rest)
    device.poll(1, 100, 100, rest + 10)
    device.poll(1, 100, 110, rest + 20)
    device.poll(0, 0, 0, rest + 30)
    assert device.ink == [[(100, 100), (100, 110)]]


def test_a_leap_is_forgotten_once_the_finger_is_back(device):
    for ms, x in enumerate((100, 100, 230, 100, 231, 100, 104)):
        device.poll(1, x, 100, 10 * ms)
    device.poll(0, 0, 0, 80)
    assert device.ink == [[(100, 100), (104, 100)]]


@pytest.mark.parametrize(("x", "drawn"), [(150, [(100, 100), (150, 100)]), (151, [(100, 100)])])
def test_halfway_back_from_a_leap_it_is_the_finger_still(device, x, drawn):
    for ms, at in enumerate((100, 200, x)):
        device.poll(1, at, 100, 10 * ms)
    device.poll(0, 0, 0, 40)
    assert device.ink == [drawn]


def test_two_fingers_at_once_press_nothing(device):
    box = BUTTONS[Button.ENTER]
    device.lines()
    device.poll(2, box.x + 5, box.y + 5)
    device.poll(0, 0, 0, device.now + 20)
    assert device.lines() == []
    device.press(Button.ENTER)
    assert device.lines() == ["PIN incomplete"]


def test_a_button_that_is_never_let_go_of_presses_nothing(device):
    box = BUTTONS[Button.ENTER]
    device.lines()
    for ms in range(0, 31_000, 100):
        device.poll(1, box.x + 5, box.y + 5, ms)
    device.poll(0, 0, 0, 31_000)
    assert device.lines() == []


def test_a_touch_that_began_on_a_button_draws_nothing(device):
    assert play(device, "begins-outside") == []
    assert device.ink == []


def test_a_fast_finger_is_followed_however_often_the_shell_asks(device):
    for number, ms in enumerate((0, 1, 11, 12)):
        device.poll(1, 60, 60 + 55 * number, ms)
    device.poll(0, 0, 0, 20)
    assert device.ink == [[(60, 60), (60, 115), (60, 170), (60, 225)]]


def test_two_leaps_to_the_same_corner_are_two_leaps(device):
    for step in range(30):
        device.poll(1, 120, 60 + 4 * step, 20 * step)
        if step in (10, 20):
            device.poll(1, 8 + step // 10, 232, 20 * step + 10)
    device.poll(0, 0, 0, 600)
    (stroke,) = device.ink
    assert len(stroke) == 30
    assert {x for x, _ in stroke} == {120}


def test_a_line_off_the_screen_runs_along_its_edge(device):
    play(device, "off-the-screen")
    (stroke,) = device.ink
    assert min(x for x, _ in stroke) == 0
    assert (stroke[0], stroke[-1]) == ((60, 120), (60, 126))


def test_a_touch_that_never_ends_is_given_up(device):
    play(device, "never-ends")
    drop, line = device.ink
    assert drop == [(200, 200)]
    assert len(line) == 12


@pytest.mark.parametrize("trace", sorted(path.stem for path in TRACES.glob("*.txt")))
def test_after_any_trace_the_buttons_work(device, trace):
    play(device, trace)
    device.tick(1000)
    if device.ink:
        device.press(Button.CLEAR)
    device.lines()
    device.press(Button.TRY)
    assert device.lines() == ["State try"]


def test_the_touch_that_wakes_does_nothing_else(device):
    device.tick(121_000)
    assert device.emulator.light == 0
    box = BUTTONS[Button.TRY]
    device.lines()
    device.poll(1, box.x + 5, box.y + 5)
    assert device.emulator.light == 80
    device.poll(1, box.x + 6, box.y + 5, device.now + 20)
    device.poll(0, 0, 0, device.now + 40)
    assert device.lines() == []
    device.poll(1, box.x + 5, box.y + 5, device.now + 60)
    device.poll(0, 0, 0, device.now + 80)
    assert device.lines() == ["State try"]


def test_light_falls_with_idleness_and_comes_back(device):
    lights = [device.emulator.light]
    for _ in range(130):
        device.tick(1000)
        if device.emulator.light != lights[-1]:
            lights.append(device.emulator.light)
    device.touch(Touch.DOWN, 100, 100)
    assert [*lights, device.emulator.light] == [80, 10, 0, 80]


def test_a_leap_that_is_read_again_and_again_counts_once(device):
    """The shell asks more often than the panel has something new to say."""
    for step in range(10):
        device.poll(1, 120, 60 + 6 * step, 10 * step)
    for ms in range(10):
        device.poll(1, 8, 232, 100 + ms)
    for step in range(10):
        device.poll(1, 120, 126 + 6 * step, 110 + 10 * step)
    device.poll(0, 0, 0, 220)
    (stroke,) = device.ink
    assert len(stroke) == 20


@pytest.mark.parametrize("apart", [(1, 0), (0, 1), (-1, 0), (0, -1)])
@pytest.mark.parametrize(("ms", "farthest"), [(1, 80), (10, 80), (11, 88), (14, 112)])
def test_how_far_a_finger_comes_in_a_time(device, ms, farthest, apart):
    """8 pixels a ms, and what panels take from one reading to the next counts as 10."""
    x, y = (120 + sign * farthest for sign in apart)
    device.poll(1, 120, 120, 0)
    device.poll(1, x, y, ms)
    device.poll(0, 0, 0, ms + 1)
    near = device.ink
    device.press(Button.CLEAR)
    begin = ms + 100
    device.poll(1, 120, 120, begin)
    device.poll(1, x + apart[0], y + apart[1], begin + ms)
    device.poll(0, 0, 0, begin + ms + 1)
    assert near == [[(120, 120), (x, y)]]
    assert device.ink == [[(120, 120)]]


@pytest.mark.parametrize("last", [0, 29_980])
@pytest.mark.parametrize(("ms", "taken"), [(30_000, True), (30_001, False)])
def test_how_long_a_touch_may_last(device, last, ms, taken):
    for at in (0, last):
        device.poll(1, 120, 120, at)
    device.poll(1, 124, 120, ms)
    device.poll(0, 0, 0, ms + 1)
    assert device.ink == [[(120, 120), (124, 120)] if taken else [(120, 120)]]
