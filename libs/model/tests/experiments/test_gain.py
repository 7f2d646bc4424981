import numpy as np
import pytest

from inkpin.model.adaptation.improved_model import BeforeAfter, ConfusionMatrix, ImprovedModel
from inkpin.model.data.samples import Sample
from inkpin.model.experiments import gain
from inkpin.model.inference.recogniser import SHIPPED

STROKES = [np.array([[10, 10], [10, 200]])]
SAMPLES = [
    Sample(digit, STROKES, [None], {"writer": f"pendigits-{writer}"})
    for _ in range(25)
    for writer in (5, 10, 7)
    for digit in "0123456789"
]


def test_nothing_is_counted_that_was_taught_and_everything_once(monkeypatch):
    taught = []

    def improve(base, name, samples):
        taught.append(samples)
        score = ConfusionMatrix(np.eye(2, dtype=int))
        change = BeforeAfter(score, score)
        return ImprovedModel(SHIPPED.read_bytes(), ("a", "b"), 1, 0, change, change)

    counted = []
    monkeypatch.setattr(gain, "improve", improve)
    monkeypatch.setattr(gain, "_right", lambda model, samples: counted.append(samples) or 1)
    before, after = gain.measure(SHIPPED.read_bytes(), SAMPLES, (5, 10), [20])
    assert (before.written, after.written, after.n, after.right) == (0, 20, 500, 5)
    own, *folds = counted
    assert {sample.writer for sample in own} == {"pendigits-5", "pendigits-10"}
    assert sorted(map(id, own)) == sorted(id(sample) for fold in folds for sample in fold)
    for learned, fold in zip(taught, folds, strict=True):
        assert len(learned) == len({id(sample) for sample in learned}) == 200
        assert not {id(sample) for sample in learned} & {id(sample) for sample in fold}


def test_the_picture_shows_one_and_three_hands(tmp_path):
    pytest.importorskip("matplotlib", reason="pip install 'inkpin[report]'")
    results = [
        gain.Result(hands, written, 240 + written // 10, 250, 0.98)
        for hands, sizes in (((5,), (0, 5, 10, 20)), ((5, 10, 15), (0, 10, 20, 50)))
        for written in sizes
    ]
    gain.draw(results, tmp_path / "gain.png")
    assert (tmp_path / "gain.png").read_bytes().startswith(b"\x89PNG")


def test_without_data_one_line_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path))
    assert gain.main([str(SHIPPED), str(tmp_path / "gain.png")]) == 2
    assert "run `inkpin-model fetch`" in capsys.readouterr().err
    assert gain.main([]) == 2
