"""Convolutions and dense layers of 16 bits: weights of a byte, sums of 64 bits, no zero points."""

import math
from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, initialiser, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall, Kind
from inkpin.model.converter.ir import Clamped, Conv, Dense, Quantisation, size
from inkpin.model.converter.kernels.conv import Maps, check_sides, filter_fields
from inkpin.model.converter.kernels.lowering import SIDE, SPAN_FILES, Lowering, lower_short_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    FixedPoint,
    fixed_point,
    rescaled,
)
from inkpin.model.converter.quantise.weights import integer_weights, mean_squares
from inkpin.model.converter.windows import Windows, convolve, max_pool

SHORT_FILES = ("ink_shorts.c", "ink_shorts.h", *RESCALE_FILES)
"""What kernels of 16 bits take that rescale."""

_INT32 = (-(1 << 31), (1 << 31) - 1)
_WIDE_ROOM = 2.0**30  # of scores


@dataclass(frozen=True, eq=False)
class ShortScaling:
    """The way from sums to 16 or 32 bits: an ink_short_scaling.

    Attributes:
        factor: by channel.
        low: the smallest that goes out.
        high: the largest.
        wide: whether int32_t go out.
    """

    factor: FixedPoint
    low: int
    high: int
    wide: bool

    @classmethod
    def to_shorts(cls, factors: np.ndarray, op: Clamped, to: Quantisation) -> "ShortScaling":
        """Return the way to an op's 16 bits."""
        return cls(fixed_point(factors), *short_limits(op.low, op.high, to), wide=False)

    @classmethod
    def to_scores(cls, factors: np.ndarray) -> "ShortScaling":
        """Return the way to int32_t."""
        return cls(fixed_point(factors), *_INT32, wide=True)

    @property
    def kind(self) -> Kind:
        """Of what goes out."""
        return "int32" if self.wide else "int16"

    def apply(self, sums: np.ndarray, axis: int) -> np.ndarray:
        """Return what goes out for sums whose channels lie along `axis`."""
        side = [1] * sums.ndim
        side[axis] = -1
        multiplier, shift = (each.reshape(side) for each in self.factor)
        return rescaled(sums, multiplier, shift).clip(self.low, self.high)

    @property
    def flash(self) -> int:
        """Bytes of its constants."""
        return 5 * len(self.factor.multiplier)

    def constants(self, number: int) -> str:
        """Return the C definitions of its arrays."""
        return array(f"static const int32_t multiplier{number}", self.factor.multiplier) + array(
            f"static const uint8_t shift{number}", self.factor.shift
        )

    def initialiser(self, number: int) -> str:
        """Return it within another structure."""
        return initialiser(
            "ink_short_scaling",
            {
                "multiplier": f"multiplier{number}",
                "shift": f"shift{number}",
                "low": "INT32_MIN" if self.wide else self.low,
                "high": "INT32_MAX" if self.wide else self.high,
                "wide": int(self.wide),
            },
        )


def short_limits(low: float, high: float, to: Quantisation) -> tuple[int, int]:
    """Return the smallest and largest code of real numbers within limits."""
    ends = np.rint(np.clip(np.array([low, high]) / to.scale, *to.codes[[0, -1]]))
    return int(ends[0]), int(ends[1])


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortLayerCall(KernelCall):
    """What both share.

    Attributes:
        weights: integers of a byte, (out, ...).
        bias: integers, (out,).
        to: the way to the output.
    """

    weights: np.ndarray
    bias: np.ndarray
    to: ShortScaling

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return self.weights.size + 4 * len(self.bias) + self.to.flash

    @property
    def remark(self) -> str:
        """See KernelCall."""
        return f"16 bits times 8-bit filters {'x'.join(map(str, self.weights.shape[1:]))}"

    def layer_constants(self, number: int) -> str:
        """Return the C definitions of the arrays."""
        return (
            array(f"static const int8_t weights{number}", self.weights.ravel())
            + array(f"static const int32_t bias{number}", self.bias)
            + self.to.constants(number)
        )

    def layer_fields(self, number: int) -> dict[str, object]:
        """Return the fields of the descriptor that both have."""
        return {
            "weights": f"weights{number}",
            "bias": f"bias{number}",
            "to": self.to.initialiser(number),
            "out": len(self.weights),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortDenseCall(ShortLayerCall):
    """Rows times weights, (out, in): ink_short_dense.

    Attributes:
        rows: of the input.
    """

    rows: int

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_dense.c", *SHORT_FILES)

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return self.rows * self.weights.size

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(len(values[0]), self.rows, -1).astype(float)
        sums = x @ self.weights.astype(float).T + self.bias  # below 2^53: exact
        return self.to.apply(sums.astype(np.int64), 2)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        descriptor = {
            **self.layer_fields(number),
            "rows": self.rows,
            "in": self.weights.shape[1],
        }
        text = structure(f"static const ink_short_dense_layer layer{number}", descriptor)
        return self.layer_constants(number) + text

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_short_dense(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortConvCall(ShortLayerCall):
    """A convolution and its pooling: ink_short_conv.

    Attributes:
        maps: of the input.
        windows: of the filters.
        groups: of channels.
        pool: windows of the pooling, or None.
    """

    maps: Maps
    windows: Windows
    groups: int
    pool: Windows | None

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_conv.c", *SPAN_FILES, *SHORT_FILES)

    @property
    def macs(self) -> int:
        """See KernelCall."""
        cells = math.prod(self.pool.size) * math.prod(self.pool.count) if self.pool else 0
        return (cells or math.prod(self.windows.count)) * self.weights.size

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.maps)
        sums = convolve(x, self.weights, self.windows, self.groups, 0.0)
        sums += self.bias[:, None, None]
        pooled = max_pool(sums, self.pool, -np.inf) if self.pool else sums
        return self.to.apply(pooled.astype(np.int64), 1)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        out, depth, *_ = self.weights.shape
        filters = filter_fields(self.maps, self.windows, self.pool)
        descriptor = {
            **self.layer_fields(number),
            "at": initialiser("ink_filters", filters),
            "depth": depth,
            "share": out // self.groups,
        }
        text = structure(f"static const ink_short_conv_layer layer{number}", descriptor)
        return self.layer_constants(number) + text

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_short_conv(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@dataclass(frozen=True, eq=False)
class _Layer:
    weights: np.ndarray
    bias: np.ndarray
    to: ShortScaling
    quantisation: Quantisation


def _short_layer(op: Conv | Dense, lowering: Lowering) -> _Layer:
    """Return a layer in integers."""
    name, scores = op.inputs[0], op.output in lowering.int32_values
    source = lowering.quantisations[name]
    power = None if lowering.values is None else mean_squares(op, lowering.values[name])
    unit = 1.0 if scores else lowering.quantisations[op.output].scale
    found = integer_weights(op, source, unit, lowering.options, power, common=scores)
    if found.offset:
        raise InputError(
            f"node {op.nodes[0]!r}: its weights take all of 0..255, and a layer of 16 bits takes "
            "-128..127: quantise them with signs, or leave this node's values in 8 bits"
        )
    if scores:
        most = np.abs(found.weights.reshape(len(found.bias), -1)).sum(axis=1) * 2.0**15
        most = (most + np.abs(found.bias)) * found.units
        same = bool(np.all(found.units == found.units[0]))
        unit = float(found.units.max()) / (1 if same else 64)
        unit *= 2.0 ** max(0.0, float(np.ceil(np.log2(most.max() / unit / _WIDE_ROOM))))
        to, quantisation = ShortScaling.to_scores(found.units / unit), Quantisation(unit, 0)
    else:
        quantisation = lowering.quantisations[op.output]
        factors = found.units.astype(np.float32) / np.float32(quantisation.scale)
        to = ShortScaling.to_shorts(factors, op, quantisation)
    return _Layer(found.weights, found.bias, to, quantisation)


@lower_short_op.register
def _(op: Dense, lowering: Lowering) -> None:
    layer = _short_layer(op, lowering)
    out, into = op.weights.shape
    rows = size(lowering.program.shapes[op.inputs[0]]) // into
    if max(rows, out, into) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {SIDE} inputs, outputs or rows")
    call = ShortDenseCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        weights=layer.weights,
        bias=layer.bias,
        to=layer.to,
        rows=rows,
    )
    lowering.add(call, layer.quantisation, layer.to.kind)


@lower_short_op.register
def _(op: Conv, lowering: Lowering) -> None:
    layer = _short_layer(op, lowering)
    check_sides(op)
    call = ShortConvCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        weights=layer.weights,
        bias=layer.bias,
        to=layer.to,
        maps=op.maps,
        windows=op.windows,
        groups=op.groups,
        pool=op.pool,
    )
    lowering.add(call, layer.quantisation, layer.to.kind)
