"""The operators that graphs are grown from.

Left out: what jumps (8 bits cannot tell on which side of a jump a number lies) but where the
input is read as bits, and operators on bytes, which onnxruntime's quantiser makes.
"""

from collections.abc import Callable

import numpy as np

from fuzz_graphs.growing import ML, OPERATORS, Growing, Operator, Shape

Put = Callable[[Growing, str, Shape], str]


def _any(shape: Shape) -> bool:
    return True


def _maps(shape: Shape) -> bool:
    return len(shape) in (3, 4) and min(shape[2:]) >= 3


def _pictures(shape: Shape) -> bool:
    return len(shape) == 4 and shape[0] == 1


def _rows(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == 1


def _wide(shape: Shape) -> bool:
    return len(shape) >= 2 and shape[-1] >= 4


def operator(
    name: str, fits: Callable[[Shape], bool] = _any, *, last: bool = False, weight: int = 1
) -> Callable[[Put], Put]:
    """Register how an operator is put."""

    def register(put: Put) -> Put:
        OPERATORS[name] = Operator(fits, put, last, weight)
        return put

    return register


# --- functions of one element ---

FREE = (
    *("Abs", "Asinh", "Atan", "Celu", "Cos", "Elu", "Erf", "HardSigmoid", "Identity"),
    *("LeakyRelu", "Neg", "Selu", "Sigmoid", "Sin", "Softplus", "Softsign", "Tanh"),
)
SINCE = {"HardSwish": 14, "Mish": 18, "Gelu": 20}
BOUNDED = ("Acos", "Asin", "Atanh", "Exp", "Sinh", "Cosh", "Tan")
POSITIVE = ("Log", "Sqrt", "Reciprocal", "Acosh")


def _function(name: str) -> None:
    def put(grow: Growing, x: str, shape: Shape) -> str:
        if grow.opset < SINCE.get(name, 0):
            return grow.node("Tanh", x)
        if name in BOUNDED:
            x = grow.node("Mul", grow.node("Tanh", x), grow.constant(0.9))
        if name in POSITIVE:
            start = 1.2 if name == "Acosh" else 0.4
            x = grow.node("Add", grow.node("Sigmoid", x), grow.constant(start))
        return grow.node(name, x)

    operator(name)(put)


for _name in (*FREE, *SINCE, *BOUNDED, *POSITIVE):
    _function(_name)


@operator("Relu", weight=8)
def _relu(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Relu", x)


@operator("Clip", weight=3)
def _clip(grow: Growing, x: str, shape: Shape) -> str:
    low, high = sorted(grow.rng.normal(0, 2, 2))
    return grow.node("Clip", x, grow.constant(low), grow.constant(high + 0.5))


@operator("Shrink")
def _shrink(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Shrink", x, lambd=0.4, bias=0.4)


@operator("Pow")
def _power(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Pow", grow.node("Sigmoid", x), grow.constant(grow.rng.choice([0.5, 2, 3])))


@operator("PRelu", lambda shape: len(shape) >= 2)
def _prelu(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("PRelu", x, grow.normal(shape[1], *(1 for _ in shape[2:]), size=0.3))


@operator("Where")
def _curve(grow: Growing, x: str, shape: Shape) -> str:
    less = grow.node("Mul", x, grow.constant(0.3))
    return grow.node("Where", grow.node("Greater", x, grow.constant(0)), x, less)


@operator("x * sigmoid(x)")
def _swish(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Mul", x, grow.node("Sigmoid", x))


@operator("Dropout")
def _dropout(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Dropout", x)


# --- with constants, and of several values ---


def _arithmetic(name: str) -> None:
    def put(grow: Growing, x: str, shape: Shape) -> str:
        kind = grow.rng.integers(3)
        sides = [(1,), (shape[1], *(1 for _ in shape[2:])) if len(shape) > 1 else (1,), shape]
        array = grow.rng.normal(0, 1, sides[kind])
        if name == "Div":
            array = np.sign(array) * (np.abs(array) + 0.5)
        constant = grow.constant(array)
        if name == "Sub" and grow.rng.random() < 0.3:
            return grow.node(name, constant, x)
        return grow.node(name, x, constant)

    operator(name, weight=2)(put)


for _name in ("Add", "Sub", "Mul", "Div"):
    _arithmetic(_name)


def _several(name: str) -> None:
    def put(grow: Growing, x: str, shape: Shape) -> str:
        other = grow.earlier(shape)
        if other == x:
            other = grow.node("Tanh", x)
        return grow.node(name.split()[0], x, other)

    operator(name)(put)


for _name in ("Max", "Min", "Sum", "Mean", "Add two", "Mul two", "Sub two"):
    _several(_name)


@operator("a skip", lambda shape: _pictures(shape) or _rows(shape), weight=3)
def _skip(grow: Growing, x: str, shape: Shape) -> str:
    if _rows(shape):
        inner = grow.node("MatMul", x, grow.normal(shape[1], shape[1], size=shape[1] ** -0.5))
    else:
        weights = grow.normal(shape[1], shape[1], 3, 3, size=(9 * shape[1]) ** -0.5)
        inner = grow.node("Conv", x, weights, pads=[1, 1, 1, 1])
    return grow.node("Relu", grow.node("Add", inner, x))


@operator("squeeze and excite", _pictures)
def _gate(grow: Growing, x: str, shape: Shape) -> str:
    mean = grow.node("GlobalAveragePool", x)
    weights = grow.normal(shape[1], shape[1], 1, 1, size=shape[1] ** -0.5)
    return grow.node("Mul", x, grow.node("Sigmoid", grow.node("Conv", mean, weights)))


@operator("BatchNormalization", lambda shape: len(shape) >= 2 and shape[0] == 1, weight=4)
def _norm(grow: Growing, x: str, shape: Shape) -> str:
    n = shape[1]
    rng = grow.rng
    parts = (
        rng.uniform(0.3, 2, n),
        rng.normal(0, 1, n),
        rng.normal(0, 1, n),
        rng.uniform(0.3, 2, n),
    )
    return grow.node("BatchNormalization", x, *map(grow.constant, parts))


@operator("Scaler", _rows)
def _scaler(grow: Growing, x: str, shape: Shape) -> str:
    offset, scale = grow.rng.normal(0, 1, shape[1]), grow.rng.uniform(0.3, 2, shape[1])
    return grow.node("Scaler", x, domain=ML, offset=offset.tolist(), scale=scale.tolist())


# --- layers ---


@operator("Conv", lambda shape: _maps(shape) and shape[0] == 1, weight=12)
def _conv(grow: Growing, x: str, shape: Shape) -> str:
    rng = grow.rng
    axes = len(shape) - 2
    groups = int(rng.choice([n for n in (1, 1, 2, shape[1]) if shape[1] % n == 0]))
    out = groups * int(rng.integers(1, 6))
    kernel = [int(rng.integers(1, min(side, 4) + 1)) for side in shape[2:]]
    dilation = [
        2 if 2 * k - 1 <= side and rng.random() < 0.2 else 1
        for k, side in zip(kernel, shape[2:], strict=True)
    ]
    attributes = {
        "group": groups,
        "dilations": dilation,
        "strides": [int(n) for n in rng.integers(1, 3, axes)],
        "pads": [int(n) for n in rng.integers(0, 2, 2 * axes)],
    }
    fan = shape[1] // groups * int(np.prod(kernel))
    weights = grow.normal(out, shape[1] // groups, *kernel, size=fan**-0.5)
    bias = [grow.normal(out, size=0.5)] if rng.random() < 0.7 else []
    return grow.node("Conv", x, weights, *bias, **attributes)


@operator("Gemm", _rows, weight=8)
def _gemm(grow: Growing, x: str, shape: Shape) -> str:
    out, turned = int(grow.rng.integers(2, 9)), int(grow.rng.integers(2))
    sides = (out, shape[1]) if turned else (shape[1], out)
    weights = grow.normal(*sides, size=shape[1] ** -0.5)
    return grow.node("Gemm", x, weights, grow.normal(out, size=0.5), transB=turned)


@operator("MatMul", lambda shape: len(shape) >= 2, weight=5)
def _matmul(grow: Growing, x: str, shape: Shape) -> str:
    out = int(grow.rng.integers(2, 9))
    return grow.node("MatMul", x, grow.normal(shape[-1], out, size=shape[-1] ** -0.5))


@operator("Flatten and Gemm", lambda shape: len(shape) > 2 and shape[0] == 1, weight=5)
def _dense(grow: Growing, x: str, shape: Shape) -> str:
    flat = grow.node("Flatten", x)
    return _gemm(grow, flat, grow.shapes[flat])


@operator("MatMul of two", lambda shape: len(shape) in (3, 4), weight=2)
def _product(grow: Growing, x: str, shape: Shape) -> str:
    order = [*range(len(shape) - 2), len(shape) - 1, len(shape) - 2]
    other = grow.node("Transpose", grow.earlier(shape), perm=order)
    product = grow.node("MatMul", x, other)
    return grow.node("Mul", product, grow.constant(shape[-1] ** -0.5))


@operator("attention", lambda shape: len(shape) == 3 and min(shape[1:]) >= 2, weight=4)
def _attention(grow: Growing, x: str, shape: Shape) -> str:
    heads = 2 if shape[2] % 2 == 0 else 1
    sides = grow.constant([1, shape[1], heads, shape[2] // heads], np.int64)
    parts = []
    for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
        weights = grow.normal(shape[2], shape[2], size=shape[2] ** -0.5)
        part = grow.node("Reshape", grow.node("MatMul", x, weights), sides)
        parts.append(grow.node("Transpose", part, perm=order))
    scores = grow.node("MatMul", parts[0], parts[1])
    scores = grow.node("Mul", scores, grow.constant((shape[2] / heads) ** -0.5))
    seen = grow.node("MatMul", grow.node("Softmax", scores, axis=-1), parts[2])
    seen = grow.node("Transpose", seen, perm=[0, 2, 1, 3])
    return grow.node("Reshape", seen, grow.constant(shape, np.int64))


def _recurrent(name: str) -> None:
    def put(grow: Growing, x: str, shape: Shape) -> str:
        rng = grow.rng
        both, units = int(rng.integers(2)), int(rng.integers(2, 9))
        rows = {"GRU": 3, "LSTM": 4, "RNN": 1}[name] * units
        shapes = (rows, shape[2]), (rows, units), (2 * rows,)
        parts = [grow.normal(1 + both, *sides, size=sides[-1] ** -0.5) for sides in shapes]
        way = "bidirectional" if both else str(rng.choice(["forward", "reverse"]))
        attributes = {"linear_before_reset": int(rng.integers(2))} if name == "GRU" else {}
        steps = grow.node("Transpose", x, perm=[1, 0, 2])
        states = grow.node(
            name, steps, *parts, outputs=2, hidden_size=units, direction=way, **attributes
        )
        if rng.random() < 0.3:
            last = grow.node("Transpose", f"{states}_1", perm=[1, 0, 2])
            return grow.node("Flatten", last)
        turned = grow.node("Transpose", states, perm=[2, 0, 1, 3])
        sides = grow.constant([1, shape[1], (1 + both) * units], np.int64)
        return grow.node("Reshape", turned, sides)

    operator(name, lambda shape: len(shape) == 3 and shape[0] == 1 and shape[1] <= 20, weight=2)(
        put
    )


for _name in ("GRU", "LSTM", "RNN"):
    _recurrent(_name)


@operator("LayerNormalization", lambda shape: len(shape) >= 2 and shape[-1] >= 3, weight=3)
def _layer_norm(grow: Growing, x: str, shape: Shape) -> str:
    gain, bias = grow.normal(shape[-1]), grow.normal(shape[-1])
    if grow.opset >= 17 and grow.rng.random() < 0.5:
        return grow.node("LayerNormalization", x, gain, bias, epsilon=1e-2)
    apart = grow.node("Sub", x, _mean(grow, x))
    squares = grow.node("Pow", apart, grow.constant(2))
    spread = grow.node("Add", _mean(grow, squares), grow.constant(1e-2))
    made = grow.node("Div", apart, grow.node("Sqrt", spread))
    return grow.node("Add", grow.node("Mul", made, gain), bias)


def _mean(grow: Growing, x: str) -> str:
    """Append the average along the last axis."""
    if grow.opset >= 18:
        return grow.node("ReduceMean", x, grow.constant([-1], np.int64))
    return grow.node("ReduceMean", x, axes=[-1])


@operator("InstanceNormalization", _maps, weight=2)
def _instance_norm(grow: Growing, x: str, shape: Shape) -> str:
    gain, bias = grow.normal(shape[1]), grow.normal(shape[1])
    return grow.node("InstanceNormalization", x, gain, bias, epsilon=1e-2)


@operator("LpNormalization", lambda shape: len(shape) >= 2)
def _length(grow: Growing, x: str, shape: Shape) -> str:
    axis = int(grow.rng.integers(1, len(shape)))
    return grow.node("LpNormalization", x, axis=axis, p=int(grow.rng.integers(1, 3)))


@operator("Softmax within", lambda shape: len(shape) >= 2)
def _shares(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Softmax", x, axis=int(grow.rng.integers(1, len(shape))))


# --- pooling and reductions ---


def _pool(name: str, weight: int) -> None:
    def put(grow: Growing, x: str, shape: Shape) -> str:
        rng = grow.rng
        kernel = [int(rng.integers(1, 4)) for _ in shape[2:]]
        strides = kernel if rng.random() < 0.6 else [int(rng.integers(1, 3)) for _ in kernel]
        attributes = {"kernel_shape": kernel, "strides": strides}
        if rng.random() < 0.3:
            attributes["pads"] = [min(1, k - 1) for k in kernel] * 2
            if name == "AveragePool":
                attributes["count_include_pad"] = int(rng.integers(2))
        if rng.random() < 0.2:
            attributes["ceil_mode"] = 1
        return grow.node(name, x, **attributes)

    operator(name, _maps, weight=weight)(put)


_pool("MaxPool", 5)
_pool("AveragePool", 3)


@operator("GlobalAveragePool", _maps, weight=2)
def _global_average(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("GlobalAveragePool", x)


@operator("GlobalMaxPool", _maps)
def _global_max(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("GlobalMaxPool", x)


def _reduction(name: str) -> None:
    def put(grow: Growing, x: str, shape: Shape) -> str:
        count = int(grow.rng.integers(1, len(shape)))
        axes = sorted(int(n) for n in grow.rng.permutation(np.arange(1, len(shape)))[:count])
        keep = int(grow.rng.integers(2))
        if name == "ReduceSum" or grow.opset >= 18:
            return grow.node(name, x, grow.constant(axes, np.int64), keepdims=keep)
        return grow.node(name, x, axes=axes, keepdims=keep)

    operator(name, lambda shape: len(shape) >= 2)(put)


for _name in ("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2"):
    _reduction(_name)


# --- what moves ---


@operator("Flatten", lambda shape: len(shape) >= 2, weight=2)
def _flatten(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Flatten", x, axis=1)


@operator("Reshape", lambda shape: len(shape) >= 2, weight=2)
def _reshape(grow: Growing, x: str, shape: Shape) -> str:
    wanted = [1, *(int(n) for n in grow.rng.permutation(shape[1:])), 1][: len(shape)]
    return grow.node("Reshape", x, grow.constant(wanted, np.int64))


@operator("Transpose", lambda shape: len(shape) >= 3, weight=3)
def _transpose(grow: Growing, x: str, shape: Shape) -> str:
    order = [0, *(int(n) for n in grow.rng.permutation(np.arange(1, len(shape))))]
    return grow.node("Transpose", x, perm=order)


@operator("Unsqueeze and Squeeze")
def _unsqueeze(grow: Growing, x: str, shape: Shape) -> str:
    axes = grow.constant([len(shape)], np.int64)
    wide = grow.node("Relu", grow.node("Unsqueeze", x, axes))
    return grow.node("Squeeze", wide, axes)


@operator("Slice", _wide, weight=2)
def _slice(grow: Growing, x: str, shape: Shape) -> str:
    axis = int(grow.rng.integers(1, len(shape)))
    side = shape[axis]
    start = int(grow.rng.integers(0, max(1, side // 2)))
    ends = [grow.constant([n], np.int64) for n in (start, side, axis, 1 + int(side > 4))]
    return grow.node("Slice", x, *ends)


@operator("Split and Concat", lambda shape: len(shape) >= 2 and shape[1] % 2 == 0, weight=2)
def _split(grow: Growing, x: str, shape: Shape) -> str:
    half = shape[1] // 2
    first = grow.node("Split", x, grow.constant([half, half], np.int64), axis=1, outputs=2)
    changed = grow.node("Tanh", f"{first}_1")
    return grow.node("Concat", changed, first, axis=1)


@operator("Concat", lambda shape: len(shape) >= 2, weight=2)
def _concat(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Concat", x, grow.earlier(shape), axis=int(grow.rng.integers(1, len(shape))))


@operator("Pad", _maps, weight=2)
def _pad(grow: Growing, x: str, shape: Shape) -> str:
    axes = len(shape) - 2
    pads = [0, 0, *(int(n) for n in grow.rng.integers(0, 3, axes))] * 2
    mode = str(grow.rng.choice(["constant", "constant", "reflect", "edge"]))
    value = [grow.constant(grow.rng.choice([0.0, 0.5]))] if mode == "constant" else []
    return grow.node("Pad", x, grow.constant(pads, np.int64), *value, mode=mode)


@operator("Gather", _wide)
def _gather(grow: Growing, x: str, shape: Shape) -> str:
    axis = int(grow.rng.integers(1, len(shape)))
    places = grow.rng.integers(0, shape[axis], int(grow.rng.integers(1, 5)))
    return grow.node("Gather", x, grow.constant(places, np.int64), axis=axis)


@operator("GatherElements", _wide)
def _gather_elements(grow: Growing, x: str, shape: Shape) -> str:
    places = grow.rng.integers(0, shape[-1], shape)
    return grow.node("GatherElements", x, grow.constant(places, np.int64), axis=len(shape) - 1)


@operator("GatherND", _wide)
def _gather_nd(grow: Growing, x: str, shape: Shape) -> str:
    places = np.stack([[0, n] for n in grow.rng.integers(0, shape[1], 3)])
    return grow.node("GatherND", x, grow.constant(places[None], np.int64), batch_dims=0)


@operator("ArrayFeatureExtractor", _rows)
def _extract(grow: Growing, x: str, shape: Shape) -> str:
    places = grow.constant(grow.rng.integers(0, shape[1], 3), np.int64)
    made = grow.node("ArrayFeatureExtractor", x, places, domain=ML)
    grow.shapes[made] = (1, 3)
    return made


@operator("Tile", lambda shape: len(shape) >= 2 and np.prod(shape) < 400)
def _tile(grow: Growing, x: str, shape: Shape) -> str:
    times = [1, *(int(n) for n in grow.rng.integers(1, 3, len(shape) - 1))]
    return grow.node("Tile", x, grow.constant(times, np.int64))


@operator("Expand", lambda shape: len(shape) >= 2 and shape[1] == 1)
def _expand(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Expand", x, grow.constant([shape[0], 2, *shape[2:]], np.int64))


@operator("Resize", _pictures)
def _resize(grow: Growing, x: str, shape: Shape) -> str:
    scales = grow.constant([1, 1, 2, 2])
    attributes = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return grow.node("Resize", x, "", scales, mode="nearest", **attributes)


@operator("SpaceToDepth", lambda shape: _pictures(shape) and shape[2] % 2 == shape[3] % 2 == 0)
def _space_to_depth(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("SpaceToDepth", x, blocksize=2)


@operator("DepthToSpace", lambda shape: _pictures(shape) and shape[1] % 4 == 0)
def _depth_to_space(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("DepthToSpace", x, blocksize=2, mode="CRD")


# --- what ends a graph ---


@operator("Softmax", last=True, weight=20)
def _softmax(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("Softmax", x, axis=-1)


@operator("LogSoftmax", last=True, weight=5)
def _log_softmax(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("LogSoftmax", x, axis=-1)


@operator("ArgMax", last=True, weight=3)
def _argmax(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("ArgMax", x, axis=len(shape) - 1)


@operator("ArgMin", last=True, weight=2)
def _argmin(grow: Growing, x: str, shape: Shape) -> str:
    return grow.node("ArgMin", x, axis=len(shape) - 1)
