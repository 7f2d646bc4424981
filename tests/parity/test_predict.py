"""Label, confidence and logits of the C recogniser against onnxruntime's."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkpin.model.device import DeviceRecogniser, DeviceStrokes
from inkpin.model.idx import load_split
from inkpin.model.recogniser import SHIPPED, Recogniser
from inkpin.model.samples import load_samples
from inkpin.preprocess import MODES, SIDE, Strokes

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
    return DeviceRecogniser.load()


def assert_equal(python, device, bitmaps):
    for ours, theirs in zip(python.predictions(bitmaps), device.predictions(bitmaps), strict=True):
        assert np.array_equal(ours.logits, theirs.logits)
        assert (ours.label, ours.best, ours.confidence) == (
            theirs.label,
            theirs.best,
            theirs.confidence,
        )


def test_every_mnist_test_image(python, device, mnist, record_property):
    images, _ = load_split(mnist, "test")
    assert len(images) == 10_000
    assert_equal(python, device, images > 0)
    record_property("MNIST images compared", len(images))


def test_the_pen_strokes(python, device, pens, record_property):
    samples = load_samples(pens)
    assert len(samples) > 7000
    for mode in MODES:
        ours = [Strokes.of(sample.strokes) for sample in samples]
        theirs = [DeviceStrokes.of(sample.strokes) for sample in samples]
        assert all(a.legible == b.legible for a, b in zip(ours, theirs, strict=True))
        bitmaps = np.stack([buffer.bitmap(mode) for buffer in ours])
        assert np.array_equal(bitmaps, np.stack([buffer.bitmap(mode) for buffer in theirs]))
        assert_equal(python, device, bitmaps)
    record_property("pen drawings compared", len(samples))


@settings(max_examples=300, deadline=None)
@given(st.lists(BITMAPS, min_size=1, max_size=5))
def test_random_bitmaps(python, device, bitmaps):
    assert_equal(python, device, np.stack(bitmaps))


def test_empty_and_full_bitmaps(python, device):
    assert_equal(python, device, np.stack([np.zeros((SIDE, SIDE)), np.ones((SIDE, SIDE))]))


def test_onnxruntime_without_our_option_computes_the_same(python, mnist):
    images, _ = load_split(mnist, "test")
    plain = onnxruntime.InferenceSession(SHIPPED, providers=["CPUExecutionProvider"])
    floats = images[:1000, None].astype(np.float32)
    logits = plain.run(None, {plain.get_inputs()[0].name: floats})[0]
    ours = np.stack([prediction.logits for prediction in python.predictions(images[:1000] > 0)])
    assert np.array_equal(logits, ours)
