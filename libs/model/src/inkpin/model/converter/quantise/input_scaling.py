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
    Recurrent,
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

_Layer = Conv | Dense | Recurrent | Binary


class _Reached(NamedTuple):
    """What an input's numbers come to before anything but a move or a product is done with them.

    Attributes:
        name: of the input.
        carriers: ops that move, join or multiply its numbers, and constants.
        layers: that read them, and products with constants.
    """

    name: str
    carriers: tuple[Carrier | Constant, ...]
    layers: tuple[_Layer, ...]

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
    layers: list[_Layer] = []
    carriers: list[Carrier | Constant] = []
    for op in program.ops:
        if isinstance(op, Conv | Dense | Recurrent) and fixed.issuperset(op.inputs[1:]):
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
    reached = _reached(program, given.name)
    values = _some(values, reached).astype(float)
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


def _some(values: np.ndarray, reached: _Reached) -> np.ndarray:
    """Return some of many samples, whole sequences where several are one."""
    long = [op.sequence for op in reached.layers if isinstance(op, Recurrent) and op.sequence]
    sequences = values.reshape(-1, max(long, default=1), *values.shape[1:])
    return sequences[:: len(values) // _SAMPLES + 1].reshape(-1, *values.shape[1:])


def _candidates(given: Input, reached: _Reached, values: np.ndarray) -> list[InputScaling]:
    """Return scalings by element, by channel or by number of a step, with an offset and without."""
    found = []
    for count, each in _layouts(given, reached):
        features = np.moveaxis(values.reshape(-1, count, each), 1, 0).reshape(count, -1)
        low, high = features.min(axis=1), features.max(axis=1)
        margin = _MARGIN * (high - low)
        # With an offset where it can be folded; padded maps need 0 to stay 0.
        for offset, gain in (
            (low - margin, high - low + 2 * margin),
            (np.zeros(count), (1 + _MARGIN) * np.abs(features).max(axis=1)),
        ):
            found.append(InputScaling(np.where(gain > 0, gain, 1.0), offset, each))
    return found


def _layouts(given: Input, reached: _Reached) -> dict[tuple[int, int], None]:
    """Return how many features there may be, and how many numbers side by side are of one."""
    shape, count = given.shape, size(given.shape)
    channels = [(side, count // side) for side in shape[1:2] if side > 1]
    numbers = [(side, 1) for side in shape[-1:] if side > 1]
    found = []
    for layer in reached.layers:
        if layer.inputs[0] != given.name:
            found += [(count, 1), *channels, *numbers]
        elif isinstance(layer, Conv):
            found += [each for each in channels if each[0] == layer.maps[0]]
        elif isinstance(layer, Binary) or layer.weights.shape[1] == count:
            found.append((count, 1))
        else:
            found += numbers
    return dict.fromkeys(found)


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


def _made(layer: _Layer, values: Mapping[str, np.ndarray]) -> np.ndarray:
    return layer.compute(*(values[each] for each in layer.inputs))


def _as_bytes(values: np.ndarray, real: np.ndarray, options: Options) -> np.ndarray:
    """Return numbers rounded to bytes in the range of others, which are not."""
    code = exact_quantisation(real, options) or quantisation(observed_range(real, options), options)
    return code.decode(code.encode(values))


def _rounded(layer: _Layer, options: Options, values: np.ndarray) -> _Layer:
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
    gain, offset = scaling.spread(given.shape)
    made, backs = sunk(program, given.name, given.name, gain, offset)
    inputs = tuple(replace(one, scaling=scaling) if one is given else one for one in program.inputs)
    made = fold_affine_before(replace(made, inputs=inputs))
    for op in made.ops:
        if isinstance(op, Affine) and op.output in backs:
            [reader] = made.readers(op.output)
            if isinstance(reader, Conv | Dense | Recurrent) or as_convolution(made, op) is None:
                return None
    return drop_dead(lower_affine(made))
