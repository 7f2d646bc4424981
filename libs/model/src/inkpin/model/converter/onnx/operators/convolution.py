"""Convolutions, and the geometry of windows that they share with pooling."""

import math

import numpy as np

from inkpin.model.converter.ir import Conv, QuantisedWeights, Shape
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.graph import BatchError, Node
from inkpin.model.converter.onnx.registry import operator
from inkpin.model.converter.windows import Pair, Windows

Pads = tuple[int, int, int, int]
"""Top, left, bottom, right."""


@operator("Conv")
def conv(build: Builder, node: Node) -> None:
    """A convolution, 1-D ones as 2-D ones of one row."""
    weights, quantised = build.weights(node, 1, 0)
    bias = build.optional(node, 2)
    bias = np.zeros(len(weights)) if bias is None else bias.astype(float)
    add_conv(build, node, build.value(node), weights, bias, quantised)


def add_conv(
    build: Builder,
    node: Node,
    name: str,
    weights: np.ndarray,
    bias: np.ndarray,
    quantised: QuantisedWeights | None,
    suffix: str = "",
) -> str:
    """Append a convolution whose geometry the node's attributes give."""
    shape = build.shape(name)
    sides = spatial(node, shape)
    groups = int(node.attributes.get("group", 1))
    if shape[0] != 1:
        remedy = (
            "export with a batch of 1, and what TensorFlow Lite folds into the batch (dilated "
            "convolutions) from Keras itself"
        )
        raise BatchError(str(node.refuse(f"its input has a batch of {shape[0]}: {remedy}")))
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
    high, wide = weights.shape[2:]
    made, _ = node_windows(node, sides, (high, wide), axes)
    return build.add(
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


# --- the geometry of windows ---


def spatial(node: Node, shape: Shape) -> Pair:
    """Return (height, width) of maps, one-dimensional ones as one row."""
    if len(shape) not in (3, 4):
        raise node.refuse(f"its input has shape {shape}: only 1-D and 2-D maps are supported")
    return (1, shape[2]) if len(shape) == 3 else (shape[2], shape[3])


def out_shape(shape: Shape, channels: int, made: Windows) -> Shape:
    """Return the shape of maps behind windows over maps of `shape`."""
    return (shape[0], channels, *made.count[4 - len(shape) :])


def pair(node: Node, key: str, default: int, axes: int) -> Pair:
    """Return an attribute with a number for each of 1 or 2 axes as one for two."""
    values = tuple(map(int, node.attributes.get(key) or (default,) * axes))
    if len(values) != axes or min(values) < 1 or max(values) > 65535:
        raise node.refuse(f"its {key} {list(values)} do not fit")
    return (values[-2] if axes == 2 else 1, values[-1])


def node_windows(node: Node, sides: Pair, window: Pair, axes: int) -> tuple[Windows, Pads]:
    """Return the windows of a node and its pads.

    Args:
        node: with strides, pads, dilations, auto_pad and ceil_mode.
        sides: of the map.
        window: height and width.
        axes: 1 or 2 dimensions.
    """
    stride, dilation = pair(node, "strides", 1, axes), pair(node, "dilations", 1, axes)
    reach = ((window[0] - 1) * dilation[0] + 1, (window[1] - 1) * dilation[1] + 1)
    auto_pad = node.attributes.get("auto_pad", b"NOTSET").decode()
    top, left, bottom, right = _pads(node, auto_pad, sides, stride, reach, axes)
    ceil = bool(node.attributes.get("ceil_mode", 0)) and auto_pad == "NOTSET"
    down = _count(node, sides[0], stride[0], reach[0], (top, bottom), ceil)
    across = _count(node, sides[1], stride[1], reach[1], (left, right), ceil)
    made = Windows(window, stride, (top, left), dilation, (down, across))
    return made, (top, left, bottom, right)


def _pads(node: Node, auto_pad: str, sides: Pair, stride: Pair, reach: Pair, axes: int) -> Pads:
    if auto_pad == "VALID":
        return (0, 0, 0, 0)
    if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        high, wide = (
            max(0, (math.ceil(side / s) - 1) * s + r - side)
            for side, s, r in zip(sides, stride, reach, strict=True)
        )
        less, more = (high // 2, wide // 2), (high - high // 2, wide - wide // 2)
        return (*less, *more) if auto_pad == "SAME_UPPER" else (*more, *less)
    if auto_pad != "NOTSET":
        raise node.refuse(f"auto_pad {auto_pad} is not known")
    pads = tuple(map(int, node.attributes.get("pads") or (0,) * (2 * axes)))
    if len(pads) != 2 * axes or min(pads) < 0 or max(pads) > 65535:
        raise node.refuse(f"its pads {list(pads)} do not fit")
    return (0, pads[0], 0, pads[1]) if axes == 1 else (pads[0], pads[1], pads[2], pads[3])


def _count(node: Node, side: int, stride: int, reach: int, pads: Pair, ceil: bool) -> int:
    """Return how many windows lie along a side."""
    steps = (side + sum(pads) - reach) / stride
    if steps < 0:
        raise node.refuse("its window is larger than its input")
    count = (math.ceil(steps) if ceil else math.floor(steps)) + 1
    # A window that begins behind the map does not count.
    return count - 1 if ceil and (count - 1) * stride >= side + pads[0] else count
