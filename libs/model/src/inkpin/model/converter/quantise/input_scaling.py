"""Inputs whose numbers have different units: each feature gets a quantisation of its own.

One scale for all would round away a feature of 0..1 beside one of 0..1000. The caller makes the
bytes anyway, so it may as well scale each feature by itself; the weights take it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    Conv,
    Dense,
    Gather,
    Input,
    InputScaling,
    Program,
    size,
)
from inkpin.model.converter.options import Options
from inkpin.model.converter.passes import (
    as_convolution,
    fold_affine_before,
    lower_affine,
    only_moves,
    sunk,
)
from inkpin.model.converter.quantise.ranges import exact_quantisation, observed_range, quantisation
from inkpin.model.converter.quantise.weights import mean_squares, rounded

_ENOUGH = 40.0  # decibels that one scale for all has to leave behind the first layers
_MARGIN = 0.1  # of a range, on either side, for what calibration data have not shown
_BETTER = 4.0  # decibels that are worth the trouble
_SAMPLES = 200


class _Reader(NamedTuple):
    """A layer that reads an input, and what moves the input's numbers on their way there."""

    moves: tuple[Gather, ...]
    layer: Conv | Dense

    def moved(self, values: np.ndarray) -> np.ndarray:
        """Return what the layer reads where the input is `values`."""
        for move in self.moves:
            values = move.compute(values)
        return values


def scale_inputs(program: Program, samples: Mapping[str, np.ndarray], options: Options) -> Program:
    """Give inputs of real numbers a scale for each feature where one for all would hurt.

    Args:
        program: simplified.
        samples: of every input, (samples, ...).
        options: how ranges are found.
    """
    for given in program.inputs:
        if (
            given.byte_offset is not None
            or given.threshold is not None
            or given.name in program.prescribed
            or given.name in program.results
        ):
            continue
        if _readers(program, given.name):
            program = _with_scaling(program, given, samples[given.name], options)
    return program


def _readers(program: Program, name: str, moves: tuple[Gather, ...] = ()) -> list[_Reader]:
    """Return the layers that read a value, be it moved first."""
    found = []
    for op in program.readers(name):
        if isinstance(op, Conv | Dense):
            found.append(_Reader(moves, op))
        elif only_moves(op, program):
            found += _readers(program, op.output, (*moves, op))
    return found


def _with_scaling(program: Program, given: Input, values: np.ndarray, options: Options) -> Program:
    """Return the program with the scaling that serves an input best."""
    values = values[:: len(values) // _SAMPLES + 1].astype(float)
    readers = _readers(program, given.name)
    wanted = {reader.layer.output: reader.layer.compute(reader.moved(values)) for reader in readers}
    best, most = program, _worst(wanted, readers, values, options)
    if most >= _ENOUGH:
        return program
    for scaling in _candidates(given, readers, values):
        made = _scaled(program, given, scaling)
        if made is None:
            continue
        decibels = _worst(wanted, _readers(made, given.name), scaling.scaled(values), options)
        if decibels >= most + _BETTER:
            best, most = made, decibels
    return best


def _candidates(given: Input, readers: Sequence[_Reader], values: np.ndarray) -> list[InputScaling]:
    """Return scalings by element or by channel, with an offset and without."""
    found = []
    features = [
        size(given.shape) if isinstance(layer, Dense) or moves else layer.maps[0]
        for moves, layer in readers
    ]
    if any(moves for moves, _ in readers):
        features += given.shape[1:2]
    for count in dict.fromkeys(features):
        if count not in (size(given.shape), *given.shape[1:2]):
            continue
        flat = np.moveaxis(values.reshape(len(values), count, -1), 1, 0).reshape(count, -1)
        low, high, largest = flat.min(axis=1), flat.max(axis=1), np.abs(flat).max(axis=1)
        margin = _MARGIN * (high - low)
        # With an offset where it can be folded; padded maps need 0 to stay 0.
        for offset, gain in (
            (low - margin, high - low + 2 * margin),
            (np.zeros(count), (1 + _MARGIN) * largest),
        ):
            found.append(InputScaling(np.where(gain > 0, gain, 1.0), offset))
    return found


def _worst(
    wanted: Mapping[str, np.ndarray],
    readers: Sequence[_Reader],
    values: np.ndarray,
    options: Options,
) -> float:
    """Return the decibels behind the layer that rounding the input hurts most.

    Args:
        wanted: what each layer's output is where nothing is rounded, by its name.
        readers: the layers; others are what scales numbers back for what is no layer.
        values: of the input, scaled as they read it.
        options: how ranges are found.
    """
    code = exact_quantisation(values, options) or quantisation(
        observed_range(values, options), options
    )
    rounded_values = code.decode(code.encode(values))
    return min(
        _decibels(
            wanted[reader.layer.output],
            _rounded(reader, options, values).compute(reader.moved(rounded_values)),
        )
        for reader in readers
        if reader.layer.output in wanted
    )


def _rounded(reader: _Reader, options: Options, values: np.ndarray) -> Conv | Dense:
    """Return a layer with rounded weights."""
    layer = reader.layer
    rows = layer.weights.reshape(len(layer.weights), -1)
    power = mean_squares(layer, reader.moved(values))
    integers, scales = rounded(rows, options.weight_bits, power)
    return replace(layer, weights=(integers * scales[:, None]).reshape(layer.weights.shape))


def _decibels(wanted: np.ndarray, got: np.ndarray) -> float:
    noise = float(np.square(got - wanted).sum())
    signal = float(np.square(wanted).sum())
    return 10 * np.log10(signal / noise) if noise and signal else np.inf


def _scaled(program: Program, given: Input, scaling: InputScaling) -> Program | None:
    """Return the program that reads a scaled input; None if weights refuse to take it back.

    What is no layer reads the numbers as they were, by a layer of its own that scales them back.
    """
    each = size(given.shape) // len(scaling.gain)
    gain, offset = (
        np.repeat(array, each).reshape(given.shape) for array in (scaling.gain, scaling.offset)
    )
    made, backs = sunk(program, given.name, given.name, gain, offset)
    inputs = tuple(replace(one, scaling=scaling) if one is given else one for one in program.inputs)
    made = fold_affine_before(replace(made, inputs=inputs))
    for op in made.ops:
        if isinstance(op, Affine) and op.output in backs:
            [reader] = made.readers(op.output)
            if isinstance(reader, Conv | Dense) or as_convolution(made, op) is None:
                return None
    return lower_affine(made)
