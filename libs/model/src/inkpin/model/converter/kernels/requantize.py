"""From the sums of a kernel to the bytes, or int32_t, that go out; see ink_rescale."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from inkpin.model.converter.c_text import array, initialiser
from inkpin.model.converter.ir import Quantisation

RESCALE_FILES = ("ink_rescale.c", "ink_words.h")
"""What ink_rescaled and ink_rescale_store take."""
STORE_FILES = ("ink_store.c", "ink_scaled.c", "ink_words.h")
"""What ink_store takes."""

_MANTISSA = 24  # bits of a multiplier
_VALUE = 19  # bits of a sum's size that words do for
_SHIFTS = (13, 44)  # the fewest and the most that words do for; see ink_words.h


class FixedPoint(NamedTuple):
    """Factors as multiplier / 2^shift, int64 both, by channel."""

    multiplier: np.ndarray
    shift: np.ndarray

    @property
    def stretched(self) -> "FixedPoint":
        """The same factors with as large multipliers as there is room for, of 24 bits at most.

        Larger shifts are what ink_words.h is quick with.
        """
        room = _MANTISSA - np.frexp(np.maximum(self.multiplier, 1))[1]
        more = np.minimum(room, 62 - self.shift)
        shift = np.where(self.multiplier > 0, self.shift + more, _SHIFTS[0])
        return FixedPoint(self.multiplier << more, shift)

    @property
    def in_words(self) -> bool:
        """Whether an ink_scaling takes the factors."""
        low, high = _SHIFTS
        shift = self.stretched.shift
        return bool(
            self.multiplier.max() < 1 << _MANTISSA and np.all((low <= shift) & (shift <= high))
        )


def fixed_point(factors: np.ndarray) -> FixedPoint:
    """Return float32 `factors` exactly.

    The multipliers are the 24-bit mantissas that onnxruntime's float32 arithmetic multiplies by.
    Factors below 2^-62 become 0.

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
    return FixedPoint(values, shifts)


def rescaled(
    values: np.ndarray, multiplier: np.ndarray | int, shift: np.ndarray | int
) -> np.ndarray:
    """Return values * multiplier / 2^shift, halves to even, as ink_rescaled does."""
    products = np.asarray(values, np.int64) * multiplier
    shift = np.asarray(shift, np.int64)
    half = np.where(shift > 0, (np.int64(1) << np.maximum(shift - 1, 0)) - 1, 0)
    half = half + np.where(shift > 0, (products >> shift) & 1, 0)
    return np.asarray((products + half) >> shift)


@dataclass(frozen=True)
class ByteRange:
    """The bytes that can go out.

    Attributes:
        zero_point: what stands for 0.
        low: smallest byte.
        high: largest byte.
    """

    zero_point: int = 0
    low: int = 0
    high: int = 255

    @classmethod
    def between(cls, low: float, high: float, quantisation: Quantisation) -> "ByteRange":
        """Return the bytes that stand for the real numbers within limits."""
        scale, zero = quantisation.scale, quantisation.zero_point
        ends = (
            int(np.clip(np.rint(np.clip(limit / scale, -999, 999)) + zero, 0, 255))
            for limit in (low, high)
        )
        return cls(zero, *ends)

    def apply(self, steps: np.ndarray) -> np.ndarray:
        """Return the bytes of numbers counted from the zero point."""
        return np.asarray(np.clip(steps + self.zero_point, self.low, self.high))

    @property
    def fields(self) -> dict[str, object]:
        """In a C structure."""
        return {"zero": self.zero_point, "low": self.low, "high": self.high}


@dataclass(frozen=True, eq=False)
class Requantize:
    """The way from the sums of a channel to what goes out.

    Attributes:
        factor: of each channel; None where the sums go out as they are.
        to: the bytes that go out; None for int32_t.
    """

    factor: FixedPoint | None
    to: ByteRange | None

    def apply(self, sums: np.ndarray, axis: int) -> np.ndarray:
        """Return what goes out for sums whose channels lie along `axis`."""
        sums = np.asarray(np.rint(sums), np.int64)
        if self.factor is not None:
            side = [1] * sums.ndim
            side[axis] = -1
            sums = rescaled(sums, *(array.reshape(side) for array in self.factor))
        return sums if self.to is None else self.to.apply(sums)

    @property
    def flash(self) -> int:
        """Bytes of its constants for each channel."""
        return 0 if self.factor is None else 5

    def constants(self, number: int) -> str:
        """Return the C definitions of its arrays."""
        if self.factor is None:
            return ""
        return array(f"static const int32_t multiplier{number}", self.factor.multiplier) + array(
            f"static const uint8_t shift{number}", self.factor.shift
        )

    def initialiser(self, number: int) -> str:
        """Return it as an ink_rescale within another structure."""
        names = (
            ("NULL", "NULL") if self.factor is None else (f"multiplier{number}", f"shift{number}")
        )
        return initialiser(
            "ink_rescale",
            {
                "multiplier": names[0],
                "shift": names[1],
                **(self.to or ByteRange()).fields,
                "wide": int(self.to is None),
            },
        )


@dataclass(frozen=True, eq=False)
class Scaling(Requantize):
    """The same as an ink_scaling, which has factors always."""

    factor: FixedPoint

    @classmethod
    def of(cls, requantize: Requantize, channels: int) -> "Scaling":
        """Return the same way; sums that go out as they are do so times 1."""
        ones = FixedPoint(np.ones(channels, np.int64), np.zeros(channels, np.int64))
        return cls(requantize.factor or ones, requantize.to)

    @property
    def words(self) -> np.ndarray:
        """The factors in words, as ink_scaling says."""
        multiplier, shift = self.factor.stretched
        # Only a product of so many twos can be an odd number of halves.
        twos = _VALUE - 1 + np.frexp(multiplier & -multiplier)[1] - 1
        halves = (multiplier > 0) & (twos >= shift - 1)
        return np.asarray(multiplier << 8 | halves << 7 | (shift - _SHIFTS[0]), np.int64)

    @property
    def flash(self) -> int:
        """See Requantize."""
        return 4

    def constants(self, number: int) -> str:
        """See Requantize."""
        return array(f"static const uint32_t factor{number}", self.words)

    @property
    def fields(self) -> dict[str, int]:
        """In a C structure, but for the factors."""
        to = self.to or ByteRange()
        return {
            "more": 2 * (to.zero_point - to.low) + 1,
            "codes": 0 if self.to is None else to.high - to.low + 1,
            "low": to.low,
        }

    def initialiser(self, number: int) -> str:
        """See Requantize."""
        return initialiser("ink_scaling", {"factor": f"factor{number}", **self.fields})
