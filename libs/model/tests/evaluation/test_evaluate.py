import json

import numpy as np
import pytest

from inkpin import xtensa
from inkpin.common import host_compiler
from inkpin.model.cli import main
from inkpin.model.data.formats.idx import image_file, label_file, write_idx
from inkpin.model.data.samples import Sample, save_samples
from inkpin.model.evaluation.evaluate import ENGINES

KEYS = {
    "set",
    "engine",
    "preprocess",
    "n",
    "accuracy",
    "accuracy_accepted",
    "rejected",
    "per_label",
    "confusion",
}


@pytest.fixture
def mnist(tmp_path):
    """Twenty images that look like ones, one of them said to be a seven."""
    images = np.zeros((20, 28, 28), np.uint8)
    images[:, 4:24, 12:16] = 200
    labels = np.ones(20, np.uint8)
    labels[3] = 7
    write_idx(tmp_path / image_file("test"), images)
    write_idx(tmp_path / label_file("test"), labels)
    return tmp_path


@pytest.fixture
def strokes(tmp_path):
    """Write a one and a tap that claims to be a two."""
    path = tmp_path / "mine.jsonl"
    drawings = {"1": [[120, 20], [121, 120], [120, 220]], "2": [[7, 7]]}
    save_samples(
        path, [Sample(label, [np.array(points)], [None], {}) for label, points in drawings.items()]
    )
    return path


@pytest.fixture(params=ENGINES)
def engine(request):
    {"device": host_compiler.compiler, "xtensa": xtensa.toolchain}.get(request.param, str)()
    return request.param


def output(capsys, *arguments):
    assert main(["evaluate", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_json_of_mnist(mnist, capsys, engine):
    result = json.loads(output(capsys, "--mnist", mnist, "--engine", engine, "--json"))
    assert set(result) == KEYS
    assert (result["engine"], result["preprocess"], result["n"]) == (engine, None, 20)
    assert result["accuracy"] == 0.95
    assert result["per_label"] == {"1": 1.0, "7": 0.0}
    assert np.array(result["confusion"]).shape == (10, 10)
    assert (result["confusion"][1][1], result["confusion"][7][1]) == (19, 1)


def test_limit(mnist, capsys):
    result = json.loads(output(capsys, "--mnist", mnist, "--limit", 3, "--json"))
    assert (result["n"], result["accuracy"]) == (3, 1.0)


@pytest.mark.parametrize("mode", ["normalised", "direct"])
def test_strokes_and_refusals(strokes, capsys, engine, mode):
    arguments = ["--strokes", strokes, "--engine", engine, "--preprocess", mode, "--json"]
    result = json.loads(output(capsys, *arguments))
    assert (result["n"], result["preprocess"]) == (2, mode)
    assert result["rejected"] >= 1, "a tap is too little ink to read"


def test_several_files_make_a_list(strokes, capsys):
    result = json.loads(output(capsys, "--strokes", strokes, strokes, "--json"))
    assert [part["set"] for part in result["sets"]] == ["mine.jsonl"] * 2


def test_the_table_shows_the_confusion_matrix(mnist, capsys):
    text = output(capsys, "--mnist", mnist)
    assert "95.00% of 20 right" in text
    assert text.splitlines()[-3].split() == ["7", *"." * 1, "1", *"." * 8, "0.00%"]


def test_the_picture(mnist, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="install matplotlib")
    output(capsys, "--mnist", mnist, "--png", tmp_path / "confusion.png")
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


def refusal(capsys, *arguments):
    assert main(list(map(str, arguments))) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert not captured.out
    return captured.err


def test_unusable_input_is_one_line_and_status_two(tmp_path, strokes, mnist, capsys, monkeypatch):
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path / "nothing"))
    assert "inkpin-model fetch" in refusal(capsys, "evaluate", "--mnist")
    assert "none.jsonl" in refusal(capsys, "evaluate", "--strokes", tmp_path / "none.jsonl")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert "no samples" in refusal(capsys, "evaluate", "--strokes", empty)
    assert "--limit" in refusal(capsys, "evaluate", "--mnist", mnist, "--limit", 0)
    letters = tmp_path / "letters.jsonl"
    letters.write_text('{"word": "A", "drawing": [[[1, 2], [3, 4]]]}\n')
    assert "'A'" in refusal(capsys, "evaluate", "--strokes", letters)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"broken")
    for engine in ENGINES:
        words = ["evaluate", "--mnist", mnist, "--model", broken, "--engine", engine]
        assert "broken.onnx" in refusal(capsys, *words)


def test_unusable_arguments_are_status_two(capsys):
    for words in (["evaluate"], ["evaluate", "--mnist", "--engine", "steam"], ["dance"], []):
        assert "--help" in refusal(capsys, *words)


def test_ctrl_c_is_status_130(mnist, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("inkpin.model.evaluation.evaluate_command.load_split", interrupted)
    assert main(["evaluate", "--mnist", str(mnist)]) == 130
    assert "Traceback" not in capsys.readouterr().err
