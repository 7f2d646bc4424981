import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from inkpin.desktop.main import main
from inkpin.model.data.samples import save_samples
from inkpin.model.inference.recogniser import SHIPPED, Recogniser

GESTURES = Path(__file__).parents[3] / "tests/gestures/gestures.onnx"


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    monkeypatch.setenv("INKPIN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


@pytest.fixture
def reads(scripted, monkeypatch):
    """Let the recogniser read these labels."""

    def read(labels):
        recogniser = scripted(labels)
        monkeypatch.setattr(Recogniser, "load", lambda _: recogniser)

    return read


@pytest.fixture
def file(samples, tmp_path):
    path = tmp_path / "pin.jsonl"
    save_samples(path, samples("258025802580"))
    return path


def test_a_headless_replay_prints_the_serial_lines(reads, file, tmp_path, capsys):
    reads("258025802580")
    shot = tmp_path / "shot.png"
    assert main(["--replay", str(file), "--headless", "--screenshot", str(shot)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "State choose"
    assert out.splitlines()[-1] == "State open"
    assert err == ""
    assert Image.open(shot).getpixel((5, 5)) == Image.open(shot).getpixel((235, 235))
    assert not (tmp_path / "home").exists()


def test_the_bundled_samples_set_repeat_and_open(capsys):
    assert main(["--headless"]) == 0
    lines = capsys.readouterr().out.splitlines()
    states = [line for line in lines if line.startswith("State")]
    assert states == ["State choose", "State repeat", "State locked", "State open"]
    assert lines.count("Output *") == 12


def test_without_a_display_the_strokes_are_replayed(reads, file, tmp_path, capsys):
    reads("258025802580")
    assert main(["--replay", str(file)]) == 0
    out, err = capsys.readouterr()
    assert "State open" in out
    assert out.splitlines()[-1] == f"the screens are in {tmp_path / 'home' / 'screens'}"
    assert err.count("\n") == 1
    assert "no display" in err
    assert len(list((tmp_path / "home" / "screens").glob("*.png"))) == 5


def test_without_tkinter_likewise(reads, file, tmp_path, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "inkpin.desktop.root", raising=False)
    monkeypatch.setitem(sys.modules, "tkinter", None)
    reads("258025802580")
    shot = tmp_path / "shot.png"
    assert main(["--replay", str(file), "--screenshot", str(shot)]) == 0
    out, err = capsys.readouterr()
    assert "State open" in out
    assert err.count("\n") == 1
    assert "python3-tk" in err
    assert shot.exists()


def test_a_window_waits_for_nothing_that_it_does_not_need():
    heavy = "email matplotlib onnx scipy torch tqdm urllib.request"
    code = (
        f"import sys, inkpin.desktop.app; print(*[n for n in {heavy.split()} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        ("{", "line 1"),
        (json.dumps({"word": "7", "drawing": [[[1, 2], [3]]]}), "line 1"),
    ],
)
def test_unusable_samples_are_one_line_and_status_2(content, words, tmp_path, capsys):
    path = tmp_path / "bad.jsonl"
    if content:
        path.write_text(content)
    shot = tmp_path / "shot.png"
    assert main(["--replay", str(path), "--headless", "--screenshot", str(shot)]) == 2
    out, err = capsys.readouterr()
    assert "Output" not in out
    assert err.startswith("inkpin: ")
    assert words in err
    assert str(path) in err
    assert err.count("\n") == 1
    assert not shot.exists()


@pytest.mark.parametrize("content", [None, b"no model"])
def test_an_unusable_model_is_one_line_and_status_2(content, file, tmp_path, capsys):
    path = tmp_path / "digits.onnx"
    if content:
        path.write_bytes(content)
    assert main(["--replay", str(file), "--headless", "--model", str(path)]) == 2
    _, err = capsys.readouterr()
    assert str(path) in err
    assert err.count("\n") == 1


def test_a_network_of_other_labels_is_tried(samples, tmp_path, capsys):
    path = tmp_path / "two.jsonl"
    save_samples(path, samples("77"))
    assert main(["--headless", "--model", str(GESTURES), "--replay", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["State choose", "State try"]
    assert len(lines) == 4
    assert all(line.startswith("Output ") for line in lines[2:])
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--headless", "--model", "nowhere.onnx"], "nowhere.onnx: No such file"),
        (["--headless", "--model", __file__], "not a usable ONNX model"),
        (["--device", "emulator", "--model", str(SHIPPED)], "--device goes into a window"),
        (["--device", "emulator", "--headless"], "--device goes into a window"),
        (["--device", "emulator"], "no display"),
        (["--samples", "mine.jsonl"], "no display"),
        (["--samples", "mine.jsonl", "--headless"], "--samples is where"),
        (["--samples", "mine.jsonl", "--model", str(SHIPPED)], "no display"),
        (["--labels", "A B C"], "no display"),
        (["--labels", "A B C", "--headless"], "--labels collects in a window"),
        (["--labels", "A B C", "--model", str(SHIPPED)], "--labels collects in a window"),
        (["--labels", "A B C", "--device", "emulator"], "--labels collects in a window"),
        (["--replay", os.devnull, "--headless"], "no samples"),
        (["--replay", os.devnull], "no samples"),
    ],
)
def test_an_unusable_choice_is_one_line(arguments, words, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    (said,) = err.splitlines()
    assert words in said
    assert "Output" not in out


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--replay"], ["file"]])
def test_unusable_arguments_are_one_line_and_status_2(arguments, capsys):
    assert main(arguments) == 2
    _, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert "--help" in err


def test_a_screenshot_that_cannot_be_written(reads, file, tmp_path, capsys):
    reads("258025802580")
    shot = tmp_path / "pin.jsonl" / "shot.png"
    assert main(["--replay", str(file), "--headless", "--screenshot", str(shot)]) == 2
    assert str(shot) in capsys.readouterr().err


def test_ctrl_c_is_status_130(monkeypatch):
    def interrupt(_path):
        raise KeyboardInterrupt

    monkeypatch.setattr(Recogniser, "load", interrupt)
    assert main(["--headless"]) == 130


def test_the_command_runs_as_a_program():
    command = [sys.executable, "-m", "inkpin.desktop.main", "--help"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert "--replay" in done.stdout
