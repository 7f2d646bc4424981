import numpy as np

from inkpin.desktop.lock.replay import play
from inkpin.lock import State
from inkpin.preprocess import Strokes
from inkpin.screen import Button, Touch, render


def draw(session, points):
    session.touch(Touch.DOWN, *points[0])
    for point in points[1:]:
        session.touch(Touch.MOVE, *point)
    session.touch(Touch.UP, *points[-1])


LINE = [(100, 40), (100, 120), (110, 200)]


def test_the_network_gets_the_strokes_bitmap_and_the_lock_its_digit(harness):
    h = harness("7")
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    (bitmap,) = h.recogniser.bitmaps
    assert np.array_equal(bitmap, Strokes.of([LINE]).bitmap())
    assert h.lines == ["State choose", "Output *"]
    assert h.session.lock.shown == 7


def test_the_preview_is_the_bitmap(harness):
    h = harness()
    draw(h.session, LINE)
    rows = h.session.panel.rows
    cells = [[row >> column & 1 for column in range(28)] for row in rows]
    assert np.array_equal(cells, Strokes.of([LINE]).bitmap())


def test_too_little_ink_is_not_even_shown_to_the_network(harness):
    h = harness()
    draw(h.session, [(100, 100), (105, 105)])
    h.session.key(Button.ENTER)
    assert h.lines[-1] == "Output ?"
    assert h.recogniser.bitmaps == []


def test_erased_ink_does_not_come_back(harness):
    h = harness("77")
    draw(h.session, [(20, 20), (220, 220)])
    h.session.key(Button.CLEAR)
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    assert np.array_equal(h.recogniser.bitmaps[0], Strokes.of([LINE]).bitmap())


def test_try_prints_what_was_read(harness):
    h = harness(["A"])
    h.session.key(Button.TRY)
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    assert h.lines[-1] == "Output A 97%"


def test_time_passes_by_the_clock_given(harness):
    h = harness("7")
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    h.now = 1000
    h.session.tick()
    assert h.session.lock.shown is None


def test_a_reset_leads_out_of_a_fault(harness):
    h = harness()
    h.store.hooks.slots[:] = [b"bad", b"bad"]
    h = harness(store=h.store)
    assert h.session.lock.state is State.FAULT
    h.session.reset()
    assert h.lines[-3:] == ["State fault", "Factory reset", "State choose"]


def test_the_recogniser_is_loaded_once_and_late(harness):
    h = harness("77")
    loads = []
    h.session._load = lambda: loads.append(1) or h.recogniser
    assert loads == []
    for _ in range(2):
        draw(h.session, LINE)
        h.session.key(Button.ENTER)
    assert loads == [1]


def test_the_image_is_the_rendered_view(harness):
    h = harness()
    draw(h.session, LINE)
    assert h.session.image() == render(h.session.draws())


def test_the_event_log_tells_what_happened_and_outlives_the_session(harness, samples):
    h = harness(["3", "8", "0", "7"] * 3)
    h.play(play(h.session, samples("380738073807")))
    texts = [line.split(maxsplit=2)[2].rsplit(maxsplit=2)[0] for line in h.session.log.lines()]
    assert texts == ["reboot", "PIN set", "opened"]
    assert len(harness(store=h.store).session.log.lines()) == 4


def test_what_was_tried_is_there_until_the_ink_goes(harness):
    h = harness("77")
    h.session.key(Button.TRY)
    assert h.session.tried is None
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    tried = h.session.tried
    assert tried.prediction.label == "7"
    assert np.array_equal(tried.bitmap, h.recogniser.bitmaps[0])
    assert tried.labels == h.recogniser.labels
    h.session.key(Button.CLEAR)
    assert h.session.tried is None
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    assert h.session.tried is not None
    h.session.key(Button.ENTER)  # leaves
    assert h.session.tried is None


def test_nothing_is_there_to_be_seen_while_a_pin_is_set_and_entered(harness, samples):
    h = harness(["3", "8", "0", "7"] * 3)
    for wait in play(h.session, samples("380738073807")):
        assert h.session.tried is None
        h.now += wait
        h.session.tick()
    assert h.session.lock.state is State.OPEN


def test_in_try_it_the_answer_follows_the_pen(harness):
    h = harness(["1", "7", "7"])
    h.session.key(Button.TRY)
    h.session.glance()
    assert h.session.tried is None
    for phase, point in zip((Touch.DOWN, Touch.MOVE), LINE[:2], strict=True):
        h.session.touch(phase, *point)
    h.session.glance()
    first = h.session.tried
    assert (first.prediction.label, first.live) == ("1", True)
    h.session.glance()
    assert h.session.tried is first  # nothing new was drawn
    h.session.touch(Touch.MOVE, *LINE[2])
    h.session.glance()
    assert h.session.tried.prediction.label == "7"
    h.session.touch(Touch.UP, *LINE[2])
    h.session.key(Button.ENTER)
    assert not h.session.tried.live
    h.session.key(Button.CLEAR)
    assert h.session.tried is None


def test_no_answer_follows_the_pen_while_a_pin_is_set(harness):
    h = harness()
    draw(h.session, LINE)
    h.session.glance()
    assert h.session.tried is None
    assert h.recogniser.bitmaps == []


def test_illegible_ink_leaves_nothing_tried(harness):
    h = harness()
    h.session.key(Button.TRY)
    draw(h.session, [(50, 50), (52, 52)])
    h.session.key(Button.ENTER)
    assert h.session.tried is None


def no_pin(session):
    return any(
        getattr(draw, "string", "") == "Reads no digits: press TRY" for draw in session.draws()
    )


def test_a_network_without_digits_is_for_try_it_alone(harness):
    h = harness(["tick", "cross"])
    h.recogniser.labels = ("cross", "tick")
    assert not h.session.reads_digits
    assert no_pin(h.session)
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    refusal = "No PIN: the network reads cross, tick, but not every digit; press TRY"
    assert h.lines[-2:] == [refusal, "Output ?"]
    assert h.session.lock.filled == 0
    assert h.recogniser.bitmaps == []
    h.session.key(Button.TRY)
    assert not no_pin(h.session)
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    assert h.lines[-1] == "Output tick 97%"


def test_a_network_with_letters_beside_the_digits_takes_a_pin(harness):
    h = harness("7")
    h.recogniser.labels = (*"0123456789", "A")
    assert h.session.reads_digits
    assert not no_pin(h.session)


def test_gestures_are_replayed_in_try_it(harness, samples):
    h = harness(["tick"] * 5)
    h.recogniser.labels = ("cross", "tick")
    h.play(play(h.session, samples("12345")))
    assert h.lines[1:] == ["State try", *["Output tick 97%"] * 5]


def test_another_network_reads_from_then_on(harness):
    h, other = harness("7"), harness("1").recogniser
    h.session.key(Button.TRY)
    h.session.use(other)
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    assert h.lines[-1] == "Output 1 97%"


def test_what_try_it_shows_is_of_the_network_in_use(harness):
    h, other = harness("7"), harness("1").recogniser
    h.session.key(Button.TRY)
    draw(h.session, LINE)
    h.session.key(Button.ENTER)
    assert (h.session.tried.prediction.label, h.session.panel.seen.label) == ("7", "7")
    h.session.use(other)
    assert (h.session.tried.prediction.label, h.session.panel.seen.label) == ("1", "1")
    assert h.lines[-1] == "Output 1 97%"


def test_what_is_still_being_written_is_read_by_the_network_in_use(harness):
    h, other = harness("7"), harness("1").recogniser
    h.session.key(Button.TRY)
    draw(h.session, LINE)
    h.session.glance()
    assert (h.session.tried.live, h.session.tried.prediction.label) == (True, "7")
    h.session.use(other)
    h.session.glance()
    assert (h.session.tried.live, h.session.tried.prediction.label) == (True, "1")


def test_another_network_reads_nothing_of_a_pin(harness):
    h, other = harness("7"), harness("1").recogniser
    draw(h.session, LINE)
    h.session.use(other)
    assert other.bitmaps == []
    assert h.session.tried is None
