"""Single layers and one block, with random weights: what a kernel costs for each of its sums."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]


def _model(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], x: Shape) -> bytes:
    graph = helper.make_graph(
        nodes,
        "case",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString(deterministic=True))


def _weights(*shape: int) -> np.ndarray:
    fan_in = int(np.prod(shape[1:]))
    weights = np.random.default_rng(0).normal(0, 2 / np.sqrt(fan_in), shape)
    return np.asarray(weights, np.float32)


def _conv(source: str, to: str, **attributes: Any) -> list[onnx.NodeProto]:
    """Return a convolution with the weights `to`_w, and the Relu behind it."""
    made = helper.make_node("Conv", [source, f"{to}_w"], [f"{to}_sums"], name=to, **attributes)
    return [made, helper.make_node("Relu", [f"{to}_sums"], [to], name=f"{to}_relu")]


def dense(into: int, out: int) -> tuple[bytes, Shape]:
    """A dense layer."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], name="dense")]
    return _model(nodes, {"w": _weights(out, into).T}, (1, into)), (1, into)


def conv(channels: int, side: int) -> tuple[bytes, Shape]:
    """A convolution of 3x3 with its border, as many channels in as out."""
    x = (1, channels, side, side)
    weights = {"y_w": _weights(channels, channels, 3, 3)}
    return _model(_conv("x", "y", pads=[1, 1, 1, 1]), weights, x), x


def separable(channels: int, side: int) -> tuple[bytes, Shape]:
    """A depthwise convolution of 3x3 and a pointwise one, the block of a DS-CNN."""
    x = (1, channels, side, side)
    nodes = [
        *_conv("x", "deep", pads=[1, 1, 1, 1], group=channels),
        *_conv("deep", "y"),
    ]
    weights = {"deep_w": _weights(channels, 1, 3, 3), "y_w": _weights(channels, channels, 1, 1)}
    return _model(nodes, weights, x), x


CASES: dict[str, Callable[[], tuple[bytes, Shape]]] = {
    "dense_784x64": lambda: dense(784, 64),
    "conv3x3_8": lambda: conv(8, 14),
    "conv3x3_16": lambda: conv(16, 14),
    "conv3x3_32": lambda: conv(32, 7),
    "separable_64": lambda: separable(64, 7),
}
"""By name, what makes the model and says the shape of its input."""
