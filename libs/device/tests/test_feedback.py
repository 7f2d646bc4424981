"""What a finger gets to hear, to feel and to see of it."""

import pytest

from inkpin.device.wire import encode_line
from inkpin.preprocess import MIN_EXTENT
from inkpin.screen import Button, Rect, Touch
from inkpin.screen.layout import BOXES, BUTTONS

KEY, SUCCESS, FAILURE = (1400, 15), (1760, 180), (220, 350)


def heard(device):
    tones, device.tones = device.tones, []
    return tones


def enter(device, samples):
    for sample in samples:
        device.draw(sample)
        device.press(Button.ENTER)
    heard(device)
    device.press(Button.ENTER)
    return heard(device)


def test_a_press_a_digit_success_and_failure_sound_different(device, pin):
    device.draw(pin[0])
    assert heard(device) == []
    device.press(Button.ENTER)
    assert heard(device) == [KEY, KEY]  # the button, and the digit
    enter(device, pin[1:4])
    assert enter(device, pin[:4]) == [KEY, SUCCESS]
    assert enter(device, pin[3::-1]) == [KEY, FAILURE]
    device.tick(1500)
    assert enter(device, pin[:4]) == [KEY, SUCCESS]
    device.press(Button.ENTER)
    heard(device)
    device.touch(Touch.DOWN, 100, 100)
    device.touch(Touch.UP, 100, 100)
    device.press(Button.ENTER)
    assert heard(device) == [KEY, FAILURE]  # too little ink


@pytest.mark.parametrize(("length", "read"), [(MIN_EXTENT - 1, "?"), (MIN_EXTENT, "1 99%")])
def test_too_little_ink_is_not_read(device, length, read):
    device.press(Button.TRY)
    device.lines()
    device.touch(Touch.DOWN, 100, 100)
    device.touch(Touch.MOVE, 100, 100 + length)
    device.touch(Touch.UP, 100, 100 + length)
    device.press(Button.ENTER)
    assert device.lines() == [f"Output {read}"]


def test_a_press_is_felt_for_a_moment(device):
    box = BUTTONS[Button.ENTER]
    device.touch(Touch.DOWN, box.x + 5, box.y + 5)
    assert device.emulator.vibrating
    device.tick(19)
    assert device.emulator.vibrating
    device.tick(1)
    assert not device.emulator.vibrating


def test_what_a_press_brings_about_is_not_felt_all_the_while(device):
    """A PIN takes a second or two to check, in which nobody could end the vibration."""
    box = BUTTONS[Button.ENTER]
    device.touch(Touch.DOWN, box.x + 5, box.y + 5)
    assert device.emulator.vibrating
    device.touch(Touch.UP, box.x + 5, box.y + 5)
    assert not device.emulator.vibrating


def test_a_start_ends_the_vibration_of_before(device):
    box = BUTTONS[Button.ENTER]
    device.touch(Touch.DOWN, box.x + 5, box.y + 5)
    assert device.emulator.vibrating
    device.boot()
    assert not device.emulator.vibrating


@pytest.mark.parametrize("setting", ["sound", "vibration"])
def test_what_is_switched_off_is_still(device, setting):
    device.send(encode_line(f"set {setting} 0"))
    heard(device)
    device.touch(Touch.DOWN, *BUTTONS[Button.ENTER][:2])
    assert (heard(device) == []) == (setting == "sound")
    assert device.emulator.vibrating == (setting == "sound")


def test_a_new_brightness_shows_at_once(device):
    device.send(encode_line("set brightness 42"))
    assert device.emulator.light == 42


def test_the_battery_is_looked_at_every_ten_seconds(device):
    x, y, w, _ = BOXES["battery_full"]

    def shown():
        draws = [draw for draw in device.emulator.draws if isinstance(draw, Rect)]
        return [draw.w * 100 / w for draw in draws if (draw.x, draw.y) == (x, y)]

    assert shown() == []
    device.emulator.battery(50)
    device.tick(9_999)
    assert shown() == []
    device.tick(1)
    assert shown() == [50]
    for unknown in (-1, 101, 300):
        device.emulator.battery(50)
        device.tick(10_000)
        assert shown() == [50]
        device.emulator.battery(unknown)
        device.tick(10_000)
        assert shown() == []


def test_without_power_for_the_bolt_the_right_pin_opens_nothing(device, pin):
    enter(device, pin[:4])
    assert enter(device, pin[:4]) == [KEY, SUCCESS]
    device.emulator.power(on=False)
    assert enter(device, pin[:4]) == [KEY, FAILURE]
    assert not device.emulator.bolt_open
    assert device.lines()[-1] == "No power for the bolt"
    device.send(b"info\n")
    assert device.lines()[0].partition("*")[0].endswith(" -1 0")
    device.emulator.power(on=True)
    assert enter(device, pin[:4]) == [KEY, SUCCESS]
    assert device.emulator.bolt_open


def test_an_open_bolt_that_loses_its_power_is_closed_within_a_second(device, pin):
    for _ in range(3):
        enter(device, pin[:4])
    device.emulator.power(on=False)
    device.tick(999)
    assert device.emulator.bolt_open
    device.tick(1)
    assert not device.emulator.bolt_open
    assert device.lines()[-2:] == ["No power for the bolt", "State locked"]
    assert heard(device) == [FAILURE]


def test_a_screen_that_sleeps_stays_dark_where_the_clock_wraps(device):
    device.tick(120_000)
    device.tick(2**31)
    device.tick(2**31 - 120_000)  # as much as at the start
    assert device.emulator.light == 0
    device.send(encode_line("set sleep 3600"))
    assert device.emulator.light == 0
    device.poll(1, 100, 100)
    assert device.emulator.light == 80
