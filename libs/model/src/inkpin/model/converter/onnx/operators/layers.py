"""Convolutions, dense layers, pooling and normalisation."""

import math

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    AveragePool,
    Conv,
    Dense,
    MaxPool,
    QuantisedWeights,
    Softmax,
    Unary,
    size,
)
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.importer import Importer, rule
from inkpin.model.converter.windows import Windows


def spatial(node: Node, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (height, width) of maps, one-dimensional ones as one row."""
    if len(shape) not in (3, 4):
        raise node.refuse(f"its input has shape {shape}: only 1-D and 2-D maps are supported")
    return (1, shape[2]) if len(shape) == 3 else (shape[2], shape[3])


def _pair(node: Node, key: str, default: int, axes: int) -> tuple[int, int]:
    values = tuple(map(int, node.attributes.get(key) or (default,) * axes))
    if len(values) != axes or min(values) < 1 or max(values) > 65535:
        raise node.refuse(f"its {key} {list(values)} do not fit")
    return (1, *values) if axes == 1 else values


def windows(
    node: Node, sides: tuple[int, int], window: tuple[int, int], axes: int
) -> tuple[Windows, tuple[int, int, int, int]]:
    """Return the windows of a node and its pads (top, left, bottom, right).

    Args:
        node: with strides, pads, dilations, auto_pad and ceil_mode.
        sides: of the map.
        window: height and width.
        axes: 1 or 2 dimensions.
    """
    stride, dilation = _pair(node, "strides", 1, axes), _pair(node, "dilations", 1, axes)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    auto = node.attributes.get("auto_pad", b"NOTSET").decode()
    ceil = bool(node.attributes.get("ceil_mode", 0))
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        missing = [
            max(0, (math.ceil(side / s) - 1) * s + r - side)
            for side, s, r in zip(sides, stride, reach, strict=True)
        ]
        less, more = [m // 2 for m in missing], [m - m // 2 for m in missing]
        before, after = (less, more) if auto == "SAME_UPPER" else (more, less)
    elif auto in ("NOTSET", "VALID"):
        pads = tuple(node.attributes.get("pads") or (0,) * (2 * axes))
        if len(pads) != 2 * axes or min(pads) < 0 or max(pads) > 65535 or auto == "VALID":
            if auto != "VALID":
                raise node.refuse(f"its pads {list(pads)} do not fit")
            pads = (0,) * (2 * axes)
        lead = (0,) if axes == 1 else ()
        before, after = [*lead, *pads[:axes]], [*lead, *pads[axes:]]
    else:
        raise node.refuse(f"auto_pad {auto} is not known")
    count = []
    for side, s, r, low, high in zip(sides, stride, reach, before, after, strict=True):
        steps = (side + low + high - r) / s
        if steps < 0:
            raise node.refuse("its window is larger than its input")
        n = (math.ceil(steps) if ceil and auto == "NOTSET" else math.floor(steps)) + 1
        # A window that begins behind the map does not count.
        count.append(n - 1 if ceil and (n - 1) * s >= side + low else n)
    made = Windows(window, stride, tuple(before), dilation, tuple(count))
    return made, (before[0], before[1], after[0], after[1])


def out_shape(shape: tuple[int, ...], channels: int, made: Windows) -> tuple[int, ...]:
    """Return the shape of maps behind windows over maps of `shape`."""
    return (shape[0], channels, *made.count[4 - len(shape) :])


def add_conv(
    imp: Importer,
    node: Node,
    name: str,
    weights: np.ndarray,
    bias: np.ndarray,
    quantised: QuantisedWeights | None,
    suffix: str = "",
) -> str:
    """Append a convolution whose geometry the node's attributes give."""
    shape = imp.shape(name)
    sides = spatial(node, shape)
    groups = int(node.attributes.get("group", 1))
    if shape[0] != 1:
        raise node.refuse(
            f"its input has a batch of {shape[0]}: export with a batch of 1, or a symbolic one"
        )
    if weights.ndim != len(shape):
        raise node.refuse(f"weights {weights.shape} and input {shape} do not fit")
    if groups < 1 or shape[1] != weights.shape[1] * groups or len(weights) % groups:
        raise node.refuse(f"{groups} groups do not fit {shape[1]} channels")
    if bias.shape != (len(weights),):
        raise node.refuse("its bias does not fit its weights")
    axes = weights.ndim - 2
    if axes == 1:
        weights = weights[:, :, None]
        quantised = quantised and QuantisedWeights(quantised.integers[:, :, None], quantised.scales)
    made, _ = windows(node, sides, weights.shape[2:], axes)
    return imp.add(
        Conv,
        node,
        [name],
        out_shape(shape, len(weights), made),
        suffix,
        weights=weights,
        bias=bias,
        quantised=quantised,
        maps=(shape[1], *sides),
        windows=made,
        groups=groups,
    )


@rule("Conv")
def conv(imp: Importer, node: Node) -> None:
    """A convolution, 1-D ones as 2-D ones of one row."""
    weights, quantised = imp.weights(node, 1, 0)
    bias = imp.optional(node, 2)
    bias = np.zeros(len(weights)) if bias is None else bias.astype(float)
    add_conv(imp, node, imp.value(node), weights, bias, quantised)


def add_dense(
    imp: Importer,
    node: Node,
    name: str,
    weights: np.ndarray,
    bias: np.ndarray,
    quantised: QuantisedWeights | None,
    suffix: str = "",
) -> str:
    """Append rows times weights, (out, in); batches of matrices become groups of a convolution."""
    shape = imp.shape(name)
    if weights.ndim == 2:
        if not shape or shape[-1] != weights.shape[1]:
            raise node.refuse(f"weights {weights.T.shape} do not fit an input of shape {shape}")
        if bias.shape != (len(weights),):
            raise node.refuse("its bias does not fit its weights")
        return imp.add(
            Dense,
            node,
            [name],
            (*shape[:-1], len(weights)),
            suffix,
            weights=weights,
            bias=bias,
            quantised=quantised,
        )
    batch = weights.shape[:-2]
    out, into = weights.shape[-2:]
    if shape[:-2] != batch or shape[-1] != into:
        raise node.refuse(f"weights {weights.shape} do not fit an input of shape {shape}")
    groups, rows = size(batch), shape[-2]
    columns = imp.move(
        node,
        [name],
        lambda index: (
            index.reshape(groups, rows, into).transpose(0, 2, 1).reshape(1, groups * into, rows, 1)
        ),
        ".columns",
    )
    if quantised:
        integers = quantised.integers.reshape(groups * out, into, 1, 1)
        quantised = QuantisedWeights(
            integers, np.broadcast_to(quantised.scales, (groups, out)).reshape(-1)
        )
    sums = imp.add(
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
    return imp.move(
        node,
        [sums],
        lambda index: (
            index.reshape(groups, out, rows).transpose(0, 2, 1).reshape(*batch, rows, out)
        ),
        suffix,
    )


@rule("Gemm")
def gemm(imp: Importer, node: Node) -> None:
    """A dense layer."""
    attributes = node.attributes
    weights, quantised = imp.weights(node, 1, 0 if attributes.get("transB", 0) else 1)
    if not attributes.get("transB", 0):
        weights, quantised = (
            weights.T,
            quantised and QuantisedWeights(quantised.integers.T, quantised.scales),
        )
    if weights.ndim != 2:
        raise node.refuse("its weights are no matrix")
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    if not (math.isfinite(alpha) and math.isfinite(beta)):
        raise node.refuse("alpha or beta is not finite")
    weights, quantised = weights * alpha, quantised if alpha == 1 else None
    name = imp.value(node)
    if attributes.get("transA", 0):
        name = imp.move(node, [name], np.transpose, ".turned")
    bias = imp.optional(node, 2)
    bias = np.zeros(1) if bias is None else bias.astype(float) * beta
    by_row = bias.ndim == 2 and bias.shape[0] > 1
    if by_row:
        sums = add_dense(imp, node, name, weights, np.zeros(len(weights)), quantised, ".sums")
        imp.add(Affine, node, [sums], imp.shape(sums), gain=np.array(1.0), offset=bias)
    else:
        add_dense(imp, node, name, weights, np.broadcast_to(bias.ravel(), len(weights)), quantised)


@rule("MatMul")
def matmul(imp: Importer, node: Node) -> None:
    """A product with constant weights, a dense layer."""
    if imp.is_constant(node, 0) or not imp.is_constant(node, 1):
        raise node.refuse(
            "only constant weights as its second input are supported, not two computed values as "
            "in attention"
        )
    weights, quantised = imp.weights(node, 1, -1)
    name = imp.value(node)
    if weights.ndim == 1:
        sums = add_dense(imp, node, name, weights[None], np.zeros(1), None, ".sums")
        imp.move(node, [sums], lambda index: index[..., 0])
        return
    weights = np.swapaxes(weights, -1, -2)
    quantised = quantised and QuantisedWeights(
        np.swapaxes(quantised.integers, -1, -2), quantised.scales
    )
    add_dense(imp, node, name, weights, np.zeros(weights.shape[-2]), quantised)


@rule("BatchNormalization")
def batch_normalization(imp: Importer, node: Node) -> None:
    """A factor and a term for each channel."""
    if node.attributes.get("training_mode", 0) or not node.attributes.get("spatial", 1):
        raise node.refuse("only inference by channel is supported")
    scale, shift, mean, variance = (imp.constant(node, i).astype(float) for i in range(1, 5))
    spread = variance + node.attributes.get("epsilon", 1e-5)
    if np.any(spread <= 0):
        raise node.refuse("its variance is not positive")
    gain = scale / np.sqrt(spread)
    name = imp.value(node)
    shape = imp.shape(name)
    side = (-1,) + (1,) * (len(shape) - 2)
    imp.add(
        Affine,
        node,
        [name],
        shape,
        gain=gain.reshape(side),
        offset=(shift - mean * gain).reshape(side),
    )


@rule("LinearClassifier")
def linear_classifier(imp: Importer, node: Node) -> None:
    """scikit-learn's: a dense layer; its scores are the second output."""
    name = imp.value(node)
    shape = imp.shape(name)
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
    kind = attributes.get("post_transform", b"NONE").decode()
    scores, last = node.outputs[1], "" if kind == "NONE" else ".scores"
    sums = imp.add(
        Dense,
        node,
        [name],
        (*shape[:-1], len(weights)),
        last,
        scores,
        weights=weights,
        bias=bias,
    )
    out = imp.shape(sums)
    if kind == "SOFTMAX":
        layout = (size(out[:-1]), out[-1], 1)
        imp.add(Softmax, node, [sums], out, "", scores, layout=layout, logarithm=False)
    elif kind == "LOGISTIC":
        imp.add(
            Unary,
            node,
            [sums],
            out,
            "",
            scores,
            function=lambda values: 1 / (1 + np.exp(-values)),
            op_type="Sigmoid",
        )
    elif kind != "NONE":
        raise node.refuse(f"post_transform {kind} is not supported; NONE, LOGISTIC, SOFTMAX are")


@rule("MaxPool", "GlobalMaxPool")
def max_pool(imp: Importer, node: Node) -> None:
    """The largest under each window."""
    name = imp.value(node, coded=True)
    shape = imp.shape(name)
    sides = spatial(node, shape)
    axes = len(shape) - 2
    if node.op_type == "GlobalMaxPool":
        made = Windows(sides, (1, 1), (0, 0), (1, 1), (1, 1))
    else:
        made, _ = windows(node, sides, _pair(node, "kernel_shape", 0, axes), axes)
    maps = (shape[0] * shape[1], *sides)
    imp.add(MaxPool, node, [name], out_shape(shape, shape[1], made), maps=maps, windows=made)
    if node.inputs[0] in imp.codes:
        imp.codes[node.output] = imp.codes[node.inputs[0]]


@rule("AveragePool", "GlobalAveragePool")
def average_pool(imp: Importer, node: Node) -> None:
    """The average under each window."""
    name = imp.value(node)
    add_average(imp, node, name)


def add_average(imp: Importer, node: Node, name: str, suffix: str = "") -> str:
    """Append an average pooling whose geometry the node's attributes give."""
    shape = imp.shape(name)
    sides = spatial(node, shape)
    axes, margin = len(shape) - 2, (0, 0, 0, 0)
    if "GlobalAveragePool" in node.op_type:
        made = Windows(sides, (1, 1), (0, 0), (1, 1), (1, 1))
    else:
        made, pads = windows(node, sides, _pair(node, "kernel_shape", 0, axes), axes)
        margin = pads if node.attributes.get("count_include_pad", 0) else margin
    return imp.add(
        AveragePool,
        node,
        [name],
        out_shape(shape, shape[1], made),
        suffix,
        maps=(shape[0] * shape[1], *sides),
        windows=made,
        margin=margin,
    )


@rule("ReduceMean", "ReduceSum", "ReduceMax")
def reduce(imp: Importer, node: Node) -> None:
    """The average, sum or maximum over some axes: a pooling of one column."""
    name = imp.value(node)
    shape = imp.shape(name)
    given = node.attributes.get("axes")
    if given is None:
        given = imp.optional(node, 1)
    if (given is None or not np.size(given)) and node.attributes.get("noop_with_empty_axes", 0):
        imp.alias(node, name)
        return
    rank = len(shape)
    axes = range(rank) if given is None or not np.size(given) else np.ravel(given)
    axes = sorted({range(rank)[int(axis)] for axis in axes})
    kept = [axis for axis in range(rank) if axis not in axes]
    if axes and axes != list(range(axes[0], axes[-1] + 1)):
        name = imp.move(node, [name], lambda index: index.transpose([*kept, *axes]), ".turned")
        outer, inner = size([shape[axis] for axis in kept]), 1
    else:
        first, last = (axes[0], axes[-1] + 1) if axes else (0, 0)
        outer, inner = size(shape[:first]), size(shape[last:])
    count = size([shape[axis] for axis in axes])
    keep = node.attributes.get("keepdims", 1)
    out = [1 if axis in axes else shape[axis] for axis in range(rank) if keep or axis in kept]
    made = Windows((count, 1), (1, 1), (0, 0), (1, 1), (1, inner))
    maps = (outer, count, inner)
    if node.op_type == "ReduceMax":
        imp.add(MaxPool, node, [name], out, maps=maps, windows=made)
    else:
        gain = float(count) if node.op_type == "ReduceSum" else 1.0
        imp.add(AveragePool, node, [name], out, maps=maps, windows=made, gain=gain)
