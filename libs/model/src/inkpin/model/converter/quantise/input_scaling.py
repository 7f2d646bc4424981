"""Inputs whose numbers have different units: each feature gets a quantisation of its own.

One scale for all would round away a feature of 0..1 beside one of 0..1000. The caller makes the
bytes anyway, so it may as well scale each feature by itself; the weights take it back.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import Affine, Conv, Dense, Input, InputScaling, Program, size
from inkpin.model.converter.options import Options
from inkpin.model.converter.passes import fold_affine_before
from inkpin.model.converter.quantise.ranges import exact_quantisation, observed_range, quantisation
from inkpin.model.converter.quantise.weights import mean_squares, rounded

_ENOUGH = 40.0  # decibels that one scale for all has to leave behind the first layer
_MARGIN = 0.1  # of a range, on either side, for what calibration data have not shown
_BETTER = 4.0  # decibels that are worth the trouble
_SAMPLES = 200


def scale_inputs(program: Program, samples: Mapping[str, np.ndarray], options: Options) -> Program:
    """Give inputs of real numbers a scale for each feature where one for all would hurt.

    Args:
        program: simplified.
        samples: of every input, (samples, ...).
        options: how ranges are found.
    """
    for given in program.inputs:
        readers = program.readers(given.name)
        if (
            given.byte_offset is not None
            or given.threshold is not None
            or given.name in program.prescribed
        ):
            continue
        if len(readers) != 1 or not isinstance(readers[0], Conv | Dense):
            continue
        if given.name != program.output:
            program = _with_scaling(program, given, readers[0], samples[given.name], options)
    return program


def _with_scaling(
    program: Program, given: Input, reader: Conv | Dense, values: np.ndarray, options: Options
) -> Program:
    """Return the program with the scaling that serves an input best."""
    values = values[:: len(values) // _SAMPLES + 1].astype(float)
    wanted = reader.compute(values)
    best, most = program, _decibels(wanted, _quantised(reader, values, options))
    channels = size(given.shape) if isinstance(reader, Dense) else reader.maps[0]
    flat = np.moveaxis(values.reshape(len(values), channels, -1), 1, 0).reshape(channels, -1)
    low, high, largest = flat.min(axis=1), flat.max(axis=1), np.abs(flat).max(axis=1)
    margin = _MARGIN * (high - low)
    # With an offset where it can be folded; padded maps need 0 to stay 0.
    for offset, gain in (
        (low - margin, high - low + 2 * margin),
        (np.zeros(channels), (1 + _MARGIN) * largest),
    ):
        scaling = InputScaling(np.where(gain > 0, gain, 1.0), offset)
        found = None if most >= _ENOUGH else _folded(program, given, reader, scaling)
        if found is None:
            continue
        made, layer = found
        decibels = _decibels(wanted, _quantised(layer, scaling.scaled(values), options))
        if decibels >= most + _BETTER:
            best, most = made, decibels
    return best


def _quantised(layer: Conv | Dense, values: np.ndarray, options: Options) -> np.ndarray:
    """Return what a layer makes of rounded inputs with rounded weights."""
    code = exact_quantisation(values, options) or quantisation(
        observed_range(values, options), options
    )
    rows = layer.weights.reshape(len(layer.weights), -1)
    integers, scales = rounded(rows, options.weight_bits, mean_squares(layer, values))
    weights = (integers * scales[:, None]).reshape(layer.weights.shape)
    return replace(layer, weights=weights).compute(code.decode(code.encode(values)))


def _decibels(wanted: np.ndarray, got: np.ndarray) -> float:
    noise = float(np.square(got - wanted).sum())
    signal = float(np.square(wanted).sum())
    return 10 * np.log10(signal / noise) if noise and signal else np.inf


def _folded(
    program: Program, given: Input, reader: Conv | Dense, scaling: InputScaling
) -> tuple[Program, Conv | Dense] | None:
    """Return the program that reads a scaled input, and its reader; None if weights refuse it."""
    name = f"{given.name}.real"
    side = [1] * len(given.shape)
    if isinstance(reader, Dense):
        side = list(given.shape)
        if reader.weights.shape[1] != size(given.shape):
            return None
    else:
        side[1] = len(scaling.gain)
        if given.shape[1:2] != (len(scaling.gain),):
            return None
    back = Affine(
        nodes=(),
        inputs=(given.name,),
        output=name,
        gain=scaling.gain.reshape(side),
        offset=scaling.offset.reshape(side),
    )
    ops = [
        op
        for one in program.ops
        for op in ((back, replace(one, inputs=(name,))) if one is reader else (one,))
    ]
    made = fold_affine_before(
        replace(
            program,
            ops=tuple(ops),
            shapes={**program.shapes, name: given.shape},
            inputs=tuple(
                replace(one, scaling=scaling) if one is given else one for one in program.inputs
            ),
        )
    )
    [layer] = made.readers(given.name)
    return (made, layer) if isinstance(layer, Conv | Dense) else None
