"""Maps of another size: averages of the four cells around, weighted by where one lies."""

from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Interpolate
from inkpin.model.converter.kernels.lookup_table import requantized
from inkpin.model.converter.kernels.lowering import SIDE, Lowering, lower_op

_WHOLE = 256  # what the shares of two cells add up to


@dataclass(frozen=True, kw_only=True, eq=False)
class ResizeCall(KernelCall):
    """Linear interpolation of bytes: ink_resize.

    Attributes:
        maps: (channels, height, width) of the input.
        rows: (height of the output,): where each row lies, in 1/256 of a cell.
        columns: likewise.
    """

    maps: tuple[int, int, int]
    rows: np.ndarray
    columns: np.ndarray

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_resize.c",)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return 3 * (len(self.rows) + len(self.columns))

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return 4 * self.maps[0] * len(self.rows) * len(self.columns)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.maps).astype(np.int64)
        sums = _shared(_shared(x, self.columns, 3), self.rows, 2)
        return np.asarray((sums + _WHOLE**2 // 2) >> 16)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        arrays = {
            "row": ("uint16_t", self.rows // _WHOLE),
            "column": ("uint16_t", self.columns // _WHOLE),
            "down": ("uint8_t", self.rows % _WHOLE),
            "across": ("uint8_t", self.columns % _WHOLE),
        }
        descriptor = {
            **{name: f"{name}{number}" for name in arrays},
            "channels": self.maps[0],
            "in_h": self.maps[1],
            "in_w": self.maps[2],
            "out_h": len(self.rows),
            "out_w": len(self.columns),
        }
        return "".join(
            array(f"static const {kind} {name}{number}", values)
            for name, (kind, values) in arrays.items()
        ) + structure(f"static const ink_resize_layer layer{number}", descriptor)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_resize(&layer{site.number}, {site.inputs[0]}, {site.output})"]


def _shared(x: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    """Return 256 times what lies at places in 1/256 of a cell along an axis."""
    first, share = np.divmod(places, _WHOLE)
    side = [1] * x.ndim
    side[axis] = -1
    share = share.reshape(side)
    second = np.minimum(first + 1, x.shape[axis] - 1)
    return np.asarray(x.take(first, axis) * (_WHOLE - share) + x.take(second, axis) * share)


@lower_op.register
def _(op: Interpolate, lowering: Lowering) -> None:
    quantisation = lowering.quantisations[op.output]
    if max(*op.maps, len(op.rows), len(op.columns)) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: a side longer than {SIDE}")
    call = ResizeCall(
        nodes=op.nodes,
        inputs=(requantized(lowering, op, 0, quantisation),),
        output=op.output,
        maps=op.maps,
        rows=np.rint(op.rows * _WHOLE).astype(np.int64),
        columns=np.rint(op.columns * _WHOLE).astype(np.int64),
    )
    lowering.add(call, quantisation)
