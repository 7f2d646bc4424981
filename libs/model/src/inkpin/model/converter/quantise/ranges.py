"""Find the quantisation of every value: prescribed, from calibration data, or from bounds.

Values that only hold the bytes of others (pooled by maximum, moved) share their quantisation.
"""

from collections.abc import Mapping

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import (
    ArgMax,
    AveragePool,
    Binary,
    Clamped,
    Clip,
    Constant,
    Conv,
    Dense,
    Gather,
    MaxPool,
    Op,
    Program,
    Quantisation,
    Quantise,
    Softmax,
    Unary,
)
from inkpin.model.converter.options import Options

Range = tuple[float, float]

_PERCENTILES = (0.01, 99.99)
_CODES = 256
_SHRINKS = np.linspace(1.0, 0.4, 25)


def int32_values(program: Program) -> set[str]:
    """Return the values that stay int32_t: scores, and what softmax and argmax read and make."""
    wide = set()
    for op in program.ops:
        readers = program.readers(op.output)
        compared = len(readers) == 1 and isinstance(readers[0], Softmax | ArgMax)
        last = op.output == program.output and not readers
        free = (
            isinstance(op, Conv | Dense)
            and op.output not in program.prescribed
            and (op.low, op.high) == (-np.inf, np.inf)
        )
        if isinstance(op, Softmax | ArgMax) or (free and (compared or last)):
            wide.add(op.output)
    return wide


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
    return float(np.float32(value)) if value > 1e-30 else 1.0


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
    wide = int32_values(program)
    groups = _groups(program, wide)
    found = dict(program.prescribed)
    spans: dict[str, Range | None] = {}
    for source in program.inputs:
        _settle(program, source.name, None, groups, found, spans, values, options)
    for op in program.ops:
        if isinstance(op, Quantise):
            found.setdefault(op.output, op.to)
        if op.output not in wide:
            _settle(program, op.output, op, groups, found, spans, values, options)
    return found


def _settle(
    program: Program,
    name: str,
    op: Op | None,
    groups: dict[str, list[str]],
    found: dict[str, Quantisation],
    spans: dict[str, Range | None],
    values: Mapping[str, np.ndarray] | None,
    options: Options,
) -> None:
    """Decide on one value, and with it on its group."""
    members = groups.get(name, [name])
    if name not in found:
        known = [found[member] for member in members if member in found]
        if known:
            found[name] = known[0]
        else:
            if values is not None:
                ranges = [
                    observed_range(values[m], options)
                    for m in members
                    if m not in program.prescribed
                ]
                span = (min(r[0] for r in ranges), max(r[1] for r in ranges))
            else:
                span = _bounds(op, found, spans)
            if span is None or not np.all(np.isfinite(span)):
                where = f"node {op.nodes[0]!r}" if op else f"the input {name!r}"
                raise InputError(
                    f"{where} has no quantisation: give calibration data "
                    "(--calibration DATA.npz), or quantise the model"
                )
            found[name] = quantisation(span, options)
            if op is None and values is not None and len(members) == 1:
                found[name] = exact_quantisation(values[name], options) or found[name]
    code = found[name]
    spans[name] = (-code.zero_point * code.scale, (255 - code.zero_point) * code.scale)


def _groups(program: Program, wide: set[str]) -> dict[str, list[str]]:
    """Return, by value, the values that should share one quantisation."""
    groups = {source.name: [source.name] for source in program.inputs}
    for op in program.ops:
        if op.output in wide:
            continue
        mine = [op.output]
        if isinstance(op, Gather | MaxPool) and op.output not in program.prescribed:
            for name in op.inputs:
                if groups.get(name) is not mine and name in groups:
                    mine += groups[name]
        for name in mine:
            groups[name] = mine
    return groups


def _bounds(
    op: Op | None, found: dict[str, Quantisation], spans: dict[str, Range | None]
) -> Range | None:
    """Return the range that an op's results cannot leave, or None where nothing is known."""
    if op is None:
        return None
    if isinstance(op, Constant):
        return float(op.value.min()), float(op.value.max())
    inputs = [spans.get(name) for name in op.inputs]
    low, high = (op.low, op.high) if isinstance(op, Clamped) else (-np.inf, np.inf)
    span: Range | None = None
    if isinstance(op, Unary):
        results = op.compute(found[op.inputs[0]].decode(np.arange(256)))
        results = results[np.isfinite(results)]
        span = (float(results.min()), float(results.max())) if results.size else None
    elif all(part is not None for part in inputs) and inputs:
        a = inputs[0]
        if isinstance(op, Clip):
            low, high, span = op.low, op.high, a
        elif isinstance(op, Conv) and op.weights[0].size == 1:
            gains = op.weights.reshape(-1, 1)
            ends = gains * np.array([a]) + op.bias[:, None]
            span = (float(ends.min()), float(ends.max()))
        elif isinstance(op, AveragePool):
            ends = sorted((a[0] * op.gain, a[1] * op.gain))
            span = (ends[0], ends[1])
        elif isinstance(op, Binary) and op.op_type == "mul":
            products = [x * y for x in a for y in inputs[1]]
            span = (min(products), max(products))
        elif isinstance(op, Binary):
            b = sorted((inputs[1][0] * op.sign, inputs[1][1] * op.sign))
            span = (a[0] + b[0], a[1] + b[1])
        elif isinstance(op, MaxPool | Gather):
            span = (min(part[0] for part in inputs), max(part[1] for part in inputs))
            if isinstance(op, Gather):
                span = (min(span[0], op.fill), max(span[1], op.fill))
    if span is None:
        return (low, high) if np.isfinite([low, high]).all() else None
    return float(np.clip(span[0], low, high)), float(np.clip(span[1], low, high))
