import json

import numpy as np
import pytest

from inkpin import xtensa
from inkpin.common import host_compiler
from inkpin.model.cli import main
from inkpin.model.data.formats.idx import image_file, label_file, write_idx
from inkpin.model.data.samples import Sample, save_samples
from inkpin.model.evaluation.evaluate import ENGINES, Answers, by_writer

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
    "writers",
    "by_writer",
    "unknown",
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


@pytest.mark.parametrize("again", [[], ["--strokes"]])
def test_several_files_make_a_list_and_their_sum(strokes, capsys, again):
    one = json.loads(output(capsys, "--strokes", strokes, "--json"))
    assert set(one) == KEYS
    both = json.loads(output(capsys, "--strokes", strokes, *again, strokes, "--json"))
    assert both.keys() == KEYS | {"sets"}
    assert both["sets"] == [one, one]
    for count in ("n", "rejected"):
        assert both[count] == 2 * one[count]
    assert both["confusion"] == [[2 * n for n in row] for row in one["confusion"]]
    assert both["accuracy"] == one["accuracy"]
    text = output(capsys, "--strokes", strokes, *again, strokes)
    assert text.count("mine.jsonl: ") == 2
    assert "all: 50.00% of 4 right" in text


@pytest.fixture
def hands(tmp_path):
    """Write ones: three of ann's, one of which is a six for her, two of bob's, one of nobody's."""
    one = np.array([[120, 20], [121, 120], [120, 220]])
    tap = np.array([[7, 7]])
    said = [("ann", "1", one), ("ann", "1", one), ("ann", "6", one)]
    said += [("bob", "1", one), ("bob", "1", tap), ("", "1", one), ("bob", "A", one)]
    path = tmp_path / "hands.jsonl"
    samples = [
        Sample(label, [points], [None], {"writer": writer} if writer else {})
        for writer, label, points in said
    ]
    save_samples(path, samples)
    return path


def test_writers(hands, capsys, engine):
    result = json.loads(output(capsys, "--strokes", hands, "--engine", engine, "--json"))
    ann, bob, nobody = (
        next(entry for entry in result["writers"] if entry["writer"] == writer)
        for writer in ("ann", "bob", "")
    )
    assert ann == {"writer": "ann", "n": 3, "right": 2, "rejected": 0}
    assert (bob["n"], bob["rejected"]) == (2, 1), "a tap is refused; the A is counted apart"
    assert nobody == {"writer": "", "n": 1, "right": 1, "rejected": 0}
    for count in ("n", "rejected"):
        assert sum(entry[count] for entry in result["writers"]) == result[count]
    right = sum(entry["right"] for entry in result["writers"])
    assert right / result["n"] == result["accuracy"]
    assert result["by_writer"] is None, "nobody wrote enough"


def test_what_writers_can_expect():
    """One of bob's twenty is misread, two are refused; carl wrote too little to count.

    Drawings of which nobody said who made them are no person's.
    """
    right, refused = np.ones(99, bool), np.zeros(99, bool)
    right[20], right[60:], refused[21:23] = False, False, True
    answers = Answers(
        np.ones(99, int),
        right.astype(int),
        ~refused,
        ("ann",) * 20 + ("bob",) * 20 + ("carl",) * 19 + ("",) * 40,
    )
    found = by_writer(answers)
    assert (found["n"], found["worst"], found["often_refused"]) == (2, 0.95, 0.5)
    assert found["mean"] == pytest.approx(0.975)
    assert found["tenth"] == pytest.approx(0.955)
    assert found["pin"] == pytest.approx((1 + 0.85**4) / 2)


def test_what_writers_can_expect_is_said(tmp_path, capsys):
    one = [np.array([[120, 20], [121, 120], [120, 220]])]
    path = tmp_path / "ann.jsonl"
    save_samples(path, [Sample("1", one, [None], {"writer": "ann"})] * 20)
    assert (
        "1 writer of 20 or more: mean 100.00%, tenth percentile 100.00%, worst 100.00%; "
        "a PIN of 4 read at once 100.00%; refused more than 3%: 0%"
    ) in output(capsys, "--strokes", path)


def test_by_writer_says_who_is_misread_and_as_what(hands, capsys):
    lines = output(capsys, "--strokes", hands, "--by", "writer").splitlines()
    ann = next(line for line in lines if line.startswith("ann"))
    assert ann.split() == ["ann", "3", "66.67%", "0", "6", "as", "1"]
    nobody = next(line for line in lines if line.startswith("(not said)"))
    assert nobody.split()[2:] == ["1", "100.00%", "0"]
    assert lines.index(ann) < lines.index(nobody), "the most misread first"


def test_unknown_labels_are_counted_apart(hands, tmp_path, capsys, engine):
    result = json.loads(output(capsys, "--strokes", hands, "--engine", engine, "--json"))
    assert result["n"] == 6
    assert result["unknown"] == {"n": 1, "rejected": 0}, "an A that looks like a one"
    assert "1 more of labels that the network does not know" in output(capsys, "--strokes", hands)
    letters = tmp_path / "letters.jsonl"
    samples = [Sample(word, [np.array([[7, 7]])], [None], {"writer": "ann"}) for word in "AB"]
    save_samples(letters, samples)
    result = json.loads(output(capsys, "--strokes", letters, "--engine", engine, "--json"))
    assert (result["n"], result["accuracy"], result["accuracy_accepted"]) == (0, None, None)
    assert (result["per_label"], result["writers"]) == ({}, [])
    assert result["unknown"] == {"n": 2, "rejected": 2}
    said = "letters.jsonl: 2 of labels that the network does not know: refused 2\n"
    assert output(capsys, "--strokes", letters).startswith(said)


def test_the_table_shows_the_confusion_matrix(mnist, capsys):
    text = output(capsys, "--mnist", mnist)
    assert "95.00% of 20 right" in text
    assert text.splitlines()[-3].split() == ["7", *"." * 1, "1", *"." * 8, "0.00%"]


@pytest.mark.parametrize("label", ["1", "A"])
def test_the_picture(label, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="install matplotlib")
    path = tmp_path / "one.jsonl"
    save_samples(path, [Sample(label, [np.array([[120, 20], [120, 220]])], [None])])
    output(capsys, "--strokes", path, "--png", tmp_path / "confusion.png")
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
    assert "--strokes" in refusal(capsys, "evaluate", "--mnist", mnist, "--by", "writer")
    assert "not allowed" in refusal(
        capsys, "evaluate", "--strokes", strokes, "--by", "writer", "--json"
    )
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
