import pytest

from inkpin.desktop.samples.pad import Pad
from inkpin.screen import Touch


@pytest.fixture
def pad():
    clock = iter(range(1000))
    return Pad(lambda: next(clock) / 100)


def draw(pad, *points):
    pad.touch(Touch.DOWN, *points[0])
    for point in points[1:]:
        pad.touch(Touch.MOVE, *point)
    pad.touch(Touch.UP, *points[-1])


def test_strokes_have_points_and_times(pad):
    draw(pad, (10, 20), (30, 40))
    draw(pad, (50, 60), (70, 80))
    first, second = pad.strokes
    assert first.tolist() == [[10, 20], [30, 40], [30, 40]]
    assert second[0].tolist() == [50, 60]
    assert [times.tolist() for times in pad.times] == [[10, 20, 30], [40, 50, 60]]


def test_what_leaves_the_sheet_stays_at_its_edge(pad):
    draw(pad, (-5, 100), (300, 400))
    assert pad.strokes[0].tolist()[:2] == [[0, 100], [239, 239]]


def test_moves_without_a_finger_draw_nothing(pad):
    pad.touch(Touch.MOVE, 10, 10)
    pad.touch(Touch.UP, 10, 10)
    assert pad.strokes == []


def test_strokes_are_taken_back_one_by_one(pad):
    draw(pad, (10, 20), (30, 40))
    pad.touch(Touch.DOWN, 50, 60)
    assert pad.take_back()
    pad.touch(Touch.MOVE, 70, 80)  # of the stroke that is gone
    assert len(pad.strokes) == 1
    assert pad.take_back()
    assert not pad.take_back()


def test_a_dot_is_not_legible_and_a_line_is(pad):
    assert not pad.legible
    draw(pad, (10, 20), (12, 22))
    assert not pad.legible
    draw(pad, (10, 20), (100, 22))
    assert pad.legible
    pad.clear()
    assert not pad.legible


def test_the_picture_shows_the_ink(pad):
    blank = pad.image()
    assert blank.size == (240, 240)
    draw(pad, (20, 120), (200, 120))
    assert pad.image().getpixel((100, 120)) != blank.getpixel((100, 120))
    assert pad.image().getpixel((100, 20)) == blank.getpixel((100, 20))
