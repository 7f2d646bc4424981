"""Pooling before tables: in the layer, of the same bytes, where tables keep their order."""

import numpy as np
import pytest
from graphs import graph

from inkpin.model import convert
from inkpin.model.converter.integer_program import IntegerProgram, ValueType
from inkpin.model.converter.ir import Input, Output, Quantisation
from inkpin.model.converter.kernels.binary import BinaryCall
from inkpin.model.converter.kernels.lookup_table import TableCall
from inkpin.model.converter.kernels.pooling import MaxPoolCall
from inkpin.model.converter.kernels.requantize import ByteRange
from inkpin.model.converter.pooled_first import pool_first
from inkpin.model.converter.windows import Windows
from inkpin.model.onnx_runtime import onnxruntime

OWN_SCALES = """
    q = QuantizeLinear (x, s0, z0)  d = DequantizeLinear (q, s0, z0)
    c = Conv <pads = [1, 1, 1, 1]> (d, w)
    cq = QuantizeLinear (c, s1, z1)  cd = DequantizeLinear (cq, s1, z1)
    r = Relu (cd)
    rq = QuantizeLinear (r, s2, z2)  rd = DequantizeLinear (rq, s2, z2)
    p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (rd)
    pq = QuantizeLinear (p, s3, z3)  pd = DequantizeLinear (pq, s3, z3)
    y = Flatten (pd)
"""


def test_a_layer_pools_where_every_operator_has_a_scale_of_its_own(rng):
    scales, zeros = (0.02, 0.05, 0.03, 0.028), (128, 120, 0, 3)
    constants = {f"s{i}": np.float32(scale) for i, scale in enumerate(scales)}
    constants |= {f"z{i}": np.uint8(zero) for i, zero in enumerate(zeros)}
    constants["w"] = (rng.integers(-127, 128, (8, 3, 3, 3)) / 256).astype(np.float32)
    model = graph(OWN_SCALES, constants, [1, 3, 16, 16])
    x = rng.normal(0, 1, (20, 3, 16, 16)).astype(np.float32)
    made = convert(model)
    kernels = [call.c_files[0].removesuffix(".c") for call in made.integer_program.calls]
    assert kernels == ["ink_byte_conv", "ink_table"]
    maps, pooled, scratch = 3 * 16 * 16, 8 * 8 * 8, 4 * 8 + 28
    assert made.source.arena <= maps + pooled + scratch
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    wanted = np.concatenate([session.run(None, {"x": one[None]})[0] for one in x])
    off = np.rint(np.abs(made.predict(x) - wanted) / scales[-1])
    assert off.max() <= 2  # two roundings may differ behind a sum between two bytes
    assert np.mean(off == 0) > 0.99


@pytest.mark.parametrize(
    ("function", "kernels"),
    [
        ("Tanh", ["ink_byte_conv", "ink_table"]),
        ("HardSwish", ["ink_byte_conv", "ink_table", "ink_max_pool"]),
    ],
)
def test_functions_that_fall_somewhere_stay_before_the_pooling(rng, function, kernels):
    nodes = f"""
        c = Conv (x, w)
        t = {function} (c)
        p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (t)
        y = Flatten (p)
    """
    weights = rng.normal(0, 0.4, (6, 2, 3, 3)).astype(np.float32)
    model = graph(nodes, {"w": weights}, [1, 2, 10, 10])
    x = rng.normal(0, 1, (100, 2, 10, 10)).astype(np.float32)
    made = convert(model, x)
    assert [call.c_files[0].removesuffix(".c") for call in made.integer_program.calls] == kernels
    assert made.comparison.snr_db > 35


def test_a_product_with_a_function_of_the_same_value_is_one_table(rng):
    """What quantisers make of HardSwish: three operators, each with a scale of its own."""
    nodes = """
        q = QuantizeLinear (x, s0, z0)  d = DequantizeLinear (q, s0, z0)
        h = HardSigmoid <alpha = 0.16666667, beta = 0.5> (d)
        hq = QuantizeLinear (h, s1, z1)  hd = DequantizeLinear (hq, s1, z1)
        m = Mul (d, hd)
        mq = QuantizeLinear (m, s2, z2)  y = DequantizeLinear (mq, s2, z2)
    """
    scales, zeros = (0.06, 1 / 255, 0.0413), (110, 0, 12)
    constants = {f"s{i}": np.float32(scale) for i, scale in enumerate(scales)}
    constants |= {f"z{i}": np.uint8(zero) for i, zero in enumerate(zeros)}
    model = graph(nodes, constants, [1, 256])
    made = convert(model)
    (call,) = made.integer_program.calls
    assert isinstance(call, TableCall)
    x = (np.float32(scales[0]) * (np.arange(256) - zeros[0])).astype(np.float32)[None]
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    assert np.allclose(made.predict(x), session.run(None, {"x": x})[0], atol=scales[-1] / 99)


@pytest.mark.parametrize("op_type", ["add", "mul"])
def test_a_pair_of_functions_of_one_value_gives_the_same_integers(rng, op_type):
    maps = ValueType("bytes", Quantisation(1.0, 0), (1, 256))
    pair = {
        "op_type": op_type,
        "broadcast": (1, 256, 1),
        "multipliers": (300, 200 if op_type == "add" else 0),
        "shift": 14 if op_type == "mul" else 9,
        "zero_points": (100, 3),
        "to": ByteRange(90, 10, 240),
    }
    program = IntegerProgram(
        calls=(
            table(rng, "one", "x", "a", rises=False),
            table(rng, "two", "x", "b", rises=False),
            BinaryCall(nodes=("pair",), inputs=("a", "b"), output="c", **pair),
            BinaryCall(nodes=("last",), inputs=("x", "a"), output="y", **pair),
        ),
        types=dict.fromkeys("xabcy", maps),
        inputs=(Input("x", (1, 256)),),
        constants={},
        outputs=(Output("c", "c"), Output("y", "y")),
    )
    codes = {"x": np.arange(256)[None, None]}
    made = pool_first(program)
    assert [type(call) for call in made.calls] == [TableCall, TableCall]
    for name in "cy":
        assert np.array_equal(made.run(codes)[name], program.run(codes)[name])


def table(rng, name, source, output, *, rises):
    values = np.sort(rng.integers(0, 256, 256)) if rises else rng.integers(0, 256, 256)
    return TableCall(nodes=(name,), inputs=(source,), output=output, table=values, function=name)


@pytest.mark.parametrize("window", [((2, 2), (2, 2), (0, 0)), ((3, 3), (2, 2), (1, 1))])
@pytest.mark.parametrize("rises", [True, False])
def test_the_integers_are_the_same(rng, window, rises):
    size, stride, pad = window
    windows = Windows(size, stride, pad, (1, 1), (4, 4))
    maps = ValueType("bytes", Quantisation(1.0, 0), (1, 3, 8, 8))
    small = ValueType("bytes", Quantisation(1.0, 0), (1, 3, 4, 4))
    program = IntegerProgram(
        calls=(
            table(rng, "one", "x", "a", rises=True),
            table(rng, "two", "a", "b", rises=rises),
            MaxPoolCall(
                nodes=("pool",), inputs=("b",), output="c", maps=(3, 8, 8), windows=windows
            ),
            table(rng, "three", "c", "y", rises=False),
        ),
        types={"x": maps, "a": maps, "b": maps, "c": small, "y": small},
        inputs=(Input("x", (1, 3, 8, 8)),),
        constants={},
        outputs=(Output("y", "y"),),
    )
    codes = {"x": rng.integers(0, 256, (30, 1, 3, 8, 8))}
    made = pool_first(program)
    assert len(made.calls) == (2 if rises else 3)
    assert np.array_equal(made.run(codes)["y"], program.run(codes)["y"])
