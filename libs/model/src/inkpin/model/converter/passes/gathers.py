"""Passes over what computes nothing: chains become one, and changes of shape nothing at all."""

from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import Affine, Gather, Op, Program, Quantise, size
from inkpin.model.converter.passes.rewriting import (
    fused,
    pairs,
    producer,
    repeated,
    replaced,
    requantises,
    sole_reader,
    without,
)


@repeated
def fuse_gathers(program: Program) -> Program:
    """Make one of two that follow each other."""
    for first, second in pairs(program, Gather, Gather):
        if len(first.inputs) > 1 or len(second.inputs) > 1:
            continue
        if first.fill != second.fill and _fills(second):
            continue
        between, behind = (program.prescribed.get(op.output) for op in (first, second))
        if behind not in (None, between) and (requantises(program, first) or _fills(first)):
            continue
        prescribed = dict(program.prescribed)
        if between is not None:
            prescribed.setdefault(second.output, between)
        index = np.where(second.index < 0, -1, first.index.ravel()[second.index])
        fill = first.fill if _fills(first) else second.fill
        made = replaced(program, [first, second], first.fused(second, index=index, fill=fill))
        return replace(made, prescribed=prescribed)
    return program


@repeated
def skip_reshapes(program: Program) -> Program:
    """Let what reads a mere change of shape read its input, unless shapes matter to it.

    One that makes the output is left to what makes its input. Where other bytes are prescribed
    behind it, a rounding to these is left.
    """
    for op in program.ops:
        if not isinstance(op, Gather) or not is_reshape(program, op):
            continue
        if requantises(program, op):
            to = program.prescribed[op.output]
            rounding = Quantise(nodes=op.nodes, inputs=op.inputs, output=op.output, to=to)
            return replaced(program, [op], rounding)
        if op.output not in program.results:
            if not any(map(_minds_shapes, program.readers(op.output))):
                return without(program, op)
            continue
        maker = producer(program, op.inputs[0])
        if maker is not None and sole_reader(program, maker.output) is op:
            prescribed = dict(program.prescribed)
            if maker.output in prescribed:
                prescribed.setdefault(op.output, prescribed[maker.output])
            made = replaced(program, [maker, op], fused(program, maker, op))
            return replace(made, prescribed=prescribed)
    return program


def is_reshape(program: Program, op: Gather) -> bool:
    """Whether nothing moves, and nothing is left behind."""
    count = size(program.shapes[op.inputs[0]])
    return len(op.inputs) == 1 and np.array_equal(op.index.ravel(), np.arange(count))


def _fills(op: Gather) -> bool:
    return bool(op.index.min() < 0)


def _minds_shapes(op: Op) -> bool:
    """Whether an op's constants broadcast against its input's shape."""
    return isinstance(op, Affine) and (op.gain.size > 1 or op.offset.size > 1)
