"""Read an ONNX file: checked, inlined, batch fixed to 1; operators are not looked at yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import helper, inliner, numpy_helper

from inkpin.common import InputError
from inkpin.model.converter.onnx.batch import with_batch_of_one
from inkpin.model.converter.onnx.external import tensors

LARGEST = 1 << 22
"""Elements of one value; no microcontroller takes more."""

_OLD = 3  # version of the format

_REMEDY = "export it again, or take another file"


@dataclass(frozen=True)
class Node:
    """One operator.

    Attributes:
        name: of the node, or of its first output where the file gives none.
        op_type: of the operator, "domain.Name" for those of other domains than ONNX's own.
        inputs: names of values; "" for an optional one that is absent.
        outputs: likewise.
        attributes: as Python values.
        proto: the node as the file has it.
    """

    name: str
    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    proto: onnx.NodeProto

    @property
    def output(self) -> str:
        """The first output."""
        return self.outputs[0]

    def refuse(self, reason: str) -> InputError:
        """Return the error that says why this node cannot be converted."""
        return InputError(f"{self.op_type} node {self.name!r}: {reason}")


@dataclass(frozen=True)
class ValueInfo:
    """An input or output of the graph.

    Attributes:
        name: of the value.
        dtype: of its elements; None for what is no tensor.
        shape: with batch 1; () where the file does not say.
    """

    name: str
    dtype: np.dtype | None
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """The graph of a model.

    Attributes:
        nodes: in order of computation.
        constants: by name.
        inputs: those that are no constants.
        outputs: all, or those that were asked for.
        opsets: version by domain.
        metadata: the file's metadata_props.
        proto: the model, as it was read.
        named_outputs: whether the outputs were asked for.
    """

    nodes: tuple[Node, ...]
    constants: dict[str, np.ndarray]
    inputs: tuple[ValueInfo, ...]
    outputs: tuple[ValueInfo, ...]
    opsets: dict[str, int]
    metadata: dict[str, str]
    proto: onnx.ModelProto
    named_outputs: bool = False


class BatchError(InputError):
    """A graph that takes several samples at once, where one would be taken."""


@dataclass(frozen=True)
class Reading:
    """What of a file is to be read, and how.

    Attributes:
        outputs: names of those to take; none for all of scores.
        input_shapes: of inputs that the file leaves open, by name; a first side of 1 in the place
            of a fixed one makes the graph one of a single sample.
    """

    outputs: tuple[str, ...] = ()
    input_shapes: Mapping[str, Sequence[int]] = field(default_factory=dict)


def read(model: bytes, reading: Reading | None = None) -> Graph:
    """Return the graph of an ONNX file.

    Args:
        model: the bytes of the file.
        reading: what of it is to be read, and how.

    Raises:
        InputError: damaged, or of a form that the converter does not take.
    """
    reading = reading or Reading()
    try:
        proto = onnx.load_model_from_string(model)
        _check_names(proto)
        proto = _with_shapes(proto, reading.input_shapes)
        _check_constants(proto)
        if proto.functions:
            proto = inliner.inline_local_functions(proto)
        if proto.ir_version == _OLD:
            proto.ir_version = _OLD + 1  # since when initialisers need not be inputs as well
        _put_right(proto.graph)
        onnx.checker.check_model(proto)
    except (
        DecodeError,
        onnx.checker.ValidationError,
        ValueError,
        TypeError,
        RuntimeError,
    ) as error:
        if isinstance(error, InputError):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "empty"
        raise InputError(f"not a valid ONNX model ({reason}): {_REMEDY}") from error
    graph = proto.graph
    constants = {tensor.name: _array(tensor) for tensor in graph.initializer}
    return Graph(
        nodes=tuple(map(_node, graph.node)),
        constants=constants,
        inputs=tuple(_value_info(value) for value in graph.input if value.name not in constants),
        outputs=_outputs(graph, reading.outputs),
        opsets={entry.domain or "ai.onnx": entry.version for entry in proto.opset_import},
        metadata={entry.key: entry.value for entry in proto.metadata_props},
        proto=proto,
        named_outputs=bool(reading.outputs),
    )


def _node(proto: onnx.NodeProto) -> Node:
    op_type = proto.op_type
    if proto.domain not in ("", "ai.onnx", "ai.onnx.ml"):
        op_type = f"{proto.domain}.{op_type}"
    return Node(
        name=proto.name or next(iter(proto.output), ""),
        op_type=op_type,
        inputs=tuple(proto.input),
        outputs=tuple(proto.output),
        attributes={
            attribute.name: helper.get_attribute_value(attribute)
            for attribute in proto.attribute
            if not attribute.ref_attr_name
        },
        proto=proto,
    )


def _with_shapes(proto: onnx.ModelProto, shapes: Mapping[str, Sequence[int]]) -> onnx.ModelProto:
    """Return a model whose inputs have the given shapes."""
    inputs = {value.name: value.type.tensor_type for value in proto.graph.input}
    for name, shape in shapes.items():
        if name not in inputs:
            known = ", ".join(map(repr, inputs))
            raise InputError(f"an input shape for {name!r}, but the inputs are {known}")
        kept = [side.dim_value for side in inputs[name].shape.dim] or [0] * len(shape)
        one_of_many = kept[0] > 1 and shape[0] == 1 if kept and shape else False
        fixed = kept[1:] if one_of_many else kept
        given = shape[1:] if one_of_many else shape
        fits = len(fixed) == len(given)
        if not fits or any(a not in (0, b) for a, b in zip(fixed, given, strict=True)):
            told = ",".join(str(side or "?") for side in kept)
            wrong = ",".join(map(str, shape))
            raise InputError(f"the input shape {wrong} does not fit {name!r}, which is {told}")
        if one_of_many:
            proto = with_batch_of_one(proto) or proto
            inputs = {value.name: value.type.tensor_type for value in proto.graph.input}
        del inputs[name].shape.dim[:]
        for side in shape:
            inputs[name].shape.dim.add().dim_value = side
    return proto


def _outputs(graph: onnx.GraphProto, wanted: Sequence[str]) -> tuple[ValueInfo, ...]:
    found = {value.name: ValueInfo(value.name, _dtype(value), ()) for value in graph.output}
    for name in wanted:
        if name not in found:
            names = ", ".join(map(repr, found))
            raise InputError(f"there is no output {name!r}: take one of {names}")
    return tuple(found[name] for name in dict.fromkeys(wanted or found))


def _put_right(graph: onnx.GraphProto) -> None:
    """Put right what onnxruntime does without: shapes of outputs, and nodes in order."""
    for value in graph.output:
        if value.type.HasField("tensor_type") and not value.type.tensor_type.HasField("shape"):
            value.type.tensor_type.shape.SetInParent()
    made = {name for node in graph.node for name in node.output}
    known = {*(value.name for value in graph.input), *(t.name for t in graph.initializer), ""}
    waiting = list(graph.node)
    sorted_nodes: list[onnx.NodeProto] = []
    while waiting:
        late: list[onnx.NodeProto] = []
        for node in waiting:
            # What no node makes is for the checker to complain of.
            ready = all(name in known or name not in made for name in node.input)
            (sorted_nodes if ready else late).append(node)
            known.update(node.output if ready else ())
        if len(late) == len(waiting):
            return  # a cycle: the checker says so
        waiting = late
    if any(a is not b for a, b in zip(sorted_nodes, graph.node, strict=True)):
        copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in sorted_nodes]
        del graph.node[:]
        graph.node.extend(copies)


def _names(proto: onnx.ModelProto) -> Iterator[object]:
    """Yield all names, which protobuf hands out as bytes where they are not UTF-8."""
    graph = proto.graph
    for tensor in graph.initializer:
        yield tensor.name
    for value in (*graph.input, *graph.output):
        yield value.name
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        for attribute in node.attribute:
            yield attribute.name
    for entry in proto.metadata_props:
        yield from (entry.key, entry.value)
    for opset in proto.opset_import:
        yield opset.domain


def _check_names(proto: onnx.ModelProto) -> None:
    if not all(isinstance(text, str) for text in _names(proto)):
        raise InputError(f"a name in it is not text: {_REMEDY}")


def _check_constants(proto: onnx.ModelProto) -> None:
    if proto.graph.sparse_initializer:
        raise InputError("it has sparse weights: save them as ordinary tensors")
    for tensor in tensors(proto):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise InputError(
                f"{tensor.name!r} lies in another file: give the path of the model, with that file "
                "beside it"
            )
        if min(tensor.dims, default=0) < 0 or np.prod([float(n) for n in tensor.dims]) > LARGEST:
            raise InputError(f"{tensor.name!r} has more than {LARGEST} elements: take fewer")


def _array(tensor: onnx.TensorProto) -> np.ndarray:
    try:
        return numpy_helper.to_array(tensor)
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(f"{tensor.name!r}: its data do not fit its shape: {_REMEDY}") from error


def _dtype(value: onnx.ValueInfoProto) -> np.dtype | None:
    elem_type = value.type.tensor_type.elem_type
    try:
        return np.dtype(helper.tensor_dtype_to_np_dtype(elem_type)) if elem_type else None
    except KeyError as error:
        raise InputError(f"{value.name!r} has an unknown type of elements: {_REMEDY}") from error


def _value_info(value: onnx.ValueInfoProto) -> ValueInfo:
    """Return an input; its symbolic batch is 1."""
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        raise InputError(f"the input {value.name!r} has no shape: export with fixed shapes")
    shape = [side.dim_value for side in tensor.shape.dim]
    if shape and not shape[0]:
        shape[0] = 1
    if any(side < 1 for side in shape):
        raise InputError(
            f"the input {value.name!r} has no fixed shape beyond the batch: "
            f"give it (--input-shape {value.name}=1,...), or export with fixed shapes"
        )
    if np.prod([float(side) for side in shape]) > LARGEST:
        raise InputError(f"the input {value.name!r} has more than {LARGEST} elements: take fewer")
    return ValueInfo(value.name, _dtype(value), tuple(shape))
