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


def test_the_network_gets_the_strokes_bitmap_and_the_lock_its_digit(bench):
    b = bench("7")
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    (bitmap,) = b.recogniser.bitmaps
    assert np.array_equal(bitmap, Strokes.of([LINE]).bitmap())
    assert b.lines == ["State choose", "Output *"]
    assert b.session.lock.shown == 7


def test_the_preview_is_the_bitmap(bench):
    b = bench()
    draw(b.session, LINE)
    rows = b.session.panel.rows
    cells = [[row >> column & 1 for column in range(28)] for row in rows]
    assert np.array_equal(cells, Strokes.of([LINE]).bitmap())


def test_too_little_ink_is_not_even_shown_to_the_network(bench):
    b = bench()
    draw(b.session, [(100, 100), (105, 105)])
    b.session.key(Button.ENTER)
    assert b.lines[-1] == "Output ?"
    assert b.recogniser.bitmaps == []


def test_erased_ink_does_not_come_back(bench):
    b = bench("77")
    draw(b.session, [(20, 20), (220, 220)])
    b.session.key(Button.CLEAR)
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    assert np.array_equal(b.recogniser.bitmaps[0], Strokes.of([LINE]).bitmap())


def test_try_prints_what_was_read(bench):
    b = bench(["A"])
    b.session.key(Button.TRY)
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    assert b.lines[-1] == "Output A 97%"


def test_time_passes_by_the_clock_given(bench):
    b = bench("7")
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    b.now = 1000
    b.session.tick()
    assert b.session.lock.shown is None


def test_a_reset_leads_out_of_a_fault(bench):
    b = bench()
    b.store.hooks.slots[:] = [b"bad", b"bad"]
    b = bench(store=b.store)
    assert b.session.lock.state is State.FAULT
    b.session.reset()
    assert b.lines[-3:] == ["State fault", "Factory reset", "State choose"]


def test_the_recogniser_is_loaded_once_and_late(bench):
    b = bench("77")
    loads = []
    b.session._load = lambda: loads.append(1) or b.recogniser
    assert loads == []
    for _ in range(2):
        draw(b.session, LINE)
        b.session.key(Button.ENTER)
    assert loads == [1]


def test_the_image_is_the_rendered_view(bench):
    b = bench()
    draw(b.session, LINE)
    assert b.session.image() == render(b.session.draws())


def test_the_event_log_tells_what_happened_and_outlives_the_session(bench, samples):
    b = bench(["3", "8", "0", "7"] * 3)
    b.play(play(b.session, samples("380738073807")))
    texts = [line.split(maxsplit=2)[2].rsplit(maxsplit=2)[0] for line in b.session.log.lines()]
    assert texts == ["reboot", "PIN set", "opened"]
    assert len(bench(store=b.store).session.log.lines()) == 4


def test_what_was_tried_is_there_until_the_ink_goes(bench):
    b = bench("77")
    b.session.key(Button.TRY)
    assert b.session.tried is None
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    tried = b.session.tried
    assert tried.prediction.label == "7"
    assert np.array_equal(tried.bitmap, b.recogniser.bitmaps[0])
    assert tried.labels == b.recogniser.labels
    b.session.key(Button.CLEAR)
    assert b.session.tried is None
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    assert b.session.tried is not None
    b.session.key(Button.ENTER)  # leaves
    assert b.session.tried is None


def test_nothing_is_there_to_be_seen_while_a_pin_is_set_and_entered(bench, samples):
    b = bench(["3", "8", "0", "7"] * 3)
    for wait in play(b.session, samples("380738073807")):
        assert b.session.tried is None
        b.now += wait
        b.session.tick()
    assert b.session.lock.state is State.OPEN


def test_illegible_ink_leaves_nothing_tried(bench):
    b = bench()
    b.session.key(Button.TRY)
    draw(b.session, [(50, 50), (52, 52)])
    b.session.key(Button.ENTER)
    assert b.session.tried is None


def no_pin(session):
    return any(
        getattr(draw, "string", "") == "Reads no digits: press TRY" for draw in session.draws()
    )


def test_a_network_without_digits_is_for_try_it_alone(bench):
    b = bench(["tick", "cross"])
    b.recogniser.labels = ("cross", "tick")
    assert not b.session.reads_digits
    assert no_pin(b.session)
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    refusal = "No PIN: the network reads cross, tick, but not every digit; press TRY"
    assert b.lines[-2:] == [refusal, "Output ?"]
    assert b.session.lock.filled == 0
    assert b.recogniser.bitmaps == []
    b.session.key(Button.TRY)
    assert not no_pin(b.session)
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    assert b.lines[-1] == "Output tick 97%"


def test_a_network_with_letters_beside_the_digits_takes_a_pin(bench):
    b = bench("7")
    b.recogniser.labels = (*"0123456789", "A")
    assert b.session.reads_digits
    assert not no_pin(b.session)


def test_gestures_are_replayed_in_try_it(bench, samples):
    b = bench(["tick"] * 5)
    b.recogniser.labels = ("cross", "tick")
    b.play(play(b.session, samples("12345")))
    assert b.lines[1:] == ["State try", *["Output tick 97%"] * 5]


def test_another_network_reads_from_then_on(bench):
    b, other = bench("7"), bench("1").recogniser
    b.session.key(Button.TRY)
    b.session.use(other)
    draw(b.session, LINE)
    b.session.key(Button.ENTER)
    assert b.lines[-1] == "Output 1 97%"
