"""The calls of the C kernels that a network becomes, each with its exact integers in numpy.

`run` is the reference: it gives, for a stack of samples, the very integers of the C. Bytes are
held as int64 here; arrays are (samples, ...).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from inkpin.model.converter.windows import Windows, convolve, largest

Maps = tuple[int, int, int]


def multipliers(factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (multiplier, shift), so that float32 `factors` are multiplier / 2^shift exactly.

    These are the 24-bit mantissas that onnxruntime's float32 arithmetic multiplies by. Factors
    below 2^-62 become 0.

    Raises:
        OverflowError: a factor is 2^24 or more.
    """
    mantissas, exponents = np.frexp(np.asarray(factors, np.float32).astype(float))
    values = np.asarray(mantissas * 2.0**24, np.int64)
    shifts = np.asarray(24 - exponents, np.int64)
    for i, value in enumerate(values):
        while value and value % 2 == 0:
            value //= 2
            shifts[i] -= 1
        while shifts[i] < 0 and abs(value) < 1 << 24:
            value *= 2
            shifts[i] += 1
        if shifts[i] < 0:
            raise OverflowError("a factor of 2^24 or more")
        if shifts[i] > 62:
            value, shifts[i] = 0, 0
        values[i] = value
        shifts[i] = shifts[i] if value else 0
    return values, shifts


def rescaled(values: np.ndarray, multiplier: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return values * multiplier / 2^shift, halves to even, as ink_rescaled does."""
    products = np.asarray(values, np.int64) * multiplier
    shift = np.asarray(shift, np.int64)
    half = np.where(shift > 0, (np.int64(1) << np.maximum(shift - 1, 0)) - 1, 0)
    half = half + np.where(shift > 0, (products >> shift) & 1, 0)
    return (products + half) >> shift


@dataclass(frozen=True)
class Rescale:
    """The way from sums to bytes; see ink_rescale.

    Attributes:
        multiplier: (channels,), or None where the sums go out as they are.
        shift: likewise.
        zero: of the output.
        low: smallest byte.
        high: largest byte.
        wide: whether int32_t go out.
    """

    multiplier: np.ndarray | None
    shift: np.ndarray | None
    zero: int = 0
    low: int = 0
    high: int = 255
    wide: bool = False

    def apply(self, sums: np.ndarray, axis: int) -> np.ndarray:
        """Return what goes out for sums whose channels lie along `axis`."""
        sums = np.asarray(np.rint(sums), np.int64)
        if self.multiplier is not None and self.shift is not None:
            side = [1] * sums.ndim
            side[axis] = -1
            sums = rescaled(sums, self.multiplier.reshape(side), self.shift.reshape(side))
        return sums if self.wide else np.clip(sums + self.zero, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call.

    Attributes:
        nodes: names of the ONNX nodes that it stands for.
        inputs: names of values.
        output: name of a value.
    """

    nodes: tuple[str, ...]
    inputs: tuple[str, ...]
    output: str

    kernels = ()
    """Names of the C files that it needs, without .c."""

    @property
    def aligned(self) -> bool:
        """Whether its working memory holds int32_t."""
        return False

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return 0

    @property
    def flash(self) -> int:
        """Bytes of its constant arrays, without descriptors."""
        return 0

    @property
    def scratch(self) -> int:
        """Bytes of working memory beside input and output."""
        return 0

    def run(self, *values: np.ndarray) -> np.ndarray:
        """Return the output, (samples, ...), of inputs likewise."""
        raise NotImplementedError


def packed(rows: np.ndarray, bits: int) -> np.ndarray:
    """Return rows of small integers packed into bytes, lowest bits first, each from a new byte.

    Args:
        rows: (n, size).
        bits: 2, 4 or 8.
    """
    codes = rows.astype(np.int64) & ((1 << bits) - 1)
    each = 8 // bits
    codes = np.pad(codes, ((0, 0), (0, -codes.shape[1] % each)))
    codes = codes.reshape(len(rows), -1, each)
    return (codes << (np.arange(each) * bits)).sum(axis=2).astype(np.uint8)


@dataclass(frozen=True, kw_only=True)
class WeightedCall(Call):
    """A call with packed weights.

    Attributes:
        weights: integers, (out, ...), the offset taken off.
        bias: integers, (out,), before the input's zero is taken off.
        zero: of the input.
        offset: is added to every weight.
        to: the way to the output.
    """

    weights: np.ndarray
    bias: np.ndarray
    zero: int
    offset: int
    to: Rescale

    @property
    def bits(self) -> int:
        """Bits of a packed weight: 2, 4 or 8."""
        low, high = int(self.weights.min()), int(self.weights.max())
        return next(b for b in (2, 4, 8) if -(1 << (b - 1)) <= low and high < 1 << (b - 1))

    @property
    def grain(self) -> str:
        """How fine the weights are, in words."""
        return f"{self.bits}-bit"

    @property
    def bytes(self) -> np.ndarray:
        """The packed weights, (out, bytes)."""
        return packed(self.weights.reshape(len(self.weights), -1), self.bits)

    @property
    def c_bias(self) -> np.ndarray:
        """The bias of sums of bytes: what the input's zero adds is taken off."""
        full = (self.weights + self.offset).reshape(len(self.weights), -1)
        return self.bias - self.zero * full.sum(axis=1)

    @property
    def flash(self) -> int:
        """See Call."""
        each = 5 if self.to.multiplier is not None else 0
        return self.bytes.size + len(self.bias) * (4 + each)


@dataclass(frozen=True, kw_only=True)
class ConvCall(WeightedCall):
    """A convolution and its pooling.

    Attributes:
        weights: (out, in / groups, height, width).
        maps: of the input.
        windows: of the filters.
        groups: of channels.
        pool: windows of the pooling, or None.
        bitmap: whether the input is bits.
        plain: whether ink_conv can do it: powers of two, zeros 0.
    """

    maps: Maps
    windows: Windows
    groups: int
    pool: Windows | None
    bitmap: bool = False
    plain: bool = False

    @property
    def kernels(self) -> tuple[str, ...]:
        """See Call."""
        return ("ink_kernels",) if self.plain else ("ink_scaled_conv", "ink_cover", "ink_rescale")

    @property
    def aligned(self) -> bool:
        """See Call."""
        return not self.plain

    @property
    def filter_size(self) -> int:
        """Weights of one output channel."""
        return math.prod(self.weights.shape[1:])

    @property
    def scratch(self) -> int:
        """See Call."""
        if self.plain:
            return self.filter_size
        return 4 * self.filter_size  # words, which are read in one instruction

    @property
    def flash(self) -> int:
        """See Call."""
        if self.plain:
            shifts = 0 if self.to.shift is None else len(self.bias)
            return self.bytes.size + len(self.bias) * 4 + shifts
        return super().flash

    @property
    def macs(self) -> int:
        """See Call."""
        cells = math.prod(self.pool.size) * math.prod(self.pool.count) if self.pool else 0
        return (cells or math.prod(self.windows.count)) * self.weights.size

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        x = values[0].reshape(-1, *self.maps)
        weights = self.weights + self.offset
        sums = convolve(x, weights, self.windows, self.groups, self.zero)
        sums += self.c_bias[:, None, None]
        return self.to.apply(largest(sums, self.pool, -np.inf) if self.pool else sums, 1)


@dataclass(frozen=True, kw_only=True)
class DenseCall(WeightedCall):
    """Rows times weights, (out, in).

    Attributes:
        rows: of the input.
    """

    rows: int
    kernels = ("ink_dense", "ink_rescale")

    @property
    def macs(self) -> int:
        """See Call."""
        return self.rows * self.weights.size

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        x = values[0].reshape(len(values[0]), self.rows, -1).astype(float)
        sums = x @ (self.weights + self.offset).astype(float).T + self.c_bias
        return self.to.apply(sums, 2)


@dataclass(frozen=True, kw_only=True)
class MaxPoolCall(Call):
    """The largest byte under each window."""

    maps: Maps
    windows: Windows
    kernels = ("ink_max_pool",)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        x = values[0].reshape(-1, *self.maps)
        return largest(x, self.windows, 0)


@dataclass(frozen=True, kw_only=True)
class AveragePoolCall(Call):
    """The average under each window.

    Attributes:
        maps: of the input.
        windows: over it.
        margin: cells outside that count: top, left, bottom, right.
        cells: that count, (down, across).
        multiplier: by number of cells, from the fewest on.
        shift: of all.
        in_zero: of the input.
        to: zero and limits of the output.
    """

    maps: Maps
    windows: Windows
    margin: tuple[int, int, int, int]
    cells: np.ndarray
    multiplier: np.ndarray
    shift: int
    in_zero: int
    to: Rescale
    kernels = ("ink_average_pool", "ink_rescale")

    @property
    def flash(self) -> int:
        """See Call."""
        return 4 * len(self.multiplier)

    @property
    def macs(self) -> int:
        """See Call."""
        return self.maps[0] * math.prod(self.windows.count) * math.prod(self.windows.size)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        x = values[0].reshape(-1, *self.maps) - self.in_zero
        sums = self.windows.over(x, 0).sum(axis=(4, 5))
        each = self.multiplier[self.cells - self.cells.min()]
        return self.to.apply(rescaled(sums, each, np.array(self.shift)), 1)


@dataclass(frozen=True, kw_only=True)
class TableCall(Call):
    """A byte for each byte.

    Attributes:
        table: (256,).
        kind: the function, for comments.
    """

    table: np.ndarray
    kind: str
    kernels = ("ink_table",)

    @property
    def flash(self) -> int:
        """See Call."""
        return 256

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        return self.table[np.asarray(values[0], np.int64)].astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class PairCall(Call):
    """A sum or product; see ink_pair.

    Attributes:
        kind: "add" or "mul".
        repeat: (outer, middle, inner).
        factors: multipliers of the two inputs; of the product the first alone.
        shift: of both.
        zeros: of the two inputs.
        to: zero and limits of the output.
    """

    kind: str
    repeat: tuple[int, int, int]
    factors: tuple[int, int]
    shift: int
    zeros: tuple[int, int]
    to: Rescale

    @property
    def kernels(self) -> tuple[str, ...]:
        """See Call."""
        return (f"ink_{self.kind}", "ink_rescale")

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        n = max(map(len, values))
        a = values[0].reshape(-1, *self.repeat).astype(np.int64) - self.zeros[0]
        b = values[1].reshape(-1, 1, self.repeat[1], 1).astype(np.int64) - self.zeros[1]
        one = np.array(1)
        if self.kind == "mul":
            results = rescaled(a * b, np.array(self.factors[0]), np.array(self.shift))
        else:
            results = rescaled(a * self.factors[0] + b * self.factors[1], one, np.array(self.shift))
        return np.broadcast_to(self.to.apply(results, 1), (n, *self.repeat))


@dataclass(frozen=True)
class Box:
    """Bytes in a regular grid to copy; see ink_copy_box.

    Attributes:
        source: which input.
        start: first element there.
        to: first element of the output.
        count: along four axes.
        from_step: between elements of the input.
        to_step: between elements of the output.
    """

    source: int
    start: int
    to: int
    count: tuple[int, ...]
    from_step: tuple[int, ...]
    to_step: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class MoveCall(Call):
    """Bytes put elsewhere.

    Attributes:
        index: of the output's shape; through all inputs end to end, -1 for `fill`.
        fill: a byte, or None where nothing is filled.
        boxes: the same as regular grids.
    """

    index: np.ndarray
    fill: int | None
    boxes: Sequence[Box] = field(compare=False)

    @property
    def kernels(self) -> tuple[str, ...]:
        """See Call."""
        return ("ink_move",) if self.fill is None else ("ink_move", "ink_fill")

    @property
    def flash(self) -> int:
        """See Call."""
        return 48 * len(self.boxes)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        n = max(map(len, values))
        parts = [np.broadcast_to(v.reshape(len(v), -1), (n, v[0].size)) for v in values]
        extra = np.full((n, 1), 0 if self.fill is None else self.fill)
        return np.concatenate([*parts, extra], axis=1)[:, self.index]


@dataclass(frozen=True, kw_only=True)
class WidenCall(Call):
    """int32_t of bytes, the zero taken off."""

    zero: int
    count: int
    kernels = ("ink_widen",)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        return values[0].astype(np.int64) - self.zero


_POWERS = np.rint(2.0**15 * 2.0 ** (-np.arange(33) / 32)).astype(np.int64)


def power(distance: np.ndarray) -> np.ndarray:
    """Return 2^(-distance / 4096) in units of 2^-15, as ink_power does."""
    whole, entry, rest = distance >> 12, (distance >> 7) & 31, distance & 127
    low, high = _POWERS[entry + 1], _POWERS[entry]
    value = high - ((high - low) * rest + 64) // 128
    return np.where(whole > 15, 0, value >> np.minimum(whole, 15))


def logarithm(sums: np.ndarray) -> np.ndarray:
    """Return log2(sums / 2^15) in units of 1/4096, as ink_log_softmax does."""
    result = np.zeros_like(sums)
    while np.any(large := sums >= 1 << 16):
        sums = np.where(large, (sums + 1) >> 1, sums)
        result += np.where(large, 1 << 12, 0)
    for bit in (1 << np.arange(12))[::-1]:
        sums = (sums * sums + (1 << 14)) >> 15
        large = sums >= 1 << 16
        sums = np.where(large, sums >> 1, sums)
        result += np.where(large, bit, 0)
    return result


@dataclass(frozen=True, kw_only=True)
class SoftmaxCall(Call):
    """Softmax or its logarithm, in place; see ink_softmax_layer."""

    layout: Maps
    logarithm: bool
    multiplier: int
    shift: int
    farthest: int
    one: int
    highest: int

    @property
    def kernels(self) -> tuple[str, ...]:
        """See Call."""
        name = "ink_log_softmax" if self.logarithm else "ink_softmax"
        return (name, "ink_power", "ink_rescale")

    @property
    def flash(self) -> int:
        """See Call."""
        return 66

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        x = values[0].reshape(-1, *self.layout).astype(np.int64)
        below = np.minimum(x.max(axis=2, keepdims=True) - x, self.farthest)
        distance = rescaled(below, np.array(self.multiplier), np.array(self.shift))
        shares = power(distance)
        total = shares.sum(axis=2, keepdims=True)
        if self.logarithm:
            return -(distance + logarithm(total))
        return np.minimum((shares * self.one + total // 2) // total, self.highest)


@dataclass(frozen=True, kw_only=True)
class ArgMaxCall(Call):
    """The place of the largest."""

    layout: Maps
    last: bool
    kernels = ("ink_argmax",)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See Call."""
        x = values[0].reshape(-1, *self.layout)
        if self.last:
            return self.layout[1] - 1 - x[:, :, ::-1].argmax(axis=2)
        return x.argmax(axis=2)
