"""What goes over whole axes: averages, sums, the largest and its place, probabilities."""

import numpy as np

from inkpin.model.converter.ir import ArgMax, AveragePool, MaxPool, Softmax, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import total
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.registry import JUMPS, operator, unsupported
from inkpin.model.converter.windows import Windows


@operator("ReduceMean", "ReduceSum", "ReduceMax", fold=total)
def reduce(build: Builder, node: Node) -> None:
    """The average, sum or maximum over some axes: a pooling of one column."""
    name = build.value(node)
    shape = build.shape(name)
    given = node.attributes.get("axes")
    if given is None:
        given = build.optional(node, 1)
    rank = range(len(shape))
    axes = sorted({rank[int(axis)] for axis in np.ravel([] if given is None else given)})
    if not axes and node.attributes.get("noop_with_empty_axes", 0):
        build.alias(node, name)
        return
    axes = axes or [*rank]
    kept = [axis for axis in rank if axis not in axes]
    if axes and axes != list(range(axes[0], axes[-1] + 1)):
        name = build.gather(node, [name], lambda index: index.transpose([*kept, *axes]), ".turned")
        outer, inner = size([shape[axis] for axis in kept]), 1
    else:
        first, last = (axes[0], axes[-1] + 1) if axes else (0, 0)
        outer, inner = size(shape[:first]), size(shape[last:])
    count = size([shape[axis] for axis in axes])
    keep = node.attributes.get("keepdims", 1)
    out = [1 if axis in axes else shape[axis] for axis in rank if keep or axis in kept]
    windows = Windows((count, 1), (1, 1), (0, 0), (1, 1), (1, inner))
    maps = (outer, count, inner)
    if node.op_type == "ReduceMax":
        build.add(MaxPool, node, [name], out, maps=maps, windows=windows)
    else:
        gain = float(count) if node.op_type == "ReduceSum" else 1.0
        build.add(AveragePool, node, [name], out, maps=maps, windows=windows, gain=gain)


@operator("ArgMax", fold=total)
def argmax(build: Builder, node: Node) -> None:
    """The place of the largest score."""
    name = build.value(node)
    shape = build.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", 0)]
    layout = (size(shape[:axis]), shape[axis], size(shape[axis + 1 :]))
    keep = (1,) if node.attributes.get("keepdims", 1) else ()
    last = bool(node.attributes.get("select_last_index", 0))
    out = (*shape[:axis], *keep, *shape[axis + 1 :])
    build.add(ArgMax, node, [name], out, layout=layout, last=last)


@operator("Softmax", "LogSoftmax")
def softmax(build: Builder, node: Node) -> None:
    """Probabilities, or their logarithms."""
    name = build.value(node)
    layout = softmax_layout(build.shape(name), node.attributes.get("axis"), build.version(node))
    logarithm = node.op_type == "LogSoftmax"
    build.add(Softmax, node, [name], build.shape(name), layout=layout, logarithm=logarithm)


def softmax_layout(shape: tuple[int, ...], axis: int | None, version: int) -> tuple[int, int, int]:
    """Return (outer, count, inner); before opset 13 all axes behind `axis` count as one."""
    old = version < 13
    axis = axis if axis is not None else 1 if old else -1
    axis = range(len(shape))[axis] if shape else 0
    end = len(shape) if old else axis + 1
    return size(shape[:axis]), size(shape[axis:end]), size(shape[end:])


unsupported("ArgMin", "CumSum", "ReduceMin", "ReduceProd", "ReduceSumSquare", fold=total)
unsupported("ReduceL1", "ReduceL2", fold=total, hint="a sum of what Abs or Mul makes is supported")
unsupported("Hardmax", "TopK", hint=JUMPS)
