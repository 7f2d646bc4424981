"""Dense layers: products with constant matrices, and those of two computed values."""

import math

import numpy as np

from inkpin.model.converter.ir import Constant, Conv, Dense, QuantisedWeights, Softmax, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import product
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.products import add_product
from inkpin.model.converter.onnx.registry import operator
from inkpin.model.converter.windows import Windows


@operator("Gemm")
def gemm(build: Builder, node: Node) -> None:
    """A dense layer, or a product of two computed values."""
    attributes = node.attributes
    if not build.is_constant(node, 1):
        _computed_gemm(build, node)
        return
    weights, quantised = build.weights(node, 1, 0 if attributes.get("transB", 0) else 1)
    if not attributes.get("transB", 0):
        weights, quantised = transposed(weights, quantised)
    if weights.ndim != 2:
        raise node.refuse("its weights are no matrix")
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    if not (math.isfinite(alpha) and math.isfinite(beta)):
        raise node.refuse("alpha or beta is not finite")
    weights, quantised = weights * alpha, quantised if alpha == 1 else None
    name = build.value(node)
    if attributes.get("transA", 0):
        name = build.gather(node, [name], np.transpose, ".turned")
    bias = build.optional(node, 2)
    bias = np.zeros(1) if bias is None else bias.astype(float) * beta
    by_row = bias.ndim == 2 and bias.shape[0] > 1
    if by_row:
        sums = add_dense(build, node, name, weights, np.zeros(len(weights)), quantised, ".sums")
        build.affine(node, sums, offset=bias)
    else:
        bias = np.broadcast_to(bias.ravel(), len(weights))
        add_dense(build, node, name, weights, bias, quantised)


def _computed_gemm(build: Builder, node: Node) -> None:
    attributes = node.attributes
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    if not (math.isfinite(alpha) and math.isfinite(beta)):
        raise node.refuse("alpha or beta is not finite")
    names = []
    for place, key in enumerate(("transA", "transB")):
        name = value_or_constant(build, node, place)
        if attributes.get(key, 0):
            name = build.gather(node, [name], np.transpose, f".turned{place}")
        names.append(name)
    if any(len(build.shape(name)) != 2 for name in names):
        raise node.refuse("its operands are no matrices: export it again")
    bias = build.optional(node, 2)
    product = add_product(build, node, names[0], names[1], ".product")
    offset = 0.0 if bias is None else bias.astype(float) * beta
    build.affine(node, product, gain=alpha, offset=offset)


def value_or_constant(build: Builder, node: Node, index: int) -> str:
    """Return the name of an input's value, be it a constant."""
    if not build.is_constant(node, index):
        return build.value(node, index)
    value = build.constant(node, index).astype(float)
    return build.add(Constant, node, [], value.shape, f".{index}", value=value)


@operator("MatMul", fold=product)
def matmul(build: Builder, node: Node) -> None:
    """A product with constant weights, a dense layer, or of two computed values."""
    given = build.constants.get(node.inputs[1])
    if build.is_constant(node, 0) or given is None or not _as_weights(build, node, given):
        if build.is_constant(node, 0) and build.constant(node, 0).ndim == 2:
            _weights_first(build, node)
            return
        first, second = (value_or_constant(build, node, index) for index in (0, 1))
        add_product(build, node, first, second)
        return
    weights, quantised = build.weights(node, 1, -1)
    name = build.value(node)
    if weights.ndim == 1:
        sums = add_dense(build, node, name, weights[None], np.zeros(1), None, ".sums")
        build.gather(node, [sums], lambda index: index[..., 0])
        return
    weights, quantised = transposed(weights, quantised)
    add_dense(build, node, name, weights, np.zeros(weights.shape[-2]), quantised)


def _as_weights(build: Builder, node: Node, weights: np.ndarray) -> bool:
    """Whether constants are weights of a layer; batches of them that repeat are not."""
    return weights.ndim < 3 or build.shape(build.value(node))[:-2] == weights.shape[:-2]


def _weights_first(build: Builder, node: Node) -> None:
    """Append a constant matrix times a value: the value's columns are the rows of a layer."""
    weights, quantised = build.weights(node, 0, 0)
    name = build.value(node, 1)
    if len(build.shape(name)) == 1:
        add_dense(build, node, name, weights, np.zeros(len(weights)), quantised)
        return
    turned = build.gather(node, [name], lambda index: np.swapaxes(index, -1, -2), ".turned")
    sums = add_dense(build, node, turned, weights, np.zeros(len(weights)), quantised, ".sums")
    build.gather(node, [sums], lambda index: np.swapaxes(index, -1, -2))


@operator("LinearClassifier")
def linear_classifier(build: Builder, node: Node) -> None:
    """scikit-learn's: a dense layer; its scores are the second output."""
    name = build.value(node, whole=True)
    shape = build.shape(name)
    attributes = node.attributes
    weights = np.array(attributes["coefficients"], float).reshape(-1, shape[-1])
    bias = np.array(attributes.get("intercepts") or [0.0] * len(weights), float)
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise node.refuse("its weights are not all finite")
    if len(bias) != len(weights):
        raise node.refuse(f"{len(bias)} intercepts do not fit {len(weights)} rows of weights")
    labels = attributes.get("classlabels_ints") or attributes.get("classlabels_strings") or []
    if len(labels) not in (0, len(weights)):
        raise node.refuse("one row of weights for two classes is not supported: export two")
    transform = attributes.get("post_transform", b"NONE").decode()
    scores, suffix = node.outputs[1], "" if transform == "NONE" else ".scores"
    out = (*shape[:-1], len(weights))
    sums = build.add(Dense, node, [name], out, suffix, scores, weights=weights, bias=bias)
    if transform == "SOFTMAX":
        layout = (size(out[:-1]), out[-1], 1)
        build.add(Softmax, node, [sums], out, "", scores, layout=layout, logarithm=False)
    elif transform == "LOGISTIC":
        build.unary(node, sums, sigmoid, "", scores, op_type="Sigmoid")
    elif transform != "NONE":
        raise node.refuse(
            f"post_transform {transform} is not supported; NONE, LOGISTIC, SOFTMAX are"
        )


@operator("LinearRegressor")
def linear_regressor(build: Builder, node: Node) -> None:
    """scikit-learn's: a dense layer."""
    name = build.value(node, whole=True)
    shape, attributes = build.shape(name), node.attributes
    weights = np.array(attributes["coefficients"], float)
    weights = weights.reshape(int(attributes.get("targets", 1)), shape[-1])
    bias = np.array(attributes.get("intercepts") or [0.0] * len(weights), float)
    if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise node.refuse("its weights are not all finite")
    transform = attributes.get("post_transform", b"NONE").decode()
    if transform != "NONE":
        raise node.refuse(f"post_transform {transform} is not supported")
    add_dense(build, node, name, weights, bias, None)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x))."""
    return np.asarray(1 / (1 + np.exp(-values)))


def transposed(
    weights: np.ndarray, quantised: QuantisedWeights | None
) -> tuple[np.ndarray, QuantisedWeights | None]:
    """Return weights (..., in, out) as (..., out, in), the integers behind them likewise."""
    if quantised is not None:
        turned = np.swapaxes(quantised.integers, -1, -2)
        quantised = QuantisedWeights(turned, quantised.scales)
    return np.swapaxes(weights, -1, -2), quantised


def add_dense(
    build: Builder,
    node: Node,
    name: str,
    weights: np.ndarray,
    bias: np.ndarray,
    quantised: QuantisedWeights | None,
    suffix: str = "",
) -> str:
    """Append rows times weights, (out, in); batches of matrices become groups of a convolution."""
    shape = build.shape(name)
    if weights.ndim > 2:
        return _add_batched(build, node, name, weights, bias, quantised, suffix)
    if not shape or shape[-1] != weights.shape[1]:
        raise node.refuse(f"weights {weights.T.shape} do not fit an input of shape {shape}")
    if bias.shape != (len(weights),):
        raise node.refuse("its bias does not fit its weights")
    out = (*shape[:-1], len(weights))
    return build.add(
        Dense, node, [name], out, suffix, weights=weights, bias=bias, quantised=quantised
    )


def _add_batched(
    build: Builder,
    node: Node,
    name: str,
    weights: np.ndarray,
    bias: np.ndarray,
    quantised: QuantisedWeights | None,
    suffix: str,
) -> str:
    """Append a batch of rows (batch, rows, in) times a batch of weights (batch, out, in)."""
    shape = build.shape(name)
    batch = weights.shape[:-2]
    out, into = weights.shape[-2:]
    if shape[:-2] != batch or shape[-1] != into:
        raise node.refuse(f"weights {weights.shape} do not fit an input of shape {shape}")
    groups, rows = size(batch), shape[-2]
    columns = build.gather(
        node,
        [name],
        lambda index: (
            index.reshape(groups, rows, into).transpose(0, 2, 1).reshape(1, groups * into, rows, 1)
        ),
        ".columns",
    )
    if quantised:
        integers = quantised.integers.reshape(groups * out, into, 1, 1)
        scales = np.broadcast_to(quantised.scales, (groups, out)).reshape(-1)
        quantised = QuantisedWeights(integers, scales)
    sums = build.add(
        Conv,
        node,
        [columns],
        (1, groups * out, rows, 1),
        ".products",
        weights=weights.reshape(groups * out, into, 1, 1),
        bias=np.broadcast_to(bias, (groups, out)).reshape(-1),
        quantised=quantised,
        maps=(groups * into, rows, 1),
        windows=Windows((1, 1), (1, 1), (0, 0), (1, 1), (rows, 1)),
        groups=groups,
    )
    return build.gather(
        node,
        [sums],
        lambda index: (
            index.reshape(groups, out, rows).transpose(0, 2, 1).reshape(*batch, rows, out)
        ),
        suffix,
    )
