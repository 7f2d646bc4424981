"""Random graphs: each operator says on what shapes it can stand, and how it is put there."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]

LARGEST = 4000  # elements of a value
OPSETS = (13, 17, 20)
ML = "ai.onnx.ml"


class Growing:
    """A graph of one input x that grows node by node.

    Attributes:
        rng: all that is random about it.
        opset: version.
        shapes: of the values that may be read, by name, in the order of their making.
        operators: types of the nodes so far.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.opset = int(self.rng.choice(OPSETS))
        self.shapes: dict[str, Shape] = {"x": _input_shape(self.rng)}
        self.operators: list[str] = []
        self._graph = onnx.GraphProto(name=f"graph{seed}")
        self._graph.input.append(
            helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shapes["x"])
        )

    def constant(self, array: Any, dtype: type = np.float32) -> str:
        """Return the name of a constant."""
        name = f"c{len(self._graph.initializer)}"
        self._graph.initializer.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def normal(self, *shape: int, size: float = 1.0) -> str:
        """Return the name of a constant of random numbers."""
        return self.constant(self.rng.normal(0, size, shape))

    def node(
        self, op_type: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any
    ) -> str:
        """Append a node; return the name of its first output."""
        place = len(self._graph.node)
        names = [f"v{place}" + (f"_{i}" if i else "") for i in range(outputs)]
        self._graph.node.append(
            helper.make_node(
                op_type, inputs, names, f"{op_type}_{place}", domain=domain, **attributes
            )
        )
        self.operators.append(op_type)
        known = onnx.shape_inference.infer_shapes(self.model(names), data_prop=True).graph.output
        for value in known:
            sides = value.type.tensor_type.shape.dim
            self.shapes[value.name] = tuple(side.dim_value for side in sides)
        return names[0]

    def model(self, outputs: list[str]) -> onnx.ModelProto:
        """Return the graph so far as a model."""
        graph = onnx.GraphProto()
        graph.CopyFrom(self._graph)
        for name in outputs:
            kind = TensorProto.INT64 if self.operators[-1][:3] == "Arg" else TensorProto.FLOAT
            graph.output.append(helper.make_tensor_value_info(name, kind, self.shapes.get(name)))
        opsets = [helper.make_opsetid("", self.opset), helper.make_opsetid(ML, 3)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def earlier(self, shape: Shape) -> str:
        """Return a value of a shape: another one if there is any."""
        same = [name for name, its in self.shapes.items() if its == shape]
        return str(self.rng.choice(same))


def _input_shape(rng: np.random.Generator) -> Shape:
    channels = int(rng.integers(1, 5))
    kind = rng.integers(4)
    if kind == 0:
        return (1, int(rng.integers(4, 13)))
    if kind == 1:
        return (1, channels, int(rng.integers(8, 17)))
    return (1, channels, int(rng.integers(5, 10)), int(rng.integers(5, 10)))


class Operator(NamedTuple):
    """How an operator is put into a graph.

    Attributes:
        fits: whether it can stand on a value of a shape.
        put: appends it and returns the value to go on with.
        last: whether it ends a graph.
        weight: how often it is drawn beside others.
    """

    fits: Callable[[Shape], bool]
    put: Callable[[Growing, str, Shape], str]
    last: bool = False
    weight: int = 1


OPERATORS: dict[str, Operator] = {}
"""By type."""


def grown(seed: int) -> tuple[onnx.ModelProto, list[str]]:
    """Return a random model and the types of its operators."""
    import fuzz_graphs.operators  # noqa: F401, which registers them

    growing = Growing(seed)
    rng = growing.rng
    name = "x"
    for place in range(count := int(rng.integers(2, 10))):
        if rng.random() < 0.1:
            name = str(rng.choice(list(growing.shapes)))
        shape = growing.shapes[name]
        may_end = place == count - 1
        fitting = [
            one for one in OPERATORS.values() if one.fits(shape) and (may_end or not one.last)
        ]
        weights = np.array([one.weight for one in fitting], float)
        chosen = fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]
        made = chosen.put(growing, name, shape)
        if 0 < np.prod(growing.shapes[made]) <= LARGEST:
            name = made
        else:
            break
    last = name if name != "x" else list(growing.shapes)[-1]
    return growing.model([last]), growing.operators
