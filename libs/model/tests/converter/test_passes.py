"""Each pass on a small graph: what is left of it, and that it computes what it did."""

from dataclasses import replace

import numpy as np
import pytest
from graphs import graph

from inkpin.model.converter.ir import Dense, Input, Output, Program
from inkpin.model.converter.onnx.graph import read
from inkpin.model.converter.onnx.importer import import_graph
from inkpin.model.converter.passes import (
    SIMPLIFY,
    drop_dead,
    fixpoint,
    fold_affine_before,
    fold_affine_behind,
    fold_gather,
    fuse_clip,
    fuse_gathers,
    fuse_max_pool,
    fuse_quantise,
    join_functions,
    lower_affine,
    prescribe_backwards,
    scale_before_squares,
    simplify,
    sink_affine,
    skip_reshapes,
)

CONSTANTS = np.random.default_rng(5)  # of the cases, and of nothing that a test draws
MAPS = ["n", 4, 6, 6]


def weights(*shape):
    return CONSTANTS.normal(size=shape).astype(np.float32)


def program(nodes, constants, shape):
    return import_graph(read(graph(nodes, constants, shape).SerializeToString()))


def op_types(network):
    return [type(op).__name__ for op in network.ops]


def assert_same(before, after):
    rng = np.random.default_rng(7)
    x = {one.name: rng.normal(size=(3, *one.shape)) for one in before.inputs}
    np.testing.assert_allclose(
        after.run(x)[after.output], before.run(x)[before.output], rtol=1e-6, atol=1e-6
    )


CONV = "c = Conv <pads = [1, 1, 1, 1]> (x, w, b)"
CONV_CONSTANTS = {"w": weights(5, 4, 3, 3), "b": weights(5)}
NORM = "y = BatchNormalization (c, g, o, m, v)"
NORM_CONSTANTS = {"g": weights(5), "o": weights(5), "m": weights(5), "v": np.abs(weights(5))}
CASES = {
    "dead code": (
        drop_dead,
        """
            a = Relu (x)
            b = Neg (x)
            y = Relu (x)
        """,
        {},
        MAPS,
        ["Clip"],
    ),
    "changes of shape": (
        skip_reshapes,
        """
            f = Flatten (x)
            r = Reshape (f, s)
            y = Neg (r)
        """,
        {"s": np.array([1, 2, 72])},
        MAPS,
        ["Affine"],
    ),
    "the first part alone is no change of shape": (
        skip_reshapes,
        """
            s = Slice (x, a, b)
            f = Flatten (s)
            y = Neg (f)
        """,
        {"a": np.array([0, 0]), "b": np.array([1, 2])},
        MAPS,
        ["Gather", "Affine"],
    ),
    "gathers fused": (
        fuse_gathers,
        """
            t = Transpose <perm = [0, 2, 3, 1]> (x)
            y = Slice (t, a, b)
        """,
        {"a": np.array([0, 1]), "b": np.array([1, 3])},
        MAPS,
        ["Gather"],
    ),
    "batch normalisation": (
        fold_affine_behind,
        f"{CONV} {NORM}",
        {**CONV_CONSTANTS, **NORM_CONSTANTS},
        MAPS,
        ["Conv"],
    ),
    "a bias that is added": (
        fold_affine_behind,
        f"""
            {CONV}
            y = Add (c, k)
        """,
        {**CONV_CONSTANTS, "k": weights(5, 1, 1)},
        MAPS,
        ["Conv"],
    ),
    "a scaler before a dense layer": (
        fold_affine_before,
        """
            d = Sub (x, k)
            e = Div (d, q)
            y = MatMul (e, w)
        """,
        {"k": weights(7), "q": np.abs(weights(7)) + 1, "w": weights(7, 3)},
        ["n", 7],
        ["Dense"],
    ),
    "a factor before a convolution": (
        fold_affine_before,
        """
            s = Mul (x, k)
            y = Conv <pads = [1, 1, 1, 1]> (s, w, b)
        """,
        {**CONV_CONSTANTS, "k": weights(4, 1, 1)},
        MAPS,
        ["Conv"],
    ),
    "a term before a padded convolution stays": (
        fold_affine_before,
        """
            s = Add (x, k)
            y = Conv <pads = [1, 1, 1, 1]> (s, w, b)
        """,
        {**CONV_CONSTANTS, "k": weights(4, 1, 1)},
        MAPS,
        ["Affine", "Conv"],
    ),
    "channels last before a dense layer": (
        fold_gather,
        """
            t = Transpose <perm = [0, 2, 3, 1]> (x)
            y = MatMul (t, w)
        """,
        {"w": weights(4, 3)},
        ["n", 4, 1, 1],
        ["Dense"],
    ),
    "Relu": (
        fuse_clip,
        f"""
            {CONV}
            r = Relu (c)
            y = Clip (r, low, high)
        """,
        {**CONV_CONSTANTS, "low": np.float32(-1), "high": np.float32(0.5)},
        MAPS,
        ["Conv"],
    ),
    "pooling": (
        fuse_max_pool,
        f"""
            {CONV}
            y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (c)
        """,
        CONV_CONSTANTS,
        MAPS,
        ["Conv"],
    ),
    "overlapping pooling stays": (
        fuse_max_pool,
        f"""
            {CONV}
            y = MaxPool <kernel_shape = [3, 3], strides = [2, 2]> (c)
        """,
        CONV_CONSTANTS,
        MAPS,
        ["Conv", "MaxPool"],
    ),
    "a factor for each channel": (
        lower_affine,
        "y = Mul (x, k)",
        {"k": weights(4, 1, 1)},
        MAPS,
        ["Conv"],
    ),
    "a factor for all": (
        lower_affine,
        "y = Mul (x, k)",
        {"k": np.float32(3)},
        MAPS,
        ["Unary"],
    ),
    "a factor for each element": (
        lower_affine,
        "y = Mul (x, k)",
        {"k": weights(4, 6, 6)},
        MAPS,
        ["Constant", "Binary"],
    ),
    "a curve spelled out": (
        simplify,
        f"""
            {CONV}
            s = Sigmoid (c)
            y = Mul (c, s)
        """,
        CONV_CONSTANTS,
        MAPS,
        ["Conv", "Unary"],
    ),
    "two branches of a curve": (
        simplify,
        f"""
            {CONV}
            s = Mul (c, k)
            g = Greater (c, z)
            y = Where (g, c, s)
        """,
        {**CONV_CONSTANTS, "k": np.float32(0.2), "z": np.float32(0)},
        MAPS,
        ["Conv", "Unary"],
    ),
    "functions of two values stay": (
        simplify,
        """
            s = Slice (x, a, b)
            t = Tanh (s)
            u = Mul (s, t)
            o = Slice (x, c, d)
            y = Mul (u, o)
        """,
        {
            "a": np.array([0, 0]),
            "b": np.array([1, 2]),
            "c": np.array([0, 2]),
            "d": np.array([1, 4]),
        },
        ["n", 4],
        ["Gather", "Unary", "Gather", "Binary"],
    ),
    "a factor for each channel, flattened, and one for all": (
        simplify,
        """
            n = Mul (x, k)
            f = Flatten (n)
            m = Mul (f, half)
            y = Tanh (m)
        """,
        {"k": weights(4, 1, 1), "half": np.float32(0.5)},
        ["n", 4, 2, 1],
        ["Conv", "Unary"],
    ),
    "a scaler before a choice of columns and two layers": (
        sink_affine,
        """
            d = Sub (x, k)
            g = Gather <axis = 1> (d, chosen)
            a = MatMul (g, v)
            b = MatMul (d, w)
            y = Add (a, b)
        """,
        {"k": weights(4), "chosen": np.array([2, 0]), "v": weights(2, 3), "w": weights(4, 3)},
        ["n", 4],
        ["Gather", "Dense", "Dense", "Binary"],
    ),
    "a factor for each square": (
        scale_before_squares,
        "d = Sub (x, k) s = Pow (d, two) y = Mul (s, f)",
        {"k": weights(4), "two": np.float32(2), "f": np.abs(weights(4))},
        ["n", 4],
        ["Affine", "Unary", "Affine"],
    ),
    "a scaler that something else reads too stays": (
        sink_affine,
        """
            d = Sub (x, k)
            a = MatMul (d, w)
            y = Add (a, d)
        """,
        {"k": weights(4), "w": weights(4, 4)},
        ["n", 4],
        ["Affine", "Dense", "Binary"],
    ),
    "a factor for each channel, flattened, at the end": (
        simplify,
        """
            n = Mul (x, k)
            y = Flatten (n)
        """,
        {"k": weights(4, 1, 1)},
        ["n", 4, 2, 1],
        ["Conv"],
    ),
    "all together": (
        simplify,
        f"""
            {CONV}
            n = BatchNormalization (c, g, o, m, v)
            r = Relu (n)
            p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (r)
            t = Transpose <perm = [0, 2, 3, 1]> (p)
            f = Flatten (t)
            d = MatMul (f, wd)
            y = Add (d, bd)
        """,
        {**CONV_CONSTANTS, **NORM_CONSTANTS, "wd": weights(45, 3), "bd": weights(3)},
        MAPS,
        ["Conv", "Dense"],
    ),
}


@pytest.mark.parametrize(("one", "nodes", "constants", "shape", "left"), CASES.values(), ids=CASES)
def test_a_pass_leaves_what_it_should_and_changes_no_result(one, nodes, constants, shape, left):
    before = program(nodes, constants, shape)
    after = one(before)
    assert op_types(after) == left
    assert_same(before, after)


@pytest.mark.parametrize("power", [2, 3])
def test_factors_go_before_squares_alone(power):
    nodes = "d = Sub (x, k) s = Pow (d, p) y = Mul (s, f)"
    factors = np.float32([1e-6, 4, 9, 100])
    constants = {"k": weights(4), "p": np.float32(power), "f": factors}
    before = program(nodes, constants, ["n", 4])
    after = scale_before_squares(before)
    assert (after is before) == (power == 3)
    wanted = factors if power == 3 else np.ones(4)
    assert np.allclose(after.ops[-1].gain, wanted)
    assert scale_before_squares(after) is after


QDQ = {"s": np.float32(0.3), "z": np.uint8(9), "t": np.float32(0.2)}


def test_given_rounding_becomes_the_bytes_of_the_op_before():
    nodes = """
        n = Neg (x)
        q = QuantizeLinear (n, s, z)
        y = DequantizeLinear (q, s, z)
    """
    after = fuse_quantise(program(nodes, QDQ, ["n", 3]))
    assert op_types(after) == ["Affine"]
    assert [code.zero_point for code in after.prescribed.values()] == [9]


def test_given_rounding_reaches_back_over_gathers():
    nodes = """
        n = Neg (x)
        m = Transpose <perm = [1, 0]> (n)
        q = QuantizeLinear (m, s, z)
        y = DequantizeLinear (q, s, z)
    """
    after = prescribe_backwards(fuse_quantise(program(nodes, QDQ, ["n", 3])))
    assert after.prescribed["n"] == after.prescribed["q"]


def test_dropped_postprocessing_is_named():
    nodes = """
        scores = MatMul (x, w)
        same = Identity (scores)
        y = Cast <to = 1> (same)
    """
    after = program(nodes, {"w": np.ones((3, 4), np.float32)}, ["n", 3])
    assert op_types(after) == ["Dense"]
    assert after.dropped == ("Identity identity_same", "Cast cast_y")


def two_layers():
    """Two ops that differ in their arrays alone but for what they read and make."""
    shapes = {"x": (1, 2), "h": (1, 2), "y": (1, 2)}
    layers = [
        Dense(nodes=("n",), inputs=(a,), output=b, weights=np.full((2, 2), 8.0), bias=np.zeros(2))
        for a, b in ("xh", "hy")
    ]
    inputs, outputs = (Input("x", (1, 2)),), (Output("y", "y"),)
    return Program(ops=tuple(layers), shapes=shapes, inputs=inputs, outputs=outputs)


def halve(network):
    """A pass that changes nothing but arrays."""
    if all(op.weights.max() <= 1 for op in network.ops):
        return network
    return replace(network, ops=tuple(replace(op, weights=op.weights / 2) for op in network.ops))


def test_passes_that_change_arrays_alone_run_until_they_are_done():
    after = fixpoint(two_layers(), [drop_dead, halve])
    assert [op.weights.max() for op in after.ops] == [1, 1]


@pytest.mark.parametrize("one", [*SIMPLIFY, join_functions, lower_affine])
def test_a_pass_that_finds_nothing_to_do_returns_what_it_was_given(one):
    network = simplify(two_layers())
    assert one(network) is network
