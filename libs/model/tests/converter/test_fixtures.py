"""Whole models, as PyTorch, scikit-learn and onnxruntime make them, against onnxruntime."""

from pathlib import Path

import numpy as np
import pytest

from inkpin import xtensa
from inkpin.model import convert
from inkpin.model.data.formats.idx import load_split
from inkpin.model.onnx_runtime import onnxruntime

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.onnx"))
CALIBRATED_ON = 300
SLOW = ("residual", "residual_qoperator", "zoo_mnist", "keras_style")  # take every fifth image


@pytest.fixture(scope="module")
def data(mnist):
    """Training images to calibrate with, test images and their labels; grey, 0..1."""
    train, test = load_split(mnist, "train"), load_split(mnist, "test")
    return (
        train.bitmaps[:CALIBRATED_ON].astype(np.float32) / 255,
        test.bitmaps.astype(np.float32) / 255,
        test.targets,
    )


def scores(path, images):
    """Return what onnxruntime gives for images (n, 28, 28): the last output, (n, classes)."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    shape = [side if isinstance(side, int) else 1 for side in source.shape]
    rows = []
    for image in images:
        found = session.run(None, {source.name: image.reshape(shape)})[-1]
        if isinstance(found, list):  # ZipMap's dictionaries
            found = np.array([list(one.values()) for one in found], np.float32)
        rows.append(found.reshape(-1))
    return np.stack(rows)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_c_decides_as_onnxruntime(path, data, record_property):
    train, test, labels = data
    step = 5 if path.stem in SLOW else 1
    test, labels = test[::step], labels[::step]
    given = "qdq" in path.stem or "qoperator" in path.stem
    converted = convert(path, None if given else train)
    ours = converted.predict(test).reshape(len(test), -1)
    theirs = scores(path, test)
    agreement = np.mean(ours.argmax(axis=1) == theirs.argmax(axis=1))
    accuracies = [np.mean(some.argmax(axis=1) == labels) for some in (ours, theirs)]
    record_property("agreement", float(agreement))
    assert agreement >= 0.995, (agreement, accuracies)
    assert abs(accuracies[0] - accuracies[1]) <= 0.002, accuracies
    # The C gives the integers of the reference.
    program = converted.integer_program
    source = program.inputs[0]
    codes = program.encode({source.name: test[:100].reshape(-1, *source.shape)})
    reference = program.decode(program.run(codes)[program.output])
    assert np.array_equal(reference.reshape(100, -1), ours[:100])
    record_property("predictions of whole models compared", 100)


@pytest.mark.parametrize("name", ["separable_qdq", "zoo_mnist"])
def test_speed_takes_at_most_a_tenth_more_flash(name, data):
    """Of the whole networks these grow most; single layers may more."""
    xtensa.toolchain()
    path = Path(__file__).parent / f"fixtures/{name}.onnx"
    converted = convert(path, None if "qdq" in name else data[0])
    flash = converted.report["flash_optimised_for"]
    for core in ("xtensa", "cortex-m0plus"):
        assert flash["size"][core] < flash["speed"][core] <= 1.1 * flash["size"][core]
