"""Given quantisation: QDQ, and the operators that work on bytes, ONNX's and onnxruntime's.

Operators on bytes become the same ops as float ones, between values whose quantisation is
prescribed.
"""

from collections.abc import Callable

import numpy as np

from inkpin.model.converter.ir import (
    Binary,
    Constant,
    Quantisation,
    Quantise,
    QuantisedWeights,
    Softmax,
    size,
)
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.byte_values import SIGNED, IntegerConstant
from inkpin.model.converter.onnx.constants import total
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.arithmetic import broadcast_layout
from inkpin.model.converter.onnx.operators.convolution import add_conv
from inkpin.model.converter.onnx.operators.dense import add_dense, sigmoid, transposed
from inkpin.model.converter.onnx.operators.pooling import add_average
from inkpin.model.converter.onnx.operators.products import add_product
from inkpin.model.converter.onnx.operators.reductions import softmax_layout
from inkpin.model.converter.onnx.operators.unsupported import DYNAMIC
from inkpin.model.converter.onnx.registry import operator

_MS = "com.microsoft."


def _quantisation(
    build: Builder, node: Node, index: int, dtype: np.dtype | None = None
) -> Quantisation:
    """Return the quantisation that a scale and the zero point behind it give to a value."""
    scale = build.constant(node, index)
    zero = build.optional(node, index + 1)
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


def _read(build: Builder, node: Node, index: int, code: Quantisation) -> str:
    """Return a value that bytes stand for; they must have been made with this very code."""
    name = build.value(node, index, quantised=True)
    if node.inputs[index] not in build.quantised:
        raise node.refuse(f"its input {node.inputs[index]!r} is not quantised")
    if build.quantisation(node.inputs[index], code) != code:
        raise node.refuse("it reads bytes with another scale than they were made with")
    return name


def _write(build: Builder, node: Node, name: str, code: Quantisation) -> None:
    """Round the value of an op to the bytes that are the node's output."""
    made = build.add(Quantise, node, [name], build.shape(name), to=code)
    build.prescribe(made, code)
    build.quantised[node.output] = code


@operator("QuantizeLinear", fold=total)
@operator(f"{_MS}QuantizeLinear")
def quantize_linear(build: Builder, node: Node) -> None:
    """Real numbers to bytes."""
    if node.attributes.get("block_size", 0):
        raise node.refuse("scales by block are not supported")
    wanted = node.attributes.get("output_dtype", 0)
    dtypes = {0: None, 2: np.dtype(np.uint8), 3: np.dtype(np.int8)}
    if wanted not in dtypes:
        raise node.refuse("only uint8 and int8 are supported")
    if build.is_constant(node, 0):
        build.constants[node.output] = _rounded(build, node)
        return
    _write(build, node, build.value(node), _quantisation(build, node, 1, dtypes[wanted]))


def _rounded(build: Builder, node: Node) -> np.ndarray:
    """Return a constant as the integers that its scale and zero point make of it."""
    values, scale, given = build.constant(node, 0), build.constant(node, 1), build.optional(node, 2)
    zero = np.zeros((), np.uint8) if given is None else given
    if zero.dtype.kind not in "iu":
        raise node.refuse(f"a constant as {zero.dtype} is not supported; integers are")
    side = [1] * values.ndim
    if scale.size > 1:
        side[node.attributes.get("axis", 1)] = -1
    limits = np.iinfo(zero.dtype)
    codes = np.rint(values / scale.reshape(side)) + zero.astype(float).reshape(side)
    return np.asarray(codes.clip(limits.min, limits.max), zero.dtype)


@operator("DequantizeLinear", f"{_MS}DequantizeLinear")
def dequantize_linear(build: Builder, node: Node) -> None:
    """Bytes to real numbers; constants are weights and biases."""
    if node.attributes.get("block_size", 0):
        raise node.refuse("scales by block are not supported")
    if not build.is_constant(node, 0):
        dtype = None if len(node.inputs) > 2 and node.inputs[2] else np.dtype(np.uint8)
        code = _quantisation(build, node, 1, dtype)
        build.names[node.output] = _read(build, node, 0, code)
        return
    values, scale, zero = build.constant(node, 0), build.constant(node, 1), build.optional(node, 2)
    if values.dtype.kind == "f":
        raise node.refuse("floats of 8 bits are not supported; integers are")
    axis = node.attributes.get("axis", 1) if scale.ndim else 0
    axis = axis + values.ndim if axis < 0 else axis
    if scale.size == 1:
        scale = scale.reshape(())
    made = _integers(values, scale, zero, axis)
    build.integers[node.output] = made
    build.constants[node.output] = made.values.astype(np.float32)


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
    build: Builder, node: Node, index: int, axis: int
) -> tuple[np.ndarray, QuantisedWeights]:
    """Return weights given as (integers, scale, zero point), in real numbers and as given."""
    values, scale = build.constant(node, index), build.constant(node, index + 1)
    zero = build.optional(node, index + 2)
    axis %= values.ndim
    scale = scale.reshape(()) if scale.size == 1 else scale.ravel()
    zero = zero if zero is None or zero.size > 1 else zero.reshape(())
    made = _integers(values, scale, None if zero is None else zero.ravel(), axis)
    scales = np.broadcast_to(made.scales, values.shape[axis])
    return made.values, QuantisedWeights(made.integers, scales)


@operator("QLinearConv")
def qlinear_conv(build: Builder, node: Node) -> None:
    """A convolution of bytes."""
    code = _quantisation(build, node, 1)
    weights, quantised = _weights(build, node, 3, 0)
    bias = build.optional(node, 8)
    sums = np.zeros(len(weights)) if bias is None else bias.astype(float)
    name = _read(build, node, 0, code)
    sums = sums * quantised.scales * code.scale
    made = add_conv(build, node, name, weights, sums, quantised, ".sums")
    _write(build, node, made, _quantisation(build, node, 6))


@operator("QLinearMatMul")
def qlinear_matmul(build: Builder, node: Node) -> None:
    """Rows of bytes times constant weights, or times other bytes."""
    code = _quantisation(build, node, 1)
    if not build.is_constant(node, 3):
        names = [_operand(build, node, index) for index in (0, 3)]
        made = add_product(build, node, names[0], names[1], ".sums")
        _write(build, node, made, _quantisation(build, node, 6))
        return
    given, quantised = _weights(build, node, 3, -1)
    if given.ndim < 2:
        raise node.refuse("its weights are no matrix")
    weights, turned = transposed(given, quantised)
    name = _read(build, node, 0, code)
    made = add_dense(build, node, name, weights, np.zeros(weights.shape[-2]), turned, ".sums")
    _write(build, node, made, _quantisation(build, node, 6))


@operator(f"{_MS}QGemm")
def qgemm(build: Builder, node: Node) -> None:
    """A dense layer of bytes."""
    if node.attributes.get("transA", 0) or node.attributes.get("alpha", 1.0) != 1:
        raise node.refuse("transA and alpha are not supported")
    code, rows = _quantisation(build, node, 1), bool(node.attributes.get("transB", 0))
    given, quantised = _weights(build, node, 3, 0 if rows else 1)
    weights, integers = (given, quantised) if rows else transposed(given, quantised)
    bias = build.optional(node, 6)
    sums = np.zeros(1) if bias is None else bias.astype(float).ravel()
    sums = np.broadcast_to(sums, len(weights)) * quantised.scales * code.scale
    name = _read(build, node, 0, code)
    scores = len(node.inputs) < 8 or not node.inputs[7]
    made = add_dense(build, node, name, weights, sums, integers, "" if scores else ".sums")
    if not scores:
        _write(build, node, made, _quantisation(build, node, 7))


@operator("ConvInteger")
def conv_integer(build: Builder, node: Node) -> None:
    """A convolution that gives its sums out."""
    name, integers = _integer_operands(build, node, axis=0)
    quantised = QuantisedWeights(integers, np.ones(len(integers)))
    add_conv(build, node, name, integers.astype(float), np.zeros(len(integers)), quantised)


@operator("MatMulInteger")
def matmul_integer(build: Builder, node: Node) -> None:
    """A matrix product that gives its sums out."""
    name, integers = _integer_operands(build, node, axis=-1)
    turned = np.swapaxes(integers, -1, -2)
    quantised = QuantisedWeights(turned, np.ones(turned.shape[-2]))
    add_dense(build, node, name, turned.astype(float), np.zeros(turned.shape[-2]), quantised)


def _integer_operands(build: Builder, node: Node, axis: int) -> tuple[str, np.ndarray]:
    """Return a value of bytes and constant weights, the zero points taken off."""
    zero = build.optional(node, 2)
    if node.inputs[0] not in build.quantised or (zero is not None and zero.size != 1):
        raise node.refuse(DYNAMIC)
    name = build.value(node, quantised=True)
    zero_point = build.byte_offset(node.inputs[0]) + (0 if zero is None else int(zero.reshape(())))
    whole = Quantisation(1.0, zero_point)
    if build.quantisation(node.inputs[0], whole) != whole:
        raise node.refuse(DYNAMIC)
    values, point = build.constant(node, 1), build.optional(node, 3)
    if point is not None:
        point = point.ravel() if point.size > 1 else point.reshape(())
    return name, _integers(values, np.array(1.0), point, axis % values.ndim).integers


@operator(f"{_MS}QLinearAdd", f"{_MS}QLinearMul")
def qlinear_pair(build: Builder, node: Node) -> None:
    """A sum or product of bytes."""
    names = [_operand(build, node, i) for i in (0, 3)]
    if size(build.shape(names[0])) < size(build.shape(names[1])):
        names.reverse()
    shape = np.broadcast_shapes(*map(build.shape, names))
    layout = broadcast_layout(build.shape(names[1]), shape)
    if size(build.shape(names[0])) != size(shape) or layout is None:
        raise node.refuse("this repetition of an input is not supported")
    kind = "add" if node.op_type.endswith("Add") else "mul"
    made = build.add(Binary, node, names, shape, ".sums", op_type=kind, broadcast=layout)
    _write(build, node, made, _quantisation(build, node, 6))


def _operand(build: Builder, node: Node, index: int) -> str:
    """Return a value that bytes stand for; constant ones become a value as well."""
    code = _quantisation(build, node, index + 1)
    if not build.is_constant(node, index):
        return _read(build, node, index, code)
    codes = build.constant(node, index)
    value = code.decode(codes.astype(np.int64) + (SIGNED if codes.dtype == np.int8 else 0))
    name = build.add(Constant, node, [], codes.shape, f".{index}", value=value)
    build.prescribe(name, code)
    return name


@operator(f"{_MS}QLinearLeakyRelu")
def qlinear_leaky_relu(build: Builder, node: Node) -> None:
    """LeakyRelu of bytes."""
    alpha = node.attributes.get("alpha", 0.01)
    _function(build, node, lambda values: np.where(values < 0, values * alpha, values))


@operator(f"{_MS}QLinearSigmoid")
def qlinear_sigmoid(build: Builder, node: Node) -> None:
    """Sigmoid of bytes."""
    _function(build, node, sigmoid)


def _function(build: Builder, node: Node, function: Callable[[np.ndarray], np.ndarray]) -> None:
    name = _read(build, node, 0, _quantisation(build, node, 1))
    op_type = node.op_type.removeprefix(_MS)
    made = build.unary(node, name, function, ".real", op_type=op_type)
    _write(build, node, made, _quantisation(build, node, 3))


@operator(f"{_MS}QLinearAveragePool", f"{_MS}QLinearGlobalAveragePool")
def qlinear_average(build: Builder, node: Node) -> None:
    """Averages of bytes."""
    if node.attributes.get("channels_last", 0):
        raise node.refuse("channels_last is not supported")
    name = _read(build, node, 0, _quantisation(build, node, 1))
    _write(build, node, add_average(build, node, name, ".real"), _quantisation(build, node, 3))


@operator(f"{_MS}QLinearConcat")
def qlinear_concat(build: Builder, node: Node) -> None:
    """Bytes joined, all brought to one quantisation."""
    code = _quantisation(build, node, 0)
    places = range(2, len(node.inputs), 3)
    names = [_read(build, node, i, _quantisation(build, node, i + 1)) for i in places]
    axis = int(node.attributes["axis"])
    made = build.gather(node, names, lambda *parts: np.concatenate(parts, axis), ".joined")
    _write(build, node, made, code)


@operator(f"{_MS}QLinearSoftmax")
def qlinear_softmax(build: Builder, node: Node) -> None:
    """Probabilities as bytes."""
    name = _read(build, node, 0, _quantisation(build, node, 1))
    shape = build.shape(name)
    axis, version = node.attributes.get("axis", -1), node.attributes.get("opset", 13)
    layout = softmax_layout(shape, axis, version)
    made = build.add(Softmax, node, [name], shape, ".real", layout=layout, logarithm=False)
    _write(build, node, made, _quantisation(build, node, 3))
