import sys

import numpy as np
import pytest

from inkpin.model import training_data
from inkpin.model.cli import main
from inkpin.model.idx import image_file, label_file, write_idx
from inkpin.model.samples import Sample, save_samples
from inkpin.preprocess import InputError


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A data folder with 60,000 tiny-information images."""
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path))
    for split, n in (("train", 60_000), ("test", 10)):
        write_idx(tmp_path / "mnist" / image_file(split), np.zeros((n, 28, 28), np.uint8))
        write_idx(tmp_path / "mnist" / label_file(split), np.zeros(n, np.uint8))
    return tmp_path


def pens(path, *writers, word="3"):
    strokes = [np.array([[10, 10], [100, 200]])]
    save_samples(path, [Sample(word, strokes, [None], {"writer": writer}) for writer in writers])
    return path


def test_whole_writers_are_held_out(small, tmp_path):
    path = pens(tmp_path / "a.jsonl", "ann-4", "ann-4", "bob-5", "anonymous")
    data = training_data.load([path])
    assert [sample.extra["writer"] for sample in data.pens] == ["ann-4", "ann-4", "anonymous"]
    bitmaps, labels = data.held_out["pens"]
    assert bitmaps.shape == (1, 28, 28)
    assert labels.tolist() == [3]
    assert len(data.images) + len(data.held_out["MNIST"][0]) == 60_000
    assert 5_000 < len(data.held_out["MNIST"][0]) < 7_000
    assert path.name in data.sources


def test_without_fetched_strokes_it_trains_on_mnist_alone(small, capsys):
    data = training_data.load(None)
    assert data.pens == []
    assert set(data.held_out) == {"MNIST"}
    assert "MNIST alone" in capsys.readouterr().err


def test_strokes_of_other_labels_are_refused(small, tmp_path):
    with pytest.raises(InputError, match="'x'"):
        training_data.load([pens(tmp_path / "a.jsonl", "ann-1", word="x")])


def test_a_training_set_that_is_not_mnist_is_refused(small):
    write_idx(small / "mnist" / image_file("train"), np.zeros((5, 28, 28), np.uint8))
    write_idx(small / "mnist" / label_file("train"), np.zeros(5, np.uint8))
    with pytest.raises(InputError, match="60,000"):
        training_data.load([])


def test_training_without_pytorch_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["train"]) == 2
    assert "inkpin[train]" in capsys.readouterr().err
