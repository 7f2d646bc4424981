"""Functions of single elements, sums and products, and what compares scores."""

from collections.abc import Callable

import numpy as np
import onnx

from inkpin.model.converter.ir import (
    Affine,
    ArgMax,
    Binary,
    Clip,
    Quantisation,
    Softmax,
    Unary,
    Where,
    size,
)
from inkpin.model.converter.onnx.constants import evaluator
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.importer import Importer, rule

# Functions without jumps: a table of 256 entries holds any of them.
_UNARY = """
    Abs Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh Elu Erf Exp Gelu HardSigmoid HardSwish
    LeakyRelu Log Mish Reciprocal Selu Sigmoid Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh
    ThresholdedRelu
"""


def _evaluated(imp: Importer, node: Node) -> Callable[[np.ndarray], np.ndarray]:
    """Return the node's function by ONNX's reference."""
    constants = {name: imp.constants[name] for name in node.inputs[1:] if name}
    run = evaluator(node, constants, imp.opsets)

    def function(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(run(values.astype(np.float32))[0], float)

    return function


@rule(*_UNARY.split())
def unary(imp: Importer, node: Node) -> None:
    """Any function of one element."""
    name = imp.value(node)
    imp.add(
        Unary, node, [name], imp.shape(name), function=_evaluated(imp, node), op_type=node.op_type
    )


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
        op_type="Pow",
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
    if node.op_type == "Clip":
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
    imp.add(Clip, node, [name], imp.shape(name), low=low, high=high)


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
            op_type="PRelu",
        )
        return
    up = imp.add(Clip, node, [name], shape, ".up", low=0.0, high=np.inf)
    down = imp.add(Clip, node, [name], shape, ".down", low=-np.inf, high=0.0)
    sloped = imp.add(Affine, node, [down], shape, ".sloped", gain=slope, offset=np.array(0.0))
    imp.add(Binary, node, [up, sloped], shape, op_type="add", broadcast=(1, size(shape), 1))


_COMPARISONS = {
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
}
_TURNED = {
    "Greater": "Less",
    "GreaterOrEqual": "LessOrEqual",
    "Less": "Greater",
    "LessOrEqual": "GreaterOrEqual",
}


@rule(*_COMPARISONS)
def comparison(imp: Importer, node: Node) -> None:
    """A comparison with one constant: the input as bits, else a function with a jump."""
    turned = imp.is_constant(node, 0)
    limit = imp.constant(node, 0 if turned else 1)
    if limit.size != 1:
        raise node.refuse("only a comparison with one constant is supported")
    _compared(imp, node, int(turned), float(limit.reshape(())))


@rule("Binarizer")
def binarizer(imp: Importer, node: Node) -> None:
    """scikit-learn's: whether a feature exceeds a threshold."""
    _compared(imp, node, 0, float(node.attributes.get("threshold", 0.0)))


def _compared(imp: Importer, node: Node, place: int, limit: float) -> None:
    kind = _TURNED[node.op_type] if place else node.op_type
    compare = _COMPARISONS.get(kind, np.greater)
    if compare is np.greater and imp.only_input(node, place):
        imp.threshold(node, place, limit)
        return
    name = imp.value(node, place)
    imp.add(
        Unary,
        node,
        [name],
        imp.shape(name),
        function=lambda values: compare(values, limit).astype(float),
        op_type=node.op_type,
    )


@rule("Not")
def negation(imp: Importer, node: Node) -> None:
    """1 for 0 and 0 for 1."""
    name = imp.value(node)
    imp.add(Affine, node, [name], imp.shape(name), gain=np.array(-1.0), offset=np.array(1.0))


@rule("And", "Or")
def junction(imp: Importer, node: Node) -> None:
    """The smaller or the larger of two that are 0 or 1."""
    names = [imp.value(node, place) for place in (0, 1)]
    if node.op_type == "And":
        _combined(imp, node, "Mul", names)
    else:
        _larger(imp, node, names, "")


@rule("Where")
def choice(imp: Importer, node: Node) -> None:
    """One of two values by a condition; see Where."""
    condition = imp.value(node)
    shape = imp.shape(condition)
    names = [condition]
    for place in (1, 2):
        if imp.is_constant(node, place):
            value = imp.constant(node, place).astype(float)
            if value.size != 1:
                raise node.refuse("only one constant for all elements is supported")
            name = imp.add(
                Affine,
                node,
                [condition],
                shape,
                f".{place}",
                gain=np.array(0.0),
                offset=value.reshape(()),
            )
        else:
            name = imp.value(node, place)
        names.append(name)
    shape = np.broadcast_shapes(*map(imp.shape, names))
    names = [_expanded(imp, node, name, shape, f".wide{place}") for place, name in enumerate(names)]
    imp.add(Where, node, names, shape)


_FLOATS = (
    onnx.TensorProto.FLOAT,
    onnx.TensorProto.FLOAT16,
    onnx.TensorProto.DOUBLE,
    onnx.TensorProto.BFLOAT16,
)


def _not_zero(values: np.ndarray) -> np.ndarray:
    return (values != 0).astype(float)


@rule("Cast")
def cast(imp: Importer, node: Node) -> None:
    """A change of the type of numbers; bytes of the graph's input become numbers."""
    name = imp.value(node, coded=True)
    if node.attributes["to"] == onnx.TensorProto.BOOL:
        function = _not_zero
        imp.add(Unary, node, [imp.value(node)], imp.shape(name), function=function, op_type="Cast")
        return
    if node.attributes["to"] not in _FLOATS:
        raise node.refuse("only a cast to floating point or to truth values is supported")
    if node.inputs[0] in imp.codes:
        code = Quantisation(1.0, imp.raw_of(name))
        if imp.code_of(node.inputs[0], code) != code:
            raise node.refuse("it reads bytes that stand for other numbers: dequantise them")
    imp.names[node.output] = name


@rule("Add", "Sub", "Mul", "Div")
def arithmetic(imp: Importer, node: Node) -> None:
    """Sums and products with constants or of two values."""
    constant = [imp.is_constant(node, place) for place in (0, 1)]
    if not any(constant):
        _combined(imp, node, node.op_type, [imp.value(node, place) for place in (0, 1)])
        return
    name, other = (
        imp.value(node, int(constant[0])),
        imp.constant(node, int(constant[1])).astype(float),
    )
    shape = np.broadcast_shapes(imp.shape(name), other.shape)
    if node.op_type == "Div" and constant[0]:
        name = _reciprocal(imp, node, name)
    name = _expanded(imp, node, name, shape, ".wide")
    gain, offset = np.array(1.0), np.array(0.0)
    if node.op_type == "Mul" or (node.op_type == "Div" and constant[0]):
        gain = other
    elif node.op_type == "Div":
        if not np.all(other):
            raise node.refuse("it divides by zero")
        gain = 1 / other
    elif node.op_type == "Sub":
        gain, offset = (np.array(-1.0), other) if constant[0] else (gain, -other)
    else:
        offset = other
    imp.add(Affine, node, [name], shape, gain=gain, offset=offset)


@rule("Sum", "Mean", "Max", "Min")
def several(imp: Importer, node: Node) -> None:
    """The sum, average, largest or smallest of any number of values and constants."""
    names = [name for name in node.inputs if name not in imp.constants]
    values = [imp.value(node, node.inputs.index(name)) for name in names]
    constants = [
        imp.constant(node, place).astype(float)
        for place, name in enumerate(node.inputs)
        if name in imp.constants
    ]
    join = {"Max": _larger, "Min": _smaller}.get(node.op_type, _added)
    name, count = values[0], len(node.inputs)
    for place, other in enumerate(values[1:]):
        name = join(imp, node, [name, other], f".{place}")
    if constants:
        reduce = {"Max": np.maximum, "Min": np.minimum}.get(node.op_type, np.add)
        constant = constants[0]
        for other in constants[1:]:
            constant = reduce(constant, other)
        name = _with_constant(imp, node, name, constant)
    gain = np.array(1 / count if node.op_type == "Mean" else 1.0)
    imp.add(Affine, node, [name], imp.shape(name), gain=gain, offset=np.array(0.0))


def _with_constant(imp: Importer, node: Node, name: str, constant: np.ndarray) -> str:
    """Append the sum, largest or smallest of a value and a constant."""
    shape = np.broadcast_shapes(imp.shape(name), constant.shape)
    name = _expanded(imp, node, name, shape, ".wide")
    one = np.array(1.0)
    if node.op_type not in ("Max", "Min"):
        return imp.add(Affine, node, [name], shape, ".more", gain=one, offset=constant)
    low, high = (0.0, np.inf) if node.op_type == "Max" else (-np.inf, 0.0)
    beyond = imp.add(Affine, node, [name], shape, ".beyond", gain=one, offset=-constant)
    beyond = imp.add(Clip, node, [beyond], shape, ".kept", low=low, high=high)
    return imp.add(Affine, node, [beyond], shape, ".back", gain=one, offset=constant)


def _added(imp: Importer, node: Node, names: list[str], suffix: str) -> str:
    return _combined(imp, node, "Add", names, f"{suffix}.sum")


def _larger(imp: Importer, node: Node, names: list[str], suffix: str) -> str:
    """Append the larger of two values: the first, and what the second has more than it."""
    more = _combined(imp, node, "Sub", names[::-1], f"{suffix}.more")
    more = imp.add(Clip, node, [more], imp.shape(more), f"{suffix}.up", low=0.0, high=np.inf)
    return _combined(imp, node, "Add", [names[0], more], suffix and f"{suffix}.max")


def _smaller(imp: Importer, node: Node, names: list[str], suffix: str) -> str:
    more = _combined(imp, node, "Sub", names[::-1], f"{suffix}.less")
    more = imp.add(Clip, node, [more], imp.shape(more), f"{suffix}.down", low=-np.inf, high=0.0)
    return _combined(imp, node, "Add", [names[0], more], f"{suffix}.min")


def _reciprocal(imp: Importer, node: Node, name: str) -> str:
    def function(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return 1 / values

    return imp.add(
        Unary, node, [name], imp.shape(name), ".inverse", function=function, op_type="reciprocal"
    )


def _expanded(imp: Importer, node: Node, name: str, shape: tuple[int, ...], suffix: str) -> str:
    """Repeat a value until it has `shape`."""
    if size(imp.shape(name)) == size(shape):
        return name
    return imp.move(node, [name], lambda index: np.broadcast_to(index, shape), suffix)


def _combined(imp: Importer, node: Node, kind: str, names: list[str], suffix: str = "") -> str:
    """Append the sum, difference, product or quotient of two values."""
    shapes = [imp.shape(name) for name in names]
    shape = np.broadcast_shapes(*shapes)
    if kind == "Div":
        names = [names[0], _reciprocal(imp, node, names[1])]
    sign = -1 if kind == "Sub" else 1
    if size(shapes[0]) < size(shapes[1]) and sign == 1:  # the larger one goes first
        names, shapes = names[::-1], shapes[::-1]
    first, second = names
    first = _expanded(imp, node, first, shape, f"{suffix}.wide")
    broadcast = broadcast_layout(shapes[1], shape)
    if broadcast is None:
        second = _expanded(imp, node, second, shape, f"{suffix}.wide2")
        broadcast = (1, size(shape), 1)
    kind = "mul" if kind in ("Mul", "Div") else "add"
    return imp.add(
        Binary, node, [first, second], shape, suffix, op_type=kind, sign=sign, broadcast=broadcast
    )


def broadcast_layout(small: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, int, int] | None:
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
    logarithm = node.op_type == "LogSoftmax"
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
