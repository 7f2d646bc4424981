"""What a user can choose: about the quantisation of a float model, and what counts most."""

from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError

WEIGHT_BITS = (8, 4, 2)
ACTIVATION_BITS = (8, 16)
RANGES = ("minmax", "percentile", "mse")
OPTIMISE = ("speed", "size")


@dataclass(frozen=True)
class Options:
    """Choices for what the model does not prescribe.

    Attributes:
        weight_bits: 8, 4 or 2; of weights that the model does not give as integers.
        symmetric: give values that can be negative the zero 128.
        ranges: how a value's range is found in the calibration data: "minmax", "percentile"
            (all but 0.02 % of the numbers) or "mse" (the least squared error).
        optimise: "speed" for fewer instructions, "size" for less flash; the numbers are the same.
        activation_bits: 8, or 16 of all values between layers that there are kernels for.
        shorts: nodes whose results, and inputs that, have 16 bits.
        shorts_under: decibels of signal to noise below which a node's results get 16 bits, as far
            as that helps; None for never.
    """

    weight_bits: int = 8
    symmetric: bool = False
    ranges: str = "mse"
    optimise: str = "speed"
    activation_bits: int = 8
    shorts: tuple[str, ...] = ()
    shorts_under: float | None = None

    def __post_init__(self) -> None:
        if self.weight_bits not in WEIGHT_BITS:
            raise InputError(f"weights of {self.weight_bits} bits: take 2, 4 or 8")
        if self.activation_bits not in ACTIVATION_BITS:
            raise InputError(f"activations of {self.activation_bits} bits: take 8 or 16")
        if self.shorts_under is not None and not np.isfinite(self.shorts_under):
            raise InputError("16 bits under a bound: give it in decibels, 30 for example")
        if self.ranges not in RANGES:
            raise InputError(f"ranges {self.ranges!r} are not known: take {', '.join(RANGES)}")
        if self.optimise not in OPTIMISE:
            raise InputError(f"to optimise {self.optimise!r} is not known: take speed or size")
