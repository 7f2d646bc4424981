"""Passes over products of computed values: what stands before and behind them at no cost."""

from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import Affine, Gather, Grid, MatMul, Op, Program
from inkpin.model.converter.passes.rewriting import (
    pairs,
    producer,
    repeated,
    replaced,
    requantises,
)


@repeated
def scale_products(program: Program) -> Program:
    """Let a product take over the factors of its inputs and of its result, as attention has."""
    for first, second in pairs(program, Affine, MatMul):
        if first.output in program.prescribed or (gain := _factor(first)) is None:
            continue
        inputs = tuple(first.inputs[0] if n == first.output else n for n in second.inputs)
        gain **= second.inputs.count(first.output)
        nodes = (*first.nodes, *second.nodes)
        new = replace(second, inputs=inputs, gain=second.gain * gain, nodes=nodes)
        return replaced(program, [first, second], new)
    for product, behind in pairs(program, MatMul, Affine):
        if product.output in program.prescribed or (gain := _factor(behind)) is None:
            continue
        if (product.low, product.high) == (-np.inf, np.inf):
            new = product.fused(behind, gain=product.gain * gain)
            return replaced(program, [product, behind], new)
    return program


def _factor(op: Affine) -> float | None:
    """Return the positive factor that is all an op does, or None."""
    if op.gain.size > 1 or np.any(op.offset != 0) or op.gain.reshape(()) <= 0:
        return None
    return float(op.gain.reshape(()))


@repeated
def read_in_place(program: Program) -> Program:
    """Let a product read matrices where they lie before they are transposed, split or cut."""
    for op in program.ops:
        if not isinstance(op, MatMul):
            continue
        for place, name in enumerate(op.inputs):
            move = producer(program, name)
            if not isinstance(move, Gather) or requantises(program, move):
                continue
            grid = _grid_before(op, place, move)
            if grid is not None:
                grids = (grid, op.grids[1]) if place == 0 else (op.grids[0], grid)
                inputs = tuple(move.inputs[0] if i == place else n for i, n in enumerate(op.inputs))
                nodes = (*(n for n in move.nodes if n not in op.nodes), *op.nodes)
                new: Op = replace(op, inputs=inputs, grids=grids, nodes=nodes)
                return replaced(program, [op], new)
    return program


def _grid_before(op: MatMul, place: int, move: Gather) -> Grid | None:
    """Return where the matrices of an input lie in what a move reads, if on a grid."""
    batch, rows, depth, columns = op.layout
    sides = (batch, rows, depth) if place == 0 else (batch, depth, columns)
    places = move.index.ravel()[op.grids[place].places(*sides)]
    if len(move.inputs) > 1 or places.min() < 0:
        return None
    steps = [int(np.diff(places, axis=axis).flat[0]) if sides[axis] > 1 else 0 for axis in range(3)]
    grid = Grid(int(places.flat[0]), *steps)
    return grid if np.array_equal(grid.places(*sides), places) else None
