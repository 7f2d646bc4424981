import json
from dataclasses import replace

import numpy as np
import pytest
from hands import hand, network

from inkpin.common import InputError, RefusedError
from inkpin.common.progress import Stopped
from inkpin.model import convert
from inkpin.model.adaptation import rehearsal
from inkpin.model.adaptation.improve import improve
from inkpin.model.adaptation.integer_fit import STEPS
from inkpin.model.adaptation.last_layers import LastLayers
from inkpin.model.cli import main
from inkpin.model.data.samples import save_samples
from inkpin.model.inference.recogniser import SHIPPED, Recogniser

SHIPPED_MODEL = SHIPPED.read_bytes()


@pytest.fixture(scope="module")
def improved():
    """The shipped network after 16 samples a digit of a hand that it cannot know."""
    return improve(SHIPPED_MODEL, "digits.onnx", hand(20, mirrored=True))


def test_a_hand_is_learned_and_no_other_is_forgotten(improved):
    assert improved.trained_on == 160
    assert improved.own.before.n == improved.own.after.n == 40
    assert improved.own.before.accuracy < 0.5
    assert improved.own.after.accuracy > 0.75
    assert improved.reference.after.accuracy > improved.reference.before.accuracy - 0.01


def test_the_scores_are_those_of_the_network_that_comes_out(improved):
    reference = rehearsal.load().reference
    truth = reference.targets
    for model, score in (
        (SHIPPED_MODEL, improved.reference.before),
        (improved.model, improved.reference.after),
    ):
        predictions = Recogniser(model, "").predictions(reference.bitmaps)
        best = np.array([prediction.best for prediction in predictions])
        assert (score.n, score.right) == (2000, (best == truth).sum())
        assert score.accuracy == (best == truth).mean()
        assert score.counts[3, 5] == ((truth == 3) & (best == 5)).sum()


def test_the_c_of_the_result_computes_its_logits(improved):
    reference = rehearsal.load().reference
    bitmaps = reference.bitmaps[::10]
    expected = [p.logits for p in Recogniser(improved.model, "").predictions(bitmaps)]
    images = bitmaps.astype(np.float32)[:, None]
    np.testing.assert_array_equal(convert(improved.model).predict(images), expected)


def test_what_is_no_digit_is_refused_as_often_as_before(improved):
    scribbles = rehearsal.load().scribbles
    refused = []
    for model in (SHIPPED_MODEL, improved.model):
        predictions = Recogniser(model, "").predictions(scribbles)
        refused.append(np.mean([prediction.label is None for prediction in predictions]))
    assert abs(refused[1] - refused[0]) < 0.1


def test_the_confidence_table_refuses_no_more_digits_than_before(improved):
    reference = rehearsal.load().reference
    refused = []
    for model in (SHIPPED_MODEL, improved.model):
        predictions = Recogniser(model, "").predictions(reference.bitmaps)
        refused.append(np.mean([prediction.label is None for prediction in predictions]))
    assert refused[1] <= refused[0] + 0.005


@pytest.mark.parametrize(
    "shape",
    [{"channels": (4, 8), "pools": (2, 2)}, {"channels": (6,), "pools": (4,)}],
    ids=["two convolutions", "one convolution"],
)
def test_networks_of_any_shape_are_taken(shape):
    base = network([*"0123456789"], **shape)
    made = improve(base, "random", hand(3))
    shapes = [
        [weights.shape for weights, _ in LastLayers(each, "").integers]
        for each in (base, made.model)
    ]
    assert shapes[0] == shapes[1]


def test_the_same_samples_give_the_same_network():
    base = network([*"0123456789"], channels=(4,), pools=(4,))
    assert len({improve(base, "random", hand(3)).model for _ in range(2)}) == 1


def test_metadata_say_where_it_comes_from_and_keep_the_rest():
    made = improve(network([*"0123456789"], channels=(4,), pools=(4,)), "random", hand())
    kept = LastLayers(made.model, "made").metadata
    assert kept["more"] == "kept"
    assert json.loads(kept["labels"]) == [*"0123456789"]
    provenance = json.loads(kept["provenance"])
    assert provenance["seed"] == 7
    assert provenance["improved"]["samples"] == made.trained_on == 80
    assert len(provenance["improved"]["from"]) == 64


def test_what_is_learned_from_does_not_change_with_other_samples(monkeypatch):
    seen = []

    def noted(layers, features, *rest):
        seen.append({row.tobytes() for row in features})
        raise Stopped

    monkeypatch.setattr("inkpin.model.adaptation.improve.fit_integers", noted)
    mine = [replace(sample, extra={"writer": "anna"}) for sample in hand(10)[::-1]]
    for samples in (mine, [*hand(10), *mine, *hand(30)[::-1]]):
        with pytest.raises(Stopped):
            improve(SHIPPED_MODEL, "digits.onnx", samples)
    assert seen[0] <= seen[1]


def test_labels_that_the_network_does_not_know_are_left_out():
    samples = hand(10)
    strange = [replace(sample, label="star") for sample in samples[:7]]
    base = network([*"0123456789"], channels=(4,), pools=(4,))
    made = improve(base, "random", [*strange, *samples])
    assert made.unknown == 7
    assert made.trained_on + made.own.after.n == 100


def test_a_network_of_other_labels_learns_from_the_users_samples_alone():
    shipped = LastLayers(SHIPPED_MODEL, SHIPPED.name)
    letters = {**shipped.metadata, "labels": json.dumps([*"abcdefghij"])}
    base = shipped.with_integers(shipped.integers, letters)
    samples = [replace(s, label=chr(ord("a") + int(s.label))) for s in hand(10, mirrored=True)]
    made = improve(base, "letters", samples)
    assert made.own.after.right > made.own.before.right
    assert made.reference.after.n == 0
    assert made.reference.after.accuracy == 0


@pytest.mark.parametrize("count", [0, 2])
def test_too_few_samples_are_refused(count):
    with pytest.raises(
        RefusedError, match=r"\d+ samples are too few .*: each writer should write 3 of each"
    ):
        improve(SHIPPED_MODEL, "digits.onnx", hand(count) if count else [])


def test_three_samples_of_each_digit_are_enough():
    made = improve(network([*"0123456789"], channels=(4,), pools=(4,)), "random", hand(3))
    assert (made.trained_on, made.own.after.n) == (20, 10)


def test_it_says_how_far_it_is_and_stops_at_any_step():
    told = []
    base = network([*"0123456789"], channels=(4,), pools=(4,))
    improve(base, "random", hand(3), lambda *how_far: told.append(how_far))
    total = 30 + STEPS
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    for last in (0, 29, 40):

        def stop(done, total, last=last):
            if done == last:
                raise Stopped

        with pytest.raises(Stopped):
            improve(base, "random", hand(3), stop)


def test_a_network_that_cannot_be_improved_is_named():
    with pytest.raises(InputError, match=r"odd\.onnx: not a usable ONNX model"):
        improve(b"nonsense", "odd.onnx", hand(3))


def test_the_command_writes_a_network_and_says_what_it_gained(tmp_path, capsys):
    base, strokes, out = (tmp_path / name for name in ("base.onnx", "hand.jsonl", "new.onnx"))
    base.write_bytes(network([*"0123456789"], channels=(4,), pools=(4,)))
    samples = hand(3)
    others = [replace(sample, extra={"writer": "ben"}) for sample in samples]
    save_samples(strokes, [*samples, *others[:15]])
    more = tmp_path / "more.jsonl"
    save_samples(more, [*others[15:], replace(others[0], label="star")])
    words = ["improve", "--strokes", str(strokes), "--strokes", str(more)]
    words += ["--model", str(base), "--out", str(out)]
    assert main([*words, "--writer", "ben"]) == 0
    text = capsys.readouterr().out
    assert "new.onnx: learned from 20 samples" in text
    assert "does not know their labels: 1\n" in text
    assert "of 10 right before" in text
    assert "of 2,000 right before" in text
    Recogniser.load(out)
    out.unlink()
    assert main([*words, "--writer", "nobody"]) == 2
    assert "0 samples are too few" in capsys.readouterr().err
    assert not out.exists()
