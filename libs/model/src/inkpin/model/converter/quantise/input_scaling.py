"""Inputs whose numbers have different units: each feature gets a quantisation of its own.

One scale for all would round away a feature of 0..1 beside one of 0..1000. The caller makes the
bytes anyway, so it may as well scale each feature by itself; the weights take it back.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    Binary,
    Constant,
    Conv,
    Dense,
    Input,
    InputScaling,
    Program,
    size,
)
from inkpin.model.converter.options import Options
from inkpin.model.converter.passes import (
    Carrier,
    as_convolution,
    carries,
    drop_dead,
    fold_affine_before,
    lower_affine,
    sunk,
    takes_factor,
)
from inkpin.model.converter.quantise.ranges import exact_quantisation, observed_range, quantisation
from inkpin.model.converter.quantise.weights import mean_squares, rounded

_ENOUGH = 40.0  # decibels that one scale for all has to leave behind the first layers
_MARGIN = 0.1  # of a range, on either side, for what calibration data have not shown
_BETTER = 4.0  # decibels that are worth the trouble
_SAMPLES = 200


class _Reached(NamedTuple):
    """What an input's numbers come to before anything but a move or a product is done with them.

    Attributes:
        name: of the input.
        carriers: ops that move, join or multiply its numbers, and constants.
        layers: that read them, and products with constants.
    """

    name: str
    carriers: tuple[Carrier | Constant, ...]
    layers: tuple[Conv | Dense | Binary, ...]

    def run(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """Return all of the numbers, by name, where the input is `values`."""
        found = {self.name: values}
        for op in self.carriers:
            found[op.output] = op.compute(*(found[each] for each in op.inputs))
        return found

    def rounded(self, values: np.ndarray, options: Options) -> dict[str, np.ndarray]:
        """Return the same where the input and the products are rounded to bytes."""
        found = {self.name: _as_bytes(values, values, options)}
        for op, real in zip(self.carriers, list(self.run(values).values())[1:], strict=True):
            made = op.compute(*(found[each] for each in op.inputs))
            found[op.output] = made if op.copies else _as_bytes(made, real, options)
        return found


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
        if _reached(program, given.name).layers:
            program = _with_scaling(program, given, samples[given.name], options)
    return program


def _reached(program: Program, name: str) -> _Reached:
    held, fixed = {name}, set[str]()
    layers: list[Conv | Dense | Binary] = []
    carriers: list[Carrier | Constant] = []
    for op in program.ops:
        if isinstance(op, Conv | Dense):
            layers += [op] if op.inputs[0] in held else []
        elif isinstance(op, Constant):
            carriers.append(op)
            fixed.add(op.output)
        elif op.inputs and op.inputs[0] in held and takes_factor(op, program, fixed):
            layers.append(op)
        elif held & {*op.inputs} and carries(op, program, held | fixed):
            carriers.append(op)
            held.add(op.output)
    return _Reached(name, tuple(carriers), tuple(layers))


def _with_scaling(program: Program, given: Input, values: np.ndarray, options: Options) -> Program:
    """Return the program with the scaling that serves an input best."""
    values = values[:: len(values) // _SAMPLES + 1].astype(float)
    reached = _reached(program, given.name)
    real = reached.run(values)
    wanted = {layer.output: _made(layer, real) for layer in reached.layers}
    best, most = program, _worst(wanted, reached, values, options)
    if most >= _ENOUGH:
        return program
    for scaling in _candidates(given, reached, values):
        made = _scaled(program, given, scaling)
        if made is None:
            continue
        decibels = _worst(wanted, _reached(made, given.name), scaling.scaled(values), options)
        if decibels >= most + _BETTER:
            best, most = made, decibels
    return best


def _candidates(given: Input, reached: _Reached, values: np.ndarray) -> list[InputScaling]:
    """Return scalings by element or by channel, with an offset and without."""
    found = []
    carried = [layer.inputs[0] != given.name for layer in reached.layers]
    features = [
        layer.maps[0] if isinstance(layer, Conv) and not moved else size(given.shape)
        for moved, layer in zip(carried, reached.layers, strict=True)
    ]
    if any(carried):
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
    reached: _Reached,
    values: np.ndarray,
    options: Options,
) -> float:
    """Return the decibels behind the layer that rounding the input hurts most.

    Args:
        wanted: what each layer's output is where nothing is rounded, by its name.
        reached: the layers; others are what scales numbers back for what is no layer.
        values: of the input, scaled as they read it.
        options: how ranges are found.
    """
    real, got = reached.run(values), reached.rounded(values, options)
    return min(
        _decibels(
            wanted[layer.output],
            _made(_rounded(layer, options, real[layer.inputs[0]]), got),
        )
        for layer in reached.layers
        if layer.output in wanted
    )


def _made(layer: Conv | Dense | Binary, values: Mapping[str, np.ndarray]) -> np.ndarray:
    return layer.compute(*(values[each] for each in layer.inputs))


def _as_bytes(values: np.ndarray, real: np.ndarray, options: Options) -> np.ndarray:
    """Return numbers rounded to bytes in the range of others, which are not."""
    code = exact_quantisation(real, options) or quantisation(observed_range(real, options), options)
    return code.decode(code.encode(values))


def _rounded(
    layer: Conv | Dense | Binary, options: Options, values: np.ndarray
) -> Conv | Dense | Binary:
    """Return a layer that reads `values` with rounded weights."""
    if isinstance(layer, Binary):
        return layer
    rows = layer.weights.reshape(len(layer.weights), -1)
    power = mean_squares(layer, values)
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
    return drop_dead(lower_affine(made))
