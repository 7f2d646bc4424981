"""Pooling of bytes: the largest or the average under each window."""

import math
from dataclasses import dataclass, fields

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, initialiser, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import AveragePool, MaxPool, Quantisation
from inkpin.model.converter.kernels.lookup_table import requantized
from inkpin.model.converter.kernels.lowering import SIDE, SPAN_FILES, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    STORE_FILES,
    ByteRange,
    FixedPoint,
    Requantize,
    Scaling,
    rescaled,
)
from inkpin.model.converter.windows import Windows, max_pool

_LARGEST = 2.0**31  # of a multiplier


@dataclass(frozen=True, kw_only=True, eq=False)
class PoolCall(KernelCall):
    """What both share.

    Attributes:
        maps: (channels, height, width) of the input.
        windows: over it.
    """

    maps: tuple[int, int, int]
    windows: Windows

    @property
    def window_fields(self) -> dict[str, object]:
        """An ink_pool."""
        windows = self.windows
        return {
            "channels": self.maps[0],
            "in_h": self.maps[1],
            "in_w": self.maps[2],
            "out_h": windows.count[0],
            "out_w": windows.count[1],
            "window_h": windows.size[0],
            "window_w": windows.size[1],
            "stride_h": windows.stride[0],
            "stride_w": windows.stride[1],
            "pad_top": windows.pad[0],
            "pad_left": windows.pad[1],
            "dilation_h": windows.dilation[0],
            "dilation_w": windows.dilation[1],
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class MaxPoolCall(PoolCall):
    """The largest byte under each window: ink_max_pool."""

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_max_pool.c", *SPAN_FILES)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return max_pool(values[0].reshape(-1, *self.maps), self.windows, 0)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        return structure(f"static const ink_pool layer{number}", self.window_fields)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_max_pool(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@lower_op.register
def _(op: MaxPool, lowering: Lowering) -> None:
    quantisation = lowering.quantisations[op.output]
    call = MaxPoolCall(
        nodes=op.nodes,
        inputs=(requantized(lowering, op, 0, quantisation),),
        output=op.output,
        maps=op.maps,
        windows=op.windows,
    )
    lowering.add(call, quantisation)


@dataclass(frozen=True, kw_only=True, eq=False)
class AveragePoolCall(PoolCall):
    """The average under each window: ink_average_pool.

    Attributes:
        margin: cells outside that count: top, left, bottom, right.
        cells: that count, (down, across).
        multiplier: by number of cells, from the fewest on.
        shift: of all.
        zero_point: of the input.
        to: the bytes that go out; None for int32_t, the sums as they are.
    """

    margin: tuple[int, int, int, int]
    cells: np.ndarray
    multiplier: np.ndarray
    shift: int
    zero_point: int
    to: ByteRange | None

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_average_pool.c", *SPAN_FILES, *RESCALE_FILES)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return 4 * len(self.multiplier)

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return self.maps[0] * math.prod(self.windows.count) * math.prod(self.windows.size)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.maps) - self.zero_point
        sums = self.windows.over(x, 0).sum(axis=(4, 5))
        if self.to is None:
            return np.asarray(sums)
        each = self.multiplier[self.cells - self.cells.min()]
        return self.to.apply(rescaled(sums, each, self.shift))

    def constants(self, number: int) -> str:
        """See KernelCall."""
        top, left, bottom, right = self.margin
        descriptor = {
            "pool": initialiser("ink_pool", self.window_fields),
            "multiplier": f"multiplier{number}",
            "fewest": int(self.cells.min()),
            "margin_top": top,
            "margin_left": left,
            "margin_bottom": bottom,
            "margin_right": right,
            "shift": self.shift,
            "in_zero": self.zero_point,
            **(self.to or ByteRange()).fields,
            "wide": int(self.to is None),
        }
        text = array(f"static const int32_t multiplier{number}", self.multiplier)
        return text + structure(f"static const ink_average_pool_layer layer{number}", descriptor)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_average_pool(&layer{site.number}, {site.inputs[0]}, {site.output})"]

    @property
    def lies_inside(self) -> bool:
        """Whether every window lies inside its map, and ink_store takes the factor."""
        windows = self.windows
        ends = (
            (count - 1) * stride + (size - 1) * dilation
            for count, stride, size, dilation in zip(
                windows.count, windows.stride, windows.size, windows.dilation, strict=True
            )
        )
        inside = all(end < side for end, side in zip(ends, self.maps[1:], strict=True))
        fits = self.to is None or self.factor.in_words
        return windows.pad == (0, 0) and inside and fits

    @property
    def factor(self) -> FixedPoint:
        """Of a sum of the fewest cells."""
        return FixedPoint(self.multiplier[:1], np.array([self.shift]))

    def inner(self) -> "InnerAveragePoolCall":
        """Return the same by the kernel for windows that lie inside."""
        return InnerAveragePoolCall(
            **{each.name: getattr(self, each.name) for each in fields(self)}
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class InnerAveragePoolCall(AveragePoolCall):
    """The same where every window lies inside its map: ink_inner_average_pool."""

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_inner_average_pool.c", *STORE_FILES)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        scaling = Scaling.of(Requantize(None if self.to is None else self.factor, self.to), 1)
        descriptor = {
            "pool": initialiser("ink_pool", self.window_fields),
            "to": scaling.initialiser(number),
            "start": -self.zero_point * math.prod(self.windows.size),
        }
        text = structure(f"static const ink_inner_average_pool_layer layer{number}", descriptor)
        return scaling.constants(number) + text

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_inner_average_pool(&layer{site.number}, {site.inputs[0]}, {site.output})"]


def cells_counted(op: AveragePool) -> np.ndarray:
    """Return how many cells of each window count.

    Raises:
        InputError: none do, or more than kernels can count.
    """
    cells = op.cells
    if cells.min() < 1:
        raise InputError(f"node {op.nodes[0]!r}: a window without cells")
    if cells.max() > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: a window of more than {SIDE} cells")
    return cells


def score_quantisation(op: AveragePool, source: Quantisation) -> Quantisation:
    """Return what the sums are worth that go out as they are, where all are of as many cells."""
    return Quantisation(source.scale * op.gain / int(op.cells.min()), 0)


@lower_op.register
def _(op: AveragePool, lowering: Lowering) -> None:
    source, cells = lowering.quantisations[op.inputs[0]], cells_counted(op)
    counts = np.arange(cells.min(), cells.max() + 1)
    scores = op.output in lowering.int32_values
    to = score_quantisation(op, source) if scores else lowering.quantisations[op.output]
    factor = source.scale * op.gain / to.scale
    shift = int(np.clip(23 - np.floor(np.log2(factor / counts[0])), 0, 62))
    if factor / counts[0] * 2.0**shift >= _LARGEST:
        raise OverflowError("a factor of 2^31 or more")
    call = AveragePoolCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        maps=op.maps,
        windows=op.windows,
        margin=op.margin,
        cells=cells,
        multiplier=np.rint(factor / counts * 2.0**shift).astype(np.int64),
        shift=shift,
        zero_point=source.zero_point,
        to=None if scores else ByteRange.between(op.low, op.high, to),
    )
    lowering.add(call, to, "int32" if scores else "bytes")
