"""Operators that compute nothing: they put elements elsewhere or change the shape."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from inkpin.model.converter.ir import Constant
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.byte_values import SIGNED
from inkpin.model.converter.onnx.constants import Bound, given_shape, reference, total
from inkpin.model.converter.onnx.graph import LARGEST, Node
from inkpin.model.converter.onnx.registry import operator, unsupported

Rearrange = Callable[[np.ndarray], np.ndarray]
"""From the indices of a value's elements to those of the output's."""


def _padded(arrays: Sequence[np.ndarray]) -> float:
    """Bound of the elements that Pad makes."""
    most = float(np.abs(arrays[1].astype(float)).max(initial=0.0))
    return math.prod((side + 2 * most for side in arrays[0].shape), start=1.0)


def _tiled(arrays: Sequence[np.ndarray]) -> float:
    """Bound of the elements that Tile makes."""
    return arrays[0].size * given_shape(arrays[:2])


def _gathered(arrays: Sequence[np.ndarray]) -> float:
    """Bound of the elements that GatherND makes: rows of places, each of what lies there."""
    data, places = arrays
    depth = places.shape[-1]
    return float(places.size / depth * math.prod(data.shape[depth:]))


@operator("Identity", fold=total, rearranges=True)
@operator("Dropout")
def identity(build: Builder, node: Node) -> None:
    """What passes its input on."""
    if len(node.inputs) > 2 and node.inputs[2] and np.any(build.constant(node, 2)):
        raise node.refuse("training mode is not supported")
    build.alias(node, build.value(node, quantised=True))


@operator("Reshape", fold=total, rearranges=True)
def reshape(build: Builder, node: Node) -> None:
    """Another shape; 0 keeps a side unless allowzero says otherwise."""
    wanted = _integers(build, node, "shape", 1, 5) or []
    old = build.shape(build.value(node, quantised=True))
    if not node.attributes.get("allowzero", 0):
        wanted = [old[i] if side == 0 else side for i, side in enumerate(wanted)]
    _rearrange(build, node, lambda index: index.reshape(wanted))


@operator("Flatten", fold=total, rearranges=True)
def flatten(build: Builder, node: Node) -> None:
    """Two axes of all."""
    shape = build.shape(build.value(node, quantised=True))
    axis = node.attributes.get("axis", 1)
    axis = axis if axis >= 0 else axis + len(shape)
    if not 0 <= axis <= len(shape):
        raise node.refuse(f"its axis {axis} does not fit {shape}")
    first = int(np.prod(shape[:axis]))
    _rearrange(build, node, lambda index: index.reshape(first, -1))


@operator("Squeeze", fold=total, rearranges=True)
def squeeze(build: Builder, node: Node) -> None:
    """Axes of length 1 away."""
    axes = _integers(build, node, "axes", 1, 13)
    _rearrange(build, node, lambda index: np.squeeze(index, None if axes is None else tuple(axes)))


@operator("Unsqueeze", fold=total, rearranges=True)
def unsqueeze(build: Builder, node: Node) -> None:
    """New axes of length 1."""
    axes = _integers(build, node, "axes", 1, 13)
    if axes is None:
        raise node.refuse("it has no axes")
    _rearrange(build, node, lambda index: np.expand_dims(index, tuple(axes)))


@operator("Transpose", fold=total, rearranges=True)
def transpose(build: Builder, node: Node) -> None:
    """Axes in another order."""
    order = node.attributes.get("perm")
    _rearrange(build, node, lambda index: index.transpose(order))


@operator("Concat", fold=total)
def concat(build: Builder, node: Node) -> None:
    """Values, constants among them, joined along an axis."""
    axis = int(node.attributes.get("axis", 1))
    names = []
    for i in range(len(node.inputs)):
        if build.is_constant(node, i):
            value = build.constant(node, i).astype(float)
            names.append(build.add(Constant, node, [], value.shape, f".{i}", value=value))
        else:
            names.append(build.value(node, i, quantised=True))
    codes = [build.quantised[name] for name in node.inputs if name in build.quantised]
    settled = next((code for code in codes if code is not None), None)
    if settled is not None:
        codes = [
            build.quantisation(name, settled) for name in node.inputs if name in build.quantised
        ]
    if codes and (len(codes) != len(names) or any(code != codes[0] for code in codes)):
        raise node.refuse("it joins bytes of different scales: dequantise them first")
    build.gather(node, names, lambda *parts: np.concatenate(parts, axis))
    build.keep_quantisation(node)


@operator("Slice", fold=total)
def slice_axes(build: Builder, node: Node) -> None:
    """A part along some axes."""
    shape = build.shape(build.value(node, quantised=True))
    starts, ends = (_integers(build, node, key, i, 10) for i, key in ((1, "starts"), (2, "ends")))
    if starts is None or ends is None:
        raise node.refuse("it has no starts or ends")
    axes = _integers(build, node, "axes", 3, 10)
    steps = _integers(build, node, "steps", 4, 10) or [1] * len(starts)
    parts = [slice(None)] * len(shape)
    for axis, *span in zip(axes or range(len(starts)), starts, ends, steps, strict=True):
        start, end, step = span
        # An end far below 0 means "to the first one"; Python has None for that.
        stop = None if step < 0 and end < -shape[axis] else end
        parts[axis] = slice(start, stop, step)
    _rearrange(build, node, lambda index: index[tuple(parts)])


@operator("Split", fold=total)
def split(build: Builder, node: Node) -> None:
    """A value in parts along an axis."""
    name = build.value(node, quantised=True)
    shape = build.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", 0)]
    lengths = _integers(build, node, "split", 1, 13)
    if lengths is None:
        each = -(-shape[axis] // len(node.outputs))
        lengths = [min(each, shape[axis] - i * each) for i in range(len(node.outputs))]
    if sum(lengths) != shape[axis] or len(lengths) != len(node.outputs):
        raise node.refuse(f"its parts {lengths} do not fit {shape}")
    ends = np.cumsum(lengths)
    for output, start, end in zip(node.outputs, ends - lengths, ends, strict=True):
        places = range(start, end)
        build.gather(node, [name], lambda index, p=places: index.take(p, axis), output=output)
        build.keep_quantisation(node, output)


@operator("Gather", fold=total)
def gather(build: Builder, node: Node) -> None:
    """Constant places along an axis."""
    places = build.constant(node, 1)
    _rearrange(build, node, lambda index: index.take(places, node.attributes.get("axis", 0)))


@operator("ArrayFeatureExtractor")
def array_feature_extractor(build: Builder, node: Node) -> None:
    """scikit-learn's choice of features: constant places along the last axis."""
    places = build.constant(node, 1).ravel()
    _rearrange(build, node, lambda index: index.take(places, -1))


@operator("Expand", fold=given_shape)
def expand(build: Builder, node: Node) -> None:
    """A value repeated until it has a shape."""
    wanted = tuple(map(int, build.constant(node, 1).ravel()))
    shape = np.broadcast_shapes(build.shape(build.value(node, quantised=True)), wanted)
    if np.prod([float(side) for side in shape]) > LARGEST:
        raise node.refuse(f"it makes a value of shape {shape}: no device takes that")
    _rearrange(build, node, lambda index: np.broadcast_to(index, shape))


@operator("Pad", fold=_padded)
def pad(build: Builder, node: Node) -> None:
    """A border of a constant, or of the map's own cells; negative pads cut."""
    shape = build.shape(build.value(node, quantised=True))
    pads = _integers(build, node, "pads", 1, 11)
    given = build.optional(node, 3)
    axes = [range(len(shape))[int(a)] for a in (range(len(shape)) if given is None else given)]
    if pads is None or len(pads) != 2 * len(axes) or max(map(abs, pads), default=0) > 65535:
        raise node.refuse(f"its pads {pads} do not fit {shape}")
    widths, parts = [(0, 0)] * len(shape), [slice(None)] * len(shape)
    for axis, before, after in zip(axes, pads, pads[len(axes) :], strict=False):
        widths[axis] = (max(before, 0), max(after, 0))
        parts[axis] = slice(max(-before, 0), shape[axis] - max(-after, 0))
    if math.prod(float(s + sum(w)) for s, w in zip(shape, widths, strict=True)) > LARGEST:
        raise node.refuse("it makes more than any device takes")
    mode = node.attributes.get("mode", b"constant").decode()
    if mode != "constant":
        _rearrange(build, node, lambda index: np.pad(index[tuple(parts)], widths, mode))
        return
    _rearrange(
        build,
        node,
        lambda index: np.pad(index[tuple(parts)], widths, constant_values=-1),
        fill := _pad_value(build, node),
    )
    if node.inputs[0] in build.quantised and build.quantised[node.inputs[0]] is None:
        build.fill_with_byte(node, int(fill) + build.byte_offset(node.inputs[0]))


def _pad_value(build: Builder, node: Node) -> float:
    """Return the real number that Pad puts around; a byte where its scale is not known yet."""
    if build.version(node) < 11:
        value: np.ndarray | None = np.array(node.attributes.get("value", 0.0), np.float32)
    else:
        value = build.optional(node, 2)
    fill = 0.0 if value is None else float(value.ravel()[0])
    code = build.quantised.get(node.inputs[0])
    if code is None:
        return fill
    if value is None:
        raise node.refuse("bytes are padded without saying with which: give it a constant_value")
    return (fill + (SIGNED if value.dtype == np.int8 else 0) - code.zero_point) * code.scale


@operator("Shape", "Size", fold=total)
def shape_of(build: Builder, node: Node) -> None:
    """The shape of a value, which is a constant here."""
    shape = build.shape(build.value(node, quantised=True))
    part = slice(node.attributes.get("start"), node.attributes.get("end"))
    found = shape[part] if node.op_type == "Shape" else int(np.prod(shape))
    build.constants[node.output] = np.array(found, np.int64)


@operator("GatherElements", fold=total)
def gather_elements(build: Builder, node: Node) -> None:
    """Constant places along an axis, of each row its own."""
    places, rank = build.constant(node, 1), len(build.shape(build.value(node, quantised=True)))
    axis = range(rank)[node.attributes.get("axis", 0)]
    part = tuple(slice(None if a == axis else side) for a, side in enumerate(places.shape))
    _rearrange(build, node, lambda index: np.take_along_axis(index[part], places, axis))


@operator("DepthToSpace", "SpaceToDepth")
def rearranged(build: Builder, node: Node) -> None:
    """What ONNX's reference does to the indices of the elements, as many as go in at most."""
    by_reference(build, node, total)


@operator("GatherND", fold=_gathered)
def gather_nd(build: Builder, node: Node) -> None:
    """Constant places along several axes."""
    by_reference(build, node, _gathered)


@operator("Tile", fold=_tiled)
def tile(build: Builder, node: Node) -> None:
    """A value repeated along its axes."""
    by_reference(build, node, _tiled)


unsupported("Constant", "EyeLike", "NonZero", "ScatterElements", "ScatterND", "Trilu", fold=total)
unsupported("ConstantOfShape", fold=given_shape)
unsupported("OneHot", fold=lambda arrays: arrays[0].size * given_shape(arrays[:2]))
unsupported("Range", fold=lambda arrays: given_shape(arrays[:2]))


# --- for several operators ---


def _rearrange(build: Builder, node: Node, rearrange: Rearrange, fill: float = 0.0) -> None:
    """Append what moves the elements of the first input; bytes stay bytes of the same scale."""
    build.gather(node, [build.value(node, quantised=True)], rearrange, fill=fill)
    build.keep_quantisation(node)


def by_reference(build: Builder, node: Node, bound: Bound) -> None:
    """Append what ONNX's reference does to the indices of the first input's elements."""
    others = [i for i, name in enumerate(node.inputs) if i and name]
    constants = {node.inputs[i]: build.constant(node, i) for i in others}
    shape = build.shape(build.value(node, quantised=True))
    if bound([np.broadcast_to(0, shape), *constants.values()]) > LARGEST:
        raise node.refuse(f"it makes more than {LARGEST} elements: no device takes that")
    run = reference(node, constants, build.opsets)
    # As floats, in which the reference resizes; indices below 2^24 are exact.
    _rearrange(build, node, lambda index: np.rint(run(index.astype(np.float32))[0]).astype(int))


def _integers(build: Builder, node: Node, key: str, index: int, since: int) -> list[int] | None:
    """Return what was an attribute before opset `since` and is an input from then on."""
    old = build.version(node) < since
    values = node.attributes.get(key) if old else build.optional(node, index)
    return None if values is None else [int(value) for value in np.ravel(values)]
