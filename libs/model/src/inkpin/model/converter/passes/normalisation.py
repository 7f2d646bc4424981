"""Passes over normalisations: those that exporters spell out, and constants behind them."""

from collections.abc import Callable

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    AveragePool,
    Binary,
    Clip,
    Gather,
    Normalise,
    Program,
    Unary,
    size,
)
from inkpin.model.converter.passes.gathers import is_reshape
from inkpin.model.converter.passes.rewriting import pairs, producer, repeated, replaced

_PROBES = np.array([1e-4, 1e-2, 0.25, 1.0, 2.0, 9.0])
_CLOSE = 1e-4  # functions are computed in float32; _same decides


@repeated
def scale_normalisations(program: Program) -> Program:
    """Let a normalisation take over the constant factors and terms behind it, be it reshaped."""
    for first, move in pairs(program, Normalise, Gather):
        if is_reshape(program, move) and not program.prescribed.keys() & {
            first.output,
            move.output,
        }:
            return replaced(program, [first, move], first.fused(move))
    for first, second in pairs(program, Normalise, Affine):
        if first.output in program.prescribed or (first.low, first.high) != (-np.inf, np.inf):
            continue
        shape = program.shapes[second.output]
        gain, offset = (np.broadcast_to(a, shape).ravel() for a in (second.gain, second.offset))
        new = first.fused(second, gain=first.gain * gain, offset=first.offset * gain + offset)
        return replaced(program, [first, second], new)
    return program


@repeated
def find_normalisations(program: Program) -> Program:
    """Make one op of a normalisation that is spelled out: x - mean, squares, mean, root, quotient.

    What looks like one is computed on random numbers, and has to be one.
    """
    for op in program.ops:
        if isinstance(op, Binary) and op.op_type == "mul" and op.inputs[0] != op.inputs[1]:
            for numbers, inverse in (op.inputs, op.inputs[::-1]):
                made = _normalisation(program, op, numbers, inverse)
                if made is not None and _same(program, op, made):
                    return replaced(program, [op], made)
    return program


def _normalisation(program: Program, op: Binary, numbers: str, inverse: str) -> Normalise | None:
    """Return what a product is if `inverse` is one over the root of the mean square of numbers."""
    function, mean = _function_of_mean(program, inverse)
    squares = producer(program, mean.inputs[0]) if mean else None
    if mean is None or not isinstance(squares, Unary) or squares.inputs[0] != numbers:
        return None
    power = float(squares.function(np.array([3.0]))[0]) / 9.0
    with np.errstate(all="ignore"):
        divisor = 1 / np.square(function(_PROBES))  # a * mean + b
        parts = squares.function(_PROBES) - power * np.square(_PROBES)
    if not np.isfinite(divisor).all() or np.abs(parts).max() > _CLOSE * power:
        return None
    slope = float(divisor[-1] - divisor[3]) / float(_PROBES[-1] - _PROBES[3])
    base = max(float(divisor[0]) - slope * float(_PROBES[0]), 0.0)  # where it weighs most
    layout = (mean.maps[0], mean.windows.size[0], mean.maps[2])
    if slope <= 0 or np.abs(divisor / (slope * _PROBES + base) - 1).max() > _CLOSE:
        return None
    if mean.windows.size != (mean.maps[1], 1) or mean.margin != (0, 0, 0, 0) or power <= 0:
        return None
    slope *= power * mean.gain
    source, centred, nodes = numbers, False, [*squares.nodes, *mean.nodes, *op.nodes]
    minus = producer(program, numbers)
    if isinstance(minus, Binary) and (minus.op_type, minus.sign) == ("add", -1):
        middle = producer(program, minus.inputs[1])
        if isinstance(middle, AveragePool) and middle.inputs[0] == minus.inputs[0]:
            source, centred, nodes = minus.inputs[0], True, [*minus.nodes, *nodes]
    if size(program.shapes[source]) != size(layout):
        return None
    return Normalise(
        nodes=tuple(dict.fromkeys(nodes)),
        inputs=(source,),
        output=op.output,
        layout=layout,
        centred=centred,
        epsilon=base / slope,
        gain=np.array([slope**-0.5]),
        offset=np.zeros(1),
        low=op.low,
        high=op.high,
    )


Function = Callable[[np.ndarray], np.ndarray]


def _function_of_mean(program: Program, name: str) -> tuple[Function, AveragePool | None]:
    """Return what function of which average a value is, be it repeated on the way."""
    steps: list[Function] = []
    while (op := producer(program, name)) is not None and name not in program.prescribed:
        if isinstance(op, AveragePool):
            return lambda values: _applied(steps, values), op
        scalar = isinstance(op, Affine) and op.gain.size == op.offset.size == 1
        if isinstance(op, Unary | Clip) or scalar:
            steps.append(op.compute)
        elif not (isinstance(op, Gather) and len(op.inputs) == 1 and op.index.min() >= 0):
            break
        name = op.inputs[0]
    return lambda values: values, None


def _applied(steps: list[Function], values: np.ndarray) -> np.ndarray:
    for step in reversed(steps):
        values = step(values).reshape(values.shape)
    return values


def _same(program: Program, op: Binary, made: Normalise) -> bool:
    """Whether an op computes what the ops do that it stands for."""
    [source] = made.inputs
    chain = [op.output]
    for one in reversed(program.ops):
        if one.output in chain and one.output != source:
            chain += one.inputs
    inside = [one for one in program.ops if one.output in chain and one.output != source]
    if any(one.output in program.prescribed for one in inside if one is not op):
        return False
    x = np.random.default_rng(0).normal(size=(2, *program.shapes[source]))
    values = {source: x}
    for one in inside:
        if not all(name in values for name in one.inputs):
            return False
        results = one.compute(*(values[name] for name in one.inputs))
        values[one.output] = results.reshape(len(x), *program.shapes[one.output])
    wanted = values[op.output]
    return bool(np.allclose(made.compute(x).reshape(wanted.shape), wanted, rtol=1e-5, atol=1e-7))
