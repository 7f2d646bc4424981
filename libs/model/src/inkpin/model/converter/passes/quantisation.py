"""Passes over the bytes that a model prescribes: what makes a value makes them at once."""

from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import Gather, Program, Quantise, Softmax, size
from inkpin.model.converter.passes.rewriting import (
    fused,
    producer,
    repeated,
    replaced,
    sole_reader,
    without,
)


@repeated
def fuse_quantise(program: Program) -> Program:
    """Let the op before a prescribed rounding make the prescribed bytes itself."""
    for op in program.ops:
        if isinstance(op, Quantise):
            made = _quantised_input(program, op) or _quantised_value(program, op)
            if made is not None:
                return made
    return program


def _quantised_input(program: Program, op: Quantise) -> Program | None:
    """Return the program whose input is rounded as the op does, if it may be."""
    name = op.inputs[0]
    if producer(program, name) is not None or program.prescribed.get(name, op.to) != op.to:
        return None
    if len(program.readers(name)) > 1 and name not in program.prescribed:
        return None
    prescribed = {**program.prescribed, name: op.to}
    if op.output not in program.results:
        return replace(without(program, op), prescribed=prescribed)
    shape = program.shapes[name]
    index = np.arange(size(shape)).reshape(shape)
    copy = Gather(nodes=op.nodes, inputs=op.inputs, output=op.output, index=index)
    return replace(replaced(program, [op], copy), prescribed={**prescribed, op.output: op.to})


def _quantised_value(program: Program, op: Quantise) -> Program | None:
    """Return the program whose op before makes the bytes, if it can."""
    name = op.inputs[0]
    maker = producer(program, name)
    if maker is None:
        return None
    if sole_reader(program, name) is op and name not in program.prescribed:
        last = isinstance(maker, Softmax) and op.output in program.results
        if last or isinstance(maker, Quantise):
            return None  # kernels/softmax.py rounds the last probabilities as it makes them
        made = replaced(program, [maker, op], fused(program, maker, op))
        return replace(made, prescribed={**program.prescribed, op.output: op.to})
    if program.prescribed.get(name) == op.to and op.output not in program.results:
        return without(program, op)
    return None


def prescribe_backwards(program: Program) -> Program:
    """Prescribe to what is only copied the bytes that come out behind it."""
    prescribed = dict(program.prescribed)
    for op in reversed(program.ops):
        if op.copies and op.output in prescribed:
            for name in op.inputs:
                if sole_reader(program, name) is op:
                    prescribed.setdefault(name, prescribed[op.output])
    if len(prescribed) == len(program.prescribed):
        return program
    return replace(program, prescribed=prescribed)
