"""What passes are made of: how they are repeated, and how they find and replace ops."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard, TypeVar

import numpy as np

from inkpin.model.converter.ir import Affine, Gather, Op, Program

Pass = Callable[[Program], Program]
"""Returns the very program that it was given where it has nothing to do."""

First = TypeVar("First", bound=Op)
Second = TypeVar("Second", bound=Op)


def fixpoint(program: Program, passes: Sequence[Pass]) -> Program:
    """Run passes one behind the other, again and again until none has anything to do."""
    while True:
        before = program
        for one in passes:
            program = one(program)
        if program is before:
            return program


def repeated(rewrite: Pass) -> Pass:
    """Make a pass of what rewrites one place of a program."""

    def run(program: Program) -> Program:
        return fixpoint(program, [rewrite])

    run.__doc__ = rewrite.__doc__
    return run


def drop_dead(program: Program) -> Program:
    """Remove what the output does not depend on."""
    needed = set(program.results)
    kept = []
    for op in reversed(program.ops):
        if op.output in needed:
            needed.update(op.inputs)
            kept.append(op)
    if len(kept) == len(program.ops):
        return program
    return replace(program, ops=tuple(kept[::-1]))


def sole_reader(program: Program, name: str) -> Op | None:
    """Return the only op that reads a value that is not the output, else None."""
    readers = program.readers(name)
    return readers[0] if len(readers) == 1 and name not in program.results else None


def pairs(
    program: Program, first: type[First], second: type[Second]
) -> Iterator[tuple[First, Second]]:
    """Yield every op of one class with the only reader of its output, if that is of the other."""
    for op in program.ops:
        if isinstance(op, first):
            reader = sole_reader(program, op.output)
            if isinstance(reader, second):
                yield op, reader


def requantises(program: Program, op: Op) -> bool:
    """Whether a model prescribes other bytes behind an op that computes nothing than before it.

    Such a move rounds and cuts, which nobody else would do in its place.
    """
    code = program.prescribed.get(op.output)
    return code is not None and any(program.prescribed.get(name) != code for name in op.inputs)


def only_moves(op: Op, program: Program) -> TypeGuard[Gather]:
    """Whether an op within the program moves the elements of one value, and rounds none."""
    inside = op.output not in program.results and op.output not in program.prescribed
    return isinstance(op, Gather) and len(op.inputs) == 1 and inside


def producer(program: Program, name: str) -> Op | None:
    """Return the op that makes a value; None for an input."""
    return next((op for op in program.ops if op.output == name), None)


def fused(program: Program, first: First, second: Op) -> First:
    """Return an op with the work of the one behind it, whatever shape that has, done too."""
    new = first.fused(second)
    before, behind = (program.shapes[op.output] for op in (first, second))
    if before == behind or not isinstance(new, Affine):
        return new
    gain, offset = (
        np.broadcast_to(each, before).reshape(behind) if each.size > 1 else each
        for each in (new.gain, new.offset)
    )
    return replace(new, gain=gain, offset=offset)


def replaced(program: Program, old: Sequence[Op], new: Op) -> Program:
    """Return the program with `new` in the place of the last of the `old` ops."""
    last = max(i for i, op in enumerate(program.ops) if op in old)
    ops = [
        new if i == last else op for i, op in enumerate(program.ops) if i == last or op not in old
    ]
    return replace(program, ops=tuple(ops))


def without(program: Program, gone: Op) -> Program:
    """Return the program whose ops read the input of an op instead of its output."""
    ops = []
    for op in program.ops:
        if op is gone:
            continue
        if gone.output in op.inputs:
            inputs = tuple(gone.inputs[0] if n == gone.output else n for n in op.inputs)
            op = replace(op, inputs=inputs)
        ops.append(op)
    return replace(program, ops=tuple(ops))
