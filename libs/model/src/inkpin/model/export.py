"""Write a quantised network as an ONNX QDQ graph.

Scales are powers of two, of weights times a small integer, so that the float arithmetic of any
runtime is exact; the last layer's weight scale is the inverse of its input's, so that the logits
come out as integers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, numpy_helper

from inkpin.common import InputError
from inkpin.common.arrays import Floats, Ints
from inkpin.common.installation import typed

OPSET = 21


@dataclass(frozen=True)
class Layer:
    """One convolution, or a dense layer as a convolution that covers its whole input.

    Attributes:
        name: of the node.
        weights: (out, in, height, width).
        bias: (out,), in units of weight_scales * input_scale.
        weight_scales: (out,), of few significant bits.
        input_scale: of the layer's input.
        output_scale: of its unsigned output; None for the logits.
        output_max: the largest of it, in steps of its scale.
        pool: side and stride of the max pooling behind it; 1 for none.
    """

    name: str
    weights: npt.NDArray[np.int8]
    bias: npt.NDArray[np.int32]
    weight_scales: npt.NDArray[np.float32]
    input_scale: float
    output_scale: float | None
    output_max: int
    pool: int


def to_onnx(layers: Sequence[Layer], side: int, metadata: dict[str, str]) -> onnx.ModelProto:
    """Return the graph: a grey or binary image in, pixel > 0 taken as ink; integer logits out.

    Args:
        layers: in order; the last one gives the logits.
        side: of the input image, float32 (n, 1, side, side).
        metadata: for the model's metadata_props.
    """
    graph = _Graph()
    ink = graph.add("Greater", ["image", graph.constant("paper", np.float32(0))], "ink")
    value = graph.add("Cast", [ink], "bitmap", to=TensorProto.FLOAT)
    for layer in layers:
        if layer.output_scale is None:
            value = graph.add_dense(layer, value)
        else:
            value = graph.add_convolution(layer, layer.output_scale, value)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "inkpin",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, side, side])],
            [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["n", len(layers[-1].bias)])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=10,
        producer_name="inkpin",
    )
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model


class _Graph:
    """Nodes and constants on their way into a graph; methods return the name of what they add."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: npt.ArrayLike) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(
        self, op_type: str, inputs: Sequence[str], output: str, **attributes: int | list[int]
    ) -> str:
        node = helper.make_node(op_type, inputs, [output], name=output)
        node.attribute.extend(
            helper.make_attribute(name, value) for name, value in sorted(attributes.items())
        )
        self.nodes.append(node)
        return output

    def add_convolution(self, layer: Layer, output_scale: float, value: str) -> str:
        """Add a convolution, its output rounded to unsigned bytes, and its pooling."""
        name = layer.name
        bias = self._dequantised(
            f"{name}_bias", layer.bias, layer.weight_scales * layer.input_scale
        )
        weights = self._dequantised(f"{name}_weights", layer.weights, layer.weight_scales)
        value = self.add("Conv", [value, weights, bias], name)
        ends = [
            self.constant(f"{name}_least", np.float32(0)),
            self.constant(f"{name}_most", np.float32(layer.output_max * output_scale)),
        ]
        value = self.add("Clip", [value, *ends], f"{name}_clip")
        grid = [
            self.constant(f"{name}_step", np.float32(output_scale)),
            self.constant(f"{name}_zero", np.uint8(0)),
        ]
        value = self.add("QuantizeLinear", [value, *grid], f"{name}_bytes")
        value = self.add("DequantizeLinear", [value, *grid], f"{name}_map")
        if layer.pool > 1:
            window = [layer.pool, layer.pool]
            value = self.add(
                "MaxPool", [value], f"{name}_pool", kernel_shape=window, strides=window
            )
        return value

    def add_dense(self, layer: Layer, value: str) -> str:
        """Add the dense layer; the scale of its weights makes integers of the logits."""
        name = layer.name
        scales = np.full_like(layer.weight_scales, 1 / layer.input_scale)
        bias = self._dequantised(f"{name}_bias", layer.bias, scales * layer.input_scale)
        flat = layer.weights.reshape(len(layer.weights), -1)
        weights = self._dequantised(f"{name}_weights", flat, scales)
        value = self.add("Flatten", [value], f"{name}_flat", axis=1)
        return self.add("Gemm", [value, weights, bias], "logits", transB=1)

    def _dequantised(self, name: str, value: Ints, scales: Floats) -> str:
        inputs = [
            self.constant(f"{name}_integers", value),
            self.constant(f"{name}_scale", scales.astype(np.float32)),
        ]
        return self.add("DequantizeLinear", inputs, name, axis=0)


def from_onnx(model: bytes, name: str) -> list[Layer]:
    """Return the layers of a graph that `to_onnx` wrote.

    Raises:
        InputError: it did not write this one.
    """
    refused = InputError(f"{name}: take a network that `{typed('inkpin-model train')}` wrote")
    try:
        graph = onnx.load_model_from_string(model).graph
    except DecodeError as error:
        raise refused from error
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    pools = {
        node.name.removesuffix("_pool"): helper.get_node_attr_value(node, "strides")[0]
        for node in graph.node
        if node.op_type == "MaxPool"
    }
    suffix = "_weights_integers"
    names = [key.removesuffix(suffix) for key in values if key.endswith(suffix)]
    layers: list[Layer] = []
    try:
        for layer in names:
            scale = layers[-1].output_scale if layers else 1.0
            step, most = (values.get(f"{layer}_{what}") for what in ("step", "most"))
            weights = values[f"{layer}{suffix}"]
            if weights.ndim == 2:
                depth = len(layers[-1].weights)
                side = math.isqrt(weights.shape[1] // depth)
                weights = weights.reshape(len(weights), depth, side, side)
            layers.append(
                Layer(
                    name=layer,
                    weights=weights,
                    bias=values[f"{layer}_bias_integers"],
                    weight_scales=values[f"{layer}_weights_scale"],
                    input_scale=float(scale or 0),
                    output_scale=None if step is None else float(step),
                    output_max=0 if most is None else round(float(most) / float(step or 1)),
                    pool=pools.get(layer, 1),
                )
            )
    except (KeyError, IndexError, ValueError) as error:
        raise refused from error
    if len(layers) < 2 or layers[-1].output_scale or any(not x.output_scale for x in layers[:-1]):
        raise refused
    return layers
