"""A pass: functions of one and the same value become one function, which one table holds.

Exporters spell out what they have no operator for: x * sigmoid(x), GELU's six nodes, a choice
between two branches of a curve. One table is smaller than many, and loses nothing in between.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    Binary,
    Elementwise,
    Op,
    Program,
    Shape,
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
    between are kept: no function reaches beyond them. A choice between other values becomes
    products and a sum.
    """
    known: dict[str, _Function] = {}
    ops: list[Op] = []
    shapes = dict(program.shapes)
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
            ops += _as_products(op, shapes)
            continue
        ops.append(op)
    if tuple(ops) == program.ops:
        return program
    return replace(program, ops=tuple(ops), shapes=shapes)


def _share_where(wanted: bool) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that is 1 where a condition is as wanted, else 0."""
    return lambda values: np.asarray((values != 0) == wanted, float)


def _as_products(op: Where, shapes: dict[str, Shape]) -> list[Op]:
    """Return a choice between values as a sum of products with 1 and 0; note their shapes."""
    condition, *values = op.inputs
    shape = shapes[op.output]
    layout = (1, size(shape), 1)
    ops: list[Op] = []
    made = []
    for wanted, value in zip((True, False), values, strict=True):
        share, product = f"{op.output}.{wanted}", f"{op.output}.{wanted}.taken"
        shapes[share] = shapes[product] = shape
        ops.append(
            Unary(
                nodes=op.nodes,
                inputs=(condition,),
                output=share,
                function=_share_where(wanted),
                op_type="the condition",
            )
        )
        ops.append(
            Binary(
                nodes=op.nodes,
                inputs=(value, share),
                output=product,
                op_type="mul",
                broadcast=layout,
            )
        )
        made.append(product)
    total = Binary(
        nodes=op.nodes, inputs=tuple(made), output=op.output, op_type="add", broadcast=layout
    )
    return [*ops, total]


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
