"""Label, confidence and logits of the C recogniser against onnxruntime's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.samples import load_samples
from inkpin.model.evaluation.evaluate import ENGINES
from inkpin.model.inference.c_engine import CRecogniser
from inkpin.model.inference.recogniser import SHIPPED, Recogniser
from inkpin.model.inference.wasm_engine import WasmRecogniser
from inkpin.model.onnx_runtime import onnxruntime
from inkpin.preprocess import MODES, SIDE
from inkpin.web.build import build_module

BITMAPS = st.one_of(
    st.binary(min_size=98, max_size=98).map(
        lambda data: np.unpackbits(np.frombuffer(data, np.uint8)).reshape(SIDE, SIDE)
    ),
    st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 1)).map(
        lambda p: (np.random.default_rng(p[0]).random((SIDE, SIDE)) < p[1]).astype(np.uint8)
    ),
)


@pytest.fixture(scope="module")
def python():
    return Recogniser.load()


@pytest.fixture(scope="module")
def device():
    return CRecogniser.load()


@pytest.fixture(scope="module", params=["device", "xtensa", "wasm", "browser"])
def engine(request):
    """Its name, and the engine that is to equal the desktop's."""
    if request.param == "browser":
        return request.param, WasmRecogniser(build_module(), Recogniser.load().labels)
    return request.param, ENGINES[request.param](SHIPPED)


@pytest.fixture(scope="module")
def mnist_predictions(python, mnist):
    """Bitmaps and what the desktop makes of them."""
    bitmaps = load_split(mnist, "test").bitmaps > 0
    assert len(bitmaps) == 10_000
    return bitmaps, python.predictions(bitmaps)


@pytest.fixture(scope="module")
def pen_readings(pens):
    """Drawings and what the desktop makes of them in each mode."""
    drawings = [sample.strokes for sample in load_samples(pens)]
    assert len(drawings) > 7000
    desktop = ENGINES["onnx"](SHIPPED)
    return drawings, {mode: desktop.readings(drawings, mode) for mode in MODES}


def assert_equal_predictions(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        assert np.array_equal(a.logits, b.logits)
        assert (a.label, a.best, a.confidence) == (b.label, b.best, b.confidence)


def assert_equal(python, device, bitmaps):
    assert_equal_predictions(python.predictions(bitmaps), device.predictions(bitmaps))


def test_every_mnist_test_image(engine, mnist_predictions, record_property):
    name, engine = engine
    bitmaps, expected = mnist_predictions
    assert_equal_predictions(engine.predictions(bitmaps), expected)
    record_property(f"MNIST images ({name}) compared", len(bitmaps))


@pytest.mark.parametrize("mode", MODES)
def test_the_pen_strokes(engine, pen_readings, mode, record_property):
    name, engine = engine
    drawings, expected = pen_readings
    readings = engine.readings(drawings, mode)
    for ours, theirs in zip(readings, expected[mode], strict=True):
        assert np.array_equal(ours.bitmap, theirs.bitmap)
        assert ours.legible == theirs.legible
    assert_equal_predictions(
        [reading.prediction for reading in readings],
        [reading.prediction for reading in expected[mode]],
    )
    record_property(f"pen drawings ({name}, {mode}) compared", len(drawings))


@settings(max_examples=300)
@given(st.lists(BITMAPS, min_size=1, max_size=5))
def test_random_bitmaps(python, device, bitmaps):
    assert_equal(python, device, np.stack(bitmaps))
    for bitmap in bitmaps:
        second = python.predict(bitmap).second
        label = None if second is None else python.labels[second]
        assert device.second(bitmap) == label


def test_empty_and_full_bitmaps(python, device):
    assert_equal(python, device, np.stack([np.zeros((SIDE, SIDE)), np.ones((SIDE, SIDE))]))


def test_onnxruntime_without_our_option_computes_the_same(python, mnist):
    images = load_split(mnist, "test").bitmaps
    plain = onnxruntime.InferenceSession(SHIPPED, providers=["CPUExecutionProvider"])
    floats = images[:1000, None].astype(np.float32)
    logits = plain.run(None, {plain.get_inputs()[0].name: floats})[0]
    ours = np.stack([prediction.logits for prediction in python.predictions(images[:1000] > 0)])
    assert np.array_equal(logits, ours)
