import numpy as np
import pytest

from inkpin.model.evaluation.report.layers import layers
from inkpin.model.export import Layer, to_onnx

BITMAPS = np.random.default_rng(1).random((20, 28, 28)) < 0.3


def graph(step):
    """A convolution of three channels whose outputs are counted in `step`, and a dense layer."""
    rng = np.random.default_rng(1)
    first = rng.integers(-8, 8, (3, 1, 5, 5)).astype(np.int8)
    first[0], first[1, 0, 0, :2] = 0, (-8, 7)
    second = rng.integers(-2, 2, (4, 3, 12, 12)).astype(np.int8)
    second[0, 0, 0, :2] = -2, 1
    zero = np.zeros
    scales = np.full(3, 0.25, np.float32), np.full(4, 1 / step, np.float32)
    return to_onnx(
        [
            Layer("one", first, zero(3, np.int32), scales[0], 1.0, step, 255, 2),
            Layer("two", second, zero(4, np.int32), scales[1], step, None, 0, 1),
        ],
        28,
        {},
    ).SerializeToString()


def test_counts_of_each_layer():
    one, two = layers(graph(0.25), BITMAPS)
    assert (one.name, one.shape, one.output) == ("one", (3, 1, 5, 5), (3, 24, 24))
    assert (one.weights, one.bits, one.macs) == (75, 4, 75 * 24 * 24)
    assert one.zeros >= 1 / 3
    assert (two.name, two.shape, two.output) == ("logits", (4, 3 * 12 * 12), (4,))
    assert (two.weights, two.bits, two.macs) == (1728, 2, 1728)


def test_a_step_that_hits_every_sum_loses_nothing():
    assert [layer.snr_db for layer in layers(graph(0.25), BITMAPS)] == [None, None]


@pytest.mark.parametrize("step", [0.5, 1.0, 2.0])
def test_a_coarser_step_is_noise(step):
    one, two = layers(graph(step), BITMAPS)
    finer, _ = layers(graph(step / 4), BITMAPS)
    assert 0 < one.snr_db < 60
    assert finer.snr_db is None or finer.snr_db > one.snr_db
    assert two.snr_db is not None
