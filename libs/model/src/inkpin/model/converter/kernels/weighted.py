"""What the kernels with packed weights share: convolutions and dense layers."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inkpin.model.converter.c_text import array
from inkpin.model.converter.integer_program import KernelCall
from inkpin.model.converter.ir import Conv, Dense, Quantisation
from inkpin.model.converter.kernels.lowering import Lowering
from inkpin.model.converter.kernels.requantize import (
    ByteRange,
    Requantize,
    Scaling,
    fixed_point,
)
from inkpin.model.converter.quantise.weights import integer_weights, mean_squares


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
    return np.asarray((codes << (np.arange(each) * bits)).sum(axis=2), np.uint8)


EXCESS = 128
"""What a weight is stored larger by where it has a byte, from 0 to 255; see ink_products.h."""
LANES = 4
"""Output channels whose weights of a byte are interleaved."""
MOST_PRODUCTS = (2**31 - 1) // 255**2
"""Inputs of a sum whose products of bytes fit 31 bits."""


def interleaved(rows: np.ndarray) -> np.ndarray:
    """Return weights of a byte each as ink_products.h wants them, uint8, flat.

    Args:
        rows: (out, size), within -128..127.
    """
    codes = np.asarray(rows + EXCESS, np.uint8)
    even = len(rows) // LANES * LANES
    quads = codes[:even].reshape(-1, LANES, codes.shape[1]).transpose(0, 2, 1)
    return np.concatenate([quads.ravel(), codes[even:].ravel()])


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightedCall(KernelCall):
    """A call with packed weights.

    Attributes:
        weights: integers, (out, ...), the offset taken off.
        bias: integers, (out,), before the input's zero point is taken off.
        zero_point: of the input.
        offset: is added to every weight.
        requantize: the way to the output.
    """

    weights: np.ndarray
    bias: np.ndarray
    zero_point: int
    offset: int
    requantize: Requantize

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
    def packed_weights(self) -> np.ndarray:
        """(out, bytes)."""
        return packed(self.weights.reshape(len(self.weights), -1), self.bits)

    @property
    def c_bias(self) -> np.ndarray:
        """The bias of sums of bytes: what the input's zero point adds is taken off."""
        full = (self.weights + self.offset).reshape(len(self.weights), -1)
        return np.asarray(self.bias - self.zero_point * full.sum(axis=1))

    @property
    def element(self) -> str:
        """What the weights in flash are in C."""
        return "uint8_t"

    @property
    def stored_weights(self) -> np.ndarray:
        """The weights in flash, flat."""
        return self.packed_weights.ravel()

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return self.packed_weights.size + len(self.bias) * (4 + self.requantize.flash)

    @property
    def remark(self) -> str:
        """See KernelCall."""
        return f"{self.grain} filters {'x'.join(map(str, self.weights.shape[1:]))}"

    def weight_constants(self, number: int) -> str:
        """Return the C definitions of weights and bias."""
        return array(f"static const {self.element} weights{number}", self.stored_weights) + array(
            f"static const int32_t bias{number}", self.c_bias
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class ByteWeights(WeightedCall):
    """One whose weights have a byte each, and whose sums go out by ink_store."""

    @property
    def bits(self) -> int:
        """See WeightedCall."""
        return 8

    @property
    def scaling(self) -> Scaling:
        """The way to the output as ink_store goes it."""
        return Scaling.of(self.requantize, len(self.bias))

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return self.weights.size + len(self.bias) * (4 + self.scaling.flash)


@dataclass(frozen=True, eq=False)
class IntegerLayer:
    """A convolution or dense layer in integers, whichever kernel does it.

    Attributes:
        weights, bias, zero_point, offset, requantize: as in WeightedCall.
        kind: of the output.
        quantisation: likewise.
    """

    weights: np.ndarray
    bias: np.ndarray
    zero_point: int
    offset: int
    requantize: Requantize
    kind: Literal["bytes", "int32"]
    quantisation: Quantisation


def integer_layer(op: Conv | Dense, lowering: Lowering) -> IntegerLayer:
    """Return a layer in integers."""
    name = op.inputs[0]
    source = lowering.quantisations[name]
    power = None if lowering.values is None else mean_squares(op, lowering.values[name])
    scores = op.output in lowering.int32_values
    unit = 1.0 if scores else lowering.quantisations[op.output].scale
    found = integer_weights(op, source, unit, lowering.options, power, common=scores)
    if scores:
        same = bool(np.all(found.units == found.units[0]))
        # What one of several channels' common scores is worth.
        unit = float(found.units[0]) if same else float(found.units.max()) / 64
        requantize = Requantize(None if same else fixed_point(found.units / unit), None)
        quantisation = Quantisation(unit, 0)
    else:
        quantisation = lowering.quantisations[op.output]
        factor = fixed_point(found.units.astype(np.float32) / np.float32(quantisation.scale))
        requantize = Requantize(factor, ByteRange.between(op.low, op.high, quantisation))
    return IntegerLayer(
        weights=found.weights,
        bias=found.bias,
        zero_point=source.zero_point,
        offset=found.offset,
        requantize=requantize,
        kind="int32" if scores else "bytes",
        quantisation=quantisation,
    )
