"""Recurrent layers: a state in 16 bits behind the point that goes through all steps."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Quantisation, Recurrent
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    ByteRange,
    FixedPoint,
    fixed_point,
    rescaled,
)
from inkpin.model.converter.kernels.weighted import interleaved
from inkpin.model.converter.quantise.weights import rounded

_BITS = 8  # of a weight: what is rounded at every step is rounded often
_STATE = 15  # bits behind the point of a state and of a gate
_SUM = 12  # of what goes into a gate
_MULTIPLIER = 65535
_LARGEST_SUM = 2.0**31
_LARGEST_CELL = 1 << 26
_STEP = 8  # bits between two entries of the table of the sigmoid
_LAST = 12 << 12  # the last one's place
_SIGMOID = np.rint(2**15 / (1 + np.exp(-np.arange(12 * 16 + 1) / 16))).astype(np.int64)


def sigmoid(sums: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + e^-x) in 2^-15 of x in 2^-12, as ink_sigmoid does."""
    size = np.minimum(np.abs(sums), _LAST)
    entry, rest = np.minimum(size >> _STEP, len(_SIGMOID) - 2), size & ((1 << _STEP) - 1)
    more = (np.diff(_SIGMOID)[entry] * rest + (1 << (_STEP - 1))) >> _STEP
    share = np.where(size < _LAST, _SIGMOID[entry] + more, 1 << 15)
    return np.asarray(np.where(sums < 0, (1 << 15) - share, share))


def hyperbolic_tangent(sums: np.ndarray) -> np.ndarray:
    """Return tanh(x) in 2^-15 of x in 2^-12, as ink_tanh does."""
    return np.asarray(2 * sigmoid(2 * sums) - (1 << 15))


@dataclass(frozen=True, kw_only=True, eq=False)
class RecurrentCall(KernelCall):
    """A recurrent layer: ink_gru, ink_lstm or ink_rnn; see ink_recurrent.

    Attributes:
        layer: in real numbers; cell, direction and what goes out.
        weights, state_weights: integers, laid out as the layer's.
        multipliers: by row, of sums over the input and over the state, to 2^-12.
        shifts: of both.
        bias: by row in 2^-12; those of the product with the state behind them, if it has its own.
        zero_point: of the input.
        starts: of the states that are given: to 2^-15, and zero point.
        factor: of the state to the output.
        to: the bytes that go out.
    """

    aligned: ClassVar[bool] = True

    layer: Recurrent
    weights: np.ndarray
    state_weights: np.ndarray
    multipliers: tuple[np.ndarray, np.ndarray]
    shifts: tuple[int, int]
    bias: np.ndarray
    zero_point: int
    starts: tuple[tuple[FixedPoint, int], ...]
    factor: FixedPoint
    to: ByteRange

    @property
    def kernel(self) -> str:
        """Name of the C function of a step."""
        return f"ink_{self.layer.cell.lower()}"

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        own = ("ink_recurrent.c", "ink_recurrent.h", "ink_products.h")
        return (f"{self.kernel}.c", *own, *RESCALE_FILES)

    @property
    def words(self) -> int:
        """Words of its state: hidden, next, what its cell keeps besides, and a step's input."""
        layer = self.layer
        more = layer.cell == "LSTM" or (layer.cell == "GRU" and layer.state_bias is None)
        return (3 if more else 2) * layer.units + int(self.weights.shape[1])

    @property
    def scratch(self) -> int:
        """See KernelCall."""
        return 0 if self.state else 4 * self.words

    @property
    def state(self) -> int:
        """See KernelCall."""
        return 0 if self.layer.sequence is None else self.words

    @property
    def flash(self) -> int:
        """See KernelCall."""
        rows = len(self.weights)
        return self.weights.size + self.state_weights.size + 4 * rows + 4 * len(self.bias)

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return self.layer.steps * (self.weights.size + self.state_weights.size)

    @property
    def remark(self) -> str:
        """See KernelCall."""
        rows, into = self.weights.shape
        return f"{self.layer.steps} steps, weights {rows}x{into} and {rows}x{self.layer.units}"

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        layer = self.layer
        x = layer.sequences(values[0].astype(np.int64)) - self.zero_point
        hidden = cell = np.zeros((len(x), layer.units), np.int64)
        begun = [
            np.broadcast_to(
                rescaled(value.reshape(len(value), -1).astype(np.int64) - zero, *factor),
                hidden.shape,
            )
            for value, (factor, zero) in zip(values[1:], self.starts, strict=True)
        ]
        hidden, cell = (*begun, hidden, cell)[:2] if len(begun) != 1 else (begun[0], cell)
        states = np.zeros((*x.shape[:2], layer.units), np.int64)
        for step in layer.order(x.shape[1]):
            hidden, cell = self._next(x[:, step], hidden, cell)
            states[:, step] = cell if layer.cells else hidden
        return layer.given_out(self.to.apply(rescaled(states, *self.factor)), len(values[0]))

    def _next(
        self, x: np.ndarray, hidden: np.ndarray, cell: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        units = self.layer.units
        rows = len(self.weights)
        sums = rescaled(x @ self.weights.T, self.multipliers[0], self.shifts[0]) + self.bias[:rows]
        if self.layer.cell == "RNN":
            return hyperbolic_tangent(sums + self._share(hidden, 0, rows)), cell
        if self.layer.cell == "LSTM":
            parts = np.split(sums + self._share(hidden, 0, rows), 4, axis=1)
            into, out, forget = map(sigmoid, parts[:3])
            fresh = rescaled(hyperbolic_tangent(parts[3]) * into, 1, _STATE)
            cell = np.clip(
                rescaled(cell * forget, 1, _STATE) + fresh, -_LARGEST_CELL, _LARGEST_CELL
            )
            seen = hyperbolic_tangent(rescaled(cell, 1, _STATE - _SUM))
            return rescaled(seen * out, 1, _STATE), cell
        gates = sigmoid(sums[:, : 2 * units] + self._share(hidden, 0, 2 * units))
        update, reset = gates[:, :units], gates[:, units:]
        if self.layer.state_bias is None:
            product = self._share(rescaled(hidden * reset, 1, _STATE), 2 * units, rows)
        else:
            product = self._share(hidden, 2 * units, rows) + self.bias[rows:]
            product = rescaled(product * reset, 1, _STATE)
        fresh = hyperbolic_tangent(sums[:, 2 * units :] + product)
        return fresh + rescaled((hidden - fresh) * update, 1, _STATE), cell

    def _share(self, hidden: np.ndarray, start: int, end: int) -> np.ndarray:
        """Return what the state adds to some rows."""
        sums = hidden @ self.state_weights[start:end].T
        return rescaled(sums, self.multipliers[1][start:end], self.shifts[1])

    def _stored(self, weights: np.ndarray) -> np.ndarray:
        gates = weights.reshape(-1, self.layer.units, weights.shape[1])
        return np.concatenate([interleaved(rows) for rows in gates])

    def constants(self, number: int) -> str:
        """See KernelCall."""
        layer = self.layer
        descriptor = {
            "weights": f"weights{number}",
            "state_weights": f"state_weights{number}",
            "multiplier": f"multiplier{number}",
            "bias": f"bias{number}",
            "to_multiplier": int(self.factor.multiplier[0]),
            "steps": layer.steps,
            "in": self.weights.shape[1],
            "units": layer.units,
            "shown": 2 * layer.units if layer.cells else 0,
            "out_step": 0 if layer.last else layer.units,
            "reverse": int(layer.reverse),
            "reset_after": int(layer.state_bias is not None),
            "shift": self.shifts[0],
            "state_shift": self.shifts[1],
            "to_shift": int(self.factor.shift[0]),
            "in_zero": self.zero_point,
            "zero": self.to.zero_point,
        }
        multipliers = np.concatenate(self.multipliers)
        return (
            array(f"static const uint8_t weights{number}", self._stored(self.weights))
            + array(f"static const uint8_t state_weights{number}", self._stored(self.state_weights))
            + array(f"static const uint16_t multiplier{number}", multipliers)
            + array(f"static const int32_t bias{number}", self.bias)
            + structure(f"static const ink_recurrent layer{number}", descriptor)
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        run = f"{self.kernel}(&layer{site.number}, {site.inputs[0]}, "
        if self.state:
            return [f"{run}{site.state}, {site.output})"]
        lines = [f"ink_recurrent_reset({site.scratch}, {self.words})"]
        units = self.layer.units
        for place, (name, (factor, zero)) in enumerate(
            zip(site.inputs[1:], self.starts, strict=True)
        ):
            numbers = f"{zero}, {int(factor.multiplier[0])}, {int(factor.shift[0])}"
            where = site.scratch if place == 0 else f"{site.scratch} + {2 * units}"
            lines.append(f"ink_recurrent_start({numbers}, {name}, {where}, {units})")
        return [*lines, f"{run}{site.scratch}, {site.output})"]


@lower_op.register
def _(op: Recurrent, lowering: Lowering) -> None:
    source, to = (lowering.quantisations[name] for name in (op.inputs[0], op.output))
    begun = [lowering.quantisations[name] for name in op.inputs[1:]]
    largest = max([1.0, *(max(map(abs, code.range)) for code in begun[:1])])
    into, units = op.weights.shape[1], op.units
    if max(len(op.weights), into, op.steps) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {SIDE} inputs, rows or steps")
    if max(into * 255.0, units * largest * 2.0**_STATE) * 127 >= _LARGEST_SUM:
        raise InputError(f"node {op.nodes[0]!r}: its sums do not fit 32 bits: take fewer units")
    powers: list[np.ndarray | None] = [None, None]
    if lowering.values is not None:
        given = [lowering.values[name] for name in op.inputs]
        # What goes out of the states may be cut; what they are multiplied with is not.
        states = replace(op, last=False, cells=False).compute(*given)
        powers = [
            np.square(each.reshape(-1, n)).mean(axis=0)[None]
            for each, n in ((given[0], into), (states, units))
        ]
    weights, scales = rounded(op.weights, _BITS, powers[0])
    state_weights, state_scales = rounded(op.state_weights, _BITS, powers[1])
    unit = 2.0**_SUM
    multiplier, shift = _multipliers(scales * source.scale * unit)
    state_multiplier, state_shift = _multipliers(state_scales * 2.0**-_STATE * unit)
    bias = op.bias if op.state_bias is None else np.append(op.bias, op.state_bias)
    call = RecurrentCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        layer=op,
        weights=weights.astype(np.int64),
        state_weights=state_weights.astype(np.int64),
        multipliers=(multiplier, state_multiplier),
        shifts=(shift, state_shift),
        bias=np.rint(bias * unit).astype(np.int64).clip(-(1 << 28), 1 << 28),
        zero_point=source.zero_point,
        starts=tuple((_to_state(code), code.zero_point) for code in begun),
        factor=fixed_point(np.array([2.0**-_STATE / to.scale])),
        to=ByteRange(to.zero_point),
    )
    lowering.add(call, to)


def _to_state(code: Quantisation) -> FixedPoint:
    return fixed_point(np.array([code.scale * 2.0**_STATE]))


def _multipliers(factors: np.ndarray) -> tuple[np.ndarray, int]:
    """Return factors as multipliers of 16 bits over one power of two, rounded."""
    if factors.max() > _MULTIPLIER:
        raise OverflowError("a factor of 2^16 or more")
    shift = int(np.clip(np.floor(np.log2(_MULTIPLIER / factors.max())), 0, 40))
    return np.rint(factors * 2.0**shift).astype(np.int64), shift
