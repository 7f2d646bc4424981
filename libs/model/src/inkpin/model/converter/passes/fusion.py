"""Passes that let a layer do what follows it, or what comes before it, at no cost."""

from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    Clamped,
    Clip,
    Conv,
    Dense,
    Gather,
    MaxPool,
    Op,
    Program,
    size,
)
from inkpin.model.converter.passes.affine import as_convolution
from inkpin.model.converter.passes.rewriting import pairs, repeated, replaced, requantises


@repeated
def fold_gather(program: Program) -> Program:
    """Let the weights of a dense layer of one row follow where a gather puts its inputs."""
    for first, second in pairs(program, Gather, Dense):
        count = size(program.shapes[first.inputs[0]])
        order = first.index.ravel()
        if requantises(program, first):
            continue
        if len(first.inputs) > 1 or len(order) != second.weights.shape[1]:
            continue
        if len(order) != count or not np.array_equal(np.sort(order), np.arange(count)):
            continue
        back = np.argsort(order)
        quantised = second.quantised
        if quantised is not None:
            quantised = replace(quantised, integers=quantised.integers[:, back])
        new = replace(
            second,
            weights=second.weights[:, back],
            quantised=quantised,
            inputs=first.inputs,
            nodes=(*first.nodes, *second.nodes),
        )
        return replaced(program, [first, second], new)
    return program


@repeated
def fuse_clip(program: Program) -> Program:
    """Let an op cut its results itself where Relu or Clip follows."""
    for first, second in pairs(program, Op, Clip):
        if first.output in program.prescribed:
            continue
        if isinstance(first, Clamped | Clip):
            low = min(max(first.low, second.low), second.high)
            high = max(min(first.high, second.high), second.low)
            new: Op = first.fused(second, low=low, high=high)
        elif isinstance(first, Affine) and (conv := as_convolution(program, first)):
            new = conv.fused(second, low=second.low, high=second.high)
        else:
            continue
        return replaced(program, [first, second], new)
    return program


@repeated
def fuse_max_pool(program: Program) -> Program:
    """Let a convolution pool as it goes, where no window overlaps another.

    Cutting and rounding keep the order of numbers, so they may come behind the pooling.
    """
    for first, second in pairs(program, Conv, MaxPool):
        apart = second.windows.apart(second.maps)
        if first.pool or not apart or first.out_maps != second.maps:
            continue
        prescribed = dict(program.prescribed)
        if first.output in prescribed and requantises(program, second):
            continue
        if first.output in prescribed:
            prescribed.setdefault(second.output, prescribed[first.output])
        made = replaced(program, [first, second], first.fused(second, pool=second.windows))
        return replace(made, prescribed=prescribed)
    return program
