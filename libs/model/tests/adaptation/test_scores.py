from dataclasses import replace

from hands import hand, network

from inkpin.model.adaptation.improve import improve
from inkpin.model.adaptation.model_store import Score
from inkpin.model.adaptation.scores import score_networks
from inkpin.model.inference.recogniser import SHIPPED


def test_networks_are_scored_by_the_same_samples_that_none_learned_from(tmp_path):
    samples = hand(10)
    base, path = tmp_path / "base.onnx", tmp_path / "improved.onnx"
    base.write_bytes(network([*"0123456789"], channels=(4,), pools=(4,)))
    improved = improve(base.read_bytes(), "base.onnx", samples)
    path.write_bytes(improved.model)
    reached = []
    scores = score_networks([base, path], samples, lambda *how_far: reached.append(how_far))
    for each, (own, others) in zip(("before", "after"), scores.values(), strict=True):
        for score, counted in ((own, improved.own), (others, improved.reference)):
            matrix = getattr(counted, each)
            assert score == Score(matrix.right, matrix.n)
    assert own.n == 20
    assert reached[-1] == (22, 22)


def test_a_label_that_a_network_does_not_know_is_not_read():
    own, others = score_networks([SHIPPED], [replace(s, label="x") for s in hand(3)])[SHIPPED]
    assert own == Score(0, 6)
    assert others.n == 2000


def test_without_samples_there_are_other_peoples(tmp_path):
    own, others = score_networks([SHIPPED], [])[SHIPPED]
    assert own == Score(0, 0)
    assert others.right > 1900
