"""A pass: trees compare what lies before factors, terms and moves with thresholds of its own."""

from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import Affine, Gather, Op, Program, Trees
from inkpin.model.converter.passes.rewriting import pairs, repeated, replaced, requantises


@repeated
def fold_before_trees(program: Program) -> Program:
    """Let the thresholds and features of trees take over what comes before them."""
    for first, second in pairs(program, Op, Trees):
        if first.output in program.prescribed:
            continue
        if isinstance(first, Affine):
            new = _behind_affine(program, first, second)
        elif isinstance(first, Gather) and len(first.inputs) == 1 and first.index.min() >= 0:
            moves = not requantises(program, first)
            features = first.index.ravel()[second.features]
            new = replace(second, features=features) if moves else None
        else:
            continue
        if new is not None:
            new = replace(new, inputs=first.inputs, nodes=(*first.nodes, *second.nodes))
            return replaced(program, [first, second], new)
    return program


def _behind_affine(program: Program, op: Affine, trees: Trees) -> Trees | None:
    """Return trees that read what `op` reads, unless it makes all numbers the same."""
    shape = program.shapes[op.output]
    if program.shapes[op.inputs[0]] != shape:
        return None
    gain, offset = (
        np.broadcast_to(array, shape).ravel()[trees.features] for array in (op.gain, op.offset)
    )
    if np.any(gain == 0):
        return None
    thresholds = (trees.thresholds - offset) / gain
    # With the other sign, "at least" holds where "less" does not.
    turned = gain < 0
    below = np.nextafter(thresholds.astype(np.float32), np.float32(-np.inf)).astype(float)
    return replace(
        trees,
        thresholds=np.where(turned, below, thresholds),
        children=np.where(turned[:, None], trees.children[:, ::-1], trees.children),
    )
