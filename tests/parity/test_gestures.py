"""A network of other labels than digits, C against onnxruntime on all of its drawings.

Both files in tests/gestures were made by these commands (docs/labels.md tells of them):

    inkpin-model draw gestures --samples 60 --out gestures.jsonl.gz
    inkpin-model train --labels strokes --strokes gestures.jsonl.gz --epochs 40 --out gestures.onnx
"""

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from inkpin.common import host_compiler
from inkpin.model import C_FOLDER, convert
from inkpin.model.data import templates
from inkpin.model.data.samples import load_samples
from inkpin.model.evaluation.evaluate import ENGINES
from inkpin.preprocess import C_FOLDER as PREPROCESS

ROOT = Path(__file__).parents[2]
GESTURES = ROOT / "tests/gestures/gestures.onnx"
DRAWINGS = GESTURES.with_name("gestures.jsonl.gz")


@pytest.fixture(scope="module", params=["device", "xtensa"])
def engine(request):
    """Its name, and the engine that is to equal the desktop's."""
    return request.param, ENGINES[request.param](GESTURES)


def test_the_drawings_are_those_that_it_was_trained_on():
    metadata = {entry.key: entry.value for entry in onnx.load(GESTURES).metadata_props}
    told = json.loads(metadata["provenance"])["data"]
    assert told == {DRAWINGS.name: hashlib.sha256(DRAWINGS.read_bytes()).hexdigest()}


def test_its_labels_are_the_gestures():
    converted = convert(GESTURES)
    assert set(converted.source.labels) == set(templates.GESTURES)
    assert converted.source.reads_drawings


def test_the_c_reads_every_drawing_alike(engine, record_property):
    name, engine = engine
    samples = load_samples(DRAWINGS)
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
        right += one.label == sample.label
    assert right >= 0.98 * len(samples)
    record_property(f"gestures ({name}) compared", len(samples))


def test_the_example_reads_them_from_touch_points(tmp_path):
    convert(GESTURES, name="digits").write(tmp_path)
    example = ROOT / "examples/read.c"
    kernels = [path for path in tmp_path.glob("*.c") if "example" not in path.name]
    program = host_compiler.build(
        [example, *kernels, C_FOLDER / "ink_predict.c", PREPROCESS / "ink_preprocess.c"],
        [tmp_path, C_FOLDER, PREPROCESS],
        shared=False,
    )
    samples = load_samples(DRAWINGS)[::60]
    lines = []
    for sample in samples:
        for stroke in sample.strokes:
            lines += [*(f"{x} {y}" for x, y in stroke), "up"]
        lines.append("enter")
    told = subprocess.run(
        [program], input="\n".join([*lines, "5 5", "enter", ""]), capture_output=True, text=True
    )
    assert [line.split()[0] for line in told.stdout.splitlines()] == [
        *(sample.label for sample in samples),
        "?",
    ]
