"""Graphs that were exported with a fixed batch of several samples, made graphs of one."""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import numpy_helper


def with_batch_of_one(proto: onnx.ModelProto) -> onnx.ModelProto | None:
    """Return a model that takes one sample at a time; None where there is no batch of several.

    Args:
        proto: whose inputs all begin with the same side; shapes that nodes change to may too.
    """
    made = onnx.ModelProto()
    made.CopyFrom(proto)
    graph = made.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    sides = [v.type.tensor_type.shape.dim for v in graph.input if v.name not in constants]
    batches = {side[0].dim_value if side else 1 for side in sides}
    if len(batches) != 1 or (batch := batches.pop()) <= 1:
        return None
    for shape in sides:
        shape[0].dim_value = 1
    for value in graph.output:
        shape = value.type.tensor_type.shape.dim
        if shape and shape[0].dim_value == batch:
            shape[0].dim_value = 1
    del graph.value_info[:]
    change_reshapes(graph, lambda wanted: _of_one(wanted, batch))
    return made


def _of_one(wanted: np.ndarray, batch: int) -> np.ndarray:
    if wanted[0] == batch:
        wanted[0] = 1
    return wanted


def change_reshapes(graph: onnx.GraphProto, change: Callable[[np.ndarray], np.ndarray]) -> None:
    """Give every Reshape whose shape is a constant another one.

    Args:
        graph: is changed.
        change: given a copy of the sides that a node makes, returns those that it is to make.
    """
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute and node.attribute[0].HasField("t"):
            constants[node.output[0]] = node.attribute[0].t
    for place, node in enumerate(graph.node):
        if node.op_type == "Reshape" and len(node.input) > 1 and node.input[1] in constants:
            given = numpy_helper.to_array(constants[node.input[1]])
            if given.ndim == 1 and given.size:
                wanted = change(np.array(given))
                if not np.array_equal(wanted, given):
                    name = f"{node.input[1]}.changed.{place}"
                    graph.initializer.append(numpy_helper.from_array(wanted, name))
                    node.input[1] = name
