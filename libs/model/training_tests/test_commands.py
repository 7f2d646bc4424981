"""The commands around the training: folds, framings, sheets, search."""

import csv
import shutil
from dataclasses import replace

import pytest
from PIL import Image

from inkpin.model.cli import main
from inkpin.model.experiments import framings, search
from inkpin.model.training import sampling
from inkpin.preprocess import BOX, PEN


def test_folds_train_each_once(tmp_path, capsys, monkeypatch):
    words = ["folds", "--out", str(tmp_path), "--epochs", "1"]
    assert main(words) == 0
    assert {path.name for path in tmp_path.iterdir()} == {f"fold{i}.onnx" for i in range(5)}
    summary = capsys.readouterr().out.splitlines()[-1]
    assert summary.startswith("MNIST: ")
    assert "mean" in summary
    monkeypatch.delattr("inkpin.model.training.train.fit")
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines()[-1] == summary


def test_framings_are_each_tried(split, monkeypatch, capsys):
    words = ["framings", "--epochs", "1", "--workers", "1"]
    assert main(words) == 2
    assert "no strokes to frame" in capsys.readouterr().err
    validation = replace(split.validation, pens=split.training.pens)
    whole = replace(split, validation=validation)
    monkeypatch.setattr("inkpin.model.training.options.load_digits", lambda strokes, fold: whole)
    assert main(words) == 0
    lines = [x for x in capsys.readouterr().out.splitlines() if x.startswith("box ")]
    assert len(lines) == len(framings.FRAMINGS)
    assert all("MNIST" in line and "pens" in line for line in lines)
    assert lines[-1].startswith(f"box {BOX}, pen {PEN}, shorter side widened: ")


def test_sheets_show_every_kind(tmp_path):
    assert main(["sheets", "--out", str(tmp_path)]) == 0
    kinds = {*sampling.REAL, *sampling.SYNTHETIC}
    assert {path.stem for path in tmp_path.iterdir()} == kinds
    with Image.open(tmp_path / "MNIST.png") as picture:
        assert picture.getextrema() == (0, 255)


@pytest.mark.skipif(
    not shutil.which("arm-none-eabi-gcc"), reason="to count flash, install gcc-arm-none-eabi"
)
def test_a_search_goes_on_where_it_was(tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the picture takes matplotlib")
    words = ["search", "--out", str(tmp_path), "--epochs", "1", "--trials"]
    assert main([*words, "2"]) == 0
    assert main([*words, "1"]) == 0
    assert "3 trials" in capsys.readouterr().out
    with (tmp_path / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["trial"] for row in rows} == {"0", "1", "2"}
    assert int(rows[0]["flash"]) > 1_000
    assert rows[0]["front"] == "1"
    picture = (tmp_path / "front.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    again = tmp_path / "again"
    assert main(["search", "--table", str(tmp_path / "trials.csv"), "--out", str(again)]) == 0
    assert [path.name for path in again.iterdir()] == ["front.png"]
    assert (again / "front.png").read_bytes() == picture


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "trial,front,MNIST,flash\n0,1,much,3\n"])
def test_a_table_that_is_none_of_a_search_is_one_line(tmp_path, capsys, text):
    pytest.importorskip("matplotlib", reason="the picture takes matplotlib")
    table = tmp_path / "trials.csv"
    table.write_text(text)
    assert main(["search", "--table", str(table), "--out", str(tmp_path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert str(table) in line
    assert not (tmp_path / "front.png").exists()


@pytest.mark.parametrize("url", ["nowhere", "mysql+none://x"])
def test_a_storage_that_is_none_is_one_line(tmp_path, capsys, url):
    assert main(["search", "--out", str(tmp_path), "--storage", url]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_trial_names_every_choice_of_its_architecture():
    optuna = pytest.importorskip("optuna")
    chosen = {"first": 12, "first kernel": 5, "width between": 16, "layers between": 2}
    chosen |= {"limit of the second": 4, "pooled": 32, "last": 48}
    architecture = search.suggested(optuna.trial.FixedTrial(chosen))
    assert architecture.shapes(10) == [
        *[(12, 1, 5, 5), (16, 12, 3, 3), (16, 16, 3, 3), (32, 16, 3, 3), (48, 32, 3, 3)],
        (10, 48, 1, 1),
    ]
    assert [conv.limit for conv in architecture.convolutions] == [7, 4, 1, 1, 1]
    shallow = search.suggested(optuna.trial.FixedTrial({**chosen, "layers between": 0}))
    assert shallow.shapes(10)[1:] == [(32, 12, 3, 3), (48, 32, 3, 3), (10, 48, 3, 3)]
