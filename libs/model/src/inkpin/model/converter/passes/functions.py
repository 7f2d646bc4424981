"""A pass: functions of one and the same value become one function, which one table holds.

Exporters spell out what they have no operator for: x * sigmoid(x), GELU's six nodes, a choice
between two branches of a curve. One table is smaller than many, and loses nothing in between.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import (
    Affine,
    Binary,
    Elementwise,
    Op,
    Program,
    Unary,
    Where,
    size,
)


@dataclass(frozen=True)
class _Function:
    """What a value is a function of.

    Attributes:
        root: name of the other value.
        apply: the function.
        nodes: that it stands for.
    """

    root: str
    apply: Callable[[np.ndarray], np.ndarray]
    nodes: tuple[str, ...] = ()


def join_functions(program: Program) -> Program:
    """Let every function of functions of one value read that value.

    What nobody reads any longer is left for drop_dead. The bytes that a model prescribes in
    between are kept: no function reaches beyond them.

    Raises:
        InputError: a choice between values is left, which no kernel makes.
    """
    known: dict[str, _Function] = {}
    ops: list[Op] = []
    for op in program.ops:
        made = _function(program, op, known)
        if made is not None:
            if op.output not in program.prescribed:
                known[op.output] = made
            if isinstance(op, Binary | Where) or made.root != op.inputs[0]:
                op = Unary(
                    nodes=made.nodes,
                    inputs=(made.root,),
                    output=op.output,
                    function=made.apply,
                    op_type="its nodes",
                )
        elif isinstance(op, Where):
            raise InputError(
                f"node {op.nodes[0]!r} chooses between values: that is supported only where "
                "condition and choices are functions of one value, element by element"
            )
        ops.append(op)
    return program if tuple(ops) == program.ops else replace(program, ops=tuple(ops))


def _function(program: Program, op: Op, known: dict[str, _Function]) -> _Function | None:
    """Return an op as a function of one value, or None."""
    if not isinstance(op, Elementwise) or not _even(program, op):
        return None
    parts = [known.get(name, _Function(name, lambda values: values)) for name in op.inputs]
    if len({part.root for part in parts}) != 1:
        return None

    def apply(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            results = op.apply(*(part.apply(values) for part in parts))
        return np.asarray(results, float).reshape(values.shape)

    nodes = dict.fromkeys(node for part in parts for node in part.nodes)
    return _Function(parts[0].root, apply, (*nodes, *(n for n in op.nodes if n not in nodes)))


def _even(program: Program, op: Op) -> bool:
    """Whether an op does the same at every place."""
    if isinstance(op, Affine):
        return op.gain.size == 1 and op.offset.size == 1
    count = size(program.shapes[op.output])
    return all(size(program.shapes[name]) == count for name in op.inputs)
