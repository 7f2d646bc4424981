"""Two hundred random graphs; `./dev fuzz_graphs` judges thousands, every one's C too."""

from collections import Counter

import pytest

from fuzz_graphs.judging import FINE, REFUSED, WARNED, WRONG, verdicts

COUNT = 200


@pytest.fixture(scope="module")
def found():
    return list(verdicts(range(COUNT), compiled=4))


def test_no_random_graph_comes_out_wrong(found, record_property):
    # What is warned of is not wrong in silence; yet none of these has to be.
    assert [one for one in found if one.outcome in (WRONG, WARNED)] == []
    record_property("random graphs judged beside onnxruntime", len(found))


def test_the_graphs_are_worth_judging(found):
    fine = [one for one in found if one.outcome == FINE]
    assert len(fine) >= 0.85 * COUNT
    assert sum(one.outcome == REFUSED for one in found) <= 0.05 * COUNT
    ways = Counter(one.way for one in fine)
    assert len({way.split(",")[0] for way in ways}) == 10  # float, in 16 bits, quantised eight ways
    for what in ("bytes behind moves", "requantised behind moves"):
        assert sum(count for way, count in ways.items() if what in way) >= 10
    assert len({operator for one in fine for operator in one.operators}) >= 60
