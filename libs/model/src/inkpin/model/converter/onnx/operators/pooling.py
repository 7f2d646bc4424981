"""Pooling: the largest or the average under each window."""

from inkpin.model.converter.ir import AveragePool, MaxPool
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.convolution import (
    Pads,
    node_windows,
    out_shape,
    pair,
    spatial,
)
from inkpin.model.converter.onnx.registry import operator
from inkpin.model.converter.windows import Pair, Windows


@operator("MaxPool", "GlobalMaxPool")
def max_pool(build: Builder, node: Node) -> None:
    """The largest under each window; of bytes too, which keep their order."""
    name = build.value(node, quantised=True)
    shape = build.shape(name)
    sides = spatial(node, shape)
    made, _ = _windows(node, sides, len(shape) - 2)
    maps = (shape[0] * shape[1], *sides)
    build.add(MaxPool, node, [name], out_shape(shape, shape[1], made), maps=maps, windows=made)
    build.keep_quantisation(node)


@operator("AveragePool", "GlobalAveragePool")
def average_pool(build: Builder, node: Node) -> None:
    """The average under each window."""
    add_average(build, node, build.value(node))


def add_average(build: Builder, node: Node, name: str, suffix: str = "") -> str:
    """Append an average pooling whose geometry the node's attributes give."""
    shape = build.shape(name)
    sides = spatial(node, shape)
    made, pads = _windows(node, sides, len(shape) - 2)
    return build.add(
        AveragePool,
        node,
        [name],
        out_shape(shape, shape[1], made),
        suffix,
        maps=(shape[0] * shape[1], *sides),
        windows=made,
        margin=pads if node.attributes.get("count_include_pad", 0) else (0, 0, 0, 0),
    )


def _windows(node: Node, sides: Pair, axes: int) -> tuple[Windows, Pads]:
    if "Global" in node.op_type:
        return Windows(sides, (1, 1), (0, 0), (1, 1), (1, 1)), (0, 0, 0, 0)
    return node_windows(node, sides, pair(node, "kernel_shape", 0, axes), axes)
