"""The kernels of few bits, four sums in a word: chosen where they fit, exact in any case."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from inkpin.common import host_compiler
from inkpin.model.converter import convert
from inkpin.model.converter.kernels.ternary_conv import (
    BitConvCall,
    StreamedConvCall,
    TernaryConvCall,
)
from inkpin.model.export import Layer, to_onnx
from inkpin.model.inference.recogniser import open_session, run_session

SIDE = 28
STEP = 2.0**-2
MOST = 14  # times nine weights of 1 are the most that a lane holds


def layer(rng, name, shape, limit, pool=1, *, last=False):
    """Return a layer of random weights -limit .. limit."""
    first = name == "layer0"
    scales = 2.0 ** rng.integers(-6, -2, shape[0]) * rng.integers(8, 16, shape[0])
    return Layer(
        name=name,
        weights=rng.integers(-limit, limit + 1, shape).astype(np.int8),
        bias=rng.integers(-60, 60, shape[0]).astype(np.int32),
        weight_scales=np.ones(shape[0], np.float32) if last else scales.astype(np.float32),
        input_scale=1.0 if first else STEP,
        output_scale=None if last else STEP,
        output_max=MOST,
        pool=pool,
    )


@st.composite
def networks(draw):
    """A chain like the shipped one: over bits, over maps, and a dense layer."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kernel, channels = draw(st.sampled_from([2, 3, 4, 5])), draw(st.integers(1, 9))
    layers = [layer(rng, "layer0", (channels, 1, kernel, kernel), 2, 2)]
    side = (SIDE - kernel + 1) // 2
    for number in range(1, draw(st.integers(1, 4))):
        pool, out = draw(st.sampled_from([1, 2])), draw(st.integers(1, 9))
        if side - 2 < pool:
            break
        limit = draw(st.sampled_from([1, 4]))
        layers.append(layer(rng, f"layer{number}", (out, channels, 3, 3), limit, pool))
        channels, side = out, (side - 2) // pool
    return [*layers, layer(rng, "dense", (5, channels, side, side), 1, last=True)]


def model(layers):
    return to_onnx(layers, SIDE, {}).SerializeToString()


def agree(layers, bitmaps):
    """Whether the C gives what onnxruntime gives."""
    expected = run_session(open_session(model(layers), "the network"), bitmaps)
    got = convert(model(layers), name="chain").predict(bitmaps[:, None].astype(np.float32))
    return np.array_equal(got, expected)


def calls(layers):
    return convert(model(layers), name="chain").integer_program.calls


@settings(  # every example is compiled: none is made smaller
    max_examples=20,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(networks(), st.integers(0, 2**32 - 1))
def test_the_c_gives_the_bits_of_onnxruntime(layers, seed):
    bitmaps = np.random.default_rng(seed).random((6, SIDE, SIDE)) < 0.4
    assert convert(model(layers)).source.c_files == ("ink_ternary_conv.c",)
    assert agree(layers, bitmaps)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def chain(rng):
    """A network as the shipped one is built."""
    return [
        layer(rng, "layer0", (12, 1, 5, 5), 7, 2),
        layer(rng, "layer1", (32, 12, 3, 3), 4, 2),
        layer(rng, "layer2", (56, 32, 3, 3), 1),
        layer(rng, "dense", (10, 56, 3, 3), 1, last=True),
    ]


@pytest.fixture
def deep(rng):
    """A network whose second pooling comes late."""
    return [
        layer(rng, "layer0", (8, 1, 5, 5), 7, 2),
        layer(rng, "layer1", (16, 8, 3, 3), 4),
        layer(rng, "layer2", (20, 16, 3, 3), 1),
        layer(rng, "layer3", (32, 20, 3, 3), 1, 2),
        layer(rng, "layer4", (40, 32, 3, 3), 1),
        layer(rng, "dense", (10, 40, 1, 1), 4, last=True),
    ]


def test_the_maps_before_the_second_pooling_are_never_whole(chain, deep):
    stream, *others = calls(chain)
    assert isinstance(stream, StreamedConvCall)
    assert stream.kept == ((12, 4, 12),)
    assert [type(call) for call in others] == [TernaryConvCall, TernaryConvCall]
    assert convert(model(chain)).source.arena < 1500
    stream, *others = calls(deep)
    assert isinstance(stream, StreamedConvCall)
    assert stream.kept == ((8, 4, 12), (16, 4, 10), (20, 4, 8))
    assert [type(call) for call in others] == [TernaryConvCall, TernaryConvCall]
    assert convert(model(deep)).source.arena < 1600
    assert others[-1].macs == 40 * 10  # not 45 * 10: five filters of nine cells


def test_what_no_stroke_touches_is_passed_over_without_a_trace(deep):
    deep[0] = replace(deep[0], bias=-np.abs(deep[0].bias))  # nothing is 0 in the maps as well
    corners = np.zeros((5, SIDE, SIDE), bool)
    corners[1, :5, :5] = corners[2, :5, -5:] = corners[3, -5:, :5] = corners[4, -5:, -5:] = True
    assert agree(deep, corners)


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_largest_sums_fit(chain, sign):
    chain[0] = replace(chain[0], weights=np.full_like(chain[0].weights, 5))
    for i in (1, 2, 3):
        most = sign * np.abs(chain[i].weights).max()
        chain[i] = replace(chain[i], weights=np.full_like(chain[i].weights, most))
    chain[3] = replace(chain[3], bias=chain[3].bias * 100)
    assert isinstance(calls(chain)[0], StreamedConvCall)
    assert agree(chain, np.stack([np.ones((SIDE, SIDE), bool), np.eye(SIDE, dtype=bool)]))


def broader(chain):
    """Nine cells of 15 are more than a lane holds."""
    nine = np.ones_like(chain[1].weights)
    return [replace(chain[0], output_max=15), replace(chain[1], weights=nine), *chain[2:]]


def heavier(chain):
    return [*chain[:2], replace(chain[2], weights=chain[2].weights * 5), chain[3]]


def biased(chain):
    return [*chain[:3], replace(chain[3], bias=chain[3].bias + 2**15)]


def brighter(chain):
    return [replace(chain[0], weights=np.full_like(chain[0].weights, 6)), *chain[1:]]


def finer(chain):
    scales = chain[1].weight_scales * np.float32(1.0078125)
    return [chain[0], replace(chain[1], weight_scales=scales), *chain[2:]]


@pytest.mark.parametrize("change", [broader, heavier, biased, brighter, finer])
def test_what_does_not_fit_is_left_to_the_general_kernels(chain, change, rng):
    chain = change(chain)
    assert not {BitConvCall, StreamedConvCall, TernaryConvCall} & {
        type(call) for call in calls(chain)
    }
    assert agree(chain, rng.random((3, SIDE, SIDE)) < 0.3)


def whole(rng):
    """A network whose first two layers do not fit each other."""
    return [
        layer(rng, "layer0", (3, 1, 3, 3), 7, 2),
        layer(rng, "layer1", (6, 3, 3, 3), 1),
        layer(rng, "dense", (4, 6, 11, 11), 1, last=True),
    ]


@pytest.mark.parametrize("name", ["chain", "deep", "whole"])
def test_it_runs_clean_under_the_sanitizers(chain, deep, rng, name, tmp_path):
    layers = {"chain": chain, "deep": deep, "whole": whole(rng)}[name]
    files = convert(model(layers), name="net").write(tmp_path, example=True)
    sources = [file for file in files if file.suffix == ".c"]
    program = host_compiler.build(sources, [tmp_path], host_compiler.SANITIZERS, shared=False)
    bitmap = rng.random((SIDE, SIDE)) < 0.4
    text = " ".join(str(int(cell)) for cell in bitmap.ravel())
    done = subprocess.run([program], input=text, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    logits = run_session(open_session(model(layers), "the network"), bitmap[None])[0]
    assert done.stdout.split() == [str(logits.argmax()), f"{logits.max():.0f}"]


def test_without_room_for_rows_the_maps_are_whole(rng):
    layers = whole(rng)
    assert [type(call) for call in calls(layers)] == [BitConvCall, TernaryConvCall, TernaryConvCall]
    assert agree(layers, rng.random((5, SIDE, SIDE)) < 0.3)
