"""Sums and products of two values."""

from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Binary
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    ByteRange,
    fixed_point,
    rescaled,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class BinaryCall(KernelCall):
    """A sum or product: ink_add, ink_mul; see ink_pair.

    Attributes:
        op_type: "add" or "mul".
        broadcast: (outer, middle, inner) of the first input and the output; (middle,) of the
            second input.
        multipliers: of the two inputs; of the product the first alone.
        shift: of both.
        zero_points: of the two inputs.
        to: the bytes that go out.
    """

    in_place = True

    op_type: str
    broadcast: tuple[int, int, int]
    multipliers: tuple[int, int]
    shift: int
    zero_points: tuple[int, int]
    to: ByteRange

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return (f"ink_{self.op_type}.c", *RESCALE_FILES)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        n = max(map(len, values))
        a = values[0].reshape(-1, *self.broadcast).astype(np.int64) - self.zero_points[0]
        b = values[1].reshape(-1, 1, self.broadcast[1], 1).astype(np.int64) - self.zero_points[1]
        one, two = self.multipliers
        if self.op_type == "mul":
            results = rescaled(a * b, one, self.shift)
        else:
            results = rescaled(a * one + b * two, 1, self.shift)
        return np.broadcast_to(self.to.apply(results), (n, *self.broadcast))

    def constants(self, number: int) -> str:
        """See KernelCall."""
        outer, middle, inner = self.broadcast
        descriptor = {
            "a_multiplier": self.multipliers[0],
            "b_multiplier": self.multipliers[1],
            "outer": outer,
            "middle": middle,
            "inner": inner,
            "shift": self.shift,
            "a_zero": self.zero_points[0],
            "b_zero": self.zero_points[1],
            **self.to.fields,
        }
        return structure(f"static const ink_pair layer{number}", descriptor)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        a, b = site.inputs
        return [f"ink_{self.op_type}(&layer{site.number}, {a}, {b}, {site.output})"]


@lower_op.register
def _(op: Binary, lowering: Lowering) -> None:
    a, b, to = (lowering.quantisations[name] for name in (*op.inputs, op.output))
    if op.op_type == "mul":
        product = np.float32(a.scale) * np.float32(b.scale)
        factor = fixed_point(np.array([product / np.float32(to.scale)]))
        multipliers, shift = (int(factor.multiplier[0]), 0), int(factor.shift[0])
    else:
        multipliers, shift = common_shift(np.array([a.scale, op.sign * b.scale]) / to.scale)
    if max(op.broadcast) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {SIDE} elements")
    call = BinaryCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        op_type=op.op_type,
        broadcast=op.broadcast,
        multipliers=multipliers,
        shift=shift,
        zero_points=(a.zero_point, b.zero_point),
        to=ByteRange.between(op.low, op.high, to),
    )
    lowering.add(call, to)


def common_shift(factors: np.ndarray) -> tuple[tuple[int, int], int]:
    """Return multipliers below 2^21 and one shift for two factors, rounded."""
    largest = np.abs(factors).max()
    shift = int(np.clip(20 - np.floor(np.log2(largest)), 0, 40))
    if largest >= 1 << 20:
        raise OverflowError("a factor of 2^20 or more")
    whole = np.rint(factors * 2.0**shift).astype(np.int64)
    while shift and not np.any(whole & 1):
        whole, shift = whole // 2, shift - 1
    return (int(whole[0]), int(whole[1])), shift
