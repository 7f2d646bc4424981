"""The bundled gestures, on drawings that were not made by their generator."""

from gestures import outside


def test_gestures_drawn_by_hand_are_read_and_other_signs_refused():
    counts = outside.by_hand()
    assert len(counts) == 9
    assert sum(count.n for count in counts.values()) == 64
    assert sum(count.right for count in counts.values()) >= 63
    assert all(count.wrong == 0 for count in counts.values())


def test_what_people_wrote_for_other_ends_is_read_or_refused(fetched):
    counts = outside.unipen(step=4)
    assert min(count.n for count in counts.values()) >= 50
    assert counts["circle"].right >= 0.72 * counts["circle"].n
    assert counts["cross"].right >= 0.75 * counts["cross"].n
    assert counts["circle"].wrong + counts["cross"].wrong <= 3
    assert counts["other"].right >= 0.93 * counts["other"].n
