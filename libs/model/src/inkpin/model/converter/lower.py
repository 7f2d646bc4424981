"""From ONNX operators to the layers that the kernels know, all in integers.

Every scale must be a power of two. A constant is taken apart exactly: each output channel's
weights and bias become integers times the largest power of two that divides them, however
the file spells it. So the integers compute what the float graph does, bit for bit, as long
as no sum reaches 2^24; that is checked, not hoped for.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from inkpin.model.converter.graph import Graph, Node
from inkpin.preprocess import InputError

EXACT = 1 << 24  # up to here float32 counts integers without gaps
_BITMAP_WIDTH = 32


@dataclass(frozen=True)
class Layer:
    """A convolution with its pooling and the way back to bytes; see ink_conv in ink_kernels.h.

    Attributes:
        nodes: names of the ONNX nodes that it stands for.
        weights: int8, (out, in / groups, kernel_h, kernel_w).
        bias: int32, (out,).
        shift: (out,); None where the sums go out.
        bitmap: whether the input is bits.
        in_shape: (channels, height, width).
        out_shape: likewise, after pooling.
        scale: of the input and of the output.
    """

    nodes: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    shift: np.ndarray | None
    bitmap: bool
    in_shape: tuple[int, int, int]
    out_shape: tuple[int, int, int]
    scale: tuple[float, float]
    groups: int = 1
    stride: tuple[int, int] = (1, 1)
    pad: tuple[int, int] = (0, 0)
    pool: tuple[int, int] = (1, 1)
    pool_stride: tuple[int, int] = (1, 1)

    @property
    def bits(self) -> int:
        """Bits of a packed weight: 2, 4 or 8."""
        low, high = int(self.weights.min(initial=0)), int(self.weights.max(initial=0))
        return next(b for b in (2, 4, 8) if -(1 << (b - 1)) <= low and high < 1 << (b - 1))

    @property
    def in_size(self) -> int:
        """Values that it reads."""
        return math.prod(self.in_shape)

    @property
    def filter_size(self) -> int:
        """Weights of one output channel."""
        return math.prod(self.weights.shape[1:])

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one prediction."""
        places = math.prod(self.out_shape[1:]) * math.prod(self.pool)
        return places * self.weights.size


@dataclass(frozen=True)
class Lowered:
    """A network in integers.

    Attributes:
        layers: a chain.
        input_scale: None for a bitmap, else the power of two of the input bytes.
        output_scale: the power of two that makes floats of the integer logits.
        kinds: ONNX operator types and how often each occurs.
    """

    layers: tuple[Layer, ...]
    input_scale: float | None
    output_scale: float
    kinds: dict[str, int]


@dataclass(frozen=True)
class _Value:
    """What flows between nodes.

    Attributes:
        form: "image" (the float input), "ink" (its comparison with paper), "bits", "bytes"
            (quantised), "real" (bits or bytes as floats) or "sums" (of the last layer).
        shape: (channels, height, width).
        scale: of bits or bytes.
        bitmap: whether a "real" value stands for bits.
    """

    form: str
    shape: tuple[int, int, int]
    scale: float = 1.0
    bitmap: bool = False


class _Pending:
    """The layer being put together: a convolution, and what follows it until the next one."""

    def __init__(self, weights: np.ndarray, bias: np.ndarray, layer: Layer) -> None:
        self.weights, self.bias, self.layer = weights, bias, layer
        self.rectified = False

    def note(self, node: Node) -> None:
        self.layer = replace(self.layer, nodes=(*self.layer.nodes, node.name))


def lower(graph: Graph) -> Lowered:
    """Return the network that a graph describes.

    Raises:
        InputError: an operator, attribute or number that the kernels cannot do exactly.
    """
    return _Lowering(graph).run()


class _Lowering:
    """Walks the chain of nodes from the input to the output."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.layers: list[Layer] = []
        self.pending: _Pending | None = None
        self.input_scale: float | None = None
        self.rules: dict[str, Callable[[Node, _Value], _Value]] = {
            "Cast": self.cast,
            "Conv": self.convolution,
            "DequantizeLinear": self.dequantise,
            "Dropout": self.same,
            "Flatten": self.flatten,
            "Gemm": self.gemm,
            "Greater": self.greater,
            "Identity": self.same,
            "MatMul": self.matmul,
            "MaxPool": self.pool,
            "QuantizeLinear": self.quantise,
            "Relu": self.relu,
            "Reshape": self.flatten,
        }

    def run(self) -> Lowered:
        graph = self.graph
        if not graph.nodes:
            raise InputError("the graph has no nodes: take a model that computes something")
        name, value = graph.input, _Value("image", _map_shape(graph.shapes[graph.input]))
        kinds: dict[str, int] = {}
        for node in graph.nodes:
            if node.kind not in self.rules:
                known = ", ".join(sorted(self.rules))
                raise node.refuse(f"this operator is not supported; supported are {known}")
            if node.inputs[0] != name:
                raise node.refuse("branches are not supported; its input is not the node before")
            value = self.rules[node.kind](node, value)
            kinds[node.kind] = kinds.get(node.kind, 0) + 1
            name = node.output
        scores = value.form == "sums" and value.shape[1:] == (1, 1)
        if name != graph.output or not scores or self.pending_of(node).rectified:
            raise InputError(
                f"the output {graph.output!r} is not a row of scores straight from a dense layer "
                "or convolution: cut the model there"
            )
        scale = self.close(None)
        return Lowered(tuple(self.layers), self.input_scale, scale, kinds)

    # --- from the image to bits or bytes ---

    def greater(self, node: Node, value: _Value) -> _Value:
        if value.form != "image" or not np.all(self.constant(node, 1) == 0):
            raise node.refuse("only a comparison of the input image with 0 is supported")
        channels, _, width = value.shape
        if channels != 1 or width > _BITMAP_WIDTH:
            raise node.refuse(f"a bitmap has one channel and at most {_BITMAP_WIDTH} columns")
        return replace(value, form="ink")

    def cast(self, node: Node, value: _Value) -> _Value:
        if value.form != "ink":
            raise node.refuse("only a cast of the input's comparison with 0 is supported")
        return replace(value, form="real", bitmap=True)

    def quantise(self, node: Node, value: _Value) -> _Value:
        scale = _power_of_two(node, self.constant(node, 1))
        zero = self.constant(node, 2) if len(node.inputs) > 2 else np.zeros((), np.uint8)
        if zero.dtype != np.uint8 or np.any(zero != 0):
            raise node.refuse("only unsigned bytes with zero point 0 are supported")
        if value.form == "image":
            self.input_scale = scale
        elif value.form == "sums":
            self.pending_of(node).note(node)
            self.close(scale)
        else:
            raise node.refuse("only the input image and sums are quantised")
        return replace(value, form="bytes", scale=scale)

    def dequantise(self, node: Node, value: _Value) -> _Value:
        zero = self.constant(node, 2) if len(node.inputs) > 2 else np.zeros(())
        if value.form != "bytes" or np.any(zero != 0):
            raise node.refuse("only bytes with zero point 0 are turned into floats")
        if _power_of_two(node, self.constant(node, 1)) != value.scale:
            raise node.refuse("its scale is not that of the quantisation before it")
        return replace(value, form="real")

    # --- layers ---

    def convolution(self, node: Node, value: _Value) -> _Value:
        weights = self.constant(node, 1)
        if weights.ndim != 4:
            raise node.refuse("only two-dimensional convolution is supported")
        attributes = node.attributes
        if attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
            raise node.refuse("auto_pad is not supported: write the pads out")
        if any(d != 1 for d in attributes.get("dilations", ())):
            raise node.refuse("dilation is not supported")
        top, left, _, _ = attributes.get("pads", (0, 0, 0, 0))
        bias = self.constant(node, 2) if len(node.inputs) > 2 else np.zeros(len(weights))
        return self.open(
            node,
            value,
            weights,
            bias,
            _map_shape(self.graph.shapes[node.output]),
            groups=int(attributes.get("group", 1)),
            stride=tuple(attributes.get("strides", (1, 1))),
            pad=(top, left),
        )

    def gemm(self, node: Node, value: _Value) -> _Value:
        attributes = node.attributes
        if (
            attributes.get("transA", 0)
            or attributes.get("alpha", 1.0) != 1
            or attributes.get("beta", 1.0) != 1
        ):
            raise node.refuse("alpha, beta and transA are not supported")
        weights = self.matrix(node)
        weights = weights if attributes.get("transB", 0) else weights.T
        bias = self.constant(node, 2) if len(node.inputs) > 2 else np.zeros(1)
        if bias.size == 1:
            bias = np.full(len(weights), bias.reshape(()))
        return self.dense(node, value, weights, bias.ravel())

    def matmul(self, node: Node, value: _Value) -> _Value:
        weights = self.matrix(node)
        return self.dense(node, value, weights.T, np.zeros(weights.shape[1]))

    def matrix(self, node: Node) -> np.ndarray:
        weights = self.constant(node, 1)
        if weights.ndim != 2:
            raise node.refuse("only a matrix of weights is supported")
        return weights

    def dense(self, node: Node, value: _Value, weights: np.ndarray, bias: np.ndarray) -> _Value:
        """Add a dense layer, weights (out, in), as a convolution that covers its input."""
        if weights.shape[1] != math.prod(value.shape):
            raise node.refuse("its weights do not fit its input")
        kernel = weights.reshape(len(weights), *value.shape)
        return self.open(node, value, kernel, bias, (len(weights), 1, 1))

    def open(
        self,
        node: Node,
        value: _Value,
        weights: np.ndarray,
        bias: np.ndarray,
        out_shape: tuple[int, int, int],
        **geometry: object,
    ) -> _Value:
        if value.form != "real":
            raise node.refuse("its input is not quantised: quantise the model first (QDQ)")
        if bias.shape != weights.shape[:1]:
            raise node.refuse("its bias does not fit its weights")
        if not (np.isfinite(weights).all() and np.isfinite(bias).all()):
            raise node.refuse("its weights are not all finite numbers")
        layer = Layer(
            nodes=(node.name,),
            weights=np.zeros(weights.shape, np.int8),
            bias=np.zeros(len(weights), np.int32),
            shift=None,
            bitmap=value.bitmap,
            in_shape=value.shape,
            out_shape=out_shape,
            scale=(value.scale, 1.0),
            **geometry,
        )
        if (
            max(layer.in_shape[0], len(weights)) > 65535
            or max(
                *layer.in_shape[1:],
                *layer.out_shape[1:],
                *weights.shape[2:],
                *layer.stride,
                *layer.pad,
                layer.groups,
            )
            > 255
        ):
            raise node.refuse("more than 65535 channels, or a side longer than 255")
        self.pending = _Pending(weights.astype(float), bias.astype(float), layer)
        return _Value("sums", out_shape)

    def close(self, output_scale: float | None) -> float:
        """Finish the pending layer; return its output's scale.

        Each channel gets the largest scale at which its weights and bias are integers, no
        larger than the output's, so that the way to the output is a shift to the right. Scores
        share one scale, of at most 1, so that integer scores come out as they are.
        """
        pending, self.pending = self.pending, None
        assert pending is not None
        layer, name = pending.layer, pending.layer.nodes[0]
        input_scale = layer.scale[0]
        values = np.concatenate(
            [pending.weights.reshape(len(pending.bias), -1) * input_scale, pending.bias[:, None]],
            axis=1,
        )
        steps = np.minimum([_step(row) for row in values], output_scale or 1.0)
        if output_scale is None:
            steps = np.full_like(steps, steps.min())
        integers = values / steps[:, None]
        weights, bias = integers[:, :-1].reshape(pending.weights.shape), integers[:, -1]
        if weights.min(initial=0) < -128 or weights.max(initial=0) > 127:
            raise InputError(
                f"{name!r}: its weights need more than 8 bits at a power-of-two scale: "
                "quantise the model first (QDQ)"
            )
        most = np.abs(weights).reshape(len(bias), -1).sum(axis=1) * (1 if layer.bitmap else 255)
        if (most + np.abs(bias)).max() >= EXACT:
            raise InputError(f"{name!r}: its sums can reach 2^24, beyond what floats count exactly")
        scale = float(steps[0]) if output_scale is None else output_scale
        shift = None if output_scale is None else np.log2(output_scale / steps).astype(np.uint8)
        self.layers.append(
            replace(
                layer,
                weights=weights.astype(np.int8),
                bias=bias.astype(np.int32),
                shift=shift,
                scale=(input_scale, scale),
            )
        )
        return scale

    def relu(self, node: Node, value: _Value) -> _Value:
        """Leave a Relu to the unsigned bytes that must follow."""
        self.pending_of(node).rectified = True
        self.pending_of(node).note(node)
        return value

    def pool(self, node: Node, value: _Value) -> _Value:
        attributes = node.attributes
        window = tuple(attributes["kernel_shape"])
        stride = tuple(attributes.get("strides", (1,) * len(window)))
        if len(window) != 2 or any(attributes.get("pads", ())) or attributes.get("ceil_mode", 0):
            raise node.refuse("only two-dimensional pooling without pads or ceil_mode is supported")
        if any(d != 1 for d in attributes.get("dilations", ())):
            raise node.refuse("dilation is not supported")
        if attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
            raise node.refuse("auto_pad is not supported")
        layer = self.pending.layer if self.pending else self.layers[-1] if self.layers else None
        if layer is None or value.form not in ("real", "sums") or layer.pool != (1, 1):
            raise node.refuse("only pooling straight behind a convolution is supported")
        shape = _map_shape(self.graph.shapes[node.output])
        pooled = replace(
            layer,
            nodes=(*layer.nodes, node.name),
            out_shape=shape,
            pool=window,
            pool_stride=stride,
        )
        if self.pending:
            self.pending.layer = pooled
        else:
            self.layers[-1] = pooled
        return replace(value, shape=shape)

    # --- what changes no number ---

    def same(self, node: Node, value: _Value) -> _Value:
        return value

    def flatten(self, node: Node, value: _Value) -> _Value:
        """Accept a Flatten or Reshape that keeps the batch and puts all else in a row."""
        if self.graph.shapes[node.output] != (1, math.prod(value.shape)):
            raise node.refuse("only flattening all but the batch is supported")
        return value

    # --- helpers ---

    def constant(self, node: Node, place: int) -> np.ndarray:
        name = node.inputs[place] if place < len(node.inputs) else ""
        if name not in self.graph.constants:
            raise node.refuse(f"its input {place} ({name!r}) is not a constant")
        return self.graph.constants[name]

    def pending_of(self, node: Node) -> _Pending:
        if self.pending is None:
            raise node.refuse("it does not follow a convolution or dense layer")
        return self.pending


def _map_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return (channels, height, width) of a batch of one."""
    if len(shape) not in (2, 4) or any(side < 1 for side in shape):
        raise InputError(
            f"a value of shape {shape}: only maps and rows of fixed size are supported"
        )
    return (shape[1], *shape[2:]) if len(shape) == 4 else (shape[1], 1, 1)


def _power_of_two(node: Node, scale: np.ndarray) -> float:
    if scale.size != 1:
        raise node.refuse("one scale for all channels is supported here, not one for each")
    value = float(scale.reshape(()))
    if not (value > 0 and math.isfinite(value) and math.frexp(value)[0] == 0.5):
        raise node.refuse(f"its scale {value:g} is not a power of two")
    return value


def _step(values: np.ndarray) -> float:
    """Return the largest power of two of which all values are multiples (inf for zeros)."""
    mantissas, exponents = np.frexp(values[values != 0])
    if not len(mantissas):
        return math.inf
    integers = (mantissas * 2.0**53).astype(np.int64)
    trailing = np.log2((integers & -integers).astype(float))
    return float(2.0 ** (exponents - 53 + trailing).min())
