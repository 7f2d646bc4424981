from inkpin.desktop.lock.replay import play
from inkpin.lock import State


def test_twelve_samples_set_repeat_and_open(bench, samples):
    b = bench("258025802580")
    b.play(play(b.session, samples("258025802580")))
    assert b.lines == [
        "State choose",
        *["Output *"] * 4,
        "State repeat",
        *["Output *"] * 4,
        "PIN set",
        "State locked",
        *["Output *"] * 4,
        "State open",
    ]


def test_every_digit_has_turned_to_a_dot_before_the_next(bench, samples):
    b = bench("2580")
    shown = []
    for wait in play(b.session, samples("2580")):
        b.now += wait
        b.session.tick()
        if b.session.panel.rows and b.session.panel.seen is None:
            shown.append(b.session.lock.shown)
    assert set(shown) == {None}


def test_a_wait_after_a_wrong_pin_is_waited_out(bench, samples):
    b = bench("258025809999" + "2580")
    b.play(play(b.session, samples("258025809999" + "2580")))
    assert b.lines[-7:] == ["State waiting 1 s", "State locked", *["Output *"] * 4, "State open"]


def test_the_hand_draws_at_a_pace_that_can_be_watched(bench, samples):
    b = bench("7")
    waits = list(play(b.session, samples("7")))
    assert 1000 < sum(waits) < 3000
    assert max(waits) < 1500


def test_the_strokes_reach_the_network_as_recorded(bench, samples):
    b = bench("7")
    (one,) = samples("7")
    b.play(play(b.session, [one]))
    from inkpin.preprocess import bitmap

    assert (b.recogniser.bitmaps[0] == bitmap(one.strokes)).all()
    assert b.session.lock.state is State.CHOOSE
