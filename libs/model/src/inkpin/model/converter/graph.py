"""Read an ONNX file into the little that the converter needs: a checked, folded graph."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper, shape_inference
from onnx.reference import ReferenceEvaluator

from inkpin.preprocess import InputError

_LARGEST = 1 << 22  # elements of one constant; no microcontroller takes more


@dataclass(frozen=True)
class Node:
    """One operator.

    Attributes:
        name: of the node, or of its output where the file gives none.
        kind: operator type.
        inputs: names of values; "" for an optional one that is absent.
        output: name of the only output.
        attributes: as Python values.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any]

    def refuse(self, reason: str) -> InputError:
        """Return the error that says why this node cannot be converted."""
        return InputError(f"{self.kind} node {self.name!r}: {reason}")


@dataclass(frozen=True)
class Graph:
    """A graph with one input and one output, batch 1, constants folded.

    Attributes:
        nodes: in order of computation, without those that only compute constants.
        constants: by name.
        shapes: of every value, by name.
        input: name of the input.
        output: name of the output.
        metadata: the file's metadata_props.
    """

    nodes: tuple[Node, ...]
    constants: dict[str, np.ndarray]
    shapes: dict[str, tuple[int, ...]]
    input: str
    output: str
    metadata: dict[str, str] = field(default_factory=dict)


def read(model: bytes, name: str) -> Graph:
    """Return the graph of an ONNX file.

    Args:
        model: the bytes of the file.
        name: of the file, for messages.

    Raises:
        InputError: damaged, or of a form that the converter does not take.
    """
    remedy = "export it again, or take another file"
    try:
        proto = onnx.load_model_from_string(model)
        _check_names(proto)
        _check_constants(proto)
        onnx.checker.check_model(proto, full_check=True)
        _fix_batch(proto)
        proto = shape_inference.infer_shapes(proto, check_type=True, strict_mode=True)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    except (
        DecodeError,
        onnx.checker.ValidationError,
        shape_inference.InferenceError,
        ValueError,
        TypeError,
    ) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "empty"
        raise InputError(f"{name}: not a valid ONNX model ({reason}): {remedy}") from error
    try:
        return _graph(proto)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def _check_names(proto: onnx.ModelProto) -> None:
    """Refuse names that are not UTF-8, which protobuf hands out as bytes."""
    graph = proto.graph
    names = [tensor.name for tensor in graph.initializer]
    names += [value.name for value in (*graph.input, *graph.output)]
    for node in graph.node:
        names += [node.name, node.op_type, node.domain, *node.input, *node.output]
        names += [attribute.name for attribute in node.attribute]
    for entry in proto.metadata_props:
        names += [entry.key, entry.value]
    if not all(isinstance(name, str) for name in names):
        raise InputError("a name in it is not text: export it again, or take another file")


def _check_constants(proto: onnx.ModelProto) -> None:
    for tensor in proto.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise InputError(f"{tensor.name!r} lies in another file: save the model as one file")
        if np.prod([float(side) for side in tensor.dims]) > _LARGEST:
            raise InputError(f"{tensor.name!r} has more than {_LARGEST} elements: take fewer")


def _fix_batch(proto: onnx.ModelProto) -> None:
    """Set the first dimension of inputs to 1 and forget what else is said of shapes."""
    for value in proto.graph.input:
        if value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].dim_value = 1
    for value in proto.graph.output:
        value.type.tensor_type.ClearField("shape")
    del proto.graph.value_info[:]


def _graph(proto: onnx.ModelProto) -> Graph:
    graph = proto.graph
    constants = {tensor.name: _array(tensor) for tensor in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise InputError(
            f"{len(inputs)} inputs and {len(graph.output)} outputs: take a model with one of each"
        )
    shapes = {
        value.name: tuple(side.dim_value for side in value.type.tensor_type.shape.dim)
        for value in (*graph.input, *graph.value_info, *graph.output)
    }
    nodes = []
    for proto_node in graph.node:
        if proto_node.domain not in ("", "ai.onnx"):
            raise InputError(
                f"{proto_node.op_type} node {proto_node.name!r}: "
                f"operators of {proto_node.domain} are not known: export plain ONNX"
            )
        if len(proto_node.output) != 1:
            raise InputError(f"{proto_node.op_type} node {proto_node.name!r}: several outputs")
        if all(name in constants for name in proto_node.input if name):
            constants[proto_node.output[0]] = _folded(proto, proto_node, constants)
            continue
        nodes.append(
            Node(
                proto_node.name or proto_node.output[0],
                proto_node.op_type,
                tuple(proto_node.input),
                proto_node.output[0],
                {a.name: helper.get_attribute_value(a) for a in proto_node.attribute},
            )
        )
    return Graph(
        tuple(nodes),
        constants,
        shapes,
        inputs[0],
        graph.output[0].name,
        {entry.key: entry.value for entry in proto.metadata_props},
    )


def _array(tensor: onnx.TensorProto) -> np.ndarray:
    try:
        return numpy_helper.to_array(tensor)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{tensor.name!r}: its data do not fit its shape: export it again"
        ) from error


def _folded(
    proto: onnx.ModelProto, node: onnx.NodeProto, constants: dict[str, np.ndarray]
) -> np.ndarray:
    """Return what a node with constant inputs computes."""
    single = helper.make_model(
        helper.make_graph(
            [node],
            "constant",
            [
                helper.make_empty_tensor_value_info(name)
                for name in dict.fromkeys(node.input)
                if name
            ],
            [helper.make_empty_tensor_value_info(node.output[0])],
        ),
        opset_imports=list(proto.opset_import),
    )
    feeds = {name: constants[name] for name in node.input if name}
    try:
        with np.errstate(all="ignore"):  # what is not finite is refused where it is used
            return np.asarray(ReferenceEvaluator(single).run(None, feeds)[0])
    except Exception as error:  # the evaluator raises what its operators happen to raise
        raise InputError(
            f"{node.op_type} node {node.name!r}: its constants cannot be computed "
            f"({type(error).__name__}): export the model again"
        ) from error
