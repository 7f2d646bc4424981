"""Nodes computed by ONNX's reference: constants while a graph is read, functions for tables."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from onnx import helper
from onnx.reference import ReferenceEvaluator

from inkpin.model.converter.onnx.graph import LARGEST, Node

Bound = Callable[[Sequence[np.ndarray]], float]
"""About how many elements an operator makes of constant inputs, told before it does so."""


def total(arrays: Sequence[np.ndarray]) -> float:
    """Bound of what makes no more than it is given."""
    return float(sum(array.size for array in arrays))


def broadcast(arrays: Sequence[np.ndarray]) -> float:
    """Bound of what goes element by element over arrays that broadcast against each other."""
    return math.prod(map(float, np.broadcast_shapes(*(array.shape for array in arrays))))


def product(arrays: Sequence[np.ndarray]) -> float:
    """Bound of what combines every element with every other."""
    return math.prod(float(array.size) for array in arrays)


def given_shape(arrays: Sequence[np.ndarray]) -> float:
    """Bound of what makes an array of the shape that its last input tells."""
    return float(np.prod(np.abs(arrays[-1].astype(float))))


def fold_constants(
    node: Node, constants: Mapping[str, np.ndarray], opsets: Mapping[str, int], bound: Bound
) -> dict[str, np.ndarray]:
    """Return the outputs of a node of constants, by name.

    Args:
        node: the node.
        constants: all its inputs, by name.
        opsets: version by domain.
        bound: of its elements.

    Raises:
        InputError: it makes more than any device takes.
    """
    present = [name for name in node.inputs if name]
    arrays = [constants[name] for name in present]
    if bound(arrays) > LARGEST:
        raise node.refuse(f"it makes more than {LARGEST} elements: take a smaller model")
    run = reference(node, dict(zip(present, arrays, strict=True)), opsets)
    with np.errstate(all="ignore"):  # what is not finite is refused where it is used
        results = run()
    return {
        name: np.asarray(value) for name, value in zip(node.outputs, results, strict=False) if name
    }


def reference(
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
    evaluator = ReferenceEvaluator(single)
    open_names = [name for name in names if name not in constants]

    def run(*values: np.ndarray) -> Sequence[np.ndarray]:
        feeds = {**constants, **dict(zip(open_names, values, strict=True))}
        return list(evaluator.run(None, feeds))

    return run
