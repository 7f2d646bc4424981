import json
from pathlib import Path

import pytest

from inkpin.common import InputError
from inkpin.desktop.samples.label_sets import folder_name, workspace_for
from inkpin.model.inference.recogniser import SHIPPED, Recogniser

GESTURES = Path(__file__).parents[4] / "tests/gestures/gestures.onnx"


def test_a_label_set_has_a_collection_and_each_of_its_networks_what_came_of_it(tmp_path):
    other = tmp_path / "other.onnx"
    other.write_bytes(GESTURES.read_bytes() + b"\x72\x00")  # a field that nobody reads
    one, two, digits = (workspace_for(model, tmp_path) for model in (GESTURES, other, SHIPPED))
    assert one.samples == two.samples != digits.samples
    assert one.folder != two.folder
    assert one.networks.active == GESTURES
    assert set(one.recogniser().labels) == {
        *("up", "down", "left", "right"),
        *("tick", "cross", "circle", "triangle"),
    }
    assert workspace_for(GESTURES, tmp_path, tmp_path / "mine.jsonl").samples.name == "mine.jsonl"
    for workspace in (one, two, digits):
        workspace.close()


def test_any_labels_make_a_folder_name():
    names = [folder_name(labels) for labels in (["a b", "c"], ["a", "b c"], ["ä", "π"], ["../x"])]
    assert len(set(names)) == 4
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)


def test_a_model_that_is_none_is_refused(tmp_path):
    (tmp_path / "bad.onnx").write_bytes(json.dumps(Recogniser.__name__).encode())
    with pytest.raises(InputError, match=r"bad\.onnx"):
        workspace_for(tmp_path / "bad.onnx", tmp_path)
