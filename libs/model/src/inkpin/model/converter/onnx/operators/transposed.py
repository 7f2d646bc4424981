"""ConvTranspose: the phases of its output, each an ordinary convolution of the input."""

import math

import numpy as np

from inkpin.model.converter.ir import Conv, QuantisedWeights
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.convolution import pair, spatial
from inkpin.model.converter.onnx.registry import operator
from inkpin.model.converter.windows import Pair, Windows


@operator("ConvTranspose")
def conv_transpose(build: Builder, node: Node) -> None:
    """A convolution backwards, 1-D ones as 2-D ones of one row.

    With a stride of s, output row s * q + r is an ordinary convolution of the input around row q
    with every s-th row of the filter: one of s phases. All phases are channels of one convolution,
    whose results are interleaved; so no zero is multiplied with.
    """
    weights, quantised = build.weights(node, 1, 1)
    name = build.value(node)
    shape = build.shape(name)
    sides = spatial(node, shape)
    axes = len(shape) - 2
    groups = int(node.attributes.get("group", 1))
    if shape[0] != 1 or weights.ndim != len(shape) or weights.shape[0] != shape[1]:
        raise node.refuse(f"weights {weights.shape} and input {shape} do not fit")
    if groups < 1 or shape[1] % groups:
        raise node.refuse(f"{groups} groups do not fit {shape[1]} channels")
    out = weights.shape[1] * groups
    bias = build.optional(node, 2)
    bias = np.zeros(out) if bias is None else bias.astype(float)
    if bias.shape != (out,):
        raise node.refuse("its bias does not fit its weights")
    if axes == 1:
        weights = weights[:, :, None]
    stride, dilation = pair(node, "strides", 1, axes), pair(node, "dilations", 1, axes)
    before, produced = _extent(node, sides, weights.shape[2:], stride, dilation, axes)
    size = tuple(
        -(-((k - 1) * d + 1) // s)
        for k, d, s in zip(weights.shape[2:], dilation, stride, strict=True)
    )
    count = tuple((n - 1 + p) // s + 1 for n, p, s in zip(produced, before, stride, strict=True))
    if quantised is not None:
        integers = _phases(quantised.integers.reshape(weights.shape), groups, stride, dilation)
        scales = np.tile(quantised.scales.reshape(1, 1, -1), (groups, math.prod(stride), 1))
        quantised = QuantisedWeights(integers, scales.ravel())
    made = _phases(weights, groups, stride, dilation)
    each = np.broadcast_to(bias.reshape(groups, 1, -1), (groups, math.prod(stride), out // groups))
    sums = build.add(
        Conv,
        node,
        [name],
        (1, len(made), *count),
        ".phases",
        weights=made,
        bias=each.ravel(),
        quantised=quantised,
        maps=(shape[1], *sides),
        windows=Windows(
            (size[0], size[1]), (1, 1), (size[0] - 1, size[1] - 1), (1, 1), (count[0], count[1])
        ),
        groups=groups,
    )

    def interleaved(index: np.ndarray) -> np.ndarray:
        parts = index.reshape(groups, *stride, out // groups, *count)
        maps = parts.transpose(0, 3, 4, 1, 5, 2).reshape(
            1, out, count[0] * stride[0], count[1] * stride[1]
        )
        rows, columns = (slice(p, p + n) for p, n in zip(before, produced, strict=True))
        return maps[:, :, rows, columns].reshape(1, out, *produced[2 - axes :])

    build.gather(node, [sums], interleaved)


def _phases(weights: np.ndarray, groups: int, stride: Pair, dilation: Pair) -> np.ndarray:
    """Return the filters of all phases, (groups * phases * out, in, height, width).

    Args:
        weights: (in, out, height, width), of each group, one behind the other along the first.
        groups: of channels.
        stride: phases down and across.
        dilation: between cells of the filter.
    """
    into, out, high, wide = weights.shape
    whole = [(k - 1) * d + 1 for k, d in zip((high, wide), dilation, strict=True)]
    cells = [-(-side // s) for side, s in zip(whole, stride, strict=True)]
    spread = np.zeros((into, out, cells[0] * stride[0], cells[1] * stride[1]), weights.dtype)
    spread[:, :, : whole[0] : dilation[0], : whole[1] : dilation[1]] = weights
    parts = spread.reshape(groups, into // groups, out, cells[0], stride[0], cells[1], stride[1])
    # What is multiplied with the cell before comes first.
    parts = parts[:, :, :, ::-1, :, ::-1].transpose(0, 4, 6, 2, 1, 3, 5)
    return parts.reshape(-1, into // groups, *cells)


def _extent(
    node: Node, sides: Pair, kernel: tuple[int, ...], stride: Pair, dilation: Pair, axes: int
) -> tuple[Pair, Pair]:
    """Return the cells that are cut off before the output, down and across, and its sides."""
    attributes = node.attributes
    added = [0] * (2 - axes) + list(attributes.get("output_padding") or [0] * axes)
    auto_pad = attributes.get("auto_pad", b"NOTSET").decode()
    given = attributes.get("output_shape") or []
    full = [
        (side - 1) * s + (k - 1) * d + 1 + more
        for side, s, k, d, more in zip(sides, stride, kernel, dilation, added, strict=True)
    ]
    if given or auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        wanted = [1] * (2 - axes) + list(given[-axes:])
        if not given:
            wanted = [side * s for side, s in zip(sides, stride, strict=True)]
        cut = [whole - side for whole, side in zip(full, wanted, strict=True)]
        before = [n // 2 if auto_pad == "SAME_UPPER" else n - n // 2 for n in cut]
        produced = wanted
    else:
        pads = [0] * (2 * axes) if auto_pad == "VALID" else attributes.get("pads") or [0] * 2 * axes
        before = [0] * (2 - axes) + list(pads[:axes])
        behind = [0] * (2 - axes) + list(pads[axes:])
        produced = [n - a - b for n, a, b in zip(full, before, behind, strict=True)]
    if min(before) < 0 or min(added) < 0 or min(produced) < 1:
        raise node.refuse(f"its pads do not fit an output of {produced}")
    return (before[0], before[1]), (produced[0], produced[1])
