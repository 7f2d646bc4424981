"""Three crosses for a touch panel whose edges are off."""

import ctypes
from fractions import Fraction
from functools import cache
from math import floor
from random import Random

import pytest

from inkpin import common, lock, screen
from inkpin.common import host_compiler
from inkpin.device import C_FOLDER
from inkpin.device.wire import Done, Reader, Refused
from inkpin.screen import cross_view
from inkpin.screen.layout import CROSSES

REACH = 32


class _Spot(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int16), ("y", ctypes.c_int16)]


@cache
def library():
    loaded = host_compiler.load(
        [C_FOLDER / "ink_calibration.c"],
        [C_FOLDER, lock.C_FOLDER, common.C_FOLDER, screen.C_FOLDER],
    )
    loaded.ink_calibration_map.restype = _Spot
    loaded.ink_calibration_map.argtypes = ctypes.c_void_p, ctypes.c_int16, ctypes.c_int16
    return loaded


def mapped(touched, x, y):
    """Return where Python's exact fractions put a touch."""
    (ax, ay), (bx, by), (cx, cy) = touched
    whole = (by - cy) * (ax - cx) + (cx - bx) * (ay - cy)
    first = Fraction((by - cy) * (x - cx) + (cx - bx) * (y - cy), whole)
    second = Fraction((cy - ay) * (x - cx) + (ax - cx) * (y - cy), whole)
    weights = first, second, 1 - first - second
    place = [
        floor(
            sum(w * cross[axis] for w, cross in zip(weights, CROSSES, strict=True)) + Fraction(1, 2)
        )
        for axis in (0, 1)
    ]
    return min(max(place[0], 0), 319), max(place[1], 0)


def in_c(touched, x, y):
    points = (ctypes.c_int16 * 6)(*(value for point in touched for value in point))
    spot = library().ink_calibration_map(points, x, y)
    return spot.x, spot.y


def test_the_map_is_exact():
    random = Random(2)
    for _ in range(2000):
        touched = [tuple(c + random.randint(-REACH, REACH) for c in cross) for cross in CROSSES]
        x, y = random.randint(-20, 340), random.randint(-20, 290)
        assert in_c(touched, x, y) == mapped(touched, x, y)
        assert [in_c(touched, *point) for point in touched] == [*CROSSES]


def test_the_crosses_own_places_change_nothing():
    for x in range(0, 320, 7):
        for y in range(0, 281, 7):
            assert in_c(CROSSES, x, y) == (x, y)


@pytest.mark.parametrize("x", [-32768, -1000, 1000, 32767])
@pytest.mark.parametrize("y", [-32768, -1000, 1000, 32767])
def test_what_no_panel_reports_overflows_nothing(x, y):
    left, top = in_c([(c[0] + REACH, c[1] - REACH) for c in CROSSES], x, y)
    assert 0 <= left < 320
    assert top >= 0


# --- on a device ---


def off(x, y):
    """What a panel reports that is 4 % too small, and shifted."""
    return round(x * 0.96) + 9, round(y * 0.96) + 5


def touch(device, x, y):
    for fingers in (0, 1, 1, 0):
        device.poll(fingers, x, y, device.now + 20)


def calibrate(device, points):
    device.send(b"calibrate\n")
    device.poll(0, 0, 0)
    for point in points:
        touch(device, *point)
    return device.lines()


def said(lines):
    return [line.partition("*")[0] for line in lines if line.startswith("@calibration")]


def dot(device):
    """Return where ink appears for a touch of (100, 60) on the panel that is off."""
    touch(device, *off(100, 60))
    return device.ink[0][0]


def test_three_crosses_mend_a_panel_that_is_off(device):
    assert dot(device) == off(100, 60) != (100, 60)
    lines = calibrate(device, [off(*cross) for cross in CROSSES])
    crosses = [f"@calibration cross {number}" for number in (1, 2, 3)]
    assert said(lines) == [*crosses, "@calibration kept"]
    device.send(b"set sound 0\n")
    device.boot()
    x, y = dot(device)
    assert abs(x - 100) <= 1
    assert abs(y - 60) <= 1


def test_the_screen_shows_the_crosses_and_then_what_it_showed(device):
    before = list(device.emulator.draws)
    device.send(b"calibrate\n")
    device.poll(0, 0, 0)
    for number, cross in enumerate(CROSSES):
        assert device.emulator.draws == cross_view(number)
        touch(device, *cross)
    assert device.emulator.draws == before


def test_a_touch_counts_where_it_ends_and_draws_nothing(device):
    device.send(b"calibrate\n")
    device.poll(0, 0, 0)
    for x, y in CROSSES:
        for fingers, far in ((1, 12), (1, 6), (1, 0), (0, 0)):
            device.poll(fingers, x + far, y, device.now + 20)
    assert said(device.lines())[-1] == "@calibration kept"
    assert device.ink == []
    assert device.slots["settings", 0][28:40] == b"".join(
        value.to_bytes(2, "little") for cross in CROSSES for value in cross
    )


def test_a_touch_that_is_cancelled_is_no_cross(device):
    device.send(b"calibrate\n")
    for fingers in (0, 1, 2, 2, 0):
        device.poll(fingers, *CROSSES[0], device.now + 20)
    assert said(device.lines()) == ["@calibration cross 1"]


@pytest.mark.parametrize("points", [CROSSES[::-1], [(160, 120)] * 3, [(280, 220)] * 3])
def test_what_makes_no_sense_is_refused(device, points):
    lines = calibrate(device, points)
    assert said(lines)[-1] == "@calibration refused"
    assert device.slots["settings", 0] == b""
    assert dot(device) == off(100, 60)


def test_what_the_storage_does_not_keep_is_not_said_to_be_kept(device):
    calibrate(device, [off(*cross) for cross in CROSSES])
    kept = device.slots["settings", 0]
    calibrate(device, [(x + 40, y) for x, y in CROSSES])
    assert device.slots["settings", 0] == kept


def test_nothing_for_30_seconds_leaves_all_as_it_was(device):
    device.send(b"calibrate\n")
    device.poll(0, 0, 0)
    touch(device, *CROSSES[0])
    device.tick(29_900)
    assert said(device.lines())[-1] == "@calibration cross 2"
    device.tick(100)
    assert said(device.lines()) == ["@calibration cancelled"]
    assert device.slots["settings", 0] == b""
    assert dot(device) == off(100, 60)


def ask(device, line):
    device.serial = b""
    device.send(line)
    return Reader().feed(device.serial)


def test_it_is_cancelled_and_undone_by_the_serial_line(device):
    assert isinstance(ask(device, b"calibrate cancel\n")[-1], Refused)
    ask(device, b"calibrate\n")
    assert ask(device, b"calibrate cancel\n")[-1] == Done("calibrate")
    assert device.emulator.draws != cross_view(0)
    calibrate(device, [off(*cross) for cross in CROSSES])
    assert ask(device, b"calibrate reset\n")[-1] == Done("calibrate")
    assert dot(device) == off(100, 60)
    device.boot()
    assert dot(device) == off(100, 60)


def test_a_factory_reset_forgets_it(device):
    calibrate(device, [off(*cross) for cross in CROSSES])
    ask(device, b"factory-reset ERASE\n")
    assert dot(device) == off(100, 60)


@pytest.mark.parametrize(
    "word", [b"calibrate now\n", b"calibrate reset it\n", b"calibrate Reset\n"]
)
def test_other_words_are_refused(device, word):
    answers = ask(device, word)
    assert isinstance(answers[-1], Refused)
    assert said(device.lines()) == []


def test_the_zone_below_the_screen_stays_there(device):
    calibrate(device, [off(*cross) for cross in CROSSES])
    touch(device, *off(100, 250))
    assert device.ink == []


def test_auto_enter_on_the_device(device, pin):
    ask(device, b"set auto 600\n")
    for _ in range(2):
        device.draw(pin[0])
        assert "Output *" not in device.lines()
        device.tick(599)
        assert "Output *" not in device.lines()
        device.tick(1)
        assert "Output *" in device.lines()
        device.boot()
        device.lines()
    ask(device, b"factory-reset ERASE\n")
    device.draw(pin[0])
    device.tick(5000)
    assert "Output *" not in device.lines()
