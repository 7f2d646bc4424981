"""From an ONNX graph to a Program: every node by the rule that is registered for its operator."""

from collections.abc import Mapping, Sequence

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import Program
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.byte_values import IntegerConstant
from inkpin.model.converter.onnx.constants import Bound, fold_constants
from inkpin.model.converter.onnx.graph import BatchError, Graph, Node
from inkpin.model.converter.onnx.operators import OPERATORS
from inkpin.model.converter.onnx.postprocessing import Scores, find_scores
from inkpin.model.converter.onnx.registry import Operator

_NAMED = 8  # nodes of an operator in a message
_REMEDY = "docs/operators.md lists what is: build the model of that"


def import_graph(graph: Graph) -> Program:
    """Return the network that a graph describes.

    Raises:
        InputError: operators or attributes that are not supported; the message names all such
            nodes, but for those behind them.
    """
    scores = find_scores(graph)
    build = Builder(graph, scores)
    unknown = _unknown_operators(graph, scores)
    refusals = _told(unknown)
    missing: set[str] = set()  # values that are not there, as what makes them is refused
    for node in scores.nodes:
        known = node.name not in unknown.get(node.op_type, ())
        if known and missing.isdisjoint(node.inputs):
            try:
                _import(build, node)
                continue
            except BatchError:
                raise
            except InputError as error:
                refusals.append(str(error))
        missing.update(node.outputs)
    if len(refusals) > 1:
        raise InputError(f"{len(refusals)} things are in the way: {'; '.join(refusals)}")
    if refusals:
        raise InputError(refusals[0])
    return build.program()


def _import(build: Builder, node: Node) -> None:
    """Append what a node does.

    Raises:
        InputError: it is not supported.
    """
    found = OPERATORS.get(node.op_type, Operator())
    try:
        if found.fold and all(name in build.constants for name in node.inputs if name):
            _fold(build, node, found.fold, found.rearranges)
        elif found.convert:
            found.convert(build, node)
        else:  # which _unknown_operators took for one of constants
            raise node.refuse(f"this operator is supported for constants only: {_REMEDY}")
    except InputError:
        raise
    except Exception as error:  # attributes and shapes of a damaged file break any assumption
        text = str(error).strip().splitlines()[0:1]
        raise node.refuse(
            f"its attributes or shapes do not fit ({type(error).__name__}"
            f"{': ' + text[0] if text else ''}): export the model again"
        ) from error


def _unknown_operators(graph: Graph, scores: Scores) -> dict[str, list[str]]:
    """Return the names of the nodes whose operators are not supported, by operator."""
    constants, unknown = {*graph.constants}, dict[str, list[str]]()
    for node in scores.nodes:
        found = OPERATORS.get(node.op_type, Operator())
        fixed = all(name in constants for name in node.inputs if name)
        if not found.convert and not (found.fold and fixed):
            unknown.setdefault(node.op_type, []).append(node.name)
        elif fixed or node.op_type in ("Shape", "Size"):
            constants.update(node.outputs)
    return unknown


def _told(unknown: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what is said of nodes whose operators are not supported: nothing where none are."""
    kinds = [
        f"{op_type} {_listed(names)} ({OPERATORS.get(op_type, Operator()).hint or _REMEDY})"
        for op_type, names in unknown.items()
    ]
    count = sum(map(len, unknown.values()))
    said = "a node whose operator is" if count == 1 else f"{count} nodes whose operators are"
    return [f"{said} not supported: {'; '.join(kinds)}"] if kinds else []


def _listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - _NAMED
    shown = ", ".join(map(repr, names[:_NAMED]))
    return shown + (f" and {more} more" if more > 0 else "")


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
