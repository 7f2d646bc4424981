import json

import numpy as np
import pytest

from inkpin import xtensa
from inkpin.model import cli, convert
from inkpin.model.data import fetch
from inkpin.model.data.formats.idx import image_file, label_file, write_idx
from inkpin.model.data.samples import Sample, bundled_samples, save_samples
from inkpin.model.evaluation.cost import SAMPLES, costs, table
from inkpin.model.inference.recogniser import SHIPPED

ONE = np.zeros((28, 28), np.uint8)
ONE[4:24, 12:16] = 1
STROKES = [np.array([[120, 20], [121, 120], [120, 220]])]


@pytest.fixture(scope="module", autouse=True)
def tools():
    xtensa.toolchain()


@pytest.fixture(scope="module")
def result():
    return costs(SHIPPED, ONE[None], [STROKES])


def assert_same_means(one, other):
    """Once a run an instruction that found its register window spilled is started twice."""
    assert one.keys() == other.keys()
    for name, means in one.items():
        assert means == pytest.approx(other[name], abs=1)


def test_means_are_of_one_reading(result):
    again = costs(SHIPPED, np.stack([ONE] * 3), [STROKES] * 5)
    assert again["n"] == [3, 5]
    assert_same_means(again["instructions"], result["instructions"])


def test_only_what_a_device_runs_is_counted(result):
    functions = result["instructions"]
    assert functions.keys() > {"ink_predict", "ink_strokes_point", "ink_strokes_bitmap"}
    assert not functions.keys() & {"_start", "main", "take", "ink_read", "ink_write"}
    assert functions["ink_strokes_bitmap"][0] == 0 < functions["ink_strokes_bitmap"][1]
    assert result["total"] == [sum(column) for column in zip(*functions.values(), strict=True)]


def test_bytes(result):
    converted = convert(SHIPPED)
    code_and_constants = converted.report["flash_bytes"]["xtensa"]
    assert code_and_constants < result["flash_bytes"] < code_and_constants + 3000
    buffers = 2 * 512 + 4 * 28 + converted.source.arena
    assert 0 < result["ram_bytes"] - result["stack_bytes"] - buffers < 100
    assert 100 < result["stack_bytes"] < 1000


def test_reading_a_digit_keeps_within_its_budget():
    drawings = [sample.strokes for sample in bundled_samples()]
    found = costs(SHIPPED, ONE[None], drawings)
    assert found["total"][1] < 1_000_000
    assert found["flash_bytes"] <= 10_240
    assert found["ram_bytes"] <= 4_096


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """A data cache with more than enough ones."""
    for split in ("test", "train"):
        write_idx(tmp_path / fetch.MNIST.folder / image_file(split), np.stack([255 * ONE] * 130))
        write_idx(tmp_path / fetch.MNIST.folder / label_file(split), np.ones(130, np.uint8))
    monkeypatch.setenv("INKPIN_DATA", str(tmp_path))
    pens = tmp_path / fetch.PENDIGITS.folder / fetch.PEN_STROKES.name
    save_samples(pens, [Sample("1", STROKES, [None], {})] * 250)


def test_the_command(fetched, result, capsys):
    assert cli.main(["cost", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["n"] == [SAMPLES, SAMPLES]
    assert_same_means(printed["instructions"], result["instructions"])
    assert cli.main(["cost"]) == 0
    text = capsys.readouterr().out
    assert text == table(printed) + "\n"
    assert "not cycles" in text
    total = next(line for line in text.splitlines() if line.startswith("total "))
    assert total.split()[1:] == [f"{count:,}" for count in printed["total"]]
