import pytest

from inkpin.desktop.samples.pad import Pad
from inkpin.screen import Touch


@pytest.fixture
def pad():
    return Pad()


def draw(pad, *points, start=0, step=10):
    pad.touch(Touch.DOWN, *points[0], start)
    for number, point in enumerate(points[1:], 1):
        pad.touch(Touch.MOVE, *point, start + number * step)
    pad.touch(Touch.UP, *points[-1], start + len(points) * step)


def test_strokes_have_points_and_times(pad):
    draw(pad, (10, 20), (30, 40), start=5000)
    draw(pad, (50, 60), (70, 80), start=5040)
    first, second = pad.strokes
    assert first.tolist() == [[10, 20], [30, 40], [30, 40]]
    assert second[0].tolist() == [50, 60]
    assert [times.tolist() for times in pad.times] == [[0, 10, 20], [40, 50, 60]]


def test_what_leaves_the_sheet_stays_at_its_edge(pad):
    draw(pad, (-5, 100), (300, 400))
    assert pad.strokes[0].tolist()[:2] == [[0, 100], [239, 239]]


def test_moves_without_a_finger_draw_nothing(pad):
    pad.touch(Touch.MOVE, 10, 10, 0)
    pad.touch(Touch.UP, 10, 10, 0)
    assert pad.strokes == []


def test_strokes_are_taken_back_one_by_one(pad):
    draw(pad, (10, 20), (30, 40))
    pad.touch(Touch.DOWN, 50, 60, 99)
    assert pad.take_back()
    pad.touch(Touch.MOVE, 70, 80, 99)  # of the stroke that is gone
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


def test_times_go_on_where_the_clock_of_events_begins_anew_and_never_back(pad):
    draw(pad, (10, 20), (30, 40), start=2**32 - 10)
    assert [times.tolist() for times in pad.times] == [[0, 10, 20]]
    pad.touch(Touch.DOWN, 50, 60, 3)
    assert pad.times[1].tolist() == [20]


@pytest.mark.parametrize(
    ("far", "step", "gaps"), [(30, 60, True), (30, 40, False), (15, 60, False)]
)
def test_a_pen_far_away_after_a_long_time_has_lost_points(pad, far, step, gaps):
    draw(pad, (10, 20), (10, 20 + far), step=step)
    assert pad.has_gaps == gaps
    draw(pad, (200, 200), (210, 210), start=9000)  # lifting the pen loses nothing
    assert pad.has_gaps == gaps
    assert pad.take_back()
    assert pad.take_back()
    assert not pad.has_gaps


def test_a_stroke_that_was_taken_back_is_brought_back_until_the_next_one(pad):
    draw(pad, (10, 20), (30, 40))
    assert not pad.bring_back()
    pad.take_back()
    assert pad.bring_back()
    assert pad.strokes[0].tolist()[0] == [10, 20]
    pad.take_back()
    draw(pad, (50, 60), (70, 80))
    assert not pad.bring_back()


def test_a_drawing_that_was_dropped_is_put_back_with_its_times(pad):
    draw(pad, (10, 20), (30, 40), start=700)
    dropped = pad.clear()
    assert pad.strokes == []
    pad.restore(dropped)
    draw(pad, (50, 60), (70, 80), start=90_000)
    assert [times.tolist() for times in pad.times] == [[0, 10, 20], [20, 30, 40]]


def test_new_ink_comes_once_and_joins_what_was_there(pad):
    pad.touch(Touch.DOWN, 10, 20, 0)
    assert pad.new_lines() == [[(10, 20)]]
    pad.touch(Touch.MOVE, 11, 21, 1)
    pad.touch(Touch.MOVE, 12, 22, 2)
    assert pad.new_lines() == [[(10, 20), (11, 21), (12, 22)]]
    assert pad.new_lines() == []
    pad.touch(Touch.MOVE, 13, 23, 3)
    pad.touch(Touch.DOWN, 50, 60, 4)
    assert pad.new_lines() == [[(12, 22), (13, 23)], [(50, 60)]]
    pad.touch(Touch.MOVE, 51, 61, 5)
    pad.image()
    assert pad.new_lines() == []
