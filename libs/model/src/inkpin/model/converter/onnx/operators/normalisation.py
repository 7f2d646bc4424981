"""What divides by what it finds while it runs: normalisations by layer, group, instance and length.

Batch normalisation, whose numbers stand still, is in arithmetic.py.
"""

import math
from typing import Any

import numpy as np

from inkpin.model.converter.ir import AveragePool, Binary, Normalise, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import total
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.registry import operator
from inkpin.model.converter.windows import Windows

Shape = tuple[int, ...]


@operator("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization")
def layer_normalization(build: Builder, node: Node) -> None:
    """Over the last axes, with a gain and a bias of each element there."""
    name = build.value(node)
    shape = build.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", -1)]
    layout = (size(shape[:axis]), size(shape[axis:]), 1)
    gain, offset = build.constant(node, 1), build.optional(node, 2)
    centred = node.op_type == "LayerNormalization"
    if centred and any(map(build.is_needed, node.outputs[1:])):
        _give_statistics(build, node, name, layout)
    _add(build, node, name, layout, centred, _epsilon(node), gain, offset)


def _give_statistics(build: Builder, node: Node, name: str, layout: tuple[int, int, int]) -> None:
    """Append the second and third output: mean, and one over the deviation."""
    outer, count, _ = layout
    shape = build.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", -1)]
    out = (*shape[:axis], *(1 for _ in shape[axis:]))
    columns: dict[str, Any] = {
        "maps": layout,
        "windows": Windows((count, 1), (1, 1), (0, 0), (1, 1), (1, 1)),
    }
    outputs = [*node.outputs, "", ""]
    mean = build.add(
        AveragePool, node, [name], out, "" if outputs[1] else ".mean", outputs[1] or None, **columns
    )
    if not outputs[2]:
        return
    epsilon = _epsilon(node)
    pair: dict[str, Any] = {"op_type": "add", "sign": -1, "broadcast": (1, outer, count)}
    apart = build.add(Binary, node, [name, mean], shape, ".apart", **pair)
    squares = build.unary(node, apart, np.square, ".squares", op_type="square")
    variance = build.add(AveragePool, node, [squares], out, ".variance", **columns)

    def inverse(values: np.ndarray) -> np.ndarray:
        return np.asarray(1 / np.sqrt(np.maximum(values, 0) + epsilon))

    build.unary(node, variance, inverse, output=outputs[2], op_type="one over the root")


@operator("InstanceNormalization")
def instance_normalization(build: Builder, node: Node) -> None:
    """Over each channel's map, with a gain and a bias by channel."""
    name = build.value(node)
    shape = build.shape(name)
    layout = (size(shape[:2]), size(shape[2:]), 1)
    side = (-1,) + (1,) * (len(shape) - 2)
    gain, offset = (build.constant(node, index).reshape(side) for index in (1, 2))
    _add(build, node, name, layout, True, _epsilon(node), gain, offset)


@operator("GroupNormalization")
def group_normalization(build: Builder, node: Node) -> None:
    """Over groups of channels; gain and bias by channel, or by group before opset 21."""
    name = build.value(node)
    shape = build.shape(name)
    groups = node.attributes["num_groups"]
    if groups < 1 or shape[1] % groups:
        raise node.refuse(f"{groups} groups do not fit {shape[1]} channels")
    layout = (shape[0] * groups, size(shape[1:]) // groups, 1)
    side = (-1,) + (1,) * (len(shape) - 2)
    each = shape[1] // groups if build.version(node) < 21 else 1
    gain, offset = (
        np.repeat(build.constant(node, index).ravel(), each).reshape(side) for index in (1, 2)
    )
    _add(build, node, name, layout, True, _epsilon(node), gain, offset)


@operator("LpNormalization", fold=total)
def lp_normalization(build: Builder, node: Node) -> None:
    """Over the length along an axis: the sum of absolutes, or the root of the sum of squares."""
    order = node.attributes.get("p", 2)
    _by_length(build, node, build.value(node), node.attributes.get("axis", -1), order)


@operator("Normalizer")
def normalizer(build: Builder, node: Node) -> None:
    """scikit-learn's: rows over their length."""
    norm = node.attributes.get("norm", b"MAX").decode()
    if norm not in ("L1", "L2"):
        raise node.refuse(f"norm {norm} is not supported; L1 and L2 are")
    _by_length(build, node, build.value(node), -1, int(norm[1]))


@operator("MeanVarianceNormalization")
def mean_variance_normalization(build: Builder, node: Node) -> None:
    """Over some axes beside each other, without gain and bias."""
    name = build.value(node)
    shape = build.shape(name)
    axes = sorted(range(len(shape))[axis] for axis in node.attributes.get("axes", [0, 2, 3]))
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    turned = build.gather(node, [name], lambda index: index.transpose(*kept, *axes), ".turned")
    layout = (size([shape[axis] for axis in kept]), size([shape[axis] for axis in axes]), 1)
    one = np.ones(1)
    # As ONNX's function has it: so much is added to the deviation.
    made = _normalised(build, node, turned, layout, True, True, 1e-18, one, 0 * one, ".made")
    back = np.argsort([*kept, *axes])
    build.gather(node, [made], lambda index: index.transpose(*back))


def _by_length(build: Builder, node: Node, name: str, axis: int, order: int) -> None:
    shape = build.shape(name)
    place = range(len(shape))[axis]
    layout = (size(shape[:place]), shape[place], size(shape[place + 1 :]))
    if order not in (1, 2):
        raise node.refuse(f"p = {order} is not supported; 1 and 2 are")
    # The mean is what the length's power is divided by as often as there are numbers.
    gain = np.array([1 / layout[1] if order == 1 else layout[1] ** -0.5])
    _normalised(build, node, name, layout, False, order == 2, 0.0, gain, np.zeros(1))


def _epsilon(node: Node) -> float:
    epsilon = float(node.attributes.get("epsilon", 1e-5))
    if not (math.isfinite(epsilon) and epsilon >= 0):
        raise node.refuse(f"its epsilon is {epsilon:g}")
    return epsilon


def _add(
    build: Builder,
    node: Node,
    name: str,
    layout: tuple[int, int, int],
    centred: bool,
    epsilon: float,
    gain: np.ndarray,
    offset: np.ndarray | None,
) -> None:
    """Append a normalisation whose gain and offset broadcast against the value."""
    shape = build.shape(name)
    gain, offset = (
        np.broadcast_to(array.astype(float), shape).ravel()
        for array in (gain, np.zeros(1) if offset is None else offset)
    )
    _normalised(build, node, name, layout, centred, True, epsilon, gain, offset)


def _normalised(
    build: Builder,
    node: Node,
    name: str,
    layout: tuple[int, int, int],
    centred: bool,
    root: bool,
    epsilon: float,
    gain: np.ndarray,
    offset: np.ndarray,
    suffix: str = "",
) -> str:
    return build.add(
        Normalise,
        node,
        [name],
        build.shape(name),
        suffix,
        layout=layout,
        centred=centred,
        root=root,
        epsilon=epsilon,
        gain=gain,
        offset=offset,
    )
