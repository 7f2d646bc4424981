"""The ops that every operator becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inkpin.model.converter.ir.base import Clamped, Elementwise, Op, Weighted, within
from inkpin.model.converter.ir.quantisation import Quantisation, Range
from inkpin.model.converter.windows import Windows, cells_counted, convolve, max_pool


@dataclass(frozen=True, kw_only=True, eq=False)
class Conv(Weighted):
    """A convolution of maps, and the max pooling of its result.

    Attributes:
        weights: (out, in / groups, height, width).
        maps: (channels, height, width) of the input.
        windows: of the filters.
        groups: of channels.
        pool: windows of the pooling; None for none.
    """

    in_shorts: ClassVar[bool] = True

    maps: tuple[int, int, int]
    windows: Windows
    groups: int
    pool: Windows | None = None

    @property
    def out_maps(self) -> tuple[int, int, int]:
        """(channels, height, width) of the output."""
        return (len(self.weights), *(self.pool or self.windows).count)

    @property
    def padded(self) -> bool:
        """Whether a filter reaches beyond the maps."""
        inside = cells_counted(self.windows, (0, 0), self.maps[1:])
        return bool(inside.min() < np.prod(self.windows.size))

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(-1, *self.maps)
        sums = convolve(x, self.weights, self.windows, self.groups, 0.0)
        sums += self.bias[:, None, None]
        return self.clamp(max_pool(sums, self.pool, -np.inf) if self.pool else sums)

    def free_bounds(self, *inputs: Quantisation) -> Range | None:
        """See Clamped."""
        if self.weights[0].size > 1:
            return None
        ends = self.weights.reshape(-1, 1) * np.array([inputs[0].range]) + self.bias[:, None]
        return float(ends.min()), float(ends.max())


@dataclass(frozen=True, kw_only=True, eq=False)
class Dense(Weighted):
    """Every row of the input, (rows, in), times the weights, (out, in)."""

    in_shorts: ClassVar[bool] = True

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        rows = values[0].reshape(len(values[0]), -1, self.weights.shape[1])
        return self.clamp(rows @ self.weights.T + self.bias)


@dataclass(frozen=True, kw_only=True, eq=False)
class MaxPool(Op):
    """The largest value under each window.

    Attributes:
        maps: (channels, height, width) of the input.
        windows: over it.
    """

    copies: ClassVar[bool] = True
    in_shorts: ClassVar[bool] = True

    maps: tuple[int, int, int]
    windows: Windows

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return max_pool(values[0].reshape(-1, *self.maps), self.windows, -np.inf)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return inputs[0].range


@dataclass(frozen=True, kw_only=True, eq=False)
class AveragePool(Clamped):
    """The average under each window.

    Attributes:
        maps: (channels, height, width) of the input.
        windows: over it.
        margin: cells outside that count as zeros: top, left, bottom, right.
        gain: factor of the averages.
    """

    in_shorts: ClassVar[bool] = True

    maps: tuple[int, int, int]
    windows: Windows
    margin: tuple[int, int, int, int] = (0, 0, 0, 0)
    gain: float = 1.0

    @property
    def cells(self) -> np.ndarray:
        """Cells that count, (down, across)."""
        top, left, bottom, right = self.margin
        return cells_counted(
            self.windows, (-top, -left), (self.maps[1] + bottom, self.maps[2] + right)
        )

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        sums = self.windows.over(values[0].reshape(-1, *self.maps), 0.0).sum(axis=(4, 5))
        return self.clamp(sums / self.cells * self.gain)

    def free_bounds(self, *inputs: Quantisation) -> Range | None:
        """See Clamped."""
        low, high = sorted(end * self.gain for end in inputs[0].range)
        return low, high


@dataclass(frozen=True, kw_only=True, eq=False)
class Unary(Elementwise):
    """A function of every element by itself.

    Attributes:
        function: of a float64 array.
        op_type: the operator, for comments.
    """

    in_shorts: ClassVar[bool] = True

    function: Callable[[np.ndarray], np.ndarray]
    op_type: str

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return self.function(values[0])

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        results = self.compute(inputs[0].decode(inputs[0].codes))
        results = results[np.isfinite(results)]
        return (float(results.min()), float(results.max())) if results.size else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip(Elementwise):
    """Relu and Clip: an op before them can take them over."""

    in_shorts: ClassVar[bool] = True

    low: float
    high: float

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return values[0].clip(self.low, self.high)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return within(inputs[0].range, self.low, self.high)


@dataclass(frozen=True, kw_only=True, eq=False)
class Where(Elementwise):
    """The second value where the first is not 0, else the third.

    No kernel does it: where the three are functions of one value it becomes a function of that,
    else products and a sum.
    """

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return np.where(values[0] != 0, values[1], values[2])


@dataclass(frozen=True, kw_only=True, eq=False)
class Affine(Elementwise):
    """Times `gain` plus `offset`, constants that broadcast against the input's shape."""

    gain: np.ndarray
    offset: np.ndarray

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return np.asarray(values[0] * self.gain + self.offset)


@dataclass(frozen=True, kw_only=True, eq=False)
class Binary(Clamped, Elementwise):
    """A sum or product of two values.

    Attributes:
        op_type: "add" (with the second one's sign) or "mul".
        sign: 1 or -1.
        broadcast: (outer, middle, inner): the first value has that shape, the second (middle,).
    """

    in_shorts: ClassVar[bool] = True

    op_type: str
    broadcast: tuple[int, int, int]
    sign: int = 1

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        a = values[0].reshape(len(values[0]), *self.broadcast)
        return self.apply(a, values[1].reshape(len(values[1]), 1, -1, 1))

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        a, b = values
        return self.clamp(a * b if self.op_type == "mul" else a + self.sign * b)

    def free_bounds(self, *inputs: Quantisation) -> Range | None:
        """See Clamped."""
        a, b = (each.range for each in inputs)
        if self.op_type == "mul":
            products = [x * y for x in a for y in b]
            return min(products), max(products)
        low, high = sorted(end * self.sign for end in b)
        return a[0] + low, a[1] + high


@dataclass(frozen=True, kw_only=True, eq=False)
class Constant(Op):
    """A constant value.

    Attributes:
        value: of the output's shape.
    """

    in_shorts: ClassVar[bool] = True

    value: np.ndarray

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return self.value[None].astype(float)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return float(self.value.min()), float(self.value.max())


@dataclass(frozen=True, kw_only=True, eq=False)
class Gather(Op):
    """Elements put elsewhere: transposed, padded, cut, repeated, joined.

    Attributes:
        index: of the output's shape: where each element comes from, counted through all inputs
            laid end to end; -1 for `fill`.
        fill: value of what comes from nowhere.
    """

    copies: ClassVar[bool] = True
    in_shorts: ClassVar[bool] = True

    index: np.ndarray
    fill: float = 0.0

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        n = max(map(len, values))
        parts = [np.broadcast_to(v.reshape(len(v), -1), (n, v[0].size)) for v in values]
        flat: np.ndarray = np.concatenate([*parts, np.full((n, 1), self.fill)], axis=1)
        return np.asarray(flat[:, self.index])

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        lows, highs = zip(*(each.range for each in inputs), strict=True)
        return min(*lows, self.fill), max(*highs, self.fill)


@dataclass(frozen=True, kw_only=True, eq=False)
class Softmax(Op):
    """Softmax, or its logarithm, over the middle of (outer, count, inner)."""

    on_scores: ClassVar[bool] = True

    layout: tuple[int, int, int]
    logarithm: bool

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(-1, *self.layout)
        x = x - x.max(axis=2, keepdims=True)
        total = np.exp(x).sum(axis=2, keepdims=True)
        return np.asarray(x - np.log(total) if self.logarithm else np.exp(x) / total)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return None if self.logarithm else (0.0, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class ArgMax(Op):
    """Index of the largest over the middle of (outer, count, inner); `last`: the last of equals."""

    on_scores: ClassVar[bool] = True

    layout: tuple[int, int, int]
    last: bool

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(-1, *self.layout)
        if self.last:
            return np.asarray(self.layout[1] - 1 - x[:, :, ::-1].argmax(axis=2), float)
        return np.asarray(x.argmax(axis=2), float)


@dataclass(frozen=True, kw_only=True, eq=False)
class Recode(Op):
    """The same numbers in 16 bits instead of 8, or in 8 instead of 16."""

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return values[0]

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return inputs[0].range


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantise(Op):
    """Rounding to the bytes of a given quantisation."""

    to: Quantisation

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return self.to.decode(self.to.encode(values[0]))
