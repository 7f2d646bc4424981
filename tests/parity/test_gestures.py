"""A network of other labels than digits, `tests/gestures.onnx`, C against onnxruntime.

It was made by these two commands (docs/labels.md tells of them):

    inkpin-model draw gestures --out gestures.jsonl
    inkpin-model train --labels strokes --strokes gestures.jsonl --epochs 20 --out gestures.onnx
"""

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from inkpin import xtensa
from inkpin.model import convert, forms, hostcc
from inkpin.model.cli import main
from inkpin.model.converter.converted import C_FOLDER
from inkpin.model.evaluate import ENGINES
from inkpin.model.samples import load_samples
from inkpin.preprocess import C_FOLDER as PREPROCESS

GESTURES = Path(__file__).parents[1] / "gestures.onnx"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The drawings that the network was trained on and validated with."""
    path = tmp_path_factory.mktemp("gestures") / "gestures.jsonl"
    assert main(["draw", "gestures", "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="module", params=["device", "xtensa"])
def engine(request):
    """Its name, and the engine that is to equal the desktop's."""
    if request.param == "xtensa" and (missing := xtensa.available()):
        pytest.skip(missing)
    return request.param, ENGINES[request.param](GESTURES)


def test_the_drawings_are_those_that_it_was_trained_on(file):
    metadata = {entry.key: entry.value for entry in onnx.load(GESTURES).metadata_props}
    told = json.loads(metadata["provenance"])["data"]
    assert told == {"gestures.jsonl": hashlib.sha256(file.read_bytes()).hexdigest()}


def test_its_labels_are_the_gestures():
    converted = convert(GESTURES)
    assert set(converted.source.labels) == set(forms.GESTURES)
    assert converted.source.reads_drawings


def test_the_c_reads_every_drawing_alike(engine, file, record_property):
    name, engine = engine
    samples = load_samples(file)
    drawings = [sample.strokes for sample in samples]
    desktop = ENGINES["onnx"](GESTURES)
    assert engine.labels == desktop.labels
    right = 0
    pairs = zip(samples, engine.readings(drawings), desktop.readings(drawings), strict=True)
    for sample, ours, theirs in pairs:
        assert np.array_equal(ours.bitmap, theirs.bitmap)
        assert ours.legible == theirs.legible
        one, other = ours.prediction, theirs.prediction
        assert np.array_equal(one.logits, other.logits)
        assert (one.label, one.best, one.confidence) == (other.label, other.best, other.confidence)
        right += one.label == sample.word
    assert right >= 0.98 * len(samples)
    record_property(f"gestures ({name}) compared", len(samples))


def test_the_example_reads_them_from_touch_points(file, tmp_path):
    convert(GESTURES, name="digits").write(tmp_path)
    example = GESTURES.parents[1] / "examples" / "read.c"
    kernels = [path for path in tmp_path.glob("*.c") if "example" not in path.name]
    program = hostcc.build(
        [example, *kernels, C_FOLDER / "ink_predict.c", PREPROCESS / "ink_preprocess.c"],
        [tmp_path, C_FOLDER, PREPROCESS],
        shared=False,
    )
    samples = load_samples(file)[::200]
    lines = []
    for sample in samples:
        for stroke in sample.strokes:
            lines += [*(f"{x} {y}" for x, y in stroke), "up"]
        lines.append("enter")
    told = subprocess.run(
        [program], input="\n".join([*lines, "5 5", "enter", ""]), capture_output=True, text=True
    )
    assert [line.split()[0] for line in told.stdout.splitlines()] == [
        *(sample.word for sample in samples),
        "?",
    ]
