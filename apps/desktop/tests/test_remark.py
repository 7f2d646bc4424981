from inkpin.desktop.remark import Remark


def test_what_was_said_goes_with_what_it_speaks_of():
    shown, samples = [], ["7"]
    remark = Remark(shown.append)
    remark.say("saved as 7", lambda: tuple(samples))
    remark.poll()
    assert shown == ["saved as 7"]
    samples.clear()
    remark.poll()
    remark.poll()
    assert shown == ["saved as 7", ""]


def test_a_later_remark_is_not_taken_away_by_what_the_one_before_spoke_of():
    shown, samples = [], ["7"]
    remark = Remark(shown.append)
    remark.say("saved as 7", lambda: tuple(samples))
    samples.clear()
    remark.say("welcome")
    remark.poll()
    assert shown == ["saved as 7", "welcome"]
