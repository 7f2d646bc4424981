"""Write a quantised network as an ONNX QDQ graph.

Scales are powers of two, of weights times a small integer, so that the float arithmetic of any
runtime is exact; the last layer's weight scale is the inverse of its input's, so that the logits
come out as integers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, numpy_helper

from inkpin.common import InputError

OPSET = 21


@dataclass(frozen=True)
class Layer:
    """One convolution, or a dense layer as a convolution that covers its whole input.

    Attributes:
        name: of the node.
        weights: int8, (out, in, height, width).
        bias: int32, (out,), in units of weight_scales * input_scale.
        weight_scales: float32, (out,), of few significant bits.
        input_scale: of the layer's input.
        output_scale: of its unsigned output; None for the logits.
        output_max: the largest of it, in steps of its scale.
        pool: side and stride of the max pooling behind it; 1 for none.
    """

    name: str
    weights: np.ndarray
    bias: np.ndarray
    weight_scales: np.ndarray
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
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(value, name))
        return name

    def add(operator: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def dequantised(name: str, value: np.ndarray, scales: np.ndarray) -> str:
        inputs = [
            constant(f"{name}_integers", value),
            constant(f"{name}_scale", scales.astype(np.float32)),
        ]
        return add("DequantizeLinear", inputs, name, axis=0)

    ink = add("Greater", ["image", constant("paper", np.float32(0))], "ink")
    value = add("Cast", [ink], "bitmap", to=TensorProto.FLOAT)
    for layer in layers:
        scales = layer.weight_scales
        if layer.output_scale is None:
            scales = np.full_like(scales, 1 / layer.input_scale)
        bias = dequantised(f"{layer.name}_bias", layer.bias, scales * layer.input_scale)
        if layer.output_scale is None:
            flat = layer.weights.reshape(len(layer.weights), -1)
            weights = dequantised(f"{layer.name}_weights", flat, scales)
            value = add("Flatten", [value], f"{layer.name}_flat", axis=1)
            value = add("Gemm", [value, weights, bias], "logits", transB=1)
            continue
        weights = dequantised(f"{layer.name}_weights", layer.weights, scales)
        value = add("Conv", [value, weights, bias], layer.name)
        ends = [
            constant(f"{layer.name}_least", np.float32(0)),
            constant(f"{layer.name}_most", np.float32(layer.output_max * layer.output_scale)),
        ]
        value = add("Clip", [value, *ends], f"{layer.name}_clip")
        step = [
            constant(f"{layer.name}_step", np.float32(layer.output_scale)),
            constant(f"{layer.name}_zero", np.uint8(0)),
        ]
        value = add("QuantizeLinear", [value, *step], f"{layer.name}_bytes")
        value = add("DequantizeLinear", [value, *step], f"{layer.name}_map")
        if layer.pool > 1:
            window = [layer.pool, layer.pool]
            pooled = f"{layer.name}_pool"
            value = add("MaxPool", [value], pooled, kernel_shape=window, strides=window)
    graph = helper.make_graph(
        nodes,
        "inkpin",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, side, side])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["n", len(layers[-1].bias)])],
        constants,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=10,
        producer_name="inkpin",
    )
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model


def from_onnx(model: bytes, name: str) -> list[Layer]:
    """Return the layers of a graph that `to_onnx` wrote.

    Raises:
        InputError: it did not write this one.
    """
    refused = InputError(f"{name}: take a network that `inkpin-model train` wrote")
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
