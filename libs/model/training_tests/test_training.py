"""The training itself; takes PyTorch: ./dev training."""

import json

import numpy as np
import onnx
import pytest
import torch

from inkpin.common import files
from inkpin.model import convert
from inkpin.model.cli import main
from inkpin.model.data.samples import Sample, save_samples
from inkpin.model.export import to_onnx
from inkpin.model.inference.recogniser import open_session, run_session
from inkpin.model.training import loop, train
from inkpin.model.training.network import Network
from inkpin.model.training.recipe import FOUR_BITS, Architecture, Conv


def trained(tmp_path, *words):
    path = tmp_path / "net.onnx"
    return main(["train", "--out", str(path), "--epochs", "4", "--workers", "1", *words]), path


def metadata(path):
    return {entry.key: json.loads(entry.value) for entry in onnx.load(path).metadata_props}


def test_learns_and_writes_a_model_that_converts(tmp_path, capsys):
    status, path = trained(tmp_path)
    assert status == 0
    assert metadata(path)["labels"] == list("0123456789")
    assert metadata(path)["provenance"]["data"] == {"blobs": "made"}
    assert metadata(path)["provenance"]["validation"]["MNIST"] > 0.5
    assert metadata(path)["confidence"]["threshold"] >= 0
    assert convert(path).source.reads_drawings
    assert "validation MNIST" in capsys.readouterr().out
    assert [left.name for left in tmp_path.iterdir()] == ["net.onnx"]


def test_a_stopped_training_goes_on_to_the_same_bytes(tmp_path, monkeypatch, capsys):
    path = trained(tmp_path)[1]
    whole = path.read_bytes()
    path.unlink()
    real, calls = loop.train_epoch, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) in (3, 5):  # while in floats, and while quantised
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(loop, "train_epoch", interrupted)
    for _ in range(2):
        assert trained(tmp_path)[0] == 130
        assert not path.exists()
        assert f"the same command goes on from {path}.checkpoint" in capsys.readouterr().err
    assert trained(tmp_path) == (0, path)
    assert f"going on from {path}.checkpoint, floats 1 done" in capsys.readouterr().err
    assert path.read_bytes() == whole
    assert len(calls) == 9


def test_two_processes_learn_as_one_network_and_repeatably(tmp_path):
    networks = []
    for _ in range(2):
        status, path = trained(tmp_path, "--workers", "2")
        assert status == 0
        networks.append(path.read_bytes())
        path.unlink()
    assert networks[0] == networks[1]
    path.write_bytes(networks[0])
    assert metadata(path)["provenance"]["validation"]["MNIST"] > 0.5


def test_the_history_tells_of_every_epoch(tmp_path):
    history = metadata(trained(tmp_path)[1])["history"]
    stages = [(entry["stage"], entry["epoch"], entry["of"]) for entry in history]
    assert stages == [
        ("teacher", 1, 1),
        ("second teacher", 1, 1),
        ("floats", 1, 1),
        ("quantised", 1, 3),
        ("quantised", 2, 3),
        ("quantised", 3, 3),
        ("all writers", 1, 1),
    ]
    assert all(0 <= entry["right"] <= 1 and entry["loss"] > 0 for entry in history)
    assert set(history[-1]["held out"]) == {"MNIST"}


def test_a_damaged_checkpoint_is_passed_over(tmp_path, capsys):
    path = trained(tmp_path, "--seed", "2")[1]
    first = path.read_bytes()
    path.unlink()
    path.with_name("net.onnx.checkpoint").write_bytes(b"no checkpoint")
    assert trained(tmp_path, "--seed", "2")[1].read_bytes() == first
    assert "going on" not in capsys.readouterr().err
    path.unlink()
    assert trained(tmp_path)[1].read_bytes() != first


def interrupt_at(epoch, monkeypatch):
    """Let Ctrl-C come when an epoch begins, the first being 1."""
    real, calls = loop.train_epoch, []

    def stopping(*arguments):
        calls.append(1)
        if len(calls) == epoch:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(loop, "train_epoch", stopping)


def test_a_checkpoint_of_another_training_is_not_lost(tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        interrupt_at(2, patch)
        path = trained(tmp_path)[1]
    kept = path.with_name("net.onnx.checkpoint").read_bytes()
    capsys.readouterr()
    monkeypatch.delattr(train, "fit")  # nothing is drawn before it is said
    for words in (["--seed", "2"], ["--epochs", "5"], ["--keep-out"]):
        assert trained(tmp_path, *words)[0] == 2
        (said,) = capsys.readouterr().err.splitlines()
        assert "net.onnx.checkpoint: of another training" in said
        assert path.with_name("net.onnx.checkpoint").read_bytes() == kept


def test_a_network_of_another_training_is_not_lost(tmp_path, monkeypatch, capsys):
    path = tmp_path / "net.onnx"
    path.write_bytes(b"of hours")
    monkeypatch.delattr(train, "fit")
    own = ["--from", str(path), "--strokes", "hand.jsonl"]
    for words in ([], ["--seed", "2"], own):
        assert trained(tmp_path, *words)[0] == 2
        (said,) = capsys.readouterr().err.splitlines()
        assert "net.onnx: there already" in said
        assert "name another --out" in said
        assert path.read_bytes() == b"of hours"


def test_who_stops_before_the_first_epoch_is_told_of_no_file(tmp_path, monkeypatch, capsys):
    interrupt_at(1, monkeypatch)
    assert trained(tmp_path)[0] == 130
    assert "checkpoint" not in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_drawings_are_made_once(tmp_path, monkeypatch, capsys):
    path = trained(tmp_path)[1]
    first = path.read_bytes()
    path.unlink()
    monkeypatch.delattr("inkpin.model.training.sampling.subsets")
    capsys.readouterr()
    assert trained(tmp_path)[0] == 0
    assert "drawing what" not in capsys.readouterr().err
    assert path.read_bytes() == first


def test_what_is_there_already_is_not_trained_again(tmp_path, monkeypatch, capsys):
    trained(tmp_path)
    monkeypatch.delattr(train, "fit")
    assert trained(tmp_path)[0] == 0
    assert "already" in capsys.readouterr().out


def test_a_disk_that_is_full_is_one_line(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inkpin.common.files.os.fsync", full)
    assert trained(tmp_path)[0] == 2
    assert "No space left" in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_strokes_of_any_labels_train_too(tmp_path, capsys):
    samples = [
        Sample(word, [np.array([[10, 10], [10 + 9 * i % 20, 200], end])], [None], {})
        for i in range(30)
        for word, end in (("tick", [200, 20]), ("hook", [60, 200]))
    ]
    save_samples(tmp_path / "two.jsonl", samples)
    status, path = trained(
        tmp_path, "--labels", "strokes", "--strokes", str(tmp_path / "two.jsonl")
    )
    assert status == 0
    assert metadata(path)["labels"] == ["hook", "tick"]
    assert convert(path).source.labels == ("hook", "tick")


def test_images_of_any_labels_train_too(tmp_path):
    rows = []
    for i in range(60):
        image = np.zeros((28, 28), int)
        image[8:20, 8 + i % 3] = 255
        image[(8, 19)[i % 2], 8:20] = 200
        rows.append(",".join(["LT"[i % 2], *map(str, image.ravel())]))
    (tmp_path / "letters.csv").write_text("\n".join(rows))
    status, path = trained(tmp_path, "--images", str(tmp_path / "letters.csv"))
    assert status == 0
    assert metadata(path)["labels"] == ["L", "T"]
    assert metadata(path)["provenance"]["validation"]["images"] > 0.5
    assert convert(path).source.labels == ("L", "T")


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["a"] * 9, "'a' alone"),
        (["a", "a", "b", "b"], "2 of 'a'"),
        (["a", None], "line 2: the drawing has no points"),
    ],
)
def test_too_little_is_one_line_and_leaves_what_there_was(tmp_path, capsys, lines, wrong):
    (tmp_path / "net.onnx.checkpoint").write_bytes(b"older")
    records = [
        {"word": word or "a", "drawing": [[[10, 90], [10, 90]]] if word else []} for word in lines
    ]
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(map(json.dumps, records)))
    assert trained(tmp_path, "--labels", "strokes", "--strokes", str(path))[0] == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert wrong in said
    assert not (tmp_path / "net.onnx").exists()
    assert (tmp_path / "net.onnx.checkpoint").read_bytes() == b"older"


def test_a_disk_that_fills_up_leaves_the_last_checkpoint(tmp_path, monkeypatch, capsys):
    path = trained(tmp_path)[1]
    whole = path.read_bytes()
    path.unlink()
    real, room = files.os.fsync, [3]

    def until_full(descriptor):
        if not room[0]:
            raise OSError(28, "No space left on device")
        room[0] -= 1
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", until_full)
        assert trained(tmp_path)[0] == 2
    assert "No space left" in capsys.readouterr().err.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx.checkpoint"]
    assert trained(tmp_path)[1].read_bytes() == whole


def test_the_exported_graph_computes_what_the_network_does():
    torch.manual_seed(3)
    convolutions = Conv(3, 5, 2, FOUR_BITS), Conv(3), Conv(5, pool=2)
    network = Network(Architecture(convolutions, FOUR_BITS), 7)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.05 * torch.randn_like(parameter)
    bitmaps = torch.rand(40, 1, 28, 28) < 0.3
    network(bitmaps.float())  # gives the normalisation something to fold
    network.eval()
    network.quantise()
    with torch.no_grad():
        wanted = network(bitmaps.float())
    layers = network.to_layers()
    assert {layer.weights.dtype for layer in layers} == {np.dtype(np.int8)}
    scale = layers[-1].weight_scales[0] * layers[-1].input_scale
    model = to_onnx(layers, 28, {})
    logits = run_session(open_session(model.SerializeToString(), "model"), bitmaps[:, 0].numpy())
    assert np.array_equal(logits * scale, wanted.numpy())
