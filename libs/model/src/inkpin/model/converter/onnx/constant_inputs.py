"""What a node reads that stands still: constants, by the node's inputs."""

import numpy as np

from inkpin.model.converter.ir import QuantisedWeights
from inkpin.model.converter.onnx.byte_values import IntegerConstant
from inkpin.model.converter.onnx.graph import Graph, Node


class ConstantInputs:
    """The constants of a graph, and those that its nodes make of them.

    Args:
        graph: with its initialisers.

    Attributes:
        opsets: version by domain.
        constants: by ONNX name.
        integers: those constants that were given as integers with a scale.
    """

    def __init__(self, graph: Graph) -> None:
        self.opsets = graph.opsets
        self.constants = dict(graph.constants)
        self.integers: dict[str, IntegerConstant] = {}

    def version(self, node: Node) -> int:
        """Return the opset version that a node is written in."""
        return self.opsets.get(node.proto.domain or "ai.onnx", 1)

    def is_constant(self, node: Node, index: int) -> bool:
        """Whether an input is a constant."""
        return node.inputs[index] in self.constants

    def constant(self, node: Node, index: int) -> np.ndarray:
        """Return a constant input, all its numbers finite."""
        name = node.inputs[index] if index < len(node.inputs) else ""
        if name not in self.constants:
            raise node.refuse(f"its input {index} ({name!r}) is not a constant")
        value = self.constants[name]
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise node.refuse(f"its constant {name!r} has numbers that are not finite")
        return value

    def optional(self, node: Node, index: int) -> np.ndarray | None:
        """Return a constant input, or None where it is absent."""
        if index >= len(node.inputs) or not node.inputs[index]:
            return None
        return self.constant(node, index)

    def weights(
        self, node: Node, index: int, axis: int
    ) -> tuple[np.ndarray, QuantisedWeights | None]:
        """Return constant weights, float64 with the output channels along `axis`.

        Behind them the integers that they were given as, laid out alike, or None.
        """
        values = self.constant(node, index).astype(float)
        given = self.integers.get(node.inputs[index])
        if given is None or (given.scales.ndim and given.axis != axis % values.ndim):
            return values, None
        scales = np.broadcast_to(given.scales, values.shape[axis]).astype(float)
        return values, QuantisedWeights(given.integers, scales)
