"""A network of other labels than digits, C against onnxruntime on a third of its drawings.

The files in tests/gestures were made by these commands (docs/labels.md tells of them):

    inkpin-model draw gestures --samples 160 --out gestures.jsonl.gz
    inkpin-model draw others --samples 760 --out others.jsonl.gz
    inkpin-model train --labels strokes --strokes gestures.jsonl.gz --refuse others.jsonl.gz \\
        --epochs 40 --out gestures.onnx
"""

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest

from inkpin.common import host_compiler
from inkpin.model import Recogniser, convert
from inkpin.model.cli import main
from inkpin.model.data import gesture_templates
from inkpin.model.data.samples import load_samples
from inkpin.model.evaluation.evaluate import ENGINES
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.preprocess import C_FOLDER as PREPROCESS
from inkpin.preprocess import bitmap
from inkpin.preprocess.packing import pack_rows

ROOT = Path(__file__).parents[2]
GESTURES = ROOT / "tests/gestures/gestures.onnx"
DRAWINGS = GESTURES.with_name("gestures.jsonl.gz")


@pytest.fixture(scope="module", params=["device", "xtensa", "wasm"])
def engine(request):
    """Its name, and the engine that is to equal the desktop's."""
    return request.param, ENGINES[request.param](GESTURES)


def test_the_drawings_are_those_that_it_was_trained_on(tmp_path):
    others = tmp_path / "others.jsonl.gz"
    assert main(["draw", "others", "--samples", "760", "--out", str(others)]) == 0
    metadata = {entry.key: entry.value for entry in onnx.load(GESTURES).metadata_props}
    told = json.loads(metadata["provenance"])["data"]
    files = (DRAWINGS, others)
    assert told == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_its_labels_are_the_gestures():
    converted = convert(GESTURES)
    assert set(converted.source.labels) == set(gesture_templates.GESTURES)
    assert converted.source.reads_drawings


def test_the_c_reads_every_drawing_alike(engine, record_property):
    name, engine = engine
    samples = load_samples(DRAWINGS)[::3]
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
    convert(GESTURES).write(tmp_path)
    example = ROOT / "examples/read.c"
    kernels = [path for path in tmp_path.glob("*.c") if "example" not in path.name]
    program = host_compiler.build(
        [example, *kernels, PREPROCESS / "ink_preprocess.c"],
        [tmp_path, PREPROCESS],
        shared=False,
    )
    samples = load_samples(DRAWINGS)[::160]
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


TWO_NETWORKS = """
#include <stdio.h>

#include "figures.h"
#include "gestures.h"

int main(void) {
    static const ink_model *const models[] = {&figures_model, &gestures_model};
    static int32_t figures[FIGURES_MEMORY], gestures[GESTURES_MEMORY];
    int32_t *const memories[] = {figures, gestures};
    uint32_t rows[28];
    ink_prediction result;
    while (fread(rows, sizeof rows, 1, stdin) == 1) {
        for (int i = 0; i < 2; i++) {
            ink_predict(models[i], memories[i], rows, &result);
            printf("%s %d\\n", result.label ? result.label : "?", result.confidence);
        }
    }
    return 0;
}
"""


def test_networks_of_any_name_live_in_one_program(tmp_path):
    files = {*convert(GESTURES).write(tmp_path), *convert(SHIPPED, name="figures").write(tmp_path)}
    (tmp_path / "two.c").write_text(TWO_NETWORKS)
    program = host_compiler.build(
        [tmp_path / "two.c", *(path for path in files if path.suffix == ".c")],
        [tmp_path],
        host_compiler.SANITIZERS,
        shared=False,
    )
    bitmaps = [bitmap(sample.strokes) for sample in load_samples(DRAWINGS)[::64]]
    told = subprocess.run(
        [program],
        input=b"".join(pack_rows(one).tobytes() for one in bitmaps),
        capture_output=True,
        check=True,
    )
    recognisers = [Recogniser.load(path) for path in (SHIPPED, GESTURES)]
    wanted = [
        f"{prediction.label or '?'} {prediction.confidence}"
        for one in bitmaps
        for prediction in (recogniser.predict(one) for recogniser in recognisers)
    ]
    assert told.stdout.decode().splitlines() == wanted
