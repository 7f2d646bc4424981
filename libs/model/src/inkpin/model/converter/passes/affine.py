"""Passes over constant factors and terms: layers take them over; what is left is a layer itself."""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import TypeGuard

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    Binary,
    Constant,
    Conv,
    Gather,
    Op,
    Program,
    Recurrent,
    Shape,
    Unary,
    Weighted,
    size,
)
from inkpin.model.converter.passes.rewriting import (
    fused,
    only_moves,
    pairs,
    producer,
    repeated,
    replaced,
    sole_reader,
)
from inkpin.model.converter.windows import Windows

GainOffset = tuple[np.ndarray, np.ndarray]
_PROBES = np.array([-3.0, -0.5, 0.0, 1.0, 7.0])


@repeated
def fold_affine_behind(program: Program) -> Program:
    """Fold factors and terms into those before them, or into the weights of the layer there."""
    for first, second in pairs(program, Op, Affine):
        if first.output in program.prescribed:
            continue
        if isinstance(first, Affine):
            both = fused(program, first, second)
            gain, offset = both.gain * second.gain, both.offset * second.gain + second.offset
            new: Op = replace(both, gain=gain, offset=offset)
        elif isinstance(first, Weighted) and (found := _takes(program, first, second)):
            new = first.scaled(*found).fused(second)
        else:
            continue
        return replaced(program, [first, second], new)
    return program


def _takes(program: Program, layer: Weighted, op: Affine) -> GainOffset | None:
    """Return gain and offset by output channel, if a layer can take them over."""
    if (layer.low, layer.high) != (-np.inf, np.inf):
        return None
    found = _by_channel(program, op, 1 if isinstance(layer, Conv) else -1)
    if found is None or len(found[0]) != len(layer.weights):
        return None
    turned = isinstance(layer, Conv) and layer.pool and np.any(found[0] < 0)
    return None if turned else found


@repeated
def fold_affine_before(program: Program) -> Program:
    """Fold factors and terms into the weights of the layer behind them."""
    for first, layer in pairs(program, Affine, Recurrent):
        found = _by_channel(program, first, -1) if first.output == layer.inputs[0] else None
        if (
            first.output in program.prescribed
            or found is None
            or layer.inputs.count(first.output) > 1
        ):
            continue
        gain, offset = found
        if len(gain) == layer.weights.shape[1]:
            folded = replace(
                layer,
                weights=layer.weights * gain,
                bias=layer.bias + layer.weights @ offset,
                inputs=(*first.inputs, *layer.inputs[1:]),
                nodes=(*first.nodes, *layer.nodes),
            )
            return replaced(program, [first, layer], folded)
    for first, second in pairs(program, Affine, Weighted):
        if first.output in program.prescribed or (second.quantised and np.any(first.gain != 1)):
            continue
        if isinstance(second, Conv):
            new: Weighted | None = _into_conv(program, first, second)
        else:
            new = _into_dense(program, first, second)
        if new is not None:
            nodes = (*first.nodes, *second.nodes)
            return replaced(
                program, [first, second], replace(new, inputs=first.inputs, nodes=nodes)
            )
    return program


@repeated
def sink_affine(program: Program) -> Program:
    """Fold factors and terms into several layers behind them, or behind what moves them."""
    for op in program.ops:
        inside = op.output not in program.prescribed and op.output not in program.results
        if isinstance(op, Affine) and inside and _ends_in_layers(program, op.output):
            made, backs = sunk(program, op.output, op.inputs[0], op.gain, op.offset)
            made = fold_affine_before(made)
            if not backs & {each.output for each in made.ops}:
                return replace(made, ops=tuple(each for each in made.ops if each is not op))
    return program


def _ends_in_layers(program: Program, name: str) -> bool:
    readers = program.readers(name)
    return bool(readers) and all(
        isinstance(op, Weighted | Recurrent)
        or (only_moves(op, program) and _ends_in_layers(program, op.output))
        for op in readers
    )


def sunk(
    program: Program, name: str, source: str, gain: np.ndarray, offset: np.ndarray
) -> tuple[Program, set[str]]:
    """Take a factor and a term to behind what carries the value that they make; see `carries`.

    Args:
        program: the network.
        name: of a value that is another one times `gain` plus `offset`.
        source: name of that other one.
        gain: factor.
        offset: term.

    Returns:
        The program whose carriers read the source, and names of the values that give the numbers
        back to all other readers, each by an Affine of its own.
    """
    shape = program.shapes[name]
    held = {name: (source, np.broadcast_to(gain, shape), np.broadcast_to(offset, shape))}
    fixed = {op.output: op.value for op in program.ops if isinstance(op, Constant)}
    shapes, backs = dict(program.shapes), set[str]()
    ops: list[Op] = []
    for op in program.ops:
        if not held.keys() & {*op.inputs}:
            ops.append(op)
        elif takes_factor(op, program, fixed) and not np.any(held[op.inputs[0]][2]):
            start, gain, _ = held[op.inputs[0]]
            constant = f"{op.output}.scaled"
            value = fixed[op.inputs[1]] * gain.reshape(shapes[op.inputs[1]])
            shapes[constant] = value.shape
            ops.append(Constant(nodes=op.nodes, inputs=(), output=constant, value=value))
            ops.append(replace(op, inputs=(start, constant)))
        elif carries(op, program, held.keys() | fixed.keys()) and (
            found := _carried(op, held, shapes)
        ):
            gain, offset = (array.reshape(shapes[op.output]) for array in found)
            held[op.output] = op.output, gain, offset
            sources = tuple(held[each][0] if each in held else each for each in op.inputs)
            same = replace(op, inputs=sources)
            ops.append(replace(same, fill=0.0) if isinstance(same, Gather) else same)
        else:
            given_back = {each: f"{op.output}.{each}.real" for each in op.inputs if each in held}
            for each, back in given_back.items():
                start, gain, offset = held[each]
                shapes[back] = program.shapes[each]
                nodes = () if isinstance(op, Weighted | Recurrent) else op.nodes
                ops.append(
                    Affine(nodes=nodes, inputs=(start,), output=back, gain=gain, offset=offset)
                )
            backs.update(given_back.values())
            ops.append(replace(op, inputs=tuple(given_back.get(n, n) for n in op.inputs)))
    return replace(program, ops=tuple(ops), shapes=shapes), backs


Carrier = Gather | Binary | Unary


def carries(op: Op, program: Program, held: Container[str]) -> TypeGuard[Carrier]:
    """Whether an op within the program moves, joins, multiplies or squares held values alone."""
    inside = op.output not in program.results and op.output not in program.prescribed
    free = _is_product(op) and (op.low, op.high) == (-np.inf, np.inf)
    kind = isinstance(op, Gather) or free or _is_square(op)
    return inside and kind and all(each in held for each in op.inputs)


def takes_factor(op: Op, program: Program, fixed: Container[str]) -> TypeGuard[Binary]:
    """Whether an op multiplies each element with a constant of its own, which can change."""
    return (
        _is_product(op)
        and op.inputs[0] not in fixed
        and op.inputs[1] in fixed
        and size(program.shapes[op.inputs[0]]) == size(program.shapes[op.inputs[1]])
    )


def _is_product(op: Op) -> TypeGuard[Binary]:
    return isinstance(op, Binary) and op.op_type == "mul"


def _is_square(op: Op) -> TypeGuard[Unary]:
    if not isinstance(op, Unary):
        return False
    with np.errstate(all="ignore"):
        return bool(np.allclose(op.function(_PROBES), np.square(_PROBES), rtol=1e-5))


def _carried(
    op: Carrier,
    held: Mapping[str, tuple[str, np.ndarray, np.ndarray]],
    shapes: Mapping[str, Shape],
) -> GainOffset | None:
    """Return factor and term behind an op that carries; None for a product of sums."""
    parts = [
        held[each][1:] if each in held else (np.ones(shapes[each]), np.zeros(shapes[each]))
        for each in op.inputs
    ]
    gains, offsets = ([part[i].ravel() for part in parts] for i in (0, 1))
    if isinstance(op, Gather):
        return (
            np.concatenate([*gains, [0.0]])[op.index],
            np.concatenate([*offsets, [op.fill]])[op.index],
        )
    if any(np.any(offset != 0) for offset in offsets):
        return None
    if isinstance(op, Unary):
        return np.square(gains[0]), offsets[0]
    return gains[0].reshape(op.broadcast) * gains[1].reshape(1, -1, 1), np.zeros(op.broadcast)


@repeated
def scale_before_squares(program: Program) -> Program:
    """Let factors of squares go before them, where another factor stands or a layer takes them.

    What is squared then has one unit, as the distances of a normal distribution from its mean.
    """
    for first, second in pairs(program, Unary, Affine):
        before = producer(program, first.inputs[0])
        alone = before is not None and sole_reader(program, before.output) is first
        if (
            not alone
            or not isinstance(before, Affine)
            or _is_one_for_all(second)
            or np.any(second.gain <= 0)
            or {first.output, before.output} & program.prescribed.keys()
            or not _is_square(first)
        ):
            continue
        root = np.broadcast_to(np.sqrt(second.gain), program.shapes[before.output])
        scaled = replace(before, gain=before.gain * root, offset=before.offset * root)
        made = replaced(program, [before], scaled)
        return replaced(made, [second], replace(second, gain=np.ones(1)))
    return program


def _into_dense(program: Program, op: Affine, layer: Weighted) -> Weighted | None:
    count, shape = layer.weights.shape[1], program.shapes[op.output]
    if size(shape) == count:
        found: GainOffset | None = (
            np.broadcast_to(op.gain, shape).ravel(),
            np.broadcast_to(op.offset, shape).ravel(),
        )
    else:
        found = _by_channel(program, op, -1) if shape[-1] == count else None
    if found is None:
        return None
    gain, offset = found
    bias = layer.bias + layer.weights @ offset
    return replace(layer, weights=layer.weights * gain, bias=bias)


def _into_conv(program: Program, op: Affine, layer: Conv) -> Conv | None:
    found = _by_channel(program, op, 1)
    # What lies outside the maps is 0 behind the term, so it cannot be folded there.
    if found is None or (layer.padded and np.any(found[1] != 0)):
        return None
    gain, offset = found
    out, into = layer.weights.shape[:2]
    group = np.repeat(np.arange(layer.groups), out // layer.groups)
    index = group[:, None] * into + np.arange(into)
    bias = layer.bias + np.einsum("oihw,oi->o", layer.weights, offset[index])
    return replace(layer, weights=layer.weights * gain[index][:, :, None, None], bias=bias)


def lower_affine(program: Program) -> Program:
    """Turn the factors and terms that are left into ops that kernels know.

    One for all becomes a function, one for each channel a depthwise convolution of single cells,
    others a product and a sum with constants.
    """
    ops: list[Op] = []
    shapes = dict(program.shapes)
    for op in program.ops:
        if not isinstance(op, Affine):
            ops.append(op)
        elif conv := as_convolution(program, op):
            ops.append(conv)
        elif _is_one_for_all(op):
            ops.append(_as_function(op))
        else:
            ops += _as_product_and_sum(op, shapes)
    if not any(isinstance(op, Affine) for op in program.ops):
        return program
    return replace(program, ops=tuple(ops), shapes=shapes)


def as_convolution(program: Program, op: Affine) -> Conv | None:
    """Return the depthwise convolution that an Affine by channel is, else None."""
    shape = program.shapes[op.output]
    if len(shape) < 2 or shape[0] != 1 or _is_one_for_all(op):
        return None
    found = _by_channel(program, op, 1)
    if found is None:
        return None
    channels, cells = shape[1], size(shape[2:])
    return Conv(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        weights=found[0].reshape(-1, 1, 1, 1).astype(float),
        bias=found[1].astype(float),
        maps=(channels, 1, cells),
        windows=Windows((1, 1), (1, 1), (0, 0), (1, 1), (1, cells)),
        groups=channels,
    )


def _as_function(op: Affine) -> Unary:
    gain, offset = float(op.gain.reshape(())), float(op.offset.reshape(()))
    return Unary(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        function=lambda values: values * gain + offset,
        op_type="scale",
    )


def _as_product_and_sum(op: Affine, shapes: dict[str, Shape]) -> list[Op]:
    """Return ops and note the shapes of their values; a factor of 1 and a term of 0 fall away."""
    shape = shapes[op.output]
    parts = [("mul", op.gain, 1.0), ("add", op.offset, 0.0)]
    parts = [part for part in parts if np.any(part[1] != part[2])] or parts[:1]
    ops: list[Op] = []
    name = op.inputs[0]
    for op_type, array, _ in parts:
        constant = f"{op.output}.{op_type}"
        output = op.output if op_type == parts[-1][0] else f"{op.output}.{op_type}ed"
        shapes[constant] = shapes[output] = shape
        value = np.broadcast_to(array, shape).astype(float)
        ops.append(Constant(nodes=op.nodes, inputs=(), output=constant, value=value))
        ops.append(
            Binary(
                nodes=op.nodes,
                inputs=(name, constant),
                output=output,
                op_type=op_type,
                broadcast=(1, size(shape), 1),
            )
        )
        name = output
    return ops


def _is_one_for_all(op: Affine) -> bool:
    return op.gain.size == 1 and op.offset.size == 1


def _by_channel(program: Program, op: Affine, axis: int) -> GainOffset | None:
    """Return gain and offset, (channels,), where they vary along one axis alone."""
    shape = program.shapes[op.output]
    if len(shape) <= abs(axis) - (axis < 0):
        return None
    gain, offset = (_along(array, shape, axis) for array in (op.gain, op.offset))
    return None if gain is None or offset is None else (gain, offset)


def _along(array: np.ndarray, shape: Shape, axis: int) -> np.ndarray | None:
    """Return (length,) where a constant that broadcasts against `shape` varies by one axis."""
    full = np.broadcast_to(array, shape)
    channels = np.moveaxis(full, axis, 0).reshape(shape[axis], -1)
    return channels[:, 0] if np.all(channels == channels[:, :1]) else None
