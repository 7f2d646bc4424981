"""Sums, products and extremes, of values with constants and of several values."""

import functools

import numpy as np

from inkpin.model.converter.ir import Binary, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import broadcast, total
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.registry import JUMPS, operator, unsupported

Shape = tuple[int, ...]


@operator("Neg", fold=total)
def neg(build: Builder, node: Node) -> None:
    """The number with the other sign."""
    build.affine(node, build.value(node), gain=-1.0)


@operator("Add", "Sub", "Mul", "Div", fold=broadcast)
def arithmetic(build: Builder, node: Node) -> None:
    """A sum or product with a constant, which layers around take over, or of two values."""
    if not (build.is_constant(node, 0) or build.is_constant(node, 1)):
        combine(build, node, node.op_type, [build.value(node, 0), build.value(node, 1)])
        return
    first = build.is_constant(node, 0)
    name, constant = build.value(node, int(first)), build.constant(node, int(not first))
    constant = constant.astype(float)
    shape = np.broadcast_shapes(build.shape(name), constant.shape)
    if node.op_type == "Div" and first:
        name = _reciprocal(build, node, name)
    name = expand(build, node, name, shape, ".wide")
    gain, offset = np.array(1.0), np.array(0.0)
    if node.op_type == "Mul" or (node.op_type == "Div" and first):
        gain = constant
    elif node.op_type == "Div":
        if not np.all(constant):
            raise node.refuse("it divides by zero")
        gain = 1 / constant
    elif node.op_type == "Sub":
        gain, offset = (np.array(-1.0), constant) if first else (gain, -constant)
    else:
        offset = constant
    build.affine(node, name, gain, offset, shape=shape)


@operator("Sum", "Mean", "Max", "Min", fold=broadcast)
def several(build: Builder, node: Node) -> None:
    """The sum, average, largest or smallest of any number of values and constants."""
    inputs = range(len(node.inputs))
    values = [build.value(node, i) for i in inputs if not build.is_constant(node, i)]
    constants = [build.constant(node, i) for i in inputs if build.is_constant(node, i)]
    pair = {"Max": larger, "Min": smaller}.get(node.op_type, _sum)
    name = values[0]
    for i, other in enumerate(values[1:]):
        name = pair(build, node, [name, other], f".{i}")
    if constants:
        join = {"Max": np.maximum, "Min": np.minimum}.get(node.op_type, np.add)
        constant = functools.reduce(join, (array.astype(float) for array in constants))
        name = _with_constant(build, node, name, constant)
    build.affine(node, name, gain=1 / len(node.inputs) if node.op_type == "Mean" else 1.0)


def _with_constant(build: Builder, node: Node, name: str, constant: np.ndarray) -> str:
    """Append the sum, largest or smallest of a value and a constant."""
    shape = np.broadcast_shapes(build.shape(name), constant.shape)
    name = expand(build, node, name, shape, ".wide")
    if node.op_type not in ("Max", "Min"):
        return build.affine(node, name, offset=constant, suffix=".more", shape=shape)
    low, high = (0.0, np.inf) if node.op_type == "Max" else (-np.inf, 0.0)
    name = build.affine(node, name, offset=-constant, suffix=".beyond", shape=shape)
    name = build.clip(node, name, low, high, ".kept")
    return build.affine(node, name, offset=constant, suffix=".back")


@operator("Scaler")
def scaler(build: Builder, node: Node) -> None:
    """scikit-learn's: each feature minus an offset, times a scale."""
    offset = np.array(node.attributes.get("offset", [0.0]), float)
    gain = np.array(node.attributes.get("scale", [1.0]), float)
    if not (np.isfinite(offset).all() and np.isfinite(gain).all()):
        raise node.refuse("its numbers are not all finite")
    build.affine(node, build.value(node, whole=True), gain, -offset * gain)


@operator("Imputer")
def imputer(build: Builder, node: Node) -> None:
    """scikit-learn's: another number for a missing one, which no byte stands for.

    Whoever makes the bytes puts it in; here is nothing to be done.
    """
    missing = node.attributes.get("replaced_value_float", np.nan)
    if not np.isnan(missing):
        raise node.refuse(f"missing numbers written as {missing:g} are not supported: {JUMPS}")
    build.drop(node)
    build.alias(node, build.value(node))


@operator("BatchNormalization")
def batch_normalization(build: Builder, node: Node) -> None:
    """A factor and a term for each channel."""
    if node.attributes.get("training_mode", 0) or not node.attributes.get("spatial", 1):
        raise node.refuse("only inference by channel is supported")
    scale, shift, mean, variance = (build.constant(node, i).astype(float) for i in range(1, 5))
    spread = variance + node.attributes.get("epsilon", 1e-5)
    if np.any(spread <= 0):
        raise node.refuse("its variance is not positive")
    gain = scale / np.sqrt(spread)
    name = build.value(node)
    side = (-1,) + (1,) * (len(build.shape(name)) - 2)
    build.affine(node, name, gain.reshape(side), (shift - mean * gain).reshape(side))


unsupported("BitShift", fold=broadcast)
unsupported("Mod", fold=broadcast, hint=JUMPS)


# --- for several operators ---


def expand(build: Builder, node: Node, name: str, shape: Shape, suffix: str) -> str:
    """Append a value repeated until it has the elements of `shape`, if it has not."""
    if size(build.shape(name)) == size(shape):
        return name
    return build.gather(node, [name], lambda index: np.broadcast_to(index, shape), suffix)


def combine(build: Builder, node: Node, op_type: str, names: list[str], suffix: str = "") -> str:
    """Append the sum, difference, product or quotient of two values: Add, Sub, Mul or Div."""
    shapes = [build.shape(name) for name in names]
    shape = np.broadcast_shapes(*shapes)
    if op_type == "Div":
        names = [names[0], _reciprocal(build, node, names[1])]
    sign = -1 if op_type == "Sub" else 1
    if size(shapes[0]) < size(shapes[1]) and sign == 1:  # the larger one goes first
        names, shapes = names[::-1], shapes[::-1]
    first = expand(build, node, names[0], shape, f"{suffix}.wide")
    second, layout = names[1], broadcast_layout(shapes[1], shape)
    if layout is None:
        second = expand(build, node, second, shape, f"{suffix}.wide2")
        layout = (1, size(shape), 1)
    kind = "mul" if op_type in ("Mul", "Div") else "add"
    inputs = [first, second]
    return build.add(Binary, node, inputs, shape, suffix, op_type=kind, sign=sign, broadcast=layout)


def broadcast_layout(small: Shape, shape: Shape) -> tuple[int, int, int] | None:
    """Return (outer, middle, inner) where `small` is the middle of `shape`, or None."""
    full = (1,) * (len(shape) - len(small)) + tuple(small)
    kept = [axis for axis, side in enumerate(full) if side != 1]
    if not kept:
        return (1, 1, size(shape))
    first, last = kept[0], kept[-1] + 1
    if full[first:last] != tuple(shape[first:last]):
        return None
    return size(shape[:first]), size(full), size(shape[last:])


def larger(build: Builder, node: Node, names: list[str], suffix: str = "") -> str:
    """Append the larger of two values: the first, and what the second has more than it."""
    more = combine(build, node, "Sub", names[::-1], f"{suffix}.more")
    more = build.clip(node, more, low=0.0, suffix=f"{suffix}.up")
    return combine(build, node, "Add", [names[0], more], suffix and f"{suffix}.max")


def smaller(build: Builder, node: Node, names: list[str], suffix: str = "") -> str:
    """Append the smaller of two values: the first, and what the second has less than it."""
    less = combine(build, node, "Sub", names[::-1], f"{suffix}.less")
    less = build.clip(node, less, high=0.0, suffix=f"{suffix}.down")
    return combine(build, node, "Add", [names[0], less], suffix and f"{suffix}.min")


def _sum(build: Builder, node: Node, names: list[str], suffix: str) -> str:
    return combine(build, node, "Add", names, f"{suffix}.sum")


def _reciprocal(build: Builder, node: Node, name: str) -> str:
    def function(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(1 / values)

    return build.unary(node, name, function, ".inverse", op_type="reciprocal")
