from inkpin.desktop.lock.replay import play
from inkpin.lock import State
from inkpin.preprocess import bitmap


def test_twelve_samples_set_repeat_and_open(harness, samples):
    h = harness("258025802580")
    h.play(play(h.session, samples("258025802580")))
    assert h.lines == [
        "State choose",
        *["Output *"] * 4,
        "State repeat",
        *["Output *"] * 4,
        "PIN set",
        "State locked",
        *["Output *"] * 4,
        "State open",
    ]


def test_every_digit_has_turned_to_a_dot_before_the_next(harness, samples):
    h = harness("2580")
    shown = []
    for wait in play(h.session, samples("2580")):
        h.now += wait
        h.session.tick()
        if h.session.panel.rows and h.session.panel.seen is None:
            shown.append(h.session.lock.shown)
    assert set(shown) == {None}


def test_a_wait_after_a_wrong_pin_is_waited_out(harness, samples):
    h = harness("258025809999" + "2580")
    h.play(play(h.session, samples("258025809999" + "2580")))
    assert h.lines[-7:] == ["State waiting 1 s", "State locked", *["Output *"] * 4, "State open"]


def test_the_hand_draws_at_a_pace_that_can_be_watched(harness, samples):
    h = harness("7")
    waits = list(play(h.session, samples("7")))
    assert 1000 < sum(waits) < 3000
    assert max(waits) < 1500


def test_the_strokes_reach_the_network_as_recorded(harness, samples):
    h = harness("7")
    (one,) = samples("7")
    h.play(play(h.session, [one]))
    assert (h.recogniser.bitmaps[0] == bitmap(one.strokes)).all()
    assert h.session.lock.state is State.CHOOSE
