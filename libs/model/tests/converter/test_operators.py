"""Operators in a line each: the C beside what ONNX's reference computes on the same numbers.

ONNX's own tests of every operator are in tests/nodes; here is what those leave out.
"""

import numpy as np
import pytest
from graphs import graph
from onnx.reference import ReferenceEvaluator

from inkpin.model import convert

CONSTANTS = {
    "k": np.float32([0.1, -0.1, 0, 0.3]),
    "axis": np.array([1]),
    "zero": np.array([0]),
    "one": np.array([1]),
    "two": np.array([2]),
    "places": np.zeros((1, 7), np.int64),
    "times": np.array([1, 2, 1]),
}
OPERATORS = {
    "an activation": "y = Shrink <lambd = 0.5, bias = 0.5> (x)",
    "the smallest along an axis": "y = ReduceMin (x, axis)",
    "the place of the smallest": "y = ArgMin <axis = 2> (x)",
    "one element of each row many times": "o = Slice (x, zero, one, two) s = Squeeze (o, two) "
    "f = Slice (s, zero, one, axis) y = GatherElements <axis = 1> (f, places)",
    "repeated": "y = Tile (x, times)",
    "the largest of several": "t = Tanh (x) n = Neg (x) y = Max (t, k, n)",
    "the smallest of several": "t = Tanh (x) n = Neg (x) y = Min (t, k, n)",
    "a sum of several": "t = Tanh (x) n = Neg (x) y = Sum (t, k, n)",
    "an average of several": "t = Tanh (x) n = Neg (x) y = Mean (t, k, n)",
}


@pytest.mark.parametrize("nodes", OPERATORS.values(), ids=OPERATORS)
def test_an_operator_computes_what_onnx_says(rng, nodes):
    model = graph(nodes, CONSTANTS, [1, 3, 4])
    # All different and on a grid, so that 8 bits tell which is the smallest.
    x = np.stack([rng.permutation(np.linspace(-2, 2, 12)) for _ in range(60)])
    x = x.reshape(60, 3, 4).astype(np.float32)
    reference = ReferenceEvaluator(model)
    wanted = np.concatenate([reference.run(None, {"x": one[None]})[0] for one in x])
    got = convert(model, x).predict(x)
    np.testing.assert_allclose(got, wanted, atol=0.015 * np.ptp(wanted))
