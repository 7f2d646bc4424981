"""What goes over whole axes: averages, sums, the largest and its place, probabilities."""

from dataclasses import dataclass

import numpy as np

from inkpin.model.converter.ir import ArgMax, AveragePool, Binary, MaxPool, Softmax, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import total
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.registry import JUMPS, operator, unsupported
from inkpin.model.converter.windows import Windows


@operator("ReduceMean", fold=total)
def reduce_mean(build: Builder, node: Node) -> None:
    """The average over some axes."""
    _average(build, node, summed=False)


@operator("ReduceSum", fold=total)
def reduce_sum(build: Builder, node: Node) -> None:
    """The sum over some axes."""
    _average(build, node, summed=True)


def _average(build: Builder, node: Node, *, summed: bool) -> None:
    columns = _columns(build, node, build.value(node))
    if columns is not None:
        maps, windows = columns.maps, columns.windows
        gain = float(maps[1]) if summed else 1.0
        inputs = [columns.name]
        build.add(AveragePool, node, inputs, columns.out, maps=maps, windows=windows, gain=gain)


@operator("ReduceMax", fold=total)
def reduce_max(build: Builder, node: Node) -> None:
    """The largest over some axes."""
    columns = _columns(build, node, build.value(node))
    if columns is not None:
        _largest(build, node, columns)


@operator("ReduceMin", fold=total)
def reduce_min(build: Builder, node: Node) -> None:
    """The smallest over some axes: the largest of the numbers with the other sign."""
    negative = build.affine(node, build.value(node), gain=-1.0, suffix=".negative")
    columns = _columns(build, node, negative)
    if columns is not None:
        build.affine(node, _largest(build, node, columns, ".largest"), gain=-1.0)


@operator("ReduceProd", fold=total)
def reduce_product(build: Builder, node: Node) -> None:
    """The product over some axes: of halves, again and again."""
    name = build.value(node)
    columns = _columns(build, node, name)
    if columns is None:
        return
    outer, count, inner = columns.maps
    name = build.gather(
        node, [columns.name], lambda index: index.reshape(outer, count, inner), ".columns"
    )
    left: list[str] = []  # one factor of each odd number of them, which has a scale of its own
    while count > 1:
        half = count // 2
        if count % 2:
            left.append(build.gather(node, [name], lambda index: index[:, -1:], f".{count}last"))
        parts = [
            build.gather(node, [name], lambda index, p=part: index[:, p], f".{count}{side}")
            for side, part in (("a", slice(half)), ("b", slice(half, 2 * half)))
        ]
        name = _product(build, node, parts, (outer, half, inner), f".{count}product")
        count = half
    for place, factor in enumerate(left):
        name = _product(build, node, [name, factor], (outer, 1, inner), f".left{place}")
    build.gather(node, [name], lambda index: index.reshape(columns.out))


def _product(
    build: Builder, node: Node, names: list[str], shape: tuple[int, ...], suffix: str
) -> str:
    layout = (1, size(shape), 1)
    return build.add(Binary, node, names, shape, suffix, op_type="mul", broadcast=layout)


@operator("ArgMax", fold=total)
def argmax(build: Builder, node: Node) -> None:
    """The place of the largest score; of bytes too, which keep their order."""
    _argmax(build, node, build.value(node, quantised=True))


@operator("ArgMin", fold=total)
def argmin(build: Builder, node: Node) -> None:
    """The place of the smallest score: of the largest with the other sign."""
    name = build.value(node, quantised=True)
    _argmax(build, node, build.affine(node, name, gain=-1.0, suffix=".negative"))


def _argmax(build: Builder, node: Node, name: str) -> None:
    shape = build.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", 0)]
    layout = (size(shape[:axis]), shape[axis], size(shape[axis + 1 :]))
    keep = (1,) if node.attributes.get("keepdims", 1) else ()
    last = bool(node.attributes.get("select_last_index", 0))
    out = (*shape[:axis], *keep, *shape[axis + 1 :])
    build.add(ArgMax, node, [name], out, layout=layout, last=last)


@operator("Softmax", "LogSoftmax", fold=total)
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


@operator("ReduceL1", "ReduceSumSquare", "ReduceL2", fold=total)
def reduce_powers(build: Builder, node: Node) -> None:
    """The sum of absolutes or squares over some axes, and its root."""
    part = np.abs if node.op_type == "ReduceL1" else np.square
    parts = build.unary(node, build.value(node), part, ".parts", op_type=part.__name__)
    columns = _columns(build, node, parts)
    if columns is None:
        return
    maps, windows, inputs = columns.maps, columns.windows, [columns.name]
    suffix = ".sums" if node.op_type == "ReduceL2" else ""
    sums = build.add(
        AveragePool,
        node,
        inputs,
        columns.out,
        suffix,
        maps=maps,
        windows=windows,
        gain=float(maps[1]),
    )
    if suffix:
        build.unary(node, sums, lambda values: np.sqrt(np.maximum(values, 0)), op_type="sqrt")


unsupported("CumSum", fold=total)
unsupported("Hardmax", "TopK", hint=JUMPS)


# --- for several operators ---


@dataclass(frozen=True)
class _Columns:
    """What some axes of a value are reduced by: a pooling of whole columns.

    Attributes:
        name: of the value, these axes beside each other.
        out: shape of the output.
        maps: (outer, count, inner), which is reduced to (outer, 1, inner).
    """

    name: str
    out: tuple[int, ...]
    maps: tuple[int, int, int]

    @property
    def windows(self) -> Windows:
        """One over each column."""
        _, count, inner = self.maps
        return Windows((count, 1), (1, 1), (0, 0), (1, 1), (1, inner))


def _columns(build: Builder, node: Node, name: str) -> _Columns | None:
    """Return the columns of a value that a node reduces.

    None if the node is to reduce nothing: then its output is its own input, whatever `name` is.
    """
    shape = build.shape(name)
    rank = range(len(shape))
    given = node.attributes.get("axes")
    if given is None:
        given = build.optional(node, 1)
    axes = sorted({rank[int(axis)] for axis in np.ravel([] if given is None else given)})
    if not axes and node.attributes.get("noop_with_empty_axes", 0):
        build.alias(node, build.value(node))
        return None
    axes = axes or [*rank]
    kept = [axis for axis in rank if axis not in axes]
    if axes and axes != list(range(axes[0], axes[-1] + 1)):
        name = build.gather(node, [name], lambda index: index.transpose([*kept, *axes]), ".turned")
        outer, inner = size([shape[axis] for axis in kept]), 1
    else:
        first, last = (axes[0], axes[-1] + 1) if axes else (0, 0)
        outer, inner = size(shape[:first]), size(shape[last:])
    keep = node.attributes.get("keepdims", 1)
    out = tuple(1 if axis in axes else shape[axis] for axis in rank if keep or axis in kept)
    return _Columns(name, out, (outer, size([shape[axis] for axis in axes]), inner))


def _largest(build: Builder, node: Node, columns: _Columns, suffix: str = "") -> str:
    maps, windows = columns.maps, columns.windows
    inputs = [columns.name]
    return build.add(MaxPool, node, inputs, columns.out, suffix, maps=maps, windows=windows)
