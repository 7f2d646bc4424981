"""How numbers are held in integers: codes of a value, weights, features of an input."""

import math
from dataclasses import dataclass

import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True)
class Quantisation:
    """How bytes stand for real numbers: byte b for scale * (b - zero_point).

    A signed byte of ONNX is held with 128 added, its zero point too. Codes of 16 bits are signed,
    and their zero point is 0.
    """

    scale: float
    zero_point: int
    bits: int = 8

    @property
    def codes(self) -> np.ndarray:
        """All of them, from the smallest on."""
        return np.arange(256) if self.bits == 8 else np.arange(-(1 << 15), 1 << 15)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the nearest codes, halves to even, as ONNX's QuantizeLinear does."""
        steps: np.ndarray = np.rint(values.astype(np.float32) / np.float32(self.scale))
        low, high = self.codes[[0, -1]]
        kind = np.uint8 if self.bits == 8 else np.int16
        return np.asarray((steps + self.zero_point).clip(low, high), kind)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return what codes stand for, float64."""
        return (codes.astype(float) - self.zero_point) * self.scale

    @property
    def range(self) -> Range:
        """The smallest and the largest number that a code stands for."""
        low, high = (float(end) for end in self.decode(self.codes[[0, -1]]))
        return low, high


@dataclass(frozen=True, eq=False)
class QuantisedWeights:
    """Weights that were given as integers: weights = integers * scales, by output channel."""

    integers: np.ndarray
    scales: np.ndarray


@dataclass(frozen=True, eq=False)
class InputScaling:
    """How the features of an input are scaled: real = gain * scaled + offset.

    Attributes:
        gain: (features,), all of them positive.
        offset: (features,).
        each: numbers side by side that are of one feature. Behind those of the last feature the
            first one's come again, as those of the next step of a sequence.
        codes: how scaled numbers are held in 8 bits and in 16, if it goes with the scaling.
    """

    gain: np.ndarray
    offset: np.ndarray
    each: int = 1
    codes: tuple[Quantisation, Quantisation] | None = None

    def scaled(self, real: np.ndarray) -> np.ndarray:
        """Return real numbers, (samples, ...), scaled."""
        by_feature = real.reshape(len(real), -1, len(self.gain), self.each)
        numbers: np.ndarray = (by_feature - self.offset[:, None]) / self.gain[:, None]
        return numbers.reshape(real.shape)

    def real(self, scaled: np.ndarray) -> np.ndarray:
        """Return the real numbers, (samples, ...), of scaled ones."""
        by_feature = scaled.reshape(len(scaled), -1, len(self.gain), self.each)
        numbers: np.ndarray = by_feature * self.gain[:, None] + self.offset[:, None]
        return numbers.reshape(scaled.shape)

    def spread(self, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Return gain and offset of every number of an input."""
        times = math.prod(shape) // (len(self.gain) * self.each)
        gain, offset = (
            np.tile(np.repeat(array, self.each), times).reshape(shape)
            for array in (self.gain, self.offset)
        )
        return gain, offset
