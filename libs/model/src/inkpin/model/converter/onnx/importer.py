"""From an ONNX graph to a Program: every node by the rule that is registered for its operator."""

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import Program
from inkpin.model.converter.onnx.builder import Builder, IntegerConstant
from inkpin.model.converter.onnx.constants import Bound, fold_constants
from inkpin.model.converter.onnx.graph import Graph, Node
from inkpin.model.converter.onnx.operators import OPERATORS
from inkpin.model.converter.onnx.postprocessing import find_scores
from inkpin.model.converter.onnx.registry import Operator


def import_graph(graph: Graph) -> Program:
    """Return the network that a graph describes.

    Raises:
        InputError: an operator or attribute that is not supported.
    """
    scores = find_scores(graph)
    build = Builder(graph, scores)
    for node in scores.nodes:
        try:
            _import(build, node)
        except InputError:
            raise
        except Exception as error:  # attributes and shapes of a damaged file break any assumption
            text = str(error).strip().splitlines()[0:1]
            raise node.refuse(
                f"its attributes or shapes do not fit ({type(error).__name__}"
                f"{': ' + text[0] if text else ''}): export the model again"
            ) from error
    return build.program()


def _import(build: Builder, node: Node) -> None:
    found = OPERATORS.get(node.op_type, Operator())
    if found.fold and all(name in build.constants for name in node.inputs if name):
        _fold(build, node, found.fold, found.rearranges)
    elif found.convert:
        found.convert(build, node)
    else:
        hint = f" ({found.hint})" if found.hint else ""
        known = ", ".join(sorted(name for name, one in OPERATORS.items() if one.convert))
        raise node.refuse(f"this operator is not supported{hint}; supported are {known}")


def _fold(build: Builder, node: Node, bound: Bound, rearranges: bool) -> None:
    """Compute a node of constants."""
    build.constants.update(fold_constants(node, build.constants, build.opsets, bound))
    given = build.integers.get(node.inputs[0]) if node.inputs else None
    if given is None or not rearranges:
        return

    def moved(array: np.ndarray) -> np.ndarray:
        constants = {**build.constants, node.inputs[0]: array}
        return fold_constants(node, constants, build.opsets, bound)[node.output]

    integers, scales = moved(given.integers), moved(given.full_scales)
    axes = [axis for axis in range(scales.ndim) if np.any(scales != scales.take([0], axis))]
    if not axes:
        build.integers[node.output] = IntegerConstant(integers, np.asarray(scales.flat[0]), 0)
    elif len(axes) == 1:
        along = np.moveaxis(scales, axes[0], -1).reshape(-1, scales.shape[axes[0]])[0]
        build.integers[node.output] = IntegerConstant(integers, along, axes[0])
