"""Builds the Program of a graph, node by node: what an operator's rule reads and adds to."""

from collections import Counter
from dataclasses import replace

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import Gather, Input, Output, Program, Quantisation, size
from inkpin.model.converter.onnx.byte_values import BYTE_OFFSETS, ByteValues
from inkpin.model.converter.onnx.constant_inputs import ConstantInputs
from inkpin.model.converter.onnx.graph import Graph, Node, ValueInfo
from inkpin.model.converter.onnx.op_list import OpList
from inkpin.model.converter.onnx.postprocessing import Scores


class Builder(ConstantInputs, OpList):
    """Builds the Program of a graph: its constants, its ops, and what bytes stand for.

    Args:
        graph: whose inputs are there already.
        scores: the part of it that is to be computed.
    """

    def __init__(self, graph: Graph, scores: Scores) -> None:
        ConstantInputs.__init__(self, graph)
        OpList.__init__(self)
        self._graph, self._scores = graph, scores
        self._bytes = ByteValues()
        self._inputs: dict[str, Input] = {}
        self._whole: dict[str, np.dtype] = {}
        self._prescribed: dict[str, Quantisation] = {}
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
            self._bytes.begin(value.name)

    @property
    def quantised(self) -> dict[str, Quantisation | None]:
        """Quantisation of the ONNX values that are bytes; None where not known yet."""
        return self._bytes.quantised

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

    def quantisation(self, name: str, otherwise: Quantisation) -> Quantisation:
        """Return the quantisation of an ONNX value that is bytes; settle it if it is open.

        What is settled for bytes of the graph's input, moved or not, is so for all of them.
        """
        found = self.quantised.get(name)
        if found is None:
            found = otherwise
            for each in self._bytes.settle(name, found):
                if each in self._inputs:
                    self._prescribed[each] = found
                if each in self._byte_fills:
                    self._settle_fill(*self._byte_fills.pop(each), found)
        return found

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
        origins = (self._inputs[each].byte_offset for each in self._bytes.origins(name))
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

    def alias(self, node: Node, name: str) -> None:
        """Let the node's output be a value that is there already, with its quantisation."""
        self.names[node.output] = name
        self.keep_quantisation(node)

    def keep_quantisation(self, node: Node, output: str = "") -> None:
        """Let an output, the first one by default, be bytes if the node's inputs are."""
        if node.inputs[0] in self.quantised:
            known = self.quantised[node.inputs[0]]
            self._bytes.pass_on(node.inputs, output or node.output, known)

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
