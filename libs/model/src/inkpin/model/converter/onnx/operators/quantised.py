"""Given quantisation: QDQ, and the operators that work on bytes, ONNX's and onnxruntime's.

Operators on bytes become the same ops as float ones, between values whose quantisation is
prescribed.
"""

import numpy as np

from inkpin.model.converter.ir import (
    Binary,
    Constant,
    Quantisation,
    Quantise,
    QuantisedWeights,
    Softmax,
    Unary,
    size,
)
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.importer import REFUSED, SIGNED, Importer, IntegerConstant, rule
from inkpin.model.converter.onnx.operators.elementwise import broadcast_layout
from inkpin.model.converter.onnx.operators.layers import add_average, add_conv, add_dense

_MS = "com.microsoft."
_DYNAMIC = (
    "is dynamic quantisation, which finds its scales while it runs: quantise statically "
    "(onnxruntime.quantization.quantize_static, or give the float model and calibration data)"
)
REFUSED.update(
    dict.fromkeys(
        (
            "DynamicQuantizeLinear",
            f"{_MS}DynamicQuantizeMatMul",
            f"{_MS}DynamicQuantizeLSTM",
            f"{_MS}MatMulIntegerToFloat",
        ),
        _DYNAMIC,
    )
)


def _code(imp: Importer, node: Node, place: int, dtype: np.dtype | None = None) -> Quantisation:
    """Return the quantisation that a scale and the zero point behind it give to a value."""
    scale = imp.constant(node, place)
    zero = imp.optional(node, place + 1)
    if scale.size != 1 or (zero is not None and zero.size != 1):
        raise node.refuse("a scale for each channel of a value is not supported; for weights it is")
    kind = np.dtype(dtype or (np.uint8 if zero is None else zero.dtype))
    if kind not in (np.uint8, np.int8):
        raise node.refuse(f"bytes of type {kind} are not supported; uint8 and int8 are")
    value = float(scale.reshape(()))
    if not (value > 0 and np.isfinite(value)):
        raise node.refuse(f"its scale {value:g} is not a positive number")
    point = 0 if zero is None else int(zero.reshape(()))
    return Quantisation(value, point + (SIGNED if kind == np.int8 else 0))


def _read(imp: Importer, node: Node, place: int, code: Quantisation) -> str:
    """Return a value that bytes stand for; they must have been made with this very code."""
    name = imp.value(node, place, coded=True)
    if node.inputs[place] not in imp.codes:
        raise node.refuse(f"its input {node.inputs[place]!r} is not quantised")
    if imp.code_of(node.inputs[place], code) != code:
        raise node.refuse("it reads bytes with another scale than they were made with")
    return name


def _write(imp: Importer, node: Node, name: str, code: Quantisation) -> None:
    """Round the value of an op to the bytes that are the node's output."""
    imp.add(Quantise, node, [name], imp.shape(name), to=code)
    imp.codes[node.output] = code


@rule("QuantizeLinear", f"{_MS}QuantizeLinear")
def quantize_linear(imp: Importer, node: Node) -> None:
    """Real numbers to bytes."""
    if node.attributes.get("block_size", 0):
        raise node.refuse("scales by block are not supported")
    wanted = node.attributes.get("output_dtype", 0)
    kinds = {0: None, 2: np.uint8, 3: np.int8}
    if wanted not in kinds:
        raise node.refuse("only uint8 and int8 are supported")
    if imp.is_constant(node, 0):
        imp.constants[node.output] = _rounded(imp, node)
        return
    _write(imp, node, imp.value(node), _code(imp, node, 1, kinds[wanted]))


def _rounded(imp: Importer, node: Node) -> np.ndarray:
    """Return a constant as the integers that its scale and zero point make of it."""
    values, scale, zero = imp.constant(node, 0), imp.constant(node, 1), imp.optional(node, 2)
    zero = np.uint8(0) if zero is None else zero
    if zero.dtype.kind not in "iu":
        raise node.refuse(f"a constant as {zero.dtype} is not supported; integers are")
    side = [1] * values.ndim
    if scale.size > 1:
        side[node.attributes.get("axis", 1)] = -1
    limits = np.iinfo(zero.dtype)
    codes = np.rint(values / scale.reshape(side)) + zero.astype(float).reshape(side)
    return np.clip(codes, limits.min, limits.max).astype(zero.dtype)


@rule("DequantizeLinear", f"{_MS}DequantizeLinear")
def dequantize_linear(imp: Importer, node: Node) -> None:
    """Bytes to real numbers; constants are weights and biases."""
    if node.attributes.get("block_size", 0):
        raise node.refuse("scales by block are not supported")
    if not imp.is_constant(node, 0):
        dtype = None if len(node.inputs) > 2 and node.inputs[2] else np.dtype(np.uint8)
        code = _code(imp, node, 1, dtype)
        imp.names[node.output] = _read(imp, node, 0, code)
        return
    values, scale, zero = imp.constant(node, 0), imp.constant(node, 1), imp.optional(node, 2)
    if values.dtype.kind == "f":
        raise node.refuse("floats of 8 bits are not supported; integers are")
    axis = node.attributes.get("axis", 1) if scale.ndim else 0
    axis = axis + values.ndim if axis < 0 else axis
    if scale.size == 1:
        scale = scale.reshape(())
    made = _integers(values, scale, zero, axis)
    imp.integers[node.output] = made
    imp.constants[node.output] = made.values.astype(np.float32)


def _integers(
    values: np.ndarray, scale: np.ndarray, zero: np.ndarray | None, axis: int
) -> IntegerConstant:
    integers = values.astype(np.int64)
    if zero is not None:
        side = [1] * integers.ndim
        if zero.size > 1:
            side[axis] = -1
        integers = integers - zero.astype(np.int64).reshape(side)
    return IntegerConstant(integers, scale.astype(float), axis)


def _weights(
    imp: Importer, node: Node, place: int, axis: int
) -> tuple[np.ndarray, QuantisedWeights, np.ndarray]:
    """Return weights given as (integers, scale, zero point), their quantised, and the scales."""
    values, scale = imp.constant(node, place), imp.constant(node, place + 1)
    zero = imp.optional(node, place + 2)
    axis %= values.ndim
    scale = scale.reshape(()) if scale.size == 1 else scale.ravel()
    zero = zero if zero is None or zero.size > 1 else zero.reshape(())
    made = _integers(values, scale, None if zero is None else zero.ravel(), axis)
    scales = np.broadcast_to(made.scales, values.shape[axis])
    return made.values, QuantisedWeights(made.integers, scales), scales


@rule("QLinearConv")
def qlinear_conv(imp: Importer, node: Node) -> None:
    """A convolution of bytes."""
    code = _code(imp, node, 1)
    weights, quantised, scales = _weights(imp, node, 3, 0)
    bias = imp.optional(node, 8)
    sums = np.zeros(len(weights)) if bias is None else bias.astype(float)
    name = _read(imp, node, 0, code)
    made = add_conv(imp, node, name, weights, sums * scales * code.scale, quantised, ".sums")
    _write(imp, node, made, _code(imp, node, 6))


@rule("QLinearMatMul")
def qlinear_matmul(imp: Importer, node: Node) -> None:
    """Rows of bytes times constant weights."""
    code = _code(imp, node, 1)
    weights, quantised, _ = _weights(imp, node, 3, -1)
    if weights.ndim < 2:
        raise node.refuse("its weights are no matrix")
    weights = np.swapaxes(weights, -1, -2)
    quantised = QuantisedWeights(np.swapaxes(quantised.integers, -1, -2), quantised.scales)
    name = _read(imp, node, 0, code)
    made = add_dense(imp, node, name, weights, np.zeros(weights.shape[-2]), quantised, ".sums")
    _write(imp, node, made, _code(imp, node, 6))


@rule(f"{_MS}QGemm")
def qgemm(imp: Importer, node: Node) -> None:
    """A dense layer of bytes."""
    if node.attributes.get("transA", 0) or node.attributes.get("alpha", 1.0) != 1:
        raise node.refuse("transA and alpha are not supported")
    code, turned = _code(imp, node, 1), node.attributes.get("transB", 0)
    weights, quantised, scales = _weights(imp, node, 3, 0 if turned else 1)
    if not turned:
        weights, quantised = weights.T, QuantisedWeights(quantised.integers.T, quantised.scales)
    bias = imp.optional(node, 6)
    sums = np.zeros(1) if bias is None else bias.astype(float).ravel()
    name = _read(imp, node, 0, code)
    full = np.broadcast_to(sums, len(weights)) * scales * code.scale
    scores = len(node.inputs) < 8 or not node.inputs[7]
    made = add_dense(imp, node, name, weights, full, quantised, "" if scores else ".sums")
    if not scores:
        _write(imp, node, made, _code(imp, node, 7))


@rule("ConvInteger", "MatMulInteger")
def integer_sums(imp: Importer, node: Node) -> None:
    """A convolution or matrix product that gives its sums out."""
    zero = imp.optional(node, 2)
    if node.inputs[0] not in imp.codes or (zero is not None and zero.size != 1):
        raise node.refuse(_DYNAMIC)
    unsigned = imp.code_of(node.inputs[0], Quantisation(1.0, _zero(imp, node, zero)))
    if imp.codes[node.inputs[0]] != unsigned or unsigned.scale != 1:
        raise node.refuse(_DYNAMIC)
    values = imp.constant(node, 1)
    point = imp.optional(node, 3)
    point = np.zeros((), np.int64) if point is None else point.astype(np.int64)
    axis = 0 if node.op_type == "ConvInteger" else values.ndim - 1
    made = _integers(values, np.array(1.0), point.ravel() if point.size > 1 else point, axis)
    name, integers = imp.value(node, coded=True), made.integers
    if node.op_type == "ConvInteger":
        quantised = QuantisedWeights(integers, np.ones(len(integers)))
        add_conv(imp, node, name, integers.astype(float), np.zeros(len(integers)), quantised)
    else:
        turned = np.swapaxes(integers, -1, -2)
        quantised = QuantisedWeights(turned, np.ones(turned.shape[-2]))
        add_dense(imp, node, name, turned.astype(float), np.zeros(turned.shape[-2]), quantised)


def _zero(imp: Importer, node: Node, zero: np.ndarray | None) -> int:
    raw = imp.raw_of(imp.value(node, coded=True))
    return raw + (0 if zero is None else int(zero.reshape(())))


@rule(f"{_MS}QLinearAdd", f"{_MS}QLinearMul")
def qlinear_pair(imp: Importer, node: Node) -> None:
    """A sum or product of bytes."""
    names = [_operand(imp, node, place) for place in (0, 3)]
    if size(imp.shape(names[0])) < size(imp.shape(names[1])):
        names.reverse()
    shape = np.broadcast_shapes(*map(imp.shape, names))
    broadcast = broadcast_layout(imp.shape(names[1]), shape)
    if size(imp.shape(names[0])) != size(shape) or broadcast is None:
        raise node.refuse("this repetition of an input is not supported")
    kind = "add" if node.op_type.endswith("Add") else "mul"
    made = imp.add(Binary, node, names, shape, ".sums", op_type=kind, broadcast=broadcast)
    _write(imp, node, made, _code(imp, node, 6))


def _operand(imp: Importer, node: Node, place: int) -> str:
    """Return a value that bytes stand for; constant ones become a value as well."""
    code = _code(imp, node, place + 1)
    if not imp.is_constant(node, place):
        return _read(imp, node, place, code)
    codes = imp.constant(node, place)
    value = code.decode(codes.astype(np.int64) + (SIGNED if codes.dtype == np.int8 else 0))
    name = imp.add(Constant, node, [], codes.shape, f".{place}", value=value)
    imp.prescribe(name, code)
    return name


@rule(f"{_MS}QLinearLeakyRelu", f"{_MS}QLinearSigmoid")
def qlinear_function(imp: Importer, node: Node) -> None:
    """A function of bytes."""
    name = _read(imp, node, 0, _code(imp, node, 1))
    alpha = node.attributes.get("alpha", 0.01)
    functions = {
        "QLinearLeakyRelu": lambda values: np.where(values < 0, values * alpha, values),
        "QLinearSigmoid": lambda values: 1 / (1 + np.exp(-values)),
    }
    kind = node.op_type.removeprefix(_MS)
    made = imp.add(
        Unary, node, [name], imp.shape(name), ".real", function=functions[kind], op_type=kind
    )
    _write(imp, node, made, _code(imp, node, 3))


@rule(f"{_MS}QLinearAveragePool", f"{_MS}QLinearGlobalAveragePool")
def qlinear_average(imp: Importer, node: Node) -> None:
    """Averages of bytes."""
    if node.attributes.get("channels_last", 0):
        raise node.refuse("channels_last is not supported")
    name = _read(imp, node, 0, _code(imp, node, 1))
    _write(imp, node, add_average(imp, node, name, ".real"), _code(imp, node, 3))


@rule(f"{_MS}QLinearConcat")
def qlinear_concat(imp: Importer, node: Node) -> None:
    """Bytes joined, all brought to one quantisation."""
    code = _code(imp, node, 0)
    places = range(2, len(node.inputs), 3)
    names = [_read(imp, node, place, _code(imp, node, place + 1)) for place in places]
    axis = int(node.attributes["axis"])
    made = imp.move(node, names, lambda *parts: np.concatenate(parts, axis), ".joined")
    _write(imp, node, made, code)


@rule(f"{_MS}QLinearSoftmax")
def qlinear_softmax(imp: Importer, node: Node) -> None:
    """Probabilities as bytes."""
    name = _read(imp, node, 0, _code(imp, node, 1))
    shape = imp.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", -1)]
    end = len(shape) if node.attributes.get("opset", 13) < 13 else axis + 1
    layout = (size(shape[:axis]), size(shape[axis:end]), size(shape[end:]))
    made = imp.add(Softmax, node, [name], shape, ".real", layout=layout, logarithm=False)
    _write(imp, node, made, _code(imp, node, 3))
