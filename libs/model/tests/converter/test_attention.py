"""Products of computed values and probabilities in the middle of a graph, as attention has them."""

import numpy as np
import pytest
from graphs import graph

from inkpin.model import convert
from inkpin.model.converter.kernels.copy import CopyCall
from inkpin.model.converter.kernels.matmul import MatMulCall

TIME, WIDTH, HEADS = 6, 16, 4
ATTENTION = """
    q = MatMul (x, wq)
    k = MatMul (x, wk)
    v = MatMul (x, wv)
    q1 = Reshape (q, split)
    k1 = Reshape (k, split)
    v1 = Reshape (v, split)
    q2 = Transpose <perm = [0, 2, 1, 3]> (q1)
    k2 = Transpose <perm = [0, 2, 3, 1]> (k1)
    v2 = Transpose <perm = [0, 2, 1, 3]> (v1)
    scores = MatMul (q2, k2)
    scaled = Mul (scores, scale)
    shares = Softmax <axis = -1> (scaled)
    seen = MatMul (shares, v2)
    back = Transpose <perm = [0, 2, 1, 3]> (seen)
    joined = Reshape (back, whole)
    made = MatMul (joined, wo)
    y = Add (made, x)
"""


def attention(rng):
    sizes = {name: rng.normal(0, WIDTH**-0.5, (WIDTH, WIDTH)) for name in ("wq", "wk", "wv", "wo")}
    constants = {name: array.astype(np.float32) for name, array in sizes.items()}
    constants |= {
        "split": np.array([1, TIME, HEADS, WIDTH // HEADS]),
        "whole": np.array([1, TIME, WIDTH]),
        "scale": np.float32((WIDTH // HEADS) ** -0.5),
    }
    return graph(ATTENTION, constants, ["n", TIME, WIDTH])


def compared(model, x):
    """Return the conversion of a model whose C is its reference and as onnxruntime has it."""
    converted = convert(model, x)
    comparison = converted.comparison
    assert comparison.failure is None
    assert (comparison.ran, comparison.snr_db >= 30) == ("c", True), comparison
    program = converted.integer_program
    codes = program.encode({"x": x})
    wanted = program.decode(program.run(codes)[program.output])
    assert np.array_equal(converted.predict(x).ravel(), wanted.ravel())
    return converted


def test_attention_comes_out_as_onnxruntime_has_it(rng):
    x = rng.normal(size=(100, TIME, WIDTH)).astype(np.float32)
    converted = compared(attention(rng), x)
    calls = converted.integer_program.calls
    # The heads are read where they lie; only what they made is put side by side.
    assert sum(isinstance(call, CopyCall) for call in calls) == 1
    products = [call for call in calls if isinstance(call, MatMulCall)]
    assert [call.product.layout for call in products] == [(4, 6, 4, 6), (4, 6, 6, 4)]
    assert products[0].product.gain == pytest.approx((WIDTH // HEADS) ** -0.5)


SHAPES = {
    "a constant first": "y = MatMul (a, x)",
    "a constant first, of a vector": "r = Reshape (x, flat) y = MatMul (m, r)",
    "a batch of constants that repeats": "y = MatMul (x, b)",
    "a batch beside a single matrix": "c = Concat <axis = 0> (x, x) u = Unsqueeze (c, zero) "
    "t = Transpose <perm = [0, 2, 1]> (x) y = MatMul (u, t)",
    "Gemm of two values": "r = Squeeze (x, zero) t = Tanh (r) "
    "y = Gemm <transA = 1, alpha = 0.5, beta = 2.0> (r, t, k)",
    "a negative factor": "t = Transpose <perm = [0, 2, 1]> (x) p = MatMul (x, t) n = Neg (p) "
    "y = Relu (n)",
    "what is cut and turned": "c = Slice (x, zero, two, one) t = Transpose <perm = [0, 2, 1]> (x) "
    "y = MatMul (t, t2) t2 = Transpose <perm = [0, 2, 1]> (c2) c2 = Transpose <perm = [0, 2, 1]> "
    "(x)",
    "a value times itself": "h = Mul (x, half) t = Reshape (h, row) y = MatMul (t, t)",
    "probabilities within": "p = Softmax <axis = 1> (x) y = Mul (p, x)",
    "their logarithms within": "p = LogSoftmax <axis = 2> (x) y = Mul (p, x)",
    "probabilities that are read and given out": "y = Softmax <axis = 1> (x) z = Mul (y, x)",
    "the most probable": "p = Softmax <axis = 2> (x) y = ReduceMax <keepdims = 0> (p, two)",
}


@pytest.mark.parametrize("nodes", SHAPES.values(), ids=SHAPES)
def test_products_and_probabilities_of_every_shape(rng, nodes):
    constants = {
        "a": rng.normal(size=(5, 4)).astype(np.float32),
        "m": rng.normal(size=(5, 16)).astype(np.float32),
        "b": rng.normal(size=(3, 4, 2)).astype(np.float32),
        "k": rng.normal(size=4).astype(np.float32),
        "half": np.float32(0.5),
        "flat": np.array([16]),
        "row": np.array([4, 4]),
        "zero": np.array([0]),
        "one": np.array([1]),
        "two": np.array([2]),
    }
    x = rng.normal(size=(100, 4, 4)).astype(np.float32)
    compared(graph(nodes, constants, [1, 4, 4]), x)
