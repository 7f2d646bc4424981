"""What goes over time step by step: GRU, LSTM and RNN, in one direction or both."""

import math
from dataclasses import dataclass

import numpy as np

from inkpin.model.converter.ir import GATES, Cell, Recurrent
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.graph import BatchError, Node
from inkpin.model.converter.onnx.operators.dense import value_or_constant
from inkpin.model.converter.onnx.registry import operator

_HARMLESS_CLIP = 8.0

_ACTIVATIONS: dict[Cell, list[str]] = {
    "GRU": ["sigmoid", "tanh"],
    "LSTM": ["sigmoid", "tanh", "tanh"],
    "RNN": ["tanh"],
}


@dataclass(frozen=True)
class _Sequence:
    """What a node goes over.

    Attributes:
        steps: how many.
        batch: sequences beside each other.
        into: numbers of a step.
        batch_first: whether the batch stands before time.
    """

    steps: int
    batch: int
    into: int
    batch_first: bool


@operator("GRU")
def gru(build: Builder, node: Node) -> None:
    """Gated recurrent units; `linear_before_reset` is how PyTorch and Keras compute them."""
    _recurrent(build, node, "GRU")


@operator("LSTM")
def lstm(build: Builder, node: Node) -> None:
    """Long short-term memory, without peepholes."""
    if len(node.inputs) > 7 and node.inputs[7] and np.any(build.constant(node, 7)):
        raise node.refuse("peepholes are not supported: train it without, as PyTorch and Keras do")
    if node.attributes.get("input_forget", 0):
        raise node.refuse("input_forget is not supported: train it with a forget gate of its own")
    _recurrent(build, node, "LSTM")


@operator("RNN")
def rnn(build: Builder, node: Node) -> None:
    """Units whose state is fed back through tanh."""
    _recurrent(build, node, "RNN")


def _recurrent(build: Builder, node: Node, cell: Cell) -> None:
    sequence = _sequence(build, node, cell)
    weights, state_weights = (build.constant(node, index).astype(float) for index in (1, 2))
    directions, rows, units = state_weights.shape
    wanted = 2 if node.attributes.get("direction", b"forward") == b"bidirectional" else 1
    shapes = ((wanted, GATES[cell] * units, sequence.into), (wanted, GATES[cell] * units, units))
    if (weights.shape, state_weights.shape) != shapes:
        raise node.refuse(
            f"weights {weights.shape} and {state_weights.shape} do not fit steps of {sequence.into}"
        )
    given = build.optional(node, 3)
    biases = np.zeros((directions, 2 * rows)) if given is None else given.astype(float)
    if biases.shape != (directions, 2 * rows):
        raise node.refuse(f"its bias {biases.shape} does not fit its weights")
    reset_after = cell == "GRU" and bool(node.attributes.get("linear_before_reset", 0))
    made: list[list[str]] = []
    cells: list[str] = []
    wants_cells = cell == "LSTM" and len(node.outputs) > 2 and build.is_needed(node.outputs[2])
    for direction in range(directions):
        bias, own = np.split(biases[direction], 2)
        state_bias = own[2 * units :] if reset_after else None
        apart = 2 * units if reset_after else rows
        bias = bias + np.where(np.arange(rows) < apart, own, 0.0)
        reverse = direction == 1 or node.attributes.get("direction") == b"reverse"
        fields = {
            "cell": cell,
            "steps": sequence.steps,
            "weights": weights[direction],
            "state_weights": state_weights[direction],
            "bias": bias,
            "state_bias": state_bias,
            "reverse": reverse,
        }
        made.append([])
        for place in range(sequence.batch):
            inputs = [_one_of_batch(build, node, sequence, place)]
            inputs += _starts(build, node, cell, sequence, (direction, place))
            shape, suffix = (sequence.steps, units), f".{'backward' if reverse else 'forward'}"
            made[-1].append(build.add(Recurrent, node, inputs, shape, suffix, **fields))
            if wants_cells:
                name = build.add(
                    Recurrent, node, inputs, shape, f"{suffix}.cells", **fields, cells=True
                )
                cells.append(_last_step(build, node, name, sequence, reverse=reverse))
    _give_out(build, node, made, sequence)
    if wants_cells:
        _join_last(build, node, cells, sequence, node.outputs[2])


def _one_of_batch(build: Builder, node: Node, sequence: _Sequence, place: int) -> str:
    """Return the steps of one sequence."""
    name = build.value(node)
    if sequence.batch == 1:
        return name
    axis = 0 if sequence.batch_first else 1
    return build.gather(node, [name], lambda index: index.take(place, axis), f".batch{place}")


def _sequence(build: Builder, node: Node, cell: Cell) -> _Sequence:
    """Return what a node goes over; refuse what its cells do not do."""
    attributes = node.attributes
    direction = attributes.get("direction", b"forward").decode()
    if direction not in ("forward", "reverse", "bidirectional"):
        raise node.refuse(f"its direction {direction!r} is not known: export it again")
    activations = [name.decode().lower() for name in attributes.get("activations", [])]
    directions = 2 if direction == "bidirectional" else 1
    if activations not in ([], _ACTIVATIONS[cell] * directions):
        names = ", ".join(activations)
        told = f"the activations {names} are not supported: train it with the standard's own"
        raise node.refuse(told)
    if 0 < attributes.get("clip", 0.0) < _HARMLESS_CLIP:
        raise node.refuse(
            f"clip under {_HARMLESS_CLIP:g}, beyond which sigmoid and tanh are flat anyway, is not "
            "supported: export it without"
        )
    shape = build.shape(build.value(node))
    if len(shape) != 3:
        raise node.refuse(f"its input has shape {shape}: time, batch and features are expected")
    batch_first = bool(attributes.get("layout", 0))
    steps, batch = (shape[1], shape[0]) if batch_first else shape[:2]
    if batch > 1 and build.is_batch(batch) and not build.is_input(node, 0):
        raise BatchError(f"{cell} node {node.name!r}: its input {shape} has a batch of {batch}")
    lengths = build.optional(node, 4)
    if lengths is not None and np.any(lengths != steps):
        raise node.refuse("sequences shorter than its input are not supported")
    return _Sequence(steps, batch, shape[2], batch_first)


def _starts(
    build: Builder, node: Node, cell: Cell, sequence: _Sequence, place: tuple[int, int]
) -> list[str]:
    """Return what the states begin as, of a direction and sequence; nothing where that is zero."""
    places = [index for index in ((5, 6) if cell == "LSTM" else (5,)) if index < len(node.inputs)]
    places = [index for index in places if node.inputs[index]]
    if all(
        build.is_constant(node, index) and not np.any(build.constant(node, index))
        for index in places
    ):
        return []
    if cell == "LSTM" and len(places) < 2:
        raise node.refuse("it begins with one of its two states: give it both, or none")
    names, directions = [], build.constant(node, 2).shape[0]
    for index in places:
        name = value_or_constant(build, node, index)
        units = build.constant(node, 2).shape[-1]
        sides = (directions, sequence.batch)
        wanted = (*(sides[::-1] if sequence.batch_first else sides), units)
        if build.shape(name) != wanted:
            raise node.refuse(f"its states begin with shape {build.shape(name)}, not {wanted}")
        if math.prod(sides) > 1:
            at = place[::-1] if sequence.batch_first else place
            suffix = f".start{index}.{place[0]}.{place[1]}"
            name = build.gather(node, [name], lambda index, at=at: index[at], suffix)
        names.append(name)
    return names


def _give_out(build: Builder, node: Node, made: list[list[str]], sequence: _Sequence) -> None:
    """Append what puts states where the node's outputs have them.

    Args:
        build: of the network.
        node: it stands for.
        made: all states, (steps, units), by direction and sequence.
        sequence: what it goes over.
    """
    directions, steps = len(made), sequence.steps
    if node.outputs[0]:

        def all_steps(*parts: np.ndarray) -> np.ndarray:
            joined = np.stack(parts).reshape(directions, sequence.batch, steps, -1)
            return joined.transpose((1, 2, 0, 3) if sequence.batch_first else (2, 0, 1, 3))

        names = [name for each in made for name in each]
        build.gather(node, names, all_steps, output=node.outputs[0])
    if len(node.outputs) > 1 and node.outputs[1]:
        ends = [
            _last_step(build, node, name, sequence, reverse=".backward" in name)
            for each in made
            for name in each
        ]
        _join_last(build, node, ends, sequence, node.outputs[1])


def _last_step(build: Builder, node: Node, name: str, sequence: _Sequence, *, reverse: bool) -> str:
    """Return the state behind the last step that a direction takes, (units,)."""
    end = 0 if reverse else sequence.steps - 1
    return build.gather(node, [name], lambda index: index[end], f"{name}.last")


def _join_last(
    build: Builder, node: Node, ends: list[str], sequence: _Sequence, output: str
) -> None:
    """Append what puts last states, by direction and sequence, where an output has them."""

    def last(*parts: np.ndarray) -> np.ndarray:
        joined = np.stack(parts).reshape(-1, sequence.batch, parts[0].shape[-1])
        return joined.swapaxes(0, 1) if sequence.batch_first else joined

    build.gather(node, ends, last, output=output)
