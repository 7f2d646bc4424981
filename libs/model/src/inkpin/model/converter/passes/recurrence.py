"""Passes over what goes over time."""

import numpy as np

from inkpin.model.converter.ir import Gather, Program, Recurrent
from inkpin.model.converter.passes.rewriting import pairs, repeated, replaced


@repeated
def keep_last_state(program: Program) -> Program:
    """Let a recurrent layer give out its last state alone where nothing else is read."""
    for layer, move in pairs(program, Recurrent, Gather):
        if layer.last or len(move.inputs) > 1 or layer.output in program.prescribed:
            continue
        end = layer.order(layer.steps)[-1]
        if np.array_equal(move.index.ravel(), np.arange(layer.units) + end * layer.units):
            return replaced(program, [layer, move], layer.fused(move, last=True))
    return program
