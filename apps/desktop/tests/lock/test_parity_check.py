import json
from dataclasses import replace

import numpy as np
import pytest

from inkpin.common import InputError
from inkpin.desktop.lock.parity_check import ParityCheck, compare
from inkpin.desktop.lock.session import TryResult


@pytest.fixture
def tried(scripted):
    recogniser = scripted("7")
    bitmap = np.eye(28, dtype=bool)
    strokes = [np.array([[1, 2], [3, 4]])]
    prediction = recogniser.predict(bitmap)
    about = recogniser.labels, recogniser.confidence, recogniser.model
    return TryResult(strokes, bitmap, prediction, *about)


def test_equal_answers_agree_and_leave_no_report(tried, tmp_path):
    result = compare(tried, replace(tried.prediction), tmp_path)
    assert result.agrees
    assert "bit for bit" in result.text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change", [{"label": "1"}, {"confidence": 12}, {"logits": np.zeros(10, np.int32)}]
)
def test_any_difference_is_written_down(change, tried, tmp_path):
    result = compare(tried, replace(tried.prediction, **change), tmp_path)
    assert not result.agrees
    assert str(result.report) in result.text
    report = json.loads(result.report.read_text())
    assert report["onnxruntime"]["label"] == "7"
    assert report["drawing"] == [[[1, 3], [2, 4]]]
    assert report["bitmap"][0] == "#" + "." * 27
    assert report["onnxruntime"] != report["device"]


def test_without_a_compiler_there_is_no_result_and_one_is_told_why(tried, tmp_path):
    asked = []

    def load():
        asked.append(1)
        raise InputError("no C compiler found: install gcc")

    check = ParityCheck(load, tmp_path)
    for _ in range(2):
        result = check.run(tried)
        assert result.prediction is None
        assert result.agrees
        assert "install gcc" in result.text
    assert asked == [1]
    check.reset()
    check.run(tried)
    assert asked == [1, 1]


def test_the_c_is_asked_about_the_bitmap(scripted, tried, tmp_path):
    device = scripted("77")
    check = ParityCheck(lambda: (device.model, device), tmp_path)
    assert check.run(tried).agrees
    assert np.array_equal(device.bitmaps[0], tried.bitmap)


def test_another_networks_c_is_no_disagreement(scripted, tried, tmp_path):
    check = ParityCheck(lambda: ("other", scripted("1")), tmp_path)
    result = check.run(tried)
    assert (result.prediction, result.agrees) == (None, True)
    assert "in use before" in result.text
    assert list(tmp_path.iterdir()) == []
