"""The kernel of two channels at once: chosen where it fits, and exact whatever the numbers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inkpin.model.converter import convert
from inkpin.model.converter.paired import PairConvCall, StreamCall, paired
from inkpin.model.export import Layer, to_onnx
from inkpin.model.recogniser import open_session, run_session

SIDE = 28


@st.composite
def networks(draw):
    """A chain like the shipped one: over bits, over maps, and a dense layer."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    layers, channels, side = [], 1, SIDE
    for number in range(draw(st.integers(1, 3))):
        kernel = draw(st.sampled_from([2, 3, 5])) if number == 0 else 3
        pool = draw(st.sampled_from([1, 2]))
        out, bits = draw(st.integers(1, 6)), draw(st.sampled_from([2, 4]))
        scale = 1.0 if number == 0 else 2.0**-4
        shape = (out, channels, kernel, kernel)
        made = layer(rng, shape, bits, scale, 2.0**-4, pool)
        layers.append(replace(made, name=f"layer{number}"))
        channels, side = out, (side - kernel + 1) // pool
    return [*layers, layer(rng, (5, channels, side, side), 4, 2.0**-4, None, 1)]


def layer(rng, shape, bits, input_scale, output_scale, pool):
    limit = 2 ** (bits - 1) - 1
    hidden = output_scale is not None
    exponents = rng.integers(-6, 0, shape[0]) if hidden else np.full(shape[0], -4)
    weights = rng.integers(-limit, limit + 1, shape).astype(np.int8)
    weights[:, 0, 0, 0] = 1  # a channel without weights has no scale of its own
    return Layer(
        name=f"layer{'x'.join(map(str, shape))}",
        weights=weights,
        bias=rng.integers(-200, 200, shape[0]).astype(np.int32),
        weight_scales=2.0 ** exponents.astype(np.float32),
        input_scale=input_scale,
        output_scale=output_scale,
        pool=pool,
    )


@settings(  # every example is compiled: none is made smaller
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(networks(), st.integers(0, 2**32 - 1))
def test_the_c_gives_the_bits_of_onnxruntime(layers, seed):
    model = to_onnx(layers, SIDE, {}).SerializeToString()
    bitmaps = np.random.default_rng(seed).random((6, SIDE, SIDE)) < 0.4
    converted = convert(model, name="chain")
    assert "ink_pair_conv" in converted.source.kernels
    expected = run_session(open_session(model, "the network"), bitmaps)
    got = converted.predict(bitmaps[:, None].astype(np.float32))
    assert np.array_equal(got, expected)


def calls(*layers):
    return convert(to_onnx(list(layers), SIDE, {}).SerializeToString(), name="chain").lowered.calls


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_the_maps_between_two_layers_are_never_whole(rng):
    first = layer(rng, (8, 1, 5, 5), 4, 1.0, 2.0**-4, 2)
    second = layer(rng, (24, 8, 3, 3), 4, 2.0**-4, 2.0**-4, 2)
    last = layer(rng, (10, 24, 5, 5), 4, 2.0**-4, None, 1)
    stream, *_ = paired(calls(first, second, last))
    assert isinstance(stream, StreamCall)
    assert stream.window == (8, 4, 12)
    assert stream.scratch < 1000


def test_sums_that_would_not_fit_half_a_word_are_parted(rng):
    large = np.full((2, 30, 3, 3), 7, np.int8)
    first = layer(rng, (30, 1, 3, 3), 4, 1.0, 2.0**-4, 2)
    second = layer(rng, large.shape, 4, 2.0**-4, 2.0**-4, 1)
    second = replace(second, weights=large)
    last = layer(rng, (10, 2, 11, 11), 4, 2.0**-4, None, 1)
    stream, *_ = paired(calls(first, second, last))
    assert stream.second.batch == 2  # 2 channels * 9 weights * 7 * 255 is just below 2^15
    bright = np.ones((1, SIDE, SIDE), bool)
    model = to_onnx([first, second, last], SIDE, {}).SerializeToString()
    expected = run_session(open_session(model, "the network"), bright)
    assert np.array_equal(convert(model).predict(bright[:, None].astype(np.float32)), expected)


def test_what_does_not_fit_is_left_to_the_general_kernel(rng):
    wide = layer(rng, (2, 1, 3, 7), 4, 1.0, 2.0**-4, 1)
    last = layer(rng, (4, 2, 26, 22), 4, 2.0**-4, None, 1)
    made = paired(calls(wide, last))
    assert not any(isinstance(call, PairConvCall | StreamCall) for call in made[:1])
