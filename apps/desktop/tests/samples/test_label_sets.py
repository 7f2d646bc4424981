import json
import re
import shutil
from pathlib import Path

import pytest

from inkpin.common import InputError
from inkpin.desktop.samples.label_sets import (
    folder_name,
    labels_of,
    workspace_for,
    workspace_of,
)
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


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (["A B  C"], ("A", "B", "C")),
        (["thumbs up", "thumbs down"], ("thumbs up", "thumbs down")),
        (["π", "ä"], ("π", "ä")),
    ],
)
def test_labels_are_typed_as_words_or_one_by_one(words, labels):
    assert labels_of(words) == labels


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["A"], "name at least two"),
        ([" "], "name at least two"),
        (["A", ""], "name at least two"),
        (["A B A"], "'A' twice"),
        (["A B ?"], "'?' stands for what is not read"),
    ],
)
def test_labels_that_are_none_are_refused(words, said):
    with pytest.raises(InputError, match=re.escape(said)):
        labels_of(words)


def test_labels_without_a_network_have_the_collection_that_their_network_will_have(tmp_path):
    labels = Recogniser.load(GESTURES).labels
    before = workspace_of(labels[::-1], tmp_path)
    assert not before.trained
    assert before.reader() is None
    assert before.labels() == labels[::-1]
    assert before.take_notice() is None
    before.networks.base.parent.mkdir(parents=True)
    shutil.copy(GESTURES, before.networks.base)
    after = workspace_of(labels[::-1], tmp_path)
    assert after.trained
    assert after.samples == before.samples == workspace_for(GESTURES, tmp_path).samples
    assert after.reader() is after.recogniser()
    assert workspace_of(labels, tmp_path, tmp_path / "mine.jsonl").samples.name == "mine.jsonl"


@pytest.mark.parametrize(
    ("network", "said"),
    [(GESTURES.read_bytes(), "not all of these labels: train it anew"), (b"?", "train it anew")],
)
def test_a_network_that_does_not_read_the_labels_keeps_nobody_from_collecting(
    tmp_path, network, said
):
    base = workspace_of("AB", tmp_path).networks.base
    base.parent.mkdir(parents=True)
    base.write_bytes(network)
    workspace = workspace_of("AB", tmp_path)
    assert not workspace.trained
    assert said in workspace.take_notice()
