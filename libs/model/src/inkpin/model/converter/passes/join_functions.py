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
    Elementwise,
    Pairwise,
    Program,
    Select,
    Step,
    Unary,
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
    steps: list[Step] = []
    for step in program.steps:
        made = _function(program, step, known)
        if made is not None:
            if step.output not in program.given:
                known[step.output] = made
            if isinstance(step, Pairwise | Select) or made.root != step.inputs[0]:
                step = Unary(
                    nodes=made.nodes,
                    inputs=(made.root,),
                    output=step.output,
                    function=made.apply,
                    kind="its nodes",
                )
        elif isinstance(step, Select):
            raise InputError(
                f"node {step.nodes[0]!r} chooses between values: that is supported only where "
                "condition and choices are functions of one value, element by element"
            )
        steps.append(step)
    return replace(program, steps=tuple(steps))


def _function(program: Program, step: Step, known: dict[str, _Function]) -> _Function | None:
    """Return a step as a function of one value, or None."""
    if not isinstance(step, Elementwise) or not _even(program, step):
        return None
    parts = [known.get(name, _Function(name, lambda values: values)) for name in step.inputs]
    if len({part.root for part in parts}) != 1:
        return None

    def apply(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            results = step.apply(*(part.apply(values) for part in parts))
        return np.asarray(results, float).reshape(values.shape)

    nodes = dict.fromkeys(node for part in parts for node in part.nodes)
    return _Function(parts[0].root, apply, (*nodes, *(n for n in step.nodes if n not in nodes)))


def _even(program: Program, step: Step) -> bool:
    """Whether a step does the same at every place."""
    if isinstance(step, Affine):
        return step.gain.size == 1 and step.offset.size == 1
    count = size(program.shapes[step.output])
    return all(size(program.shapes[name]) == count for name in step.inputs)
