"""Products of two computed values."""

import math
from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import MatMul, Quantisation
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    ByteRange,
    Requantize,
    fixed_point,
)

_LARGEST_SUM = 2.0**31


@dataclass(frozen=True, kw_only=True, eq=False)
class MatMulCall(KernelCall):
    """Matrices times matrices: ink_matmul.

    Attributes:
        product: in real numbers: layout and grids.
        zero_points: of the two inputs.
        requantize: the way to the output.
    """

    product: MatMul
    zero_points: tuple[int, int]
    requantize: Requantize

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_matmul.c", *RESCALE_FILES)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return self.requantize.flash

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return math.prod(self.product.layout)

    @property
    def remark(self) -> str:
        """See KernelCall."""
        batch, rows, depth, columns = self.product.layout
        return f"{batch} x ({rows}x{depth} times {depth}x{columns})"

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        n = max(map(len, values))
        centred = (
            np.broadcast_to(value.astype(float) - zero, (n, *value.shape[1:]))
            for value, zero in zip(values, self.zero_points, strict=True)
        )
        a, b = self.product.operands(*centred)
        return self.requantize.apply(a @ b, 0)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        batch, rows, depth, columns = self.product.layout
        descriptor: dict[str, object] = {
            "to": self.requantize.initialiser(number),
            "batch": batch,
            "rows": rows,
            "depth": depth,
            "columns": columns,
        }
        for name, grid, zero in zip("ab", self.product.grids, self.zero_points, strict=True):
            steps = {f"{name}_{key}": step for key, step in grid._asdict().items()}
            descriptor |= {**steps, f"{name}_zero": zero}
        text = structure(f"static const ink_matmul_layer layer{number}", descriptor)
        return self.requantize.constants(number) + text

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        a, b = site.inputs
        return [f"ink_matmul(&layer{site.number}, {a}, {b}, {site.output})"]


@lower_op.register
def _(op: MatMul, lowering: Lowering) -> None:
    a, b = (lowering.quantisations[name] for name in op.inputs)
    if max(op.layout) > SIDE or op.layout[2] * 255.0**2 >= _LARGEST_SUM:
        raise InputError(f"node {op.nodes[0]!r}: its sums do not fit 32 bits: take fewer columns")
    unit = np.float32(a.scale) * np.float32(b.scale) * np.float32(op.gain)
    wide = op.output in lowering.int32_values
    if wide:
        requantize, to = Requantize(None, None), Quantisation(float(unit), 0)
    else:
        to = lowering.quantisations[op.output]
        factor = fixed_point(np.array([unit / np.float32(to.scale)]))
        requantize = Requantize(factor, ByteRange.between(op.low, op.high, to))
    call = MatMulCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        product=op,
        zero_points=(a.zero_point, b.zero_point),
        requantize=requantize,
    )
    lowering.add(call, to, "int32" if wide else "bytes")
