"""ONNX graphs with random weights: what a network costs does not depend on what it knows."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]


class Network:
    """A graph in the making: a chain of nodes, which branches where a source is named.

    Attributes:
        shape: of the input.
        last: the output of the node that was appended last.
    """

    def __init__(self, shape: Shape) -> None:
        """Begin at an input `x`."""
        self.shape = shape
        self._random = np.random.default_rng(0)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, np.ndarray] = {}
        self.last = "x"

    def node(self, kind: str, *more: str, before: Sequence[str] = (), **attributes: object) -> str:
        """Append a node that reads the last one and `more`; return the name of its output.

        Args:
            kind: its operator.
            more: inputs behind the first.
            before: outputs that it has before the one that is read.
            attributes: its own.
        """
        name = f"n{len(self._nodes)}"
        made = helper.make_node(kind, [self.last, *more], [*before, name], name=name, **attributes)
        self._nodes.append(made)
        self.last = name
        return name

    def constant(self, value: np.ndarray) -> str:
        """Return the name of a constant; floats become float32."""
        name = f"c{len(self._constants)}"
        self._constants[name] = value.astype(np.float32) if value.dtype.kind == "f" else value
        return name

    def weights(self, *shape: int) -> str:
        """Return the name of random weights, (out, ...)."""
        return self.constant(self._random.normal(0, 2 / np.sqrt(np.prod(shape[1:])), shape))

    def bias(self, *shape: int) -> str:
        """Return the name of a random bias."""
        return self.constant(self._random.normal(0, 0.1, shape))

    def conv(self, into: int, out: int, *kernel: int, **attributes: object) -> None:
        """Append a convolution with a bias, and its Relu."""
        names = self.weights(out, into, *kernel), self.bias(out)
        self.node("Conv", *names, kernel_shape=kernel, **attributes)
        self.node("Relu")

    def depthwise(self, channels: int) -> None:
        """Append a depthwise convolution of 3x3 with its border, and its Relu."""
        self.conv(1, channels, 3, 3, group=channels, pads=[1, 1, 1, 1])

    def dense(self, into: int, out: int) -> None:
        """Append a dense layer with a bias."""
        self.node("Gemm", self.weights(out, into), self.bias(out), transB=1)

    def pool(self, *size: int) -> None:
        """Append a max pooling of windows side by side."""
        self.node("MaxPool", kernel_shape=size, strides=size)

    def average(self) -> None:
        """Append the average of each channel."""
        self.node("GlobalAveragePool")
        self.node("Flatten", axis=1)

    def model(self) -> bytes:
        """Return the file."""
        graph = helper.make_graph(
            self._nodes,
            "network",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, None)],
            [numpy_helper.from_array(value, name) for name, value in self._constants.items()],
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
        inferred = onnx.shape_inference.infer_shapes(made)
        return bytes(inferred.SerializeToString(deterministic=True))
