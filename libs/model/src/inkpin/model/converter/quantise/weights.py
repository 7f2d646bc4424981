"""From real weights to integers, exactly where the model allows it."""

from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import Conv, Dense, Quantisation, Recurrent, Weighted, size
from inkpin.model.converter.options import Options

_LARGEST_SUMS = {8: 2.0**31, 16: 2.0**38}  # by the bits of the inputs
_LARGEST_BIAS = 2.0**30
_FLOOR = 1e-8  # of the mean power: what an input counts that was always 0


@dataclass(frozen=True)
class IntegerWeights:
    """Weights and bias as integers.

    Attributes:
        weights: (out, ...), within -128..127.
        offset: is to be added to every weight.
        bias: (out,).
        units: what a sum of 1 stands for, by output channel.
    """

    weights: np.ndarray
    offset: int
    bias: np.ndarray
    units: np.ndarray


def integer_weights(
    op: Weighted,
    source: Quantisation,
    limit: float,
    options: Options,
    power: np.ndarray | None,
    *,
    common: bool,
) -> IntegerWeights:
    """Return a layer's weights as integers.

    Args:
        op: the layer.
        source: of its input.
        limit: units are not made larger than this by taking common factors of two out.
        options: bits of weights that are not given as integers.
        power: mean square of what each weight is multiplied with, (out or 1, weights of one
            channel), where calibration data tell; errors count by it.
        common: take the same factor out of all channels.

    Raises:
        InputError: the weights do not fit a byte, or the sums do not fit.
    """
    rows = op.weights.reshape(len(op.weights), -1)
    if op.quantised is not None:
        nothing = op.quantised.scales == 0  # whatever the bytes are
        scales = np.where(nothing, 1.0, op.quantised.scales)
        integers = np.where(nothing[:, None], 0, op.quantised.integers.reshape(rows.shape))
    else:
        integers, scales = _exact(rows)
        loose = np.abs(integers).max(axis=1) > 127
        coarse, coarse_scales = rounded(rows, options.weight_bits, power)
        integers = np.where(loose[:, None], coarse, integers)
        scales = np.where(loose, coarse_scales, scales)
    integers, units = _fit_bias(op, integers, scales * source.scale)
    integers, units = _refined(op, integers, units, limit, common)
    bias = op.bias / units
    integers, bias, units = _reduced(integers.astype(np.int64), bias, units, limit, common)
    offset = 0
    low, high = int(integers.min()), int(integers.max())
    if low < -128 or high > 127:
        if high - low > 255:
            raise InputError(f"{op.nodes[0]!r}: its weights need more than 8 bits")
        offset = low + 128
    most = np.abs(integers).sum(axis=1) * float(source.codes[-1]) + np.abs(bias)
    # What the input's zero adds to the bias has to fit as well.
    if most.max() * 2 >= _LARGEST_SUMS[source.bits]:
        raise InputError(f"{op.nodes[0]!r}: its sums do not fit: take fewer inputs")
    return IntegerWeights(
        (integers - offset).reshape(op.weights.shape),
        offset,
        np.rint(bias).astype(np.int64),
        units,
    )


def mean_squares(op: Conv | Dense | Recurrent, values: np.ndarray) -> np.ndarray:
    """Return the mean square of what each weight is multiplied with, (out or 1, weights of one).

    Args:
        op: the layer.
        values: of its input, (samples, ...).
    """
    squares = np.square(values)
    if not isinstance(op, Conv):
        return np.asarray(squares.reshape(-1, op.weights.shape[1]).mean(axis=0)[None])
    channels = squares.reshape(-1, op.maps[0], size(op.maps[1:])).mean(axis=(0, 2))
    out, depth, *sides = op.weights.shape
    groups = np.repeat(channels.reshape(op.groups, depth), out // op.groups, axis=0)
    return np.repeat(groups, size(sides), axis=1)


def _exact(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each row as integers times the largest power of two that divides all its numbers."""
    scales = np.ones(len(rows))
    for i, row in enumerate(rows):
        mantissas, exponents = np.frexp(row[row != 0])
        if len(mantissas):
            integers = (mantissas * 2.0**53).astype(np.int64)
            trailing = np.log2((integers & -integers).astype(float))
            scales[i] = 2.0 ** float((exponents - 53 + trailing).min())
    with np.errstate(over="ignore"):
        return rows / scales[:, None], scales


def rounded(rows: np.ndarray, bits: int, power: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return each row as integers of `bits` bits and a scale, by least error of the sums.

    Weights of inputs that hardly ever differ from 0 may be large without meaning anything, as
    batch normalisation makes them; so the largest weight does not decide alone.
    """
    top = (1 << (bits - 1)) - 1
    peaks = np.abs(rows).max(axis=1)
    peaks = np.where(peaks > 0, peaks, 1.0)
    weight = np.ones((1, 1)) if power is None else power / (power.mean() or 1.0) + _FLOOR
    best, best_error = peaks / top, np.full(len(rows), np.inf)
    for shrink in np.geomspace(1.0, 0.3 if power is None else 0.005, 40):
        scales = peaks * shrink / top
        integers = np.clip(np.rint(rows / scales[:, None]), -top, top)
        errors = (weight * np.square(integers * scales[:, None] - rows)).sum(axis=1)
        best = np.where(errors < best_error, scales, best)
        best_error = np.minimum(errors, best_error)
    return np.clip(np.rint(rows / best[:, None]), -top, top), best


def _fit_bias(
    op: Weighted, integers: np.ndarray, units: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and units in which biases fit 30 bits, and are fine without weights.

    Weights that are nothing beside their bias, those of a dead channel, become coarser, or 0.
    """
    sizes = np.abs(op.bias)
    coarse = sizes / units >= _LARGEST_BIAS
    coarser = np.where(coarse, sizes / _LARGEST_BIAS * 2, units)
    integers = np.where(coarse[:, None], np.rint(integers * (units / coarser)[:, None]), integers)
    empty = ~integers.any(axis=1)
    whole = np.rint(sizes / coarser) * coarser == sizes
    return integers, np.where(empty & ~whole, sizes / 2.0**16, coarser)


def _refined(
    op: Weighted, integers: np.ndarray, units: np.ndarray, limit: float, common: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Bring units by factors of two to `limit`, where biases would be too coarse in larger ones.

    Sums that go out as they are get the smallest units that weights have room for.
    """
    loose = np.rint(op.bias / units) * units != op.bias
    room = np.floor(np.log2(127 / np.maximum(np.abs(integers).max(axis=1), 1)))
    if common:
        wanted = np.full(len(units), room.min() if loose.any() else 0.0)
    else:
        wanted = np.where(loose, np.minimum(np.ceil(np.log2(units / limit)), room), 0.0)
    times = 2.0 ** np.maximum(wanted, 0.0)
    return integers * times[:, None], units / times


def _reduced(
    integers: np.ndarray, bias: np.ndarray, units: np.ndarray, limit: float, common: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bring units to `limit` by factors of two, as far as weights and bias stay integers.

    So a shift to the right makes bytes of sums, and weights have as few bits as they can.
    """
    integers, bias, units = integers.copy(), bias.copy(), units.copy()
    factors = units / limit
    up = (np.frexp(factors)[0] == 0.5) & (factors > 1) & (factors <= 128)
    up &= np.abs(integers).max(axis=1) * np.where(up, factors, 1) <= 127
    if np.any(up) and (not common or np.all(up)):
        times = np.where(up, factors, 1)
        integers *= times.astype(np.int64)[:, None]
        bias, units = bias * times, units / times
    whole = bias == np.rint(bias)
    while True:
        even = ~(integers & 1).any(axis=1)
        can = even & (units * 2 <= limit) & integers.any(axis=1)
        can &= (~whole & (not common)) | (np.mod(bias, 2) == 0)
        if common:
            can[:] = np.all(can | ~integers.any(axis=1)) and bool(can.any())
        if not can.any():
            return integers, bias, units
        integers[can] //= 2
        bias[can] /= 2
        units[can] *= 2
