"""What each layer of a quantised graph is made of, and what rounding its outputs costs."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from inkpin.common.arrays import Bitmaps, Floats, GreyImages
from inkpin.model.converter.cost.precision import signal_to_noise
from inkpin.model.inference.recogniser import open_session
from inkpin.preprocess import SIDE

_LAYERS = ("Conv", "Gemm", "MatMul")
_BEHIND = ("Relu", "Clip", "QuantizeLinear", "DequantizeLinear")  # of a layer, up to its output


@dataclass(frozen=True)
class LayerFacts:
    """One convolution or dense layer.

    Attributes:
        name: of the node.
        output: shape of its sums, without the batch.
        shape: of its weights.
        weights: how many.
        bits: that the widest of them takes, with its sign.
        zeros: share of the weights.
        macs: multiply-accumulates of one prediction.
        snr_db: signal to noise of its output against the same graph with no output rounded to
            bytes; None where nothing is lost.
    """

    name: str
    output: tuple[int, ...]
    shape: tuple[int, ...]
    weights: int
    bits: int
    zeros: float
    macs: int
    snr_db: float | None


def layers(model: bytes, bitmaps: Bitmaps | GreyImages) -> list[LayerFacts]:
    """Return the layers of a graph that `inkpin-model train` wrote, in order.

    Args:
        model: the bytes of an ONNX file.
        bitmaps: to count the noise on.
    """
    graph = onnx.load_from_string(model).graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}
    shapes = _shapes(model)
    found = [node for node in graph.node if node.op_type in _LAYERS]
    ends = [_end(graph, node.output[0]) for node in found]
    straight = _unrounded(model)
    images = (bitmaps != 0).astype(np.float32).reshape(-1, 1, SIDE, SIDE)
    rounded = _values(model, ends, images)
    exact = _values(straight.SerializeToString(), [_source(graph, end) for end in ends], images)
    facts = []
    for node, got, real in zip(found, rounded, exact, strict=True):
        source = node.input[1]
        while source not in constants:
            source = made_by[source].input[0]
        weights = numpy_helper.to_array(constants[source]).astype(np.int64)
        output = shapes[node.output[0]]
        facts.append(
            LayerFacts(
                node.name,
                output,
                weights.shape,
                weights.size,
                max(int(weights.max()).bit_length(), (-int(weights.min()) - 1).bit_length()) + 1,
                float(np.mean(weights == 0)),
                weights.size * int(np.prod(output[1:])),
                signal_to_noise(real.astype(np.float64), got.astype(np.float64)),
            )
        )
    return facts


def _shapes(model: bytes) -> dict[str, tuple[int, ...]]:
    graph = shape_inference.infer_shapes(onnx.load_from_string(model)).graph
    return {
        value.name: tuple(size.dim_value for size in value.type.tensor_type.shape.dim[1:])
        for value in (*graph.value_info, *graph.output)
    }


def _end(graph: onnx.GraphProto, name: str) -> str:
    """Return what a layer's sums become before anything but rounding happens to them."""
    for node in graph.node:
        if name in node.input and node.op_type in _BEHIND:
            return _end(graph, node.output[0])
    return name


def _source(graph: onnx.GraphProto, name: str) -> str:
    """Return what a value was before it was rounded to bytes."""
    made_by = {output: node for node in graph.node for output in node.output}
    node = made_by[name]
    if node.op_type == "DequantizeLinear" and node.input[0] in made_by:
        return made_by[node.input[0]].input[0]
    return name


def _unrounded(model: bytes) -> onnx.ModelProto:
    """Return the graph with every pair of QuantizeLinear and DequantizeLinear passed over."""
    straight = onnx.load_from_string(model)
    for node in straight.graph.node:
        for place, name in enumerate(node.input):
            if any(name in other.output for other in straight.graph.node):
                node.input[place] = _source(straight.graph, name)
    return straight


def _values(model: bytes, names: list[str], images: Floats) -> list[Floats]:
    """Return values of a graph, float32 (n, ...), on images (n, 1, 28, 28)."""
    opened = onnx.load_from_string(model)
    known = {output.name for output in opened.graph.output}
    opened.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in names
        if name not in known
    )
    session = open_session(opened.SerializeToString(), "the network")
    values: list[Floats] = session.run(names, {session.get_inputs()[0].name: images})
    return values
