"""A network of sequences as one that takes a step at a time and keeps its state."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import onnx

from inkpin.common import InputError
from inkpin.model.converter.ir import Input, Program, Recurrent, Shape
from inkpin.model.converter.onnx.batch import change_reshapes
from inkpin.model.converter.onnx.graph import Graph, Reading, read
from inkpin.model.converter.onnx.importer import import_graph
from inkpin.model.converter.passes import simplify

_TRIED = 3  # random sequences that both networks have to agree on
_REMEDY = "leave --stream out"


@dataclass(frozen=True)
class Stream:
    """How sequences are taken step by step.

    Attributes:
        given: the input of the whole network.
        step: the shape of a step.
        axis: of time in the input.
        steps: of a sequence, as the file has it.
        outputs: shape of every output of the whole network, and its axis of time; None for that
            where only the last step's goes out.
    """

    given: Input
    step: Shape
    axis: int
    steps: int
    outputs: Mapping[str, tuple[Shape, int | None]]

    def apart(self, sequences: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the steps, (sequences * steps, ...), of sequences, (sequences, ...)."""
        array = np.moveaxis(sequences[self.given.name], 1 + self.axis, 1)
        return {self.given.name: array.reshape(-1, *self.step)}

    def joined(self, output: str, results: np.ndarray) -> np.ndarray:
        """Return an output of sequences, (sequences, ...), of that of their steps."""
        shape, axis = self.outputs[output]
        by_step = results.reshape(-1, self.steps, results[0].size)
        if axis is None:
            return by_step[:, -1].reshape(-1, *shape)
        rest = [side for place, side in enumerate(shape) if place != axis]
        return np.moveaxis(by_step.reshape(-1, self.steps, *rest), 1, 1 + axis)


def streamed(graph: Graph, reading: Reading | None, whole: Program) -> tuple[Stream, Program]:
    """Return how a network is taken step by step, and the network of a step.

    Args:
        graph: of sequences.
        reading: how it was read.
        whole: its network, simplified.

    Raises:
        InputError: it has no state, or what it gives out depends on more than that and the step.
    """
    layers = [op for op in whole.ops if isinstance(op, Recurrent)]
    if not layers:
        raise InputError(
            "no GRU, LSTM or RNN is in it, so nothing to keep between steps: export it with one "
            f"(torch writes nn.RNN out step by step but for dynamo=False), or {_REMEDY}"
        )
    for layer in layers:
        if layer.reverse or len(layer.inputs) > 1:
            why = "goes back in time" if layer.reverse else "begins as another value says"
            raise InputError(f"node {layer.nodes[-1]!r} {why}: it cannot be streamed: {_REMEDY}")
    steps = {layer.steps for layer in layers}
    if len(whole.inputs) != 1 or len(steps) != 1 or min(steps) < 2:
        raise InputError(f"only a network of one input of two steps or more is streamed: {_REMEDY}")
    [given], [count] = whole.inputs, steps
    for axis in (place for place, side in enumerate(given.shape) if side == count):
        program = _of_a_step(graph, reading, axis, count)
        if program is not None:
            outputs = _outputs(whole, program, axis, count)
            if outputs is not None:
                step = program.inputs[0].shape
                return Stream(given, step, axis, count, outputs), program
    raise InputError(
        "what it gives out depends on other steps by more than the states of its recurrent layers, "
        f"or its shapes are fixed within: {_REMEDY}"
    )


def _of_a_step(graph: Graph, reading: Reading | None, axis: int, count: int) -> Program | None:
    """Return the network whose input has one step, None if there is none."""
    proto = onnx.ModelProto()
    proto.CopyFrom(graph.proto)
    constants = {tensor.name for tensor in proto.graph.initializer}
    [value] = (value for value in proto.graph.input if value.name not in constants)
    value.type.tensor_type.shape.dim[axis].dim_value = 1
    del proto.graph.value_info[:]
    for output in proto.graph.output:
        output.type.tensor_type.ClearField("shape")

    def of_any_length(wanted: np.ndarray) -> np.ndarray:
        """Return sides whose first of the sequence's length, time as a rule, follows the rest."""
        places = np.flatnonzero(wanted == count)
        if len(places) and wanted.min() > 0:
            wanted[places[0]] = -1
        return wanted

    change_reshapes(proto.graph, of_any_length)
    chosen = None if reading is None else replace(reading, input_shapes={})
    try:
        content = proto.SerializeToString(deterministic=True)
        program = simplify(import_graph(read(content, chosen)))
    except InputError:
        return None
    ops = tuple(
        replace(op, sequence=count) if isinstance(op, Recurrent) and op.steps == 1 else op
        for op in program.ops
    )
    return replace(program, ops=ops)


def _outputs(
    whole: Program, program: Program, axis: int, count: int
) -> dict[str, tuple[Shape, int | None]] | None:
    """Return the outputs as in Stream if both networks give the same, else None."""
    given = whole.inputs[0]
    x = np.random.default_rng(0).normal(size=(_TRIED, *given.shape))
    stream = Stream(given, program.inputs[0].shape, axis, count, {})
    if given.name in whole.prescribed:
        x = whole.prescribed[given.name].decode(whole.prescribed[given.name].encode(x))
    wanted = whole.run({given.name: x})
    made = program.run(stream.apart({given.name: x}))
    found: dict[str, tuple[Shape, int | None]] = {}
    for output, own in zip(whole.outputs, program.outputs, strict=True):
        shape = whole.shapes[output.value]
        axes = [None, *(place for place, side in enumerate(shape) if side == count)]
        for place in axes:
            tried = replace(stream, outputs={output.name: (shape, place)})
            results = made[own.value]
            if results[0].size * (1 if place is None else count) != wanted[output.value][0].size:
                continue
            if np.allclose(tried.joined(output.name, results), wanted[output.value], atol=1e-6):
                found[output.name] = shape, place
                break
        else:
            return None
    return found
