import json
from dataclasses import replace

import numpy as np
import pytest

from inkpin.model.cli import main
from inkpin.model.data.dataset import Dataset, Split
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.model.evaluation import reliability
from inkpin.model.inference.recogniser import Recogniser
from inkpin.model.training.options import DataOptions


@pytest.fixture
def held_out(monkeypatch, pin):
    """Hold the bundled digits out, and scribble little."""
    letters = [replace(pin[0], label="A", extra={})] * 3
    data = Dataset(LabelledBitmaps.empty(DIGITS), [*pin, *pin], letters=letters)
    monkeypatch.setattr(DataOptions, "load", lambda options, fold: Split(data, data, {}))
    monkeypatch.setattr(reliability, "SCRIBBLES", 20)
    return data.bitmaps()


def test_counts_what_is_right_and_what_is_refused(held_out):
    pens = held_out["pens"]
    blank = np.zeros((3, 28, 28), bool)
    result = reliability.reliability(Recogniser.load(), {"pens": pens}, {"scribbles": blank})
    assert sum(level["n"] for level in result["levels"]) == 24
    assert set(result["refused"]) == {"pens", "scribbles"}
    writers = result["by_writer"]["pens"]
    assert (writers["n"], writers["mean"]) == (1, 1), "all by one writer"
    mistaken = replace(pens, targets=pens.targets - 1)
    wrong = reliability.reliability(Recogniser.load(), {"pens": mistaken}, {"scribbles": blank})
    assert [level["right"] for level in wrong["levels"]] == [0] * len(wrong["levels"])


def test_prints_a_table_or_json_and_draws(held_out, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the picture takes matplotlib")
    picture = tmp_path / "reliability.png"
    assert main(["reliability", "--png", str(picture)]) == 0
    said = capsys.readouterr().out
    assert "refused: pens" in said
    assert "pens: 1 writer of 20 or more: mean 100.00%" in said
    assert "letters 0.00%" in said, "threes, as the bundled digits begin"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["reliability", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"levels", "refused", "by_writer"}
