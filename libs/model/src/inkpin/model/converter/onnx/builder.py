"""Builds the Program of a graph, node by node: what an operator's rule reads and adds to."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import (
    Affine,
    Clip,
    Gather,
    Input,
    Op,
    Output,
    Program,
    Quantisation,
    QuantisedWeights,
    Shape,
    Unary,
    size,
)
from inkpin.model.converter.onnx.graph import LARGEST, Graph, Node, ValueInfo
from inkpin.model.converter.onnx.postprocessing import Scores

SIGNED = 128
"""Added to a signed byte."""

BYTE_OFFSETS = {np.dtype(np.uint8): 0, np.dtype(np.int8): SIGNED}
"""Added to a byte, by its type."""


@dataclass(frozen=True, eq=False)
class IntegerConstant:
    """What a DequantizeLinear of a constant stands for.

    Attributes:
        integers: int64, the zero point taken off.
        scales: float, () or (length of the axis,).
        axis: that the scales go along.
    """

    integers: np.ndarray
    scales: np.ndarray
    axis: int

    @property
    def full_scales(self) -> np.ndarray:
        """The scales, repeated to the shape of the integers."""
        shape = [1] * self.integers.ndim
        if self.scales.ndim:
            shape[self.axis] = -1
        return np.broadcast_to(self.scales.reshape(shape), self.integers.shape)

    @property
    def values(self) -> np.ndarray:
        """The real numbers."""
        return np.asarray(self.integers * self.full_scales)


class Builder:
    """Builds the Program of a graph.

    An ONNX name is of a constant here, or of a value; a value has a name of its own in the Program,
    since several ONNX names can be one value (Identity), and one node can become several ops.

    Args:
        graph: whose inputs are there already.
        scores: the part of it that is to be computed.

    Attributes:
        opsets: version by domain.
        constants: by ONNX name.
        integers: those constants that were given as integers with a scale.
        names: ONNX name -> name of the Program's value.
        quantised: quantisation of the ONNX values that are bytes; None where not known yet.
    """

    def __init__(self, graph: Graph, scores: Scores) -> None:
        self.opsets = graph.opsets
        self.constants = dict(graph.constants)
        self.integers: dict[str, IntegerConstant] = {}
        self.names: dict[str, str] = {}
        self.quantised: dict[str, Quantisation | None] = {}
        self._graph, self._scores = graph, scores
        self._ops: list[Op] = []
        self._shapes: dict[str, Shape] = {}
        self._inputs: dict[str, Input] = {}
        self._whole: dict[str, np.dtype] = {}
        self._prescribed: dict[str, Quantisation] = {}
        self._origins: dict[str, frozenset[str]] = {}
        self._dropped: list[str] = []
        self._byte_fills: dict[str, tuple[str, int]] = {}
        for value in graph.inputs:
            self._add_input(value)

    def _add_input(self, value: ValueInfo) -> None:
        if value.dtype is None or value.dtype.kind not in "fiu":
            kind = value.dtype or "no tensor"
            raise InputError(f"the input {value.name!r} is {kind}: only numbers are supported")
        if value.dtype.kind in "iu" and value.dtype.itemsize > 1:
            self._whole[value.name] = value.dtype
        offset = BYTE_OFFSETS.get(value.dtype)
        self._inputs[value.name] = Input(value.name, value.shape, offset)
        self._shapes[value.name] = value.shape
        self.names[value.name] = value.name
        if offset is not None:
            self.quantised[value.name] = None
            self._origins[value.name] = frozenset([value.name])

    def program(self) -> Program:
        """Return the network, when all its nodes are converted.

        Raises:
            InputError: an output is no value.
        """
        outputs: list[Output] = []
        for value in self._scores.outputs:
            outputs.append(self._output(value, {each.value for each in outputs}))
        for given in self._inputs.values():
            if given.byte_offset is not None:
                self.quantisation(given.name, Quantisation(1.0, given.byte_offset))
            if given.threshold is not None:
                self._prescribed[given.name] = Quantisation(1.0, 0)
        return Program(
            ops=tuple(self._ops),
            shapes=self._shapes,
            inputs=tuple(self._inputs.values()),
            outputs=tuple(outputs),
            prescribed=self._prescribed,
            op_counts=dict(Counter(node.op_type for node in self._scores.nodes)),
            dropped=(*self._scores.dropped, *self._dropped),
        )

    def _output(self, output: ValueInfo, taken: set[str]) -> Output:
        """Return an output, of a value that is neither an input nor among those `taken`."""
        if output.name not in self.names:
            raise InputError(
                f"the output {output.name!r} does not depend on the input: export it again"
            )
        name = self.names[output.name]
        if name in self._inputs or name in taken:
            name = self._copy_of(name, output.name)
        offset = None if output.dtype is None else BYTE_OFFSETS.get(output.dtype)
        if offset is not None:
            self.quantisation(output.name, Quantisation(1.0, offset))
        return Output(output.name, name, offset)

    def _copy_of(self, name: str, output: str) -> str:
        while output in self._shapes:
            output += "'"
        index = np.arange(size(self._shapes[name])).reshape(self._shapes[name])
        nodes = tuple(node.name for node in self._graph.nodes[:1])
        self._ops.append(Gather(nodes=nodes, inputs=(name,), output=output, index=index))
        self._shapes[output] = self._shapes[name]
        return output

    # --- what a node reads ---

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

    def value(
        self, node: Node, index: int = 0, *, quantised: bool = False, whole: bool = False
    ) -> str:
        """Return the name of the value that an input is.

        Args:
            node: the reader.
            index: of the input.
            quantised: whether bytes that stand for numbers by a scale of their own are welcome.
            whole: whether whole numbers of more than a byte are, which only the graph's inputs are.
        """
        name = node.inputs[index] if index < len(node.inputs) else ""
        if name not in self.names:
            kind = "a constant" if name in self.constants else "not computed by what is supported"
            raise node.refuse(f"its input {index} ({name!r}) is {kind}")
        if name in self.quantised and not quantised:
            raise node.refuse(f"its input {name!r} is bytes without a scale: dequantise it first")
        if name in self._whole and not whole:
            raise node.refuse(
                f"it computes with the input {name!r} of type {self._whole[name]}: cast that to "
                "float first"
            )
        return self.names[name]

    def shape(self, name: str) -> Shape:
        """Return the shape of a value."""
        return self._shapes[name]

    def quantisation(self, name: str, otherwise: Quantisation) -> Quantisation:
        """Return the quantisation of an ONNX value that is bytes; settle it if it is open.

        What is settled for bytes of the graph's input, moved or not, is so for all of them.
        """
        found = self.quantised.get(name)
        if found is None:
            found = otherwise
            for each in self._holding_the_same(name):
                self.quantised[each] = found
                if each in self._inputs:
                    self._prescribed[each] = found
                if each in self._byte_fills:
                    self._settle_fill(*self._byte_fills.pop(each), found)
        return found

    def _holding_the_same(self, name: str) -> set[str]:
        """Return the ONNX values whose bytes come of the same inputs of the graph."""
        names, origins = {name}, set(self._origins.get(name, ()))
        while True:
            more = {each for each, its in self._origins.items() if its & origins} - names
            if not more:
                return names
            names |= more
            origins.update(*(self._origins[each] for each in more))

    def _settle_fill(self, output: str, byte: int, code: Quantisation) -> None:
        fill = float(code.decode(np.array(byte)))
        self._ops = [
            replace(op, fill=fill) if isinstance(op, Gather) and op.output == output else op
            for op in self._ops
        ]

    def fill_with_byte(self, node: Node, byte: int) -> None:
        """Let what the node's gather fills with be a byte, whatever that will stand for."""
        self._byte_fills[node.output] = self.names[node.output], byte

    def byte_offset(self, name: str) -> int:
        """Return what is added to a byte of the graph's input, moved or not: 128 for int8."""
        origins = (self._inputs[each].byte_offset for each in self._origins.get(name, ()))
        return next((offset for offset in origins if offset is not None), 0)

    def only_reads_input(self, node: Node, index: int) -> bool:
        """Whether an input of a node is the network's, and nothing else reads that."""
        name = self.value(node, index, quantised=True)
        uses = sum(node.inputs[index] in other.inputs for other in self._graph.nodes)
        used = any(name in op.inputs for op in self._ops)
        return name in self._inputs and uses == 1 and not used

    def is_needed(self, name: str) -> bool:
        """Whether anything that is computed reads an ONNX value, or it goes out."""
        read = any(name in node.inputs for node in self._scores.nodes)
        return bool(name) and (read or name in {output.name for output in self._scores.outputs})

    def is_input(self, node: Node, index: int) -> bool:
        """Whether an input of a node is one of the graph's, as it comes."""
        return node.inputs[index] in {value.name for value in self._graph.inputs}

    def is_batch(self, side: int) -> bool:
        """Whether all of the graph's inputs begin with a side, so that it may be their batch."""
        return all(value.shape[:1] == (side,) for value in self._graph.inputs)

    # --- what a node makes ---

    def add(
        self,
        op: type[Op],
        node: Node,
        inputs: Sequence[str],
        shape: Sequence[int],
        suffix: str = "",
        output: str | None = None,
        **fields: Any,
    ) -> str:
        """Append an op; return its output's name.

        Args:
            op: its class.
            node: it stands for.
            inputs: names of values.
            shape: of the output.
            suffix: "" for the node's result, else it makes the name of one of several ops.
            output: the ONNX name of the result where that is not the node's first.
            **fields: of the op.
        """
        shape = tuple(map(int, shape))
        if math.prod(map(float, shape)) > LARGEST or min(shape, default=1) < 1:
            raise node.refuse(f"it makes a value of shape {shape}: no device takes that")
        onnx_name = output or node.output
        name = onnx_name + suffix
        while name in self._shapes:
            name += "'"
        self._ops.append(op(nodes=(node.name,), inputs=tuple(inputs), output=name, **fields))
        self._shapes[name] = shape
        if not suffix:
            self.names[onnx_name] = name
        return name

    def unary(
        self,
        node: Node,
        name: str,
        function: Callable[[np.ndarray], np.ndarray],
        suffix: str = "",
        output: str | None = None,
        op_type: str = "",
    ) -> str:
        """Append a function of single elements, which becomes a table; see `add`.

        Args:
            node: it stands for.
            name: of the value.
            function: of a float64 array.
            suffix: as in `add`.
            output: as in `add`.
            op_type: for the comment beside the table, where it is not the node's.
        """
        op_type = op_type or node.op_type
        shape = self._shapes[name]
        return self.add(
            Unary, node, [name], shape, suffix, output, function=function, op_type=op_type
        )

    def clip(
        self,
        node: Node,
        name: str,
        low: float = -math.inf,
        high: float = math.inf,
        suffix: str = "",
    ) -> str:
        """Append a value cut at limits; see `add`."""
        return self.add(Clip, node, [name], self._shapes[name], suffix, low=low, high=high)

    def affine(
        self,
        node: Node,
        name: str,
        gain: np.ndarray | float = 1.0,
        offset: np.ndarray | float = 0.0,
        suffix: str = "",
        shape: Shape | None = None,
    ) -> str:
        """Append a value times `gain` plus `offset`, which broadcast against it; see `add`.

        Args:
            node: it stands for.
            name: of the value.
            gain: factor.
            offset: term.
            suffix: as in `add`.
            shape: of the output, where it has not the value's.
        """
        shape = self._shapes[name] if shape is None else shape
        gain, offset = np.asarray(gain, float), np.asarray(offset, float)
        for constant in (gain, offset):
            if np.broadcast_shapes(constant.shape, shape) != shape:
                raise node.refuse(f"a constant {constant.shape} does not fit {shape}")
        return self.add(Affine, node, [name], shape, suffix, gain=gain, offset=offset)

    def gather(
        self,
        node: Node,
        inputs: Sequence[str],
        rearrange: Callable[..., np.ndarray],
        suffix: str = "",
        output: str | None = None,
        fill: float = 0.0,
    ) -> str:
        """Append an op that computes nothing: it puts elements elsewhere; see `add`.

        Args:
            node: it stands for.
            inputs: names of values.
            rearrange: given an array of indices for each input, return that of the output.
            suffix: as in `add`.
            output: as in `add`.
            fill: what index -1 stands for.
        """
        start, indices = 0, []
        for name in inputs:
            count = size(self._shapes[name])
            indices.append(np.arange(start, start + count).reshape(self._shapes[name]))
            start += count
        index = np.array(rearrange(*indices), order="C")
        return self.add(
            Gather, node, inputs, index.shape, suffix, output, index=index, fill=float(fill)
        )

    def alias(self, node: Node, name: str) -> None:
        """Let the node's output be a value that is there already, with its quantisation."""
        self.names[node.output] = name
        self.keep_quantisation(node)

    def keep_quantisation(self, node: Node, output: str = "") -> None:
        """Let an output, the first one by default, be bytes if the node's inputs are."""
        if node.inputs[0] in self.quantised:
            name = output or node.output
            self.quantised[name] = self.quantised[node.inputs[0]]
            self._origins[name] = frozenset().union(
                *(self._origins.get(each, ()) for each in node.inputs)
            )

    def drop(self, node: Node) -> None:
        """Note that a node does nothing here, for the report."""
        self._dropped.append(f"{node.op_type} {node.name}")

    def prescribe(self, name: str, quantisation: Quantisation) -> None:
        """Note the quantisation that the model gives to a value."""
        self._prescribed[name] = quantisation

    def binarise_input(self, node: Node, index: int, threshold: float) -> None:
        """Let the network read whether its input, which the node alone reads, exceeds that."""
        name = self.value(node, index)
        self._inputs[name] = replace(self._inputs[name], threshold=threshold)
        self.names[node.output] = name
