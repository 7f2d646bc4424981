"""Comparisons, truth values and choices: functions with jumps, and what joins such."""

import numpy as np
import onnx

from inkpin.model.converter.ir import Constant, Quantisation, Where
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import broadcast, total
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.arithmetic import combine, expand, larger
from inkpin.model.converter.onnx.registry import operator, unsupported

_COMPARISONS = {
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
}
_SWAPPED = {
    "Greater": "Less",
    "GreaterOrEqual": "LessOrEqual",
    "Less": "Greater",
    "LessOrEqual": "GreaterOrEqual",
}
_FLOATS = (
    onnx.TensorProto.FLOAT,
    onnx.TensorProto.FLOAT16,
    onnx.TensorProto.DOUBLE,
    onnx.TensorProto.BFLOAT16,
)


@operator("Greater", "GreaterOrEqual", "Less", "LessOrEqual", fold=broadcast)
def comparison(build: Builder, node: Node) -> None:
    """A comparison with one constant: the input as bits, else a function with a jump."""
    swapped = build.is_constant(node, 0)
    limit = build.constant(node, 0 if swapped else 1)
    if limit.size != 1:
        raise node.refuse("only a comparison with one constant is supported")
    op_type = _SWAPPED[node.op_type] if swapped else node.op_type
    _compare(build, node, int(swapped), op_type, float(limit.reshape(())))


@operator("Binarizer")
def binarizer(build: Builder, node: Node) -> None:
    """scikit-learn's: whether a feature exceeds a threshold."""
    _compare(build, node, 0, "Greater", float(node.attributes.get("threshold", 0.0)))


def _compare(build: Builder, node: Node, index: int, op_type: str, limit: float) -> None:
    if op_type == "Greater" and build.only_reads_input(node, index):
        build.binarise_input(node, index, limit)
        return
    compare = _COMPARISONS[op_type]
    build.unary(node, build.value(node, index), lambda values: compare(values, limit).astype(float))


@operator("Not", fold=total)
def negation(build: Builder, node: Node) -> None:
    """1 for 0 and 0 for 1."""
    build.affine(node, build.value(node), gain=-1.0, offset=1.0)


@operator("And", fold=broadcast)
def conjunction(build: Builder, node: Node) -> None:
    """The smaller of two that are 0 or 1."""
    combine(build, node, "Mul", [build.value(node, 0), build.value(node, 1)])


@operator("Or", fold=broadcast)
def disjunction(build: Builder, node: Node) -> None:
    """The larger of two that are 0 or 1."""
    larger(build, node, [build.value(node, 0), build.value(node, 1)])


@operator("Where", fold=broadcast)
def where(build: Builder, node: Node) -> None:
    """One of two values by a condition, which may all be constant but one; see ir.Where."""
    if build.is_constant(node, 0):
        _chosen(build, node, build.constant(node, 0) != 0)
        return
    condition = build.value(node)
    fixed = [build.is_constant(node, i) for i in (1, 2)]
    if all(fixed):
        # What differs between the two, times 0 or 1.
        first, second = (build.constant(node, i).astype(float) for i in (1, 2))
        shape = np.broadcast_shapes(build.shape(condition), first.shape, second.shape)
        wide = expand(build, node, condition, shape, ".wide")
        build.affine(node, wide, first - second, second, shape=shape)
        return
    names = [condition]
    for i in (1, 2):
        if not build.is_constant(node, i):
            names.append(build.value(node, i))
            continue
        value = build.constant(node, i).astype(float)
        if value.size == 1:
            names.append(build.affine(node, condition, 0.0, value.reshape(()), f".{i}"))
        else:
            names.append(build.add(Constant, node, [], value.shape, f".{i}", value=value))
    shape = np.broadcast_shapes(*map(build.shape, names))
    names = [expand(build, node, name, shape, f".wide{i}") for i, name in enumerate(names)]
    build.add(Where, node, names, shape)


def _chosen(build: Builder, node: Node, mask: np.ndarray) -> None:
    """Append the elements of two values, or constants, that a constant condition chooses."""
    names = []
    for i in (1, 2):
        if build.is_constant(node, i):
            value = build.constant(node, i).astype(float)
            names.append(build.add(Constant, node, [], value.shape, f".{i}", value=value))
        else:
            names.append(build.value(node, i))
    build.gather(node, names, lambda *parts: np.asarray(np.where(mask, *parts)))


@operator("Cast", fold=total)
def cast(build: Builder, node: Node) -> None:
    """A change of the type of numbers; bytes of the graph's input become numbers."""
    name, to = build.value(node, quantised=True, whole=True), node.attributes["to"]
    if to == onnx.TensorProto.BOOL:
        name = build.value(node, whole=True)
        build.unary(node, name, lambda values: (values != 0).astype(float))
        return
    if to not in _FLOATS:
        raise node.refuse("only a cast to floating point or to truth values is supported")
    if node.inputs[0] in build.quantised:
        code = Quantisation(1.0, build.byte_offset(node.inputs[0]))
        if build.quantisation(node.inputs[0], code) != code:
            raise node.refuse("it reads bytes that stand for other numbers: dequantise them")
    build.names[node.output] = name


unsupported("Equal", "Xor", fold=broadcast)
unsupported("CastLike", "IsInf", "IsNaN", fold=total)
