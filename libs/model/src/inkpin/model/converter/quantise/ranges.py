"""Find the quantisation of every value: prescribed, from calibration data, or from bounds.

Values that only hold the bytes of others (pooled by maximum, moved) share their quantisation.
"""

from collections.abc import Mapping

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import (
    ArgMax,
    AveragePool,
    Conv,
    Dense,
    MatMul,
    Op,
    Program,
    Quantisation,
    Quantise,
    Range,
    Recode,
    Trees,
)
from inkpin.model.converter.options import Options

RECODED = 128
"""What a byte counts for in 16 bits: no rounding, whatever its zero point is."""

_PERCENTILES = (0.01, 99.99)
_CODES = 256
_FLOAT_NOISE = 1e-9  # of the numbers that are averaged
_HEADROOM = 2.0  # of 16 bits, for numbers that calibration data have not shown
_SHRINKS = np.linspace(1.0, 0.4, 25)


def int32_values(program: Program) -> set[str]:
    """Return the values that stay int32_t: scores, and what softmax and argmax read."""
    found = set()
    for op in program.ops:
        readers = program.readers(op.output)
        goes_out = op.output in program.results
        last = goes_out and not readers
        compared = len(readers) == 1 and readers[0].on_scores and not goes_out
        # A rounding that makes the output is done at once; see kernels/softmax.py.
        rounded = op.on_scores and len(readers) == 1 and _makes_output(readers[0], program)
        wide = (op.on_scores or _makes_sums(op)) and (last or compared or rounded)
        if isinstance(op, ArgMax) or (wide and op.output not in program.prescribed):
            found.add(op.output)
    return found


def _makes_sums(op: Op) -> bool:
    """Whether an op's results are sums before they are rounded to bytes."""
    if isinstance(op, AveragePool) and (op.gain <= 0 or np.ptp(op.cells)):
        return False  # of one number of cells, the sums are worth the same
    if isinstance(op, AveragePool | Conv | Dense | MatMul):
        return (op.low, op.high) == (-np.inf, np.inf)
    return isinstance(op, Trees)


def _makes_output(op: Op, program: Program) -> bool:
    return isinstance(op, Quantise) and op.output in program.results


def observed_range(values: np.ndarray, options: Options) -> Range:
    """Return the range of a value in calibration data."""
    low, high = float(values.min()), float(values.max())
    if options.ranges == "percentile":
        low, high = map(float, np.percentile(values, _PERCENTILES))
    elif options.ranges == "mse" and low < high:
        flat = values.ravel()
        if flat.size > 100_000:
            flat = flat[:: flat.size // 100_000 + 1]
        errors = []
        for shrink in _SHRINKS:
            code = quantisation((low * shrink, high * shrink), options)
            errors.append(np.square(code.decode(code.encode(flat)) - flat).sum())
        best = float(_SHRINKS[int(np.argmin(errors))])
        low, high = low * best, high * best
    return low, high


def quantisation(span: Range, options: Options) -> Quantisation:
    """Return the bytes that cover a range, 0 included."""
    low, high = min(span[0], 0.0), max(span[1], 0.0)
    if options.symmetric and low < 0:
        return Quantisation(_scale(max(-low, high) / 127), 128)
    scale = _scale((high - low) / 255)
    return Quantisation(scale, int(np.clip(np.rint(-low / scale), 0, 255)))


def short_quantisation(values: np.ndarray) -> Quantisation:
    """Return the 16 bits for numbers like these."""
    most = float(np.abs(values).max())
    return Quantisation(_scale(most * _HEADROOM / (1 << 15)), 0, 16)


def exact_quantisation(values: np.ndarray, options: Options) -> Quantisation | None:
    """Return the finest bytes that hold numbers without loss, or None where none do.

    Such are whole numbers and pixels; an input's own grid is worth keeping.
    """
    distinct = np.unique(values)
    if not 2 <= len(distinct) <= _CODES or (options.symmetric and distinct[0] < 0):
        return None
    low, high = min(float(distinct[0]), 0.0), max(float(distinct[-1]), 0.0)
    steps = np.rint((high - low) / np.diff(distinct).min())
    if not 1 <= steps < _CODES:
        return None
    step = (high - low) / steps
    if np.abs(distinct / step - np.rint(distinct / step)).max() > 1e-3:
        return None
    scale = _scale(step / ((_CODES - 1) // steps))
    return Quantisation(scale, int(np.rint(-low / scale)))


def _scale(value: float) -> float:
    # What is always 0 must not make the biases behind it coarse.
    return float(np.float32(value)) if value > 1e-30 else 2.0**-16


def quantisations(
    program: Program, values: Mapping[str, np.ndarray] | None, options: Options
) -> dict[str, Quantisation]:
    """Return the quantisation of every value of bytes.

    Args:
        program: the network.
        values: every value in floats on calibration data, or None without such data.
        options: how to find ranges.

    Raises:
        InputError: calibration data are needed; the message names the node.
    """
    int32 = int32_values(program)
    sharing = groups(program, int32)
    found = dict(program.prescribed)

    def decide(name: str, op: Op | None) -> None:
        if name in found:
            return
        members = sharing[name]
        shared = next((found[member] for member in members if member in found), None)
        if shared is not None:
            found[name] = shared
        elif isinstance(op, Recode) and name in program.shorts:
            code = Quantisation(found[op.inputs[0]].scale / RECODED, 0, 16)
            most = max(np.abs(values[m]).max() for m in members) if values else 0.0
            if len(members) > 1 and most > code.range[1]:
                code = short_quantisation(np.array(most))
            found[name] = code
        elif name in program.shorts and values is not None:
            found[name] = short_quantisation(np.concatenate([values[m].ravel() for m in members]))
        elif values is None:
            span = op.bounds(*(found[each] for each in op.inputs)) if op else None
            if span is None or not np.isfinite(span).all():
                where = f"node {op.nodes[0]!r}" if op else f"the input {name!r}"
                raise InputError(
                    f"{where} has no quantisation: give calibration data "
                    "(--calibration DATA.npz), or quantise the model"
                )
            found[name] = quantisation(span, options)
        else:
            exact = op is None and len(members) == 1 and exact_quantisation(values[name], options)
            spans = [observed_range(values[m], options) for m in members]
            if isinstance(op, AveragePool) and _is_noise(op, values):
                spans = [(0.0, 0.0)]
            lows, highs = zip(*spans, strict=True)
            found[name] = exact or quantisation((min(lows), max(highs)), options)

    for given in program.inputs:
        if given.scaling is not None and given.scaling.codes is not None:
            found.setdefault(given.name, given.scaling.codes[given.name in program.shorts])
        decide(given.name, None)
    for op in program.ops:
        if isinstance(op, Quantise):
            found.setdefault(op.output, op.to)
        if op.output not in int32:
            decide(op.output, op)
    return found


def _is_noise(op: AveragePool, values: Mapping[str, np.ndarray]) -> bool:
    """Whether averages are what floats leave of numbers whose sum is 0."""
    most = np.abs(values[op.inputs[0]]).max() * abs(op.gain)
    return bool(np.abs(values[op.output]).max() <= _FLOAT_NOISE * most)


def groups(program: Program, int32: set[str]) -> dict[str, list[str]]:
    """Return, by value, the values that should share one quantisation."""
    found = {given.name: [given.name] for given in program.inputs}
    for op in program.ops:
        if op.output in int32:
            continue
        mine = [op.output]
        if op.copies and op.output not in program.prescribed:
            for name in op.inputs:
                if found.get(name) is not mine and name in found:
                    mine += found[name]
        for name in mine:
            found[name] = mine
    return found
