"""Training that goes on from a network, on somebody's own strokes; takes PyTorch."""

import json

import numpy as np
import onnx
import pytest

from inkpin.model import convert
from inkpin.model.cli import main
from inkpin.model.data.samples import Sample, save_samples
from inkpin.model.training import fine_tune
from inkpin.model.training.recipe import Stage


@pytest.fixture
def base(tmp_path):
    path = tmp_path / "base.onnx"
    assert main(["train", "--out", str(path), "--epochs", "4", "--workers", "1"]) == 0
    return path


@pytest.fixture
def hand(tmp_path):
    """Strokes that no digit of the training looks like."""
    samples = [
        Sample(str(digit), [np.array([[10, 10 + i], [200, 20 * digit + 20], [10, 200]])], [None])
        for digit in range(10)
        for i in range(10)
    ]
    path = tmp_path / "hand.jsonl"
    save_samples(path, samples)
    return path


@pytest.fixture(autouse=True)
def longer(monkeypatch):
    monkeypatch.setattr(fine_tune, "FINE_TUNING", Stage("own hand", 1, 4e-3))


def metadata(path, key):
    return json.loads({e.key: e.value for e in onnx.load(path).metadata_props}[key])


def test_learns_a_hand_and_writes_a_network_of_the_same_kind(tmp_path, base, hand, capsys):
    capsys.readouterr()
    out = tmp_path / "mine.onnx"
    words = ["train", "--from", str(base), "--strokes", str(hand), "--out", str(out)]
    assert main([*words, "--epochs", "24", "--workers", "1"]) == 0
    said = capsys.readouterr().out.splitlines()
    own = next(line for line in said if line.startswith("own: "))
    before, after = (float(word.rstrip("%")) for word in own.split() if word.endswith("%"))
    assert after > before
    assert metadata(out, "provenance")["retrained"]["strokes"].keys() == {"hand.jsonl"}
    history = metadata(out, "history")
    assert history[: len(history) - 24] == metadata(base, "history")
    assert history[-1]["stage"] == "own hand"
    assert convert(out).source.c_files == ("ink_ternary_conv.c",)
    assert not list(tmp_path.glob("*.checkpoint"))


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--from", "nowhere.onnx", "--strokes", "hand.jsonl"], "nowhere.onnx"),
        (["--from", "hand.jsonl", "--strokes", "hand.jsonl"], "hand.jsonl"),
        (["--from", "base.onnx"], "--strokes"),
        (["--from", "base.onnx", "--strokes", "few.jsonl"], "too few"),
        (["--from", "base.onnx", "--strokes", "hand.jsonl", "--epochs", "0"], "--epochs"),
    ],
)
def test_unusable_arguments_are_one_line(tmp_path, base, hand, capsys, words, wrong, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = hand.read_text().splitlines(keepends=True)
    (tmp_path / "few.jsonl").write_text("".join(lines[:20]))
    capsys.readouterr()
    assert main(["train", *words]) == 2
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert wrong in error[0]
    assert not (tmp_path / "mine.onnx").exists()
