"""From an ONNX graph to a Program: one rule for each operator, registered under its name."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import (
    Gather,
    Input,
    Op,
    Program,
    Quantisation,
    QuantisedWeights,
    Shape,
    size,
)
from inkpin.model.converter.onnx.constants import FOLDABLE, fold
from inkpin.model.converter.onnx.graph import LARGEST, Graph, Node, Port
from inkpin.model.converter.onnx.hints import HINTS
from inkpin.model.converter.onnx.postprocessing import Tail, find_tail

Rule = Callable[["Importer", Node], None]

RULES: dict[str, Rule] = {}
"""What to do for an operator; those of other domains than ONNX's own are "domain.Name"."""

REFUSED: dict[str, str] = {}
"""Operators that are known and refused, with the reason."""

SIGNED = 128
"""Added to a signed byte."""

_FROM_WHOLE = ("Cast", "LinearClassifier", "Scaler", "Shape")
"""Operators that make floats of whole numbers, or read a shape alone."""


_TURN = "Transpose"
_MOVERS = (_TURN, "Identity", "Reshape", "Squeeze", "Unsqueeze")
"""Operators behind which constants still are the integers that they were given as."""


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """Register what to do for operators of these types."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(kinds, function))
        return function

    return register


@dataclass(frozen=True)
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
    def values(self) -> np.ndarray:
        """The real numbers."""
        if self.scales.ndim == 0:
            return self.integers * self.scales
        shape = [1] * self.integers.ndim
        shape[self.axis] = -1
        return self.integers * self.scales.reshape(shape)


class Importer:
    """Walks the nodes of a graph; rules call its methods.

    Attributes:
        opsets: version by domain.
        constants: by ONNX name.
        integers: those constants that were given as integers with a scale.
        names: ONNX name -> name of the Program's value.
        codes: quantisation of the ONNX values that are bytes; None where not known yet.
    """

    def __init__(self, graph: Graph) -> None:
        self.opsets = graph.opsets
        self.constants = dict(graph.constants)
        self.integers: dict[str, IntegerConstant] = {}
        self.names: dict[str, str] = {}
        self.codes: dict[str, Quantisation | None] = {}
        self._graph = graph
        self._ops: list[Op] = []
        self._shapes: dict[str, Shape] = {}
        self._sources: dict[str, Input] = {}
        self._prescribed: dict[str, Quantisation] = {}

    def run(self) -> Program:
        """Return the network.

        Raises:
            InputError: an operator or attribute that is not supported.
        """
        for node in self._graph.nodes:
            if node.op_type in REFUSED:
                raise node.refuse(REFUSED[node.op_type])
        tail = find_tail(self._graph)
        for port in self._graph.inputs:
            self._source(port)
        for node in tail.nodes:
            self._import(node)
        name = tail.output.name
        if name not in self.names:
            raise InputError(f"the output {name!r} does not depend on the input: export it again")
        result = self.names[name]
        if result in self._sources:
            result = self._copy_of(result, name)
        raw = None
        if tail.output.dtype in (np.uint8, np.int8):
            raw = SIGNED if tail.output.dtype == np.int8 else 0
            self.code_of(name, Quantisation(1.0, raw))
        for source in self._sources.values():
            if source.byte_offset is not None:
                self._prescribed.setdefault(source.name, Quantisation(1.0, source.byte_offset))
            if source.threshold is not None:
                self._prescribed[source.name] = Quantisation(1.0, 0)
        return Program(
            ops=tuple(self._ops),
            shapes=self._shapes,
            inputs=tuple(self._sources.values()),
            output=result,
            output_byte_offset=raw,
            prescribed=self._prescribed,
            op_counts=dict(Counter(node.op_type for node in tail.nodes)),
            dropped=tail.dropped,
        )

    def _copy_of(self, name: str, output: str) -> str:
        index = np.arange(size(self._shapes[name])).reshape(self._shapes[name])
        nodes = tuple(node.name for node in self._graph.nodes[:1])
        self._ops.append(Gather(nodes=nodes, inputs=(name,), output=output, index=index))
        self._shapes[output] = self._shapes[name]
        return output

    def _source(self, port: Port) -> None:
        if port.dtype is None or port.dtype.kind not in "fiu":
            kind = port.dtype or "no tensor"
            raise InputError(f"the input {port.name!r} is {kind}: only numbers are supported")
        if port.dtype.kind in "iu" and port.dtype.itemsize > 1:
            for node in self._graph.nodes:
                if port.name in node.inputs and node.op_type not in _FROM_WHOLE:
                    raise node.refuse(
                        f"it computes with the input {port.name!r} of type {port.dtype}: cast that "
                        "to float first"
                    )
        raw = {"uint8": 0, "int8": SIGNED}.get(port.dtype.name)
        self._sources[port.name] = Input(port.name, port.shape, raw)
        self._shapes[port.name] = port.shape
        self.names[port.name] = port.name
        if raw is not None:
            self.codes[port.name] = None

    def _import(self, node: Node) -> None:
        present = [name for name in node.inputs if name]
        try:
            if all(name in self.constants for name in present) and node.op_type in FOLDABLE:
                self._fold(node)
            elif node.op_type in RULES:
                RULES[node.op_type](self, node)
            else:
                hint = f" ({HINTS[node.op_type]})" if node.op_type in HINTS else ""
                known = ", ".join(sorted(RULES))
                raise node.refuse(f"this operator is not supported{hint}; supported are {known}")
        except InputError:
            raise
        except Exception as error:  # attributes and shapes of a damaged file break any assumption
            text = str(error).strip().splitlines()[0:1]
            raise node.refuse(
                f"its attributes or shapes do not fit ({type(error).__name__}"
                f"{': ' + text[0] if text else ''}): export the model again"
            ) from error

    # --- constants ---

    def _fold(self, node: Node) -> None:
        """Compute a node of constants."""
        self.constants.update(fold(node, self.constants, self.opsets))
        given = self.integers.get(node.inputs[0]) if node.inputs else None
        if (
            given is None
            or node.op_type not in _MOVERS
            or (given.scales.ndim and node.op_type != _TURN)
        ):
            return
        axis = given.axis
        if node.op_type == _TURN:
            axis = list(node.attributes.get("perm", range(given.integers.ndim)[::-1])).index(axis)
        moved = fold(node, {**self.constants, node.inputs[0]: given.integers}, self.opsets)
        self.integers[node.output] = IntegerConstant(moved[node.output], given.scales, axis)

    def optional(self, node: Node, place: int) -> np.ndarray | None:
        """Return a constant input, or None where it is absent."""
        if place >= len(node.inputs) or not node.inputs[place]:
            return None
        return self.constant(node, place)

    def constant(self, node: Node, place: int) -> np.ndarray:
        """Return a constant input, all its numbers finite."""
        name = node.inputs[place] if place < len(node.inputs) else ""
        if name not in self.constants:
            raise node.refuse(f"its input {place} ({name!r}) is not a constant")
        value = self.constants[name]
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise node.refuse(f"its constant {name!r} has numbers that are not finite")
        return value

    def weights(
        self, node: Node, place: int, axis: int
    ) -> tuple[np.ndarray, QuantisedWeights | None]:
        """Return constant weights, float64 with the output channels along `axis`.

        Behind them the integers that they were given as, laid out alike, or None.
        """
        values = self.constant(node, place).astype(float)
        given = self.integers.get(node.inputs[place])
        if given is None or (given.scales.ndim and given.axis != axis % values.ndim):
            return values, None
        scales = np.broadcast_to(given.scales, values.shape[axis]).astype(float)
        return values, QuantisedWeights(given.integers, scales)

    # --- values ---

    def is_constant(self, node: Node, place: int) -> bool:
        """Whether an input is a constant."""
        return node.inputs[place] in self.constants

    def value(self, node: Node, place: int = 0, *, coded: bool = False) -> str:
        """Return the name of the value that an input is.

        Args:
            node: the reader.
            place: of the input.
            coded: whether bytes that stand for numbers by a scale of their own are welcome.
        """
        name = node.inputs[place] if place < len(node.inputs) else ""
        if name not in self.names:
            kind = "a constant" if name in self.constants else "not computed by what is supported"
            raise node.refuse(f"its input {place} ({name!r}) is {kind}")
        if name in self.codes and not coded:
            raise node.refuse(f"its input {name!r} is bytes without a scale: dequantise it first")
        return self.names[name]

    def shape(self, name: str) -> Shape:
        """Return the shape of a value."""
        return self._shapes[name]

    def code_of(self, name: str, otherwise: Quantisation) -> Quantisation:
        """Return the quantisation of an ONNX value that is bytes; settle it if it is open."""
        code = self.codes.get(name)
        if code is None:
            code = self.codes[name] = otherwise
            if name in self._sources:
                self._prescribed[name] = code
        return code

    def raw_of(self, name: str) -> int:
        """Return what is added to a byte of the graph's input: 128 to a signed one."""
        source = self._sources.get(name)
        return 0 if source is None or source.byte_offset is None else source.byte_offset

    def version(self, node: Node) -> int:
        """Return the opset version that a node is written in."""
        return self.opsets.get(node.proto.domain or "ai.onnx", 1)

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
        for constant in (fields.get("gain"), fields.get("offset")):
            if constant is not None and np.broadcast_shapes(np.shape(constant), shape) != shape:
                raise node.refuse(f"a constant {np.shape(constant)} does not fit {shape}")
        onnx_name = output or node.output
        name = onnx_name + suffix
        while name in self._shapes:
            name += "'"
        self._ops.append(op(nodes=(node.name,), inputs=tuple(inputs), output=name, **fields))
        self._shapes[name] = shape
        if not suffix:
            self.names[onnx_name] = name
        return name

    def prescribe(self, name: str, code: Quantisation) -> None:
        """Note the quantisation that the model gives to a value."""
        self._prescribed[name] = code

    def alias(self, node: Node, name: str) -> None:
        """Let the node's output be a value that is there already, with its codes."""
        self.names[node.output] = name
        if node.inputs[0] in self.codes:
            self.codes[node.output] = self.codes[node.inputs[0]]

    def move(
        self,
        node: Node,
        inputs: Sequence[str],
        rearrange: Callable[..., np.ndarray],
        suffix: str = "",
        output: str | None = None,
        fill: float = 0.0,
    ) -> str:
        """Append an op that only moves elements.

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

    def only_input(self, node: Node, place: int) -> bool:
        """Whether an input of a node is the network's, and nothing else reads that."""
        name = self.value(node, place, coded=True)
        uses = sum(node.inputs[place] in other.inputs for other in self._graph.nodes)
        used = any(name in op.inputs for op in self._ops)
        return name in self._sources and uses == 1 and not used

    def threshold(self, node: Node, place: int, limit: float) -> None:
        """Let the network read whether its input, which the node alone reads, exceeds `limit`."""
        name = self.value(node, place)
        self._sources[name] = replace(self._sources[name], threshold=limit)
        self.names[node.output] = name


def import_graph(graph: Graph) -> Program:
    """Return the network that a graph describes; errors as in Importer.run."""
    return Importer(graph).run()


__all__ = ["REFUSED", "RULES", "SIGNED", "Importer", "IntegerConstant", "Tail", "import_graph"]
