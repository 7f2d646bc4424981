"""Inputs that only trees read: each feature in codes that tell its thresholds apart.

A tree asks on which side of a threshold a feature lies and nothing else. So the thresholds say what
a byte should be worth, no calibration data are needed, and what lies beyond the outermost ones may
be cut. Where no bytes tell all of them apart, 16 bits hold the same numbers in finer steps.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from inkpin.model.converter.ir import Input, InputScaling, Program, Quantisation, Trees, size
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.ranges import exact_quantisation

_STEPS = range(250, 62, -1)  # bytes between the outermost thresholds, the finest first
_MARGIN = 2  # bytes below the lowest one
_HALF = 0.5 - 2.0**-10  # of a step, just short of where rounding goes up
_MIDDLE = 128  # the byte that stands for 0


def scale_tree_inputs(program: Program, samples: Mapping[str, np.ndarray] | None) -> Program:
    """Give the inputs of real numbers that trees alone read a scale for each feature.

    Args:
        program: simplified.
        samples: of every input, (samples, ...), whose grid is kept if it has one; or None.
    """
    for given in program.inputs:
        readers = program.readers(given.name)
        trees = [op for op in readers if isinstance(op, Trees)]
        free = given.byte_offset is None and given.threshold is None
        free = free and given.name not in program.prescribed and given.name not in program.results
        if free and trees and len(trees) == len(readers):
            values = None if samples is None else samples[given.name]
            program = _scaled(program, given, trees, values)
    return program


def _scaled(
    program: Program, given: Input, trees: list[Trees], values: np.ndarray | None
) -> Program:
    count = size(given.shape)
    gain, offset, exact = np.ones(count), np.zeros(count), True
    features = np.concatenate([op.features for op in trees])
    thresholds = np.concatenate([op.thresholds for op in trees])
    for feature in np.unique(features):
        column = None if values is None else values.reshape(len(values), -1)[:, feature]
        grid = _grid(np.unique(thresholds[features == feature]), column)
        gain[feature], offset[feature] = grid.step, grid.start + _MIDDLE * grid.step
        exact = exact and grid.exact
    scaled = {
        id(op): replace(op, thresholds=(op.thresholds - offset[op.features]) / gain[op.features])
        for op in trees
    }
    codes = (Quantisation(1.0, _MIDDLE), Quantisation(1.0 / 256, 0, 16))
    scaling = InputScaling(gain, offset, codes=codes)
    bytes_do = {given.name: codes[0]} if exact else {}
    return replace(
        program,
        ops=tuple(scaled.get(id(op), op) for op in program.ops),
        inputs=tuple(
            replace(one, scaling=scaling) if one is given else one for one in program.inputs
        ),
        prescribed={**program.prescribed, **bytes_do},
    )


class _Grid(NamedTuple):
    """Bytes of a feature.

    Attributes:
        step: what one is worth.
        start: what byte 0 stands for.
        exact: whether they tell all of its numbers apart that a threshold does.
    """

    step: float
    start: float
    exact: bool


def _grid(thresholds: np.ndarray, column: np.ndarray | None) -> _Grid:
    """Return the bytes of a feature, of its thresholds in order and its numbers."""
    low, high = float(thresholds[0]), float(thresholds[-1])
    whole = column is not None and bool(np.all(column == np.rint(column)))
    if (whole or np.all(np.mod(thresholds, 1.0) == 0.5)) and high - low <= _STEPS[0]:
        return _Grid(1.0, float(np.floor(low)) - _MARGIN, exact=True)
    exact = None if column is None else exact_quantisation(column, Options())
    if exact is not None and exact.range[0] <= low and high < exact.range[1]:
        return _Grid(exact.scale, exact.range[0], exact=True)
    if low == high:
        step = max(abs(low), 1e-6) / 64
    else:
        # The one that puts the thresholds nearest to where a byte ends.
        steps = (high - low) / np.array(_STEPS)
        places = (thresholds[:, None] - low) / steps
        errors = (np.abs(places - np.rint(places)) * steps).sum(axis=0)
        step = float(steps[np.argmin(errors)])
    return _Grid(step, low - (_MARGIN + _HALF) * step, exact=False)
