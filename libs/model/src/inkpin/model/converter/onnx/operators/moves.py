"""Operators that compute nothing: they put elements elsewhere or change the shape."""

import numpy as np

from inkpin.model.converter.ir import Constant
from inkpin.model.converter.onnx.constants import evaluator
from inkpin.model.converter.onnx.graph import LARGEST, Node
from inkpin.model.converter.onnx.importer import SIGNED, Importer, rule


def _moved(imp: Importer, node: Node, rearrange: object, fill: float = 0.0) -> None:
    imp.move(node, [imp.value(node, coded=True)], rearrange, fill=fill)
    if node.inputs[0] in imp.codes:
        imp.codes[node.output] = imp.codes[node.inputs[0]]


def _integers(imp: Importer, node: Node, key: str, place: int, since: int) -> list[int] | None:
    """Return what was an attribute before opset `since` and is an input from then on."""
    old = imp.version(node) < since
    values = node.attributes.get(key) if old else imp.optional(node, place)
    return None if values is None else [int(value) for value in np.ravel(values)]


@rule("Identity", "Dropout")
def same(imp: Importer, node: Node) -> None:
    """What passes its input on."""
    if len(node.inputs) > 2 and node.inputs[2] and np.any(imp.constant(node, 2)):
        raise node.refuse("training mode is not supported")
    imp.alias(node, imp.value(node, coded=True))


@rule("Reshape")
def reshape(imp: Importer, node: Node) -> None:
    """Another shape; 0 keeps a side unless allowzero says otherwise."""
    wanted = _integers(imp, node, "shape", 1, 5) or []
    old = imp.shape(imp.value(node, coded=True))
    if not node.attributes.get("allowzero", 0):
        wanted = [old[i] if side == 0 else side for i, side in enumerate(wanted)]
    _moved(imp, node, lambda index: index.reshape(wanted))


@rule("Flatten")
def flatten(imp: Importer, node: Node) -> None:
    """Two axes of all."""
    shape = imp.shape(imp.value(node, coded=True))
    axis = node.attributes.get("axis", 1)
    axis = axis if axis >= 0 else axis + len(shape)
    if not 0 <= axis <= len(shape):
        raise node.refuse(f"its axis {axis} does not fit {shape}")
    first = int(np.prod(shape[:axis]))
    _moved(imp, node, lambda index: index.reshape(first, -1))


@rule("Squeeze")
def squeeze(imp: Importer, node: Node) -> None:
    """Axes of length 1 away."""
    axes = _integers(imp, node, "axes", 1, 13)
    _moved(imp, node, lambda index: np.squeeze(index, None if axes is None else tuple(axes)))


@rule("Unsqueeze")
def unsqueeze(imp: Importer, node: Node) -> None:
    """New axes of length 1."""
    axes = _integers(imp, node, "axes", 1, 13)
    if axes is None:
        raise node.refuse("it has no axes")
    _moved(imp, node, lambda index: np.expand_dims(index, tuple(axes)))


@rule("Transpose")
def transpose(imp: Importer, node: Node) -> None:
    """Axes in another order."""
    order = node.attributes.get("perm")
    _moved(imp, node, lambda index: index.transpose(order))


@rule("Concat")
def concat(imp: Importer, node: Node) -> None:
    """Values, constants among them, joined along an axis."""
    axis = int(node.attributes.get("axis", 1))
    names = []
    for place in range(len(node.inputs)):
        if imp.is_constant(node, place):
            value = imp.constant(node, place).astype(float)
            names.append(imp.add(Constant, node, [], value.shape, f".{place}", value=value))
        else:
            names.append(imp.value(node, place, coded=True))
    codes = [imp.codes[name] for name in node.inputs if name in imp.codes]
    if codes and (len(codes) != len(names) or any(code != codes[0] for code in codes)):
        raise node.refuse("it joins bytes of different scales: dequantise them first")
    imp.move(node, names, lambda *parts: np.concatenate(parts, axis))
    if codes:
        imp.codes[node.output] = codes[0]


@rule("Slice")
def cut(imp: Importer, node: Node) -> None:
    """A part along some axes."""
    shape = imp.shape(imp.value(node, coded=True))
    starts, ends = (_integers(imp, node, key, i, 10) for i, key in ((1, "starts"), (2, "ends")))
    if starts is None or ends is None:
        raise node.refuse("it has no starts or ends")
    axes = _integers(imp, node, "axes", 3, 10)
    steps = _integers(imp, node, "steps", 4, 10) or [1] * len(starts)
    parts = [slice(None)] * len(shape)
    for axis, *span in zip(axes or range(len(starts)), starts, ends, steps, strict=True):
        start, end, step = span
        # An end far below 0 means "to the first one"; Python has None for that.
        stop = None if step < 0 and end < -shape[axis] else end
        parts[axis] = slice(start, stop, step)
    _moved(imp, node, lambda index: index[tuple(parts)])


@rule("Split")
def split(imp: Importer, node: Node) -> None:
    """A value in parts along an axis."""
    name = imp.value(node, coded=True)
    shape = imp.shape(name)
    axis = range(len(shape))[node.attributes.get("axis", 0)]
    lengths = _integers(imp, node, "split", 1, 13)
    if lengths is None:
        each = -(-shape[axis] // len(node.outputs))
        lengths = [min(each, shape[axis] - i * each) for i in range(len(node.outputs))]
    if sum(lengths) != shape[axis] or len(lengths) != len(node.outputs):
        raise node.refuse(f"its parts {lengths} do not fit {shape}")
    ends = np.cumsum(lengths)
    for output, start, end in zip(node.outputs, ends - lengths, ends, strict=True):
        places = range(start, end)
        imp.move(node, [name], lambda index, p=places: index.take(p, axis), output=output)
        if node.inputs[0] in imp.codes:
            imp.codes[output] = imp.codes[node.inputs[0]]


@rule("Gather")
def gather(imp: Importer, node: Node) -> None:
    """Constant places along an axis."""
    places = imp.constant(node, 1)
    _moved(imp, node, lambda index: index.take(places, node.attributes.get("axis", 0)))


@rule("ArrayFeatureExtractor")
def features(imp: Importer, node: Node) -> None:
    """scikit-learn's choice of features: constant places along the last axis."""
    places = imp.constant(node, 1).ravel()
    _moved(imp, node, lambda index: index.take(places, -1))


@rule("Expand")
def expand(imp: Importer, node: Node) -> None:
    """A value repeated until it has a shape."""
    wanted = tuple(map(int, imp.constant(node, 1).ravel()))
    shape = np.broadcast_shapes(imp.shape(imp.value(node, coded=True)), wanted)
    if np.prod([float(side) for side in shape]) > 1 << 22:
        raise node.refuse(f"it makes a value of shape {shape}: no device takes that")
    _moved(imp, node, lambda index: np.broadcast_to(index, shape))


@rule("Pad")
def pad(imp: Importer, node: Node) -> None:
    """A border of a constant, or of the map's own cells; negative pads cut."""
    name = imp.value(node, coded=True)
    shape = imp.shape(name)
    pads = _integers(imp, node, "pads", 1, 11)
    if imp.version(node) < 11:
        value = np.float32(node.attributes.get("value", 0.0))
    else:
        value = imp.optional(node, 2)
    axes = imp.optional(node, 3)
    axes = range(len(shape)) if axes is None else [range(len(shape))[int(a)] for a in axes]
    if pads is None or len(pads) != 2 * len(axes) or max(map(abs, pads), default=0) > 65535:
        raise node.refuse(f"its pads {pads} do not fit {shape}")
    widths, parts = [(0, 0)] * len(shape), [slice(None)] * len(shape)
    for axis, before, after in zip(axes, pads, pads[len(axes) :], strict=False):
        widths[axis] = (max(before, 0), max(after, 0))
        parts[axis] = slice(max(-before, 0), shape[axis] - max(-after, 0))
    mode = node.attributes.get("mode", b"constant").decode()
    if np.prod([float(s + sum(w)) for s, w in zip(shape, widths, strict=True)]) > 1 << 22:
        raise node.refuse("it makes more than any device takes")
    extra = {"constant_values": -1} if mode == "constant" else {}
    fill = 0.0 if value is None else float(np.ravel(value)[0])
    if node.inputs[0] in imp.codes:
        code = imp.codes[node.inputs[0]]
        if code is None or value is None:
            raise node.refuse("bytes of unknown scale are padded: dequantise them first")
        fill = (fill + (SIGNED if value.dtype == np.int8 else 0) - code.zero_point) * code.scale
    _moved(imp, node, lambda index: np.pad(index[tuple(parts)], widths, mode, **extra), fill)


@rule("Shape", "Size")
def shape_of(imp: Importer, node: Node) -> None:
    """The shape of a value, which is a constant here."""
    shape = imp.shape(imp.value(node, coded=True))
    part = slice(node.attributes.get("start"), node.attributes.get("end"))
    found = shape[part] if node.op_type == "Shape" else int(np.prod(shape))
    imp.constants[node.output] = np.array(found, np.int64)


@rule("DepthToSpace", "GatherElements", "GatherND", "Resize", "SpaceToDepth", "Tile", "Upsample")
def rearranged(imp: Importer, node: Node) -> None:
    """What ONNX's reference does to the indices of the elements."""
    if node.attributes.get("mode", b"nearest") not in (b"nearest", b"DCR", b"CRD"):
        raise node.refuse("only the mode nearest is supported: it makes no new numbers")
    places = [place for place, name in enumerate(node.inputs) if place and name]
    constants = {node.inputs[place]: imp.constant(node, place) for place in places}
    shape = imp.shape(imp.value(node, coded=True))
    if _largest(node, shape, constants) > LARGEST:
        raise node.refuse(f"it makes more than {LARGEST} elements: no device takes that")
    run = evaluator(node, constants, imp.opsets)
    # As floats, in which the reference resizes; indices below 2^24 are exact.
    _moved(imp, node, lambda index: np.rint(run(index.astype(np.float32))[0]).astype(np.int64))


def _largest(node: Node, shape: tuple[int, ...], constants: dict[str, np.ndarray]) -> float:
    """Return at least as many elements as a node makes, before it does so."""
    count = float(np.prod(shape))
    if node.op_type in ("GatherElements", "GatherND"):
        places = constants[node.inputs[1]]
        return float(places.size) * (count if node.op_type == "GatherND" else 1.0)
    most = count
    for place, name in enumerate(node.inputs):
        if name in constants and constants[name].size:
            product = float(np.prod(np.abs(constants[name].astype(float))))
            sides = node.op_type == "Resize" and place == 3
            most = max(most, product if sides else count * product)
    return most
