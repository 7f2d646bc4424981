"""Dense layers: the rows of the input times weights."""

from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import structure
from inkpin.model.converter.integer_program import CallSite
from inkpin.model.converter.ir import Dense, size
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import RESCALE_FILES, STORE_FILES
from inkpin.model.converter.kernels.weighted import (
    EXCESS,
    ByteWeights,
    WeightedCall,
    integer_layer,
    interleaved,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class DenseCall(WeightedCall):
    """Rows times weights, (out, in): ink_dense.

    Attributes:
        rows: of the input.
    """

    rows: int

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_dense.c", "ink_unpack.h", *RESCALE_FILES)

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return self.rows * self.weights.size

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(len(values[0]), self.rows, -1).astype(float)
        sums = x @ (self.weights + self.offset).astype(float).T + self.c_bias
        return self.requantize.apply(sums, 2)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        out, into = self.weights.shape
        descriptor = {
            "weights": f"weights{number}",
            "bias": f"bias{number}",
            "to": self.requantize.initialiser(number),
            "rows": self.rows,
            "in": into,
            "out": out,
            "bits": self.bits,
            "offset": self.offset,
        }
        return (
            self.weight_constants(number)
            + self.requantize.constants(number)
            + structure(f"static const ink_dense_layer layer{number}", descriptor)
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_dense(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ByteDenseCall(ByteWeights, DenseCall):
    """The same by four channels at a time: ink_byte_dense."""

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_byte_dense.c", "ink_products.c", "ink_products.h", *STORE_FILES)

    @property
    def stored_weights(self) -> np.ndarray:
        """See WeightedCall."""
        return interleaved(self.weights)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        out, into = self.weights.shape
        descriptor = {
            "weights": f"weights{number}",
            "bias": f"bias{number}",
            "to": self.scaling.initialiser(number),
            "rows": self.rows,
            "in": into,
            "out": out,
            "offset": self.offset - EXCESS,
        }
        return (
            self.weight_constants(number)
            + self.scaling.constants(number)
            + structure(f"static const ink_byte_dense_layer layer{number}", descriptor)
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_byte_dense(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@lower_op.register
def _(op: Dense, lowering: Lowering) -> None:
    layer = integer_layer(op, lowering)
    out, into = op.weights.shape
    rows = size(lowering.program.shapes[op.inputs[0]]) // into
    if max(rows, out, into) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {SIDE} inputs, outputs or rows")
    call = DenseCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        weights=layer.weights,
        bias=layer.bias,
        zero_point=layer.zero_point,
        offset=layer.offset,
        requantize=layer.requantize,
        rows=rows,
    )
    lowering.add(call, layer.quantisation, layer.kind)
