"""Passes over a Program: each returns a simpler one of the same meaning.

They change no result but for rounding in the last place of a float. A pass that finds nothing to do
returns the very Program that it was given; so `fixpoint` knows when all is done.
"""

from inkpin.model.converter.ir import Program
from inkpin.model.converter.passes.affine import (
    Carrier,
    as_convolution,
    carries,
    fold_affine_before,
    fold_affine_behind,
    lower_affine,
    scale_before_squares,
    sink_affine,
    sunk,
    takes_factor,
)
from inkpin.model.converter.passes.functions import join_functions
from inkpin.model.converter.passes.fusion import fold_gather, fuse_clip, fuse_max_pool
from inkpin.model.converter.passes.gathers import fuse_gathers, skip_reshapes
from inkpin.model.converter.passes.normalisation import find_normalisations, scale_normalisations
from inkpin.model.converter.passes.products import read_in_place, scale_products
from inkpin.model.converter.passes.quantisation import fuse_quantise, prescribe_backwards
from inkpin.model.converter.passes.recurrence import keep_last_state
from inkpin.model.converter.passes.rewriting import Pass, drop_dead, fixpoint, only_moves
from inkpin.model.converter.passes.trees import fold_before_trees

SIMPLIFY: tuple[Pass, ...] = (
    drop_dead,
    fuse_gathers,
    skip_reshapes,
    fuse_quantise,
    prescribe_backwards,
    fold_affine_behind,
    fold_affine_before,
    sink_affine,
    scale_before_squares,
    scale_products,
    scale_normalisations,
    read_in_place,
    keep_last_state,
    fold_gather,
    fold_before_trees,
    fuse_clip,
    fuse_max_pool,
)
"""What is done again and again, until none finds anything to do."""


def simplify(program: Program) -> Program:
    """Return a program as simple as the passes can make it, of ops that kernels know."""
    program = fixpoint(program, SIMPLIFY)
    # Only then, so that what a layer can do at no cost does not end in a table.
    program = fixpoint(find_normalisations(join_functions(program)), SIMPLIFY)
    return fixpoint(lower_affine(program), (drop_dead, fuse_gathers, skip_reshapes))


__all__ = [
    "SIMPLIFY",
    "Carrier",
    "Pass",
    "as_convolution",
    "carries",
    "drop_dead",
    "find_normalisations",
    "fixpoint",
    "fold_affine_before",
    "fold_affine_behind",
    "fold_before_trees",
    "fold_gather",
    "fuse_clip",
    "fuse_gathers",
    "fuse_max_pool",
    "fuse_quantise",
    "join_functions",
    "keep_last_state",
    "lower_affine",
    "only_moves",
    "prescribe_backwards",
    "read_in_place",
    "scale_before_squares",
    "scale_normalisations",
    "scale_products",
    "simplify",
    "sink_affine",
    "skip_reshapes",
    "sunk",
    "takes_factor",
]
