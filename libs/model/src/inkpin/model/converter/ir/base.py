"""What ops have in common: what each computes, in real numbers, and what may be done to it.

They compute for a stack of samples: arrays have one axis in front of the value's own shape.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from inkpin.model.converter.ir.quantisation import Quantisation, QuantisedWeights, Range


@dataclass(frozen=True, kw_only=True, eq=False)
class Op:
    """One computation. It equals itself alone, since it may hold arrays.

    Attributes:
        nodes: names of the ONNX nodes that it stands for.
        inputs: names of the values that it reads.
        output: name of the value that it makes.
        copies: whether the results are some of the inputs' values, so that they share their bytes.
        on_scores: whether it reads int32_t instead of bytes, and makes them where it can.
        in_shorts: whether there are kernels that read and make 16 bits.
    """

    copies: ClassVar[bool] = False
    on_scores: ClassVar[bool] = False
    in_shorts: ClassVar[bool] = False

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

    def fused(self, later: "Op", **changes: Any) -> Self:
        """Return this op with the work of a `later` one done as well."""
        return replace(self, nodes=(*self.nodes, *later.nodes), output=later.output, **changes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Elementwise(Op):
    """An op whose every element depends on the elements at its place alone, or can."""

    def apply(self, *values: np.ndarray) -> np.ndarray:
        """Return what the op makes of arrays that broadcast against each other."""
        raise NotImplementedError

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        return np.asarray(self.apply(*values), float)


@dataclass(frozen=True, kw_only=True, eq=False)
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
        return values.clip(self.low, self.high)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        free = self.free_bounds(*inputs)
        if free is not None:
            return within(free, self.low, self.high)
        return (self.low, self.high) if np.isfinite([self.low, self.high]).all() else None

    def free_bounds(self, *inputs: Quantisation) -> Range | None:
        """Return the bounds that there are without the limits."""
        return None


@dataclass(frozen=True, kw_only=True, eq=False)
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


def within(span: Range, low: float, high: float) -> Range:
    """Return a range cut at two limits."""
    return float(np.clip(span[0], low, high)), float(np.clip(span[1], low, high))
