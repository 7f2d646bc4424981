"""Compute nodes by ONNX's reference: constants while a graph is imported, functions for tables."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from onnx import helper
from onnx.reference import ReferenceEvaluator

from inkpin.model.converter.onnx.graph import LARGEST, Node

_FOLDABLE_TEXT = """
    Abs Add And ArgMax ArgMin BitShift Cast CastLike Ceil Concat Constant ConstantOfShape CumSum Div
    Einsum Equal Erf Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND Greater
    GreaterOrEqual Identity IsInf IsNaN Less LessOrEqual Log MatMul Max Mean Min Mod Mul Neg NonZero
    Not OneHot Or Pad Pow QuantizeLinear Range Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean
    ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round ScatterElements ScatterND
    Shape Sigmoid Sign Size Slice Split Sqrt Squeeze Sub Sum Tanh Tile Transpose Trilu Unsqueeze
    Where Xor
"""
FOLDABLE = frozenset(_FOLDABLE_TEXT.split())
"""Operators that are computed where all their inputs are constants."""


def fold(
    node: Node, constants: Mapping[str, np.ndarray], opsets: Mapping[str, int]
) -> dict[str, np.ndarray]:
    """Return the outputs of a node of constants, by name.

    Args:
        node: of a kind in FOLDABLE.
        constants: all its inputs, by name.
        opsets: version by domain.

    Raises:
        InputError: it makes more than any device takes.
    """
    present = [name for name in node.inputs if name]
    arrays = [constants[name] for name in present]
    if _elements(node, arrays) > LARGEST:
        raise node.refuse(f"it makes more than {LARGEST} elements: take a smaller model")
    run = evaluator(node, dict(zip(present, arrays, strict=True)), opsets)
    with np.errstate(all="ignore"):  # what is not finite is refused where it is used
        results = run()
    return {
        name: np.asarray(value) for name, value in zip(node.outputs, results, strict=False) if name
    }


def _elements(node: Node, arrays: Sequence[np.ndarray]) -> float:
    """Return about how many elements a node makes, before it does so."""
    sizes = [float(array.size) for array in arrays]
    if node.op_type in ("ConstantOfShape", "Expand", "Reshape", "Range", "OneHot"):
        # These make large arrays out of small ones.
        place = 1 if node.op_type in ("Range", "OneHot") else -1
        numbers = np.abs(np.asarray(arrays[place], float))
        return (sizes[0] if node.op_type == "OneHot" else 1.0) * float(np.prod(numbers))
    if node.op_type in ("Tile", "Pad"):
        numbers = np.abs(np.asarray(arrays[1], float)).ravel()
        if node.op_type == "Tile":
            return sizes[0] * float(np.prod(numbers))
        sides = np.array(arrays[0].shape, float)
        return float(np.prod(sides + numbers.max(initial=0.0) * 2))
    if node.op_type in ("MatMul", "Einsum"):
        return math.prod(sizes)
    if node.op_type == "EyeLike":
        return sizes[0]
    if node.op_type in ("Add", "Sub", "Mul", "Div", "Pow", "Where", "Max", "Min", "Sum", "Mean"):
        return math.prod(map(float, np.broadcast_shapes(*(array.shape for array in arrays))))
    return sum(sizes)


def evaluator(
    node: Node, constants: Mapping[str, np.ndarray], opsets: Mapping[str, int]
) -> Callable[..., Sequence[np.ndarray]]:
    """Return a function that computes a node by ONNX's reference.

    Args:
        node: the node.
        constants: its inputs that stand still, by name; the others are the function's arguments.
        opsets: version by domain.
    """
    names = [name for name in dict.fromkeys(node.inputs) if name]
    single = helper.make_model(
        helper.make_graph(
            [node.proto],
            "single",
            [helper.make_empty_tensor_value_info(name) for name in names],
            [helper.make_empty_tensor_value_info(name) for name in node.outputs if name],
        ),
        opset_imports=[
            helper.make_opsetid("" if domain == "ai.onnx" else domain, version)
            for domain, version in opsets.items()
        ],
    )
    reference = ReferenceEvaluator(single)
    open_names = [name for name in names if name not in constants]

    def run(*values: np.ndarray) -> Sequence[np.ndarray]:
        return reference.run(None, {**constants, **dict(zip(open_names, values, strict=True))})

    return run
