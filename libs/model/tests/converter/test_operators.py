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
    "mask": np.array([[True, False, True, True], [False] * 4, [True] * 4]),
    "half": np.float32([0.52]),
    "matter": np.float32([[-1], [0.5], [2]]),
    "nothing": np.float32([]),
    "low": np.float32(0.2),
    "bigger": np.float32([1, 1, 2.5]),
    "matrix": np.random.default_rng(8).normal(size=(4, 5)).astype(np.float32),
    "batch": np.random.default_rng(9).normal(size=(3, 4, 2)).astype(np.float32),
    "filters": np.random.default_rng(7).normal(size=(3, 2, 5)).astype(np.float32),
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
    "a product along an axis": "y = ReduceProd <keepdims = 0> (x, axis)",
    "a product of an odd number": "y = ReduceProd (x, two)",
    "elements that a mask chooses": "t = Tanh (x) y = Where (mask, t, k)",
    "constants that a condition chooses": "c = Greater (x, half) y = Where (c, k, matter)",
    "a value or other constants": "c = Greater (x, half) t = Neg (x) y = Where (c, t, k)",
    "a matrix product in letters": 'y = Einsum <equation = "bij,jk->bik"> (x, matrix)',
    "letters in another order": 'y = Einsum <equation = "jk,bij->kbi"> (matrix, x)',
    "a batch of products in letters": 'y = Einsum <equation = "bij,ijk->bki"> (x, batch)',
    "two values' product": 't = Tanh (x) y = Einsum <equation = "bij,bkj->bki"> (t, x)',
    "axes in another order": 'y = Einsum <equation = "bij->jbi"> (x)',
    "a convolution backwards": "y = ConvTranspose <strides = [2], pads = [1, 1], "
    "output_padding = [1]> (x, filters)",
    "between elements": 'y = Resize <mode = "linear"> (x, nothing, bigger)',
    "a regression": "f = Flatten (x) y = ai.onnx.ml.LinearRegressor <coefficients = [0.5, 1.0, "
    "-1.0, 0.5, 1.0, 0.25, 0.5, 1.0, -1.0, 0.5, 1.0, 0.25], intercepts = [0.5]> (f)",
    "no number is missing": "f = Flatten (x) y = ai.onnx.ml.Imputer <"
    "imputed_value_floats = [1.0], replaced_value_float = nan> (f)",
    "weights that a graph computes of others": "c = Clip (matrix, low) s = Softmax (c) "
    "p = Softplus (s) y = MatMul (x, p)",
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
