"""The converter's own form of a network: few kinds of operations on named values, in real numbers.

Operators of every dialect become these ops. An op knows what it computes, in floats, for a
stack of samples: arrays have one axis in front of the value's own shape.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from inkpin.model.converter.windows import Windows, cells_counted, convolve, largest

Shape = tuple[int, ...]
Range = tuple[float, float]


@dataclass(frozen=True)
class Quantisation:
    """How bytes stand for real numbers: byte b for scale * (b - zero_point).

    A signed byte of ONNX is held with 128 added, its zero point too.
    """

    scale: float
    zero_point: int

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the nearest bytes, halves to even, as ONNX's QuantizeLinear does."""
        steps = np.rint(values.astype(np.float32) / np.float32(self.scale))
        return np.clip(steps + self.zero_point, 0, 255).astype(np.uint8)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return what bytes stand for, float64."""
        return (codes.astype(float) - self.zero_point) * self.scale

    @property
    def range(self) -> Range:
        """The smallest and the largest number that a byte stands for."""
        return -self.zero_point * self.scale, (255 - self.zero_point) * self.scale


@dataclass(frozen=True)
class QuantisedWeights:
    """Weights that were given as integers: weights = integers * scales, by output channel."""

    integers: np.ndarray
    scales: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Op:
    """One computation.

    Attributes:
        nodes: names of the ONNX nodes that it stands for.
        inputs: names of the values that it reads.
        output: name of the value that it makes.
    """

    nodes: tuple[str, ...]
    inputs: tuple[str, ...]
    output: str

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """Return the output, (samples, ...), of inputs likewise, float64."""
        raise NotImplementedError

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """Return what the results cannot leave, given the inputs' bytes; None if nothing is known.

        It spares a model calibration data for this value.
        """
        return None

    @property
    def copies(self) -> bool:
        """Whether the results are some of the inputs' values, so that they share their bytes."""
        return False

    @property
    def on_scores(self) -> bool:
        """Whether it reads and makes int32_t instead of bytes."""
        return False

    def fused(self, later: "Op", **changes: object) -> Self:
        """Return this op with the work of a `later` one done as well."""
        return replace(self, nodes=(*self.nodes, *later.nodes), output=later.output, **changes)


@dataclass(frozen=True, kw_only=True)
class Elementwise(Op):
    """An op whose every element depends on the elements at its place alone, or can."""

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """Return what the op makes of arrays that broadcast against each other."""
        raise NotImplementedError

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return np.asarray(self.apply(*values), float)


@dataclass(frozen=True, kw_only=True)
class Clamped(Op):
    """An op that can cut its results at no cost.

    Attributes:
        low: smallest result.
        high: largest result.
    """

    low: float = -np.inf
    high: float = np.inf

    def clamp(self, values: np.ndarray) -> np.ndarray:
        """Return `values` within the limits."""
        return np.clip(values, self.low, self.high)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        free = self.free_bounds(*inputs)
        if free is not None:
            return _within(free, self.low, self.high)
        return (self.low, self.high) if np.isfinite([self.low, self.high]).all() else None

    def free_bounds(self, *inputs: Quantisation) -> Range | None:
        """Return the bounds that there are without the limits."""
        return None


@dataclass(frozen=True, kw_only=True)
class Weighted(Clamped):
    """An op with weights, which constant factors and terms around it can be folded into.

    Attributes:
        weights: float64, (out, ...).
        bias: float64, (out,).
        quantised: the weights as they were given in integers, else None.
    """

    weights: np.ndarray
    bias: np.ndarray
    quantised: QuantisedWeights | None = None

    def scaled(self, gain: np.ndarray, offset: np.ndarray) -> Self:
        """Return the op with output channel c times gain[c] plus offset[c]."""
        shape = (-1,) + (1,) * (self.weights.ndim - 1)
        quantised = self.quantised
        if quantised:
            signs = np.where(gain < 0, -1, 1).reshape(shape)
            quantised = QuantisedWeights(
                quantised.integers * signs, quantised.scales * np.abs(gain)
            )
        return replace(
            self,
            weights=self.weights * gain.reshape(shape),
            bias=self.bias * gain + offset,
            quantised=quantised,
        )


@dataclass(frozen=True, kw_only=True)
class Conv(Weighted):
    """A convolution of maps, and the max pooling of its result.

    Attributes:
        weights: (out, in / groups, height, width).
        maps: (channels, height, width) of the input.
        windows: of the filters.
        groups: of channels.
        pool: windows of the pooling; None for none.
    """

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
        return self.clamp(largest(sums, self.pool, -np.inf) if self.pool else sums)

    def free_bounds(self, *inputs: Quantisation) -> Range | None:
        """See Clamped."""
        if self.weights[0].size > 1:
            return None
        ends = self.weights.reshape(-1, 1) * np.array([inputs[0].range]) + self.bias[:, None]
        return float(ends.min()), float(ends.max())


@dataclass(frozen=True, kw_only=True)
class Dense(Weighted):
    """Every row of the input, (rows, in), times the weights, (out, in)."""

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        rows = values[0].reshape(len(values[0]), -1, self.weights.shape[1])
        return self.clamp(rows @ self.weights.T + self.bias)


@dataclass(frozen=True, kw_only=True)
class MaxPool(Op):
    """The largest value under each window.

    Attributes:
        maps: (channels, height, width) of the input.
        windows: over it.
    """

    maps: tuple[int, int, int]
    windows: Windows

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return largest(values[0].reshape(-1, *self.maps), self.windows, -np.inf)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return inputs[0].range

    @property
    def copies(self) -> bool:
        """See Op."""
        return True


@dataclass(frozen=True, kw_only=True)
class AveragePool(Clamped):
    """The average under each window.

    Attributes:
        maps: (channels, height, width) of the input.
        windows: over it.
        margin: cells outside that count as zeros: top, left, bottom, right.
        gain: factor of the averages.
    """

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


@dataclass(frozen=True, kw_only=True)
class Unary(Elementwise):
    """A function of every element by itself.

    Attributes:
        function: of a float64 array.
        op_type: the operator, for comments.
    """

    function: Callable[[np.ndarray], np.ndarray]
    op_type: str

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return self.function(values[0])

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        results = self.compute(inputs[0].decode(np.arange(256)))
        results = results[np.isfinite(results)]
        return (float(results.min()), float(results.max())) if results.size else None


@dataclass(frozen=True, kw_only=True)
class Clip(Elementwise):
    """Relu and Clip: an op before them can take them over."""

    low: float
    high: float

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return np.clip(values[0], self.low, self.high)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return _within(inputs[0].range, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class Where(Elementwise):
    """The second value where the first is not 0, else the third.

    No kernel does it: where the three are functions of one value it becomes a function of that.
    """

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return np.where(values[0] != 0, values[1], values[2])


@dataclass(frozen=True, kw_only=True)
class Affine(Elementwise):
    """Times `gain` plus `offset`, constants that broadcast against the input's shape."""

    gain: np.ndarray
    offset: np.ndarray

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """See Elementwise."""
        return values[0] * self.gain + self.offset


@dataclass(frozen=True, kw_only=True)
class Binary(Clamped, Elementwise):
    """A sum or product of two values.

    Attributes:
        op_type: "add" (with the second one's sign) or "mul".
        sign: 1 or -1.
        broadcast: (outer, middle, inner): the first value has that shape, the second (middle,).
    """

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


@dataclass(frozen=True, kw_only=True)
class Constant(Op):
    """A constant value.

    Attributes:
        value: of the output's shape.
    """

    value: np.ndarray

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return self.value[None].astype(float)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return float(self.value.min()), float(self.value.max())


@dataclass(frozen=True, kw_only=True)
class Gather(Op):
    """Elements put elsewhere: transposed, padded, cut, repeated, joined.

    Attributes:
        index: of the output's shape: where each element comes from, counted through all inputs
            laid end to end; -1 for `fill`.
        fill: value of what comes from nowhere.
    """

    index: np.ndarray
    fill: float = 0.0

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        n = max(map(len, values))
        parts = [np.broadcast_to(v.reshape(len(v), -1), (n, v[0].size)) for v in values]
        flat = np.concatenate([*parts, np.full((n, 1), self.fill)], axis=1)
        return flat[:, self.index]

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        lows, highs = zip(*(each.range for each in inputs), strict=True)
        return min(*lows, self.fill), max(*highs, self.fill)

    @property
    def copies(self) -> bool:
        """See Op."""
        return True


@dataclass(frozen=True, kw_only=True)
class Softmax(Op):
    """Softmax, or its logarithm, over the middle of (outer, count, inner)."""

    layout: tuple[int, int, int]
    logarithm: bool

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(-1, *self.layout)
        x = x - x.max(axis=2, keepdims=True)
        total = np.exp(x).sum(axis=2, keepdims=True)
        return x - np.log(total) if self.logarithm else np.exp(x) / total

    @property
    def on_scores(self) -> bool:
        """See Op."""
        return True


@dataclass(frozen=True, kw_only=True)
class ArgMax(Op):
    """Index of the largest over the middle of (outer, count, inner); `last`: the last of equals."""

    layout: tuple[int, int, int]
    last: bool

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(-1, *self.layout)
        if self.last:
            return (self.layout[1] - 1 - x[:, :, ::-1].argmax(axis=2)).astype(float)
        return x.argmax(axis=2).astype(float)

    @property
    def on_scores(self) -> bool:
        """See Op."""
        return True


@dataclass(frozen=True, kw_only=True)
class Quantise(Op):
    """Rounding to the bytes of a given quantisation."""

    to: Quantisation

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return self.to.decode(self.to.encode(values[0]))


@dataclass(frozen=True, eq=False)
class InputScaling:
    """How the features of an input are scaled: real = gain * scaled + offset.

    Attributes:
        gain: (channels,), of the first axis behind the batch, all of them positive.
        offset: (channels,).
    """

    gain: np.ndarray
    offset: np.ndarray

    def scaled(self, real: np.ndarray) -> np.ndarray:
        """Return real numbers, (samples, ...), scaled."""
        by_channel = real.reshape(len(real), len(self.gain), -1)
        scaled = (by_channel - self.offset[:, None]) / self.gain[:, None]
        return scaled.reshape(real.shape)

    def real(self, scaled: np.ndarray) -> np.ndarray:
        """Return the real numbers, (samples, ...), of scaled ones."""
        by_channel = scaled.reshape(len(scaled), len(self.gain), -1)
        real = by_channel * self.gain[:, None] + self.offset[:, None]
        return real.reshape(scaled.shape)


@dataclass(frozen=True)
class Input:
    """An input of the network.

    Attributes:
        name: of the value.
        shape: with the batch.
        byte_offset: None where the graph takes real numbers; else the graph takes bytes, and this
            is what to add to one of them: 0 for unsigned ones, 128 for signed ones.
        threshold: the network reads whether the real number exceeds it; None for the number.
        scaling: of the real numbers that the network reads; None for the numbers themselves.
    """

    name: str
    shape: Shape
    byte_offset: int | None = None
    threshold: float | None = None
    scaling: InputScaling | None = None


@dataclass(frozen=True)
class Program:
    """A network.

    Attributes:
        ops: in order of computation.
        shapes: of every value, by name.
        inputs: of the network.
        output: name of the output's value.
        output_byte_offset: None where the graph gives real numbers; else it gives bytes, and this
            is what was added to one of them.
        prescribed: quantisations that the model prescribes, by value.
        op_counts: how often each operator type occurs in the model.
        dropped: operators at the tail that were cut, "kind name".
    """

    ops: tuple[Op, ...]
    shapes: dict[str, Shape]
    inputs: tuple[Input, ...]
    output: str
    output_byte_offset: int | None = None
    prescribed: dict[str, Quantisation] = field(default_factory=dict)
    op_counts: dict[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    def readers(self, name: str) -> list[Op]:
        """Return the ops that read a value."""
        return [op for op in self.ops if name in op.inputs]

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return every value in real numbers, (samples, ...), by name.

        They are rounded where the model prescribes bytes, and nowhere else.

        Args:
            inputs: of the network, (samples, ...): real numbers, or 0 and 1 behind a threshold.
        """
        values = {name: self._rounded(name, array.astype(float)) for name, array in inputs.items()}
        for op in self.ops:
            results = op.compute(*(values[name] for name in op.inputs))
            results = results.reshape(len(results), *self.shapes[op.output])
            values[op.output] = self._rounded(op.output, results)
        return values

    def _rounded(self, name: str, values: np.ndarray) -> np.ndarray:
        code = self.prescribed.get(name)
        return values if code is None else code.decode(code.encode(values))


def size(shape: Sequence[int]) -> int:
    """Return the number of elements of a shape."""
    return int(np.prod(shape, dtype=np.int64))


def _within(span: Range, low: float, high: float) -> Range:
    return float(np.clip(span[0], low, high)), float(np.clip(span[1], low, high))
