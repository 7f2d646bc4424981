"""Functions of single elements, sums and products, and what compares scores."""

from collections.abc import Callable

import numpy as np

from inkpin.model.converter.importing import Importer, rule
from inkpin.model.converter.onnx_graph import Node
from inkpin.model.converter.program import (
    Affine,
    ArgMax,
    Limit,
    Pairwise,
    Softmax,
    Unary,
    size,
)

# Functions without jumps: a table of 256 entries holds any of them.
_UNARY = """
    Abs Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh Elu Erf Exp Gelu HardSigmoid HardSwish
    LeakyRelu Log Mish Reciprocal Selu Sigmoid Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh
    ThresholdedRelu
"""


def _evaluated(imp: Importer, node: Node) -> Callable[[np.ndarray], np.ndarray]:
    """Return the node's function by ONNX's reference."""
    constants = {name: imp.constants[name] for name in node.inputs[1:] if name}
    run = imp.evaluator(node, constants)

    def function(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(run(values.astype(np.float32))[0], float)

    return function


@rule(*_UNARY.split())
def unary(imp: Importer, node: Node) -> None:
    """Any function of one element."""
    name = imp.value(node)
    imp.add(Unary, node, [name], imp.shape(name), function=_evaluated(imp, node), kind=node.kind)


@rule("Pow")
def power(imp: Importer, node: Node) -> None:
    """A power with one constant exponent."""
    if imp.constant(node, 1).size != 1:
        raise node.refuse("only one constant exponent for all elements is supported")
    name = imp.value(node)
    exponent = float(imp.constant(node, 1).reshape(()))
    imp.add(
        Unary,
        node,
        [name],
        imp.shape(name),
        function=lambda values: np.power(values, exponent),
        kind="Pow",
    )


@rule("Neg")
def negative(imp: Importer, node: Node) -> None:
    """The number with the other sign."""
    name = imp.value(node)
    imp.add(Affine, node, [name], imp.shape(name), gain=np.array(-1.0), offset=np.array(0.0))


@rule("Relu", "Clip")
def limit(imp: Importer, node: Node) -> None:
    """Relu and Clip."""
    low, high = 0.0, np.inf
    if node.kind == "Clip":
        limits = [
            node.attributes.get(key) if imp.version(node) < 11 else imp.optional(node, place)
            for place, key in ((1, "min"), (2, "max"))
        ]
        low, high = (
            default if limit is None else float(np.asarray(limit).reshape(()))
            for limit, default in zip(limits, (-np.inf, np.inf), strict=True)
        )
    name = imp.value(node)
    if low > high:
        low = high
    imp.add(Limit, node, [name], imp.shape(name), low=low, high=high)


@rule("PRelu")
def prelu(imp: Importer, node: Node) -> None:
    """A slope of its own for negative numbers, one for all or by channel."""
    name, slope = imp.value(node), imp.constant(node, 1).astype(float)
    shape = imp.shape(name)
    if slope.size == 1:
        factor = float(slope.reshape(()))
        imp.add(
            Unary,
            node,
            [name],
            shape,
            function=lambda values: np.where(values < 0, values * factor, values),
            kind="PRelu",
        )
        return
    up = imp.add(Limit, node, [name], shape, ".up", low=0.0, high=np.inf)
    down = imp.add(Limit, node, [name], shape, ".down", low=-np.inf, high=0.0)
    sloped = imp.add(Affine, node, [down], shape, ".sloped", gain=slope, offset=np.array(0.0))
    imp.add(Pairwise, node, [up, sloped], shape, kind="add", repeat=(1, size(shape), 1))


@rule("Greater")
def greater(imp: Importer, node: Node) -> None:
    """The input compared with a constant: the network reads bits."""
    if imp.constant(node, 1).size != 1:
        raise node.refuse("only a comparison of the input with one constant is supported")
    imp.threshold(node, float(imp.constant(node, 1).reshape(())))


@rule("Cast")
def cast(imp: Importer, node: Node) -> None:
    """A change of the type of numbers."""
    if node.attributes["to"] not in (1, 10, 11, 16):
        raise node.refuse("only a cast to floating point is supported")
    imp.names[node.output] = imp.value(node)


@rule("Add", "Sub", "Mul", "Div", "Sum")
def arithmetic(imp: Importer, node: Node) -> None:
    """Sums and products with constants or of two values."""
    if len(node.inputs) != 2:
        raise node.refuse("only two inputs are supported")
    constant = [imp.is_constant(node, place) for place in (0, 1)]
    if not any(constant):
        _pairwise(imp, node)
        return
    name, other = (
        imp.value(node, int(constant[0])),
        imp.constant(node, int(constant[1])).astype(float),
    )
    shape = np.broadcast_shapes(imp.shape(name), other.shape)
    if node.kind == "Div" and constant[0]:
        name = _reciprocal(imp, node, name)
    name = _expanded(imp, node, name, shape, ".wide")
    gain, offset = np.array(1.0), np.array(0.0)
    if node.kind == "Mul" or (node.kind == "Div" and constant[0]):
        gain = other
    elif node.kind == "Div":
        if not np.all(other):
            raise node.refuse("it divides by zero")
        gain = 1 / other
    elif node.kind == "Sub":
        gain, offset = (np.array(-1.0), other) if constant[0] else (gain, -other)
    else:
        offset = other
    imp.add(Affine, node, [name], shape, gain=gain, offset=offset)


def _reciprocal(imp: Importer, node: Node, name: str) -> str:
    def function(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return 1 / values

    return imp.add(
        Unary, node, [name], imp.shape(name), ".inverse", function=function, kind="reciprocal"
    )


def _expanded(imp: Importer, node: Node, name: str, shape: tuple[int, ...], suffix: str) -> str:
    """Repeat a value until it has `shape`."""
    if size(imp.shape(name)) == size(shape):
        return name
    return imp.move(node, [name], lambda index: np.broadcast_to(index, shape), suffix)


def _pairwise(imp: Importer, node: Node) -> None:
    names = [imp.value(node, place) for place in (0, 1)]
    shapes = [imp.shape(name) for name in names]
    shape = np.broadcast_shapes(*shapes)
    if node.kind == "Div":
        names[1] = _reciprocal(imp, node, names[1])
    kind, sign = ("mul", 1) if node.kind in ("Mul", "Div") else ("add", 1)
    sign = -1 if node.kind == "Sub" else sign
    if size(shapes[0]) < size(shapes[1]) and sign == 1:  # the larger one goes first
        names, shapes = names[::-1], shapes[::-1]
    names[0] = _expanded(imp, node, names[0], shape, ".wide")
    repeat = repeat_of(shapes[1], shape)
    if repeat is None:
        names[1] = _expanded(imp, node, names[1], shape, ".wide2")
        repeat = (1, size(shape), 1)
    imp.add(Pairwise, node, names, shape, kind=kind, sign=sign, repeat=repeat)


def repeat_of(small: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Return (outer, middle, inner) where `small` is the middle of `shape`, or None."""
    full = (1,) * (len(shape) - len(small)) + tuple(small)
    kept = [axis for axis, side in enumerate(full) if side != 1]
    if not kept:
        return (1, 1, size(shape))
    first, last = kept[0], kept[-1] + 1
    if full[first:last] != tuple(shape[first:last]):
        return None
    return size(shape[:first]), size(full), size(shape[last:])


@rule("Softmax", "LogSoftmax")
def softmax(imp: Importer, node: Node) -> None:
    """Probabilities, or their logarithms."""
    name = imp.value(node)
    shape = imp.shape(name)
    old = imp.version(node) < 13
    axis = node.attributes.get("axis", 1 if old else -1)
    axis = range(len(shape))[axis] if shape else 0
    end = len(shape) if old else axis + 1  # before opset 13 all further axes count as one
    layout = (size(shape[:axis]), size(shape[axis:end]), size(shape[end:]))
    logarithm = node.kind == "LogSoftmax"
    imp.add(Softmax, node, [name], shape, layout=layout, logarithm=logarithm)


@rule("ArgMax")
def argmax(imp: Importer, node: Node) -> None:
    """The place of the largest score."""
    name = imp.value(node)
    shape = imp.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", 0)]
    layout = (size(shape[:axis]), shape[axis], size(shape[axis + 1 :]))
    keep = (1,) if node.attributes.get("keepdims", 1) else ()
    last = bool(node.attributes.get("select_last_index", 0))
    out = (*shape[:axis], *keep, *shape[axis + 1 :])
    imp.add(ArgMax, node, [name], out, layout=layout, last=last)


@rule("Scaler")
def scaler(imp: Importer, node: Node) -> None:
    """scikit-learn's: each feature minus an offset, times a scale."""
    name = imp.value(node)
    offset = np.array(node.attributes.get("offset", [0.0]), float)
    gain = np.array(node.attributes.get("scale", [1.0]), float)
    if not (np.isfinite(offset).all() and np.isfinite(gain).all()):
        raise node.refuse("its numbers are not all finite")
    imp.add(Affine, node, [name], imp.shape(name), gain=gain, offset=-offset * gain)
