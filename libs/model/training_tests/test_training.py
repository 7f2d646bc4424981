"""The training itself; takes PyTorch: tox run -e training."""

import json

import numpy as np
import onnx
import pytest
import torch

from inkpin.model import convert, fitting, train
from inkpin.model.cli import main
from inkpin.model.export import to_onnx
from inkpin.model.network import Network
from inkpin.model.recogniser import open_session, run_session
from inkpin.model.samples import Sample
from inkpin.model.training_data import Data


@pytest.fixture(autouse=True)
def few_data(monkeypatch):
    """Train on blobs in ten places instead of on digits."""
    rng = np.random.default_rng(0)

    def blobs(n):
        labels = np.arange(n) % 10
        images = np.zeros((n, 28, 28), np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = 6 + label // 5 * 10, 3 + label % 5 * 5
            image[row : row + 6, column : column + 4] = rng.integers(120, 256, (6, 4))
        return images, labels.astype(np.int64)

    held_out = {"MNIST": (lambda pair: (pair[0] > 0, pair[1]))(blobs(50))}
    pens = [
        Sample(str(i), [np.array([[10, 10], [20 * i + 20, 200]])], [None], {}) for i in range(10)
    ]
    data = Data(*blobs(600), pens, held_out, {"blobs": "made"})
    monkeypatch.setattr(train, "load", lambda strokes: data)


def trained(tmp_path, *words):
    path = tmp_path / "net.onnx"
    return main(["train", "--out", str(path), "--epochs", "4", *words]), path


def test_learns_and_writes_a_model_that_converts(tmp_path, capsys):
    status, path = trained(tmp_path)
    assert status == 0
    metadata = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert json.loads(metadata["labels"]) == list("0123456789")
    assert json.loads(metadata["provenance"])["data"] == {"blobs": "made"}
    assert json.loads(metadata["confidence"])["threshold"] >= 0
    assert convert(path).source.reads_drawings
    assert "held-out MNIST" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    first = trained(tmp_path)[1].read_bytes()
    assert trained(tmp_path)[1].read_bytes() == first
    assert trained(tmp_path, "--seed", "2")[1].read_bytes() != first


def test_ctrl_c_keeps_the_best_so_far(tmp_path, monkeypatch, capsys):
    real, calls = fitting._epoch_data, []

    def interrupting(*arguments):
        calls.append(1)
        if len(calls) == 5:  # one of the teacher's, two in floats, one quantised, and now
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(fitting, "_epoch_data", interrupting)
    status, path = trained(tmp_path)
    assert status == 130
    metadata = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert json.loads(metadata["provenance"])["stopped"] is True


def test_ctrl_c_before_there_is_anything_leaves_an_older_model(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "_epoch_data", interrupted)
    (tmp_path / "net.onnx").write_bytes(b"older")
    status, path = trained(tmp_path)
    assert (status, path.read_bytes()) == (130, b"older")


def test_the_exported_graph_computes_what_the_network_does():
    torch.manual_seed(3)
    network = Network((3, 5, 4), 7)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    bitmaps = torch.rand(40, 1, 28, 28) < 0.3
    network(bitmaps.float())  # gives the normalisation something to fold
    network.eval()
    network.quantise()
    with torch.no_grad():
        wanted = network(bitmaps.float())
    layers = network.layers()
    assert {layer.weights.dtype for layer in layers} == {np.dtype(np.int8)}
    scale = layers[-1].weight_scales[0] * layers[-1].input_scale
    model = to_onnx(layers, 28, {})
    logits = run_session(open_session(model.SerializeToString(), "model"), bitmaps[:, 0].numpy())
    assert np.array_equal(logits * scale, wanted.numpy())
