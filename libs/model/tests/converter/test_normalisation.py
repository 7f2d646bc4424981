"""Normalisations that find out while they run: given as one node, and spelled out."""

import numpy as np
import pytest
from graphs import graph
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from inkpin.model import convert
from inkpin.model.converter.ir import Normalise
from inkpin.model.converter.kernels.normalise import NormaliseCall, square_root

CONSTANTS = {
    "g": np.float32([0.5, 2, -1, 1.5, 0.1, 1]),
    "b": np.float32([1, 0, -0.5, 0.25, 0, 3]),
    "gc": np.float32([0.5, 2, -1, 1.5]),
    "bc": np.float32([1, 0, -0.5, 0.25]),
    "gm": np.float32([[0.5], [2], [-1], [1.5]]),
    "bm": np.float32([[1], [0], [-0.5], [0.25]]),
    "ones": np.ones(2, np.float32),
    "nulls": np.zeros(2, np.float32),
    "two": np.float32(2),
    "eps": np.float32(1e-3),
    "half": np.float32(-0.5),
    "last": np.array([-1]),
    "axis": np.array([1]),
    "groups": np.array([1, 2, -1]),
    "maps": np.array([1, 4, 6]),
}
ONE_NODE = {
    "by layer": "y = LayerNormalization <axis = -1> (x, g, b)",
    "by layer without bias": "y = LayerNormalization <epsilon = 0.1> (x, g)",
    "by instance": "y = InstanceNormalization (x, gc, bc)",
    "by group": "y = GroupNormalization <num_groups = 2> (x, gc, bc)",
    "over a length": "y = LpNormalization <axis = 1, p = 2> (x)",
    "over a sum": "y = LpNormalization <axis = -1, p = 1> (x)",
    "cut behind": "n = LayerNormalization (x, g, b) y = Relu (n)",
    # As PyTorch writes GroupNorm.
    "by group, reshaped": "r = Reshape (x, groups) n = InstanceNormalization (r, ones, nulls) "
    "m = Reshape (n, maps) s = Mul (m, gm) y = Add (s, bm)",
}
SPELLED_OUT = {
    "with a power": "m = ReduceMean (x, last) d = Sub (x, m) q = Pow (d, two) "
    "v = ReduceMean (q, last) e = Add (v, eps) s = Sqrt (e) n = Div (d, s) "
    "w = Mul (n, g) y = Add (w, b)",
    "with a product": "m = ReduceMean (x, last) d = Sub (x, m) q = Mul (d, d) "
    "v = ReduceMean (q, last) e = Add (v, eps) s = Sqrt (e) r = Reciprocal (s) n = Mul (d, r) "
    "y = Mul (n, g)",
    "over an axis in the middle": "m = ReduceMean (x, axis) d = Sub (x, m) q = Mul (d, d) "
    "v = ReduceMean (q, axis) e = Add (eps, v) s = Pow (e, half) n = Mul (s, d) w = Mul (n, gm) "
    "y = Add (w, bm)",
    "by root mean square": "q = Mul (x, x) v = ReduceMean (q, last) e = Add (v, eps) "
    "s = Sqrt (e) n = Div (x, s) y = Mul (n, g)",
    "by length": "n = ReduceL2 <keepdims = 1> (x, last) y = Div (x, n)",
}


def spread(rng, shape=(1, 4, 6)):
    """Return samples of very different sizes and means."""
    x = rng.normal(size=(150, *shape[1:])) * rng.uniform(0.6, 1.2, (150, *shape[1:-1], 1))
    return (x + rng.normal(0, 0.5, (150, *shape[1:-1], 1))).astype(np.float32)


def compared(model, x, enough=30):
    converted = convert(model, x)
    comparison = converted.comparison
    assert comparison.failure is None
    assert comparison.snr_db >= enough, comparison
    program = converted.integer_program
    wild = np.concatenate([x[:20], 30 * x[:20], 0 * x[:2]])
    codes = program.encode({"x": wild.reshape(len(wild), *program.inputs[0].shape)})
    wanted = program.decode(program.run(codes)[program.output])
    assert np.array_equal(converted.predict(wild).ravel(), wanted.ravel())
    return converted


@pytest.mark.parametrize("nodes", ONE_NODE.values(), ids=ONE_NODE)
def test_a_node_comes_out_as_onnxruntime_has_it(rng, nodes):
    converted = compared(graph(nodes, CONSTANTS, [1, 4, 6]), spread(rng))
    assert [type(call) for call in converted.integer_program.calls] == [NormaliseCall]


@pytest.mark.parametrize("nodes", SPELLED_OUT.values(), ids=SPELLED_OUT)
def test_nodes_that_spell_it_out_become_one_call(rng, nodes):
    converted = compared(graph(nodes, CONSTANTS, [1, 4, 6]), spread(rng))
    assert [type(call) for call in converted.integer_program.calls] == [NormaliseCall]


def test_what_only_looks_like_it_is_left_alone(rng):
    nodes = """
        m = ReduceMean (x, last)
        d = Sub (x, m)
        q = Mul (x, x)
        v = ReduceMean (q, last)
        e = Add (v, two)
        s = Sqrt (e)
        y = Div (d, s)
    """
    model = graph(nodes, CONSTANTS, [1, 4, 6])
    converted = compared(model, spread(rng), enough=25)
    assert not any(isinstance(op, Normalise) and op.centred for op in converted.program.ops)


def test_a_mean_that_is_nothing_but_the_noise_of_floats_is_zero(rng):
    nodes = """
        m = ReduceMean (x, last)
        d = Sub (x, m)
        k = ReduceMean (d, last)
        y = Sub (d, k)
    """
    compared(graph(nodes, CONSTANTS, [1, 4, 6]), spread(rng))


def test_root_mean_square_normalisation(rng):
    model = graph("y = Mul (x, g)", CONSTANTS, [1, 4, 6])
    node = helper.make_node("RMSNormalization", ["x", "g"], ["y"], axis=-1, epsilon=1e-3)
    model.graph.node[0].CopyFrom(node)
    model.opset_import[0].version = 23
    x = spread(rng)
    size = np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + 1e-3)
    wanted = x / size * CONSTANTS["g"]
    got = convert(model, x).predict(x)
    assert np.square(got - wanted).sum() < 1e-3 * np.square(wanted).sum()


@given(st.integers(1, 2**62))
def test_roots_have_sixteen_bits(number):
    [root], [up] = square_root(np.array([number]))
    assert 1 << 15 <= root < 1 << 16
    assert abs(root / 2.0 ** float(up) / number**0.5 - 1) < 2.0**-15
