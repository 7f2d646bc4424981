"""Values of 16 bits: pooled, added, multiplied, moved, put through functions, recoded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, initialiser, structure
from inkpin.model.converter.integer_program import CallSite, KernelCall, ValueType
from inkpin.model.converter.ir import (
    AveragePool,
    Binary,
    Clip,
    Gather,
    MaxPool,
    Op,
    Quantisation,
    Recode,
    Unary,
    size,
)
from inkpin.model.converter.kernels.binary import common_shift
from inkpin.model.converter.kernels.copy import CopyCall, regular_boxes
from inkpin.model.converter.kernels.lowering import (
    SIDE,
    SPAN_FILES,
    Lowering,
    lower_op,
    lower_short_op,
)
from inkpin.model.converter.kernels.pooling import PoolCall, cells_counted, score_quantisation
from inkpin.model.converter.kernels.requantize import fixed_point, rescaled
from inkpin.model.converter.kernels.short_layers import SHORT_FILES, ShortScaling, short_limits
from inkpin.model.converter.windows import max_pool

_LOWEST = -(1 << 15)
_STEPS = range(14, 5, -1)  # from one point of a curve to the next; 1,025 points are the most
_CLOSE = 4  # codes that a curve may be beside its function, where points suffice
_LARGEST = 1e30  # a real number beyond every code


# --- other codes ---


@dataclass(frozen=True, kw_only=True, eq=False)
class RecodeCall(KernelCall):
    """The same numbers in other codes: ink_shorts_of_bytes and its like; see ink_recoding.

    Attributes:
        source: how the input is held.
        to: how the output is held.
        multiplier: of codes, the zero points taken off.
        shift: of the product.
        low: smallest code that goes out.
        high: largest.
    """

    source: ValueType
    to: ValueType
    multiplier: int
    shift: int
    low: int
    high: int

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_recode.c", *SHORT_FILES)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        steps = values[0].astype(np.int64) - self.source.quantisation.zero_point
        codes = rescaled(steps, self.multiplier, self.shift) + self.to.quantisation.zero_point
        return np.asarray(codes.clip(self.low, self.high))

    def constants(self, number: int) -> str:
        """See KernelCall."""
        zero = self.to.quantisation.zero_point
        descriptor = {
            "multiplier": self.multiplier,
            "in_zero": self.source.quantisation.zero_point,
            "zero": zero,
            "low": self.low - zero,
            "high": self.high - zero,
            "shift": self.shift,
        }
        return structure(f"static const ink_recoding layer{number}", descriptor)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        made, read = (
            "shorts" if each.kind == "int16" else "bytes" for each in (self.to, self.source)
        )
        arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}, {site.count}"
        return [f"ink_{made}_of_{read}({arguments})"]


def _recode(
    op: Op, lowering: Lowering, name: str, made: str, to: ValueType, low: float, high: float
) -> None:
    """Append a value in other codes, cut at real numbers."""
    source = lowering.types[name]
    code = to.quantisation
    factor = np.float32(source.quantisation.scale) / np.float32(code.scale)
    multiplier, shift = fixed_point(np.array([factor]))
    first, last = code.codes[[0, -1]] - code.zero_point
    ends = np.rint(np.clip(np.array([low, high]) / code.scale, first, last)) + code.zero_point
    call = RecodeCall(
        nodes=op.nodes,
        inputs=(name,),
        output=made,
        source=source,
        to=to,
        multiplier=int(multiplier[0]),
        shift=int(shift[0]),
        low=int(ends[0]),
        high=int(ends[1]),
    )
    lowering.add(call, code, to.kind, to.shape)


def _recoded(op: Op, lowering: Lowering, place: int, code: Quantisation) -> str:
    """Return the name of an op's input of 16 bits in other codes, if it has not those."""
    name = op.inputs[place]
    source = lowering.types[name]
    if source.quantisation == code:
        return name
    made = f"{op.output}.in{place}"
    _recode(op, lowering, name, made, ValueType("int16", code, source.shape), -np.inf, np.inf)
    return made


def _lower_recode(op: Op, lowering: Lowering, low: float, high: float) -> None:
    name = op.output
    shape = lowering.program.shapes[name]
    to = ValueType(lowering.kind(name), lowering.quantisations[name], shape)
    _recode(op, lowering, op.inputs[0], name, to, low, high)


@lower_op.register
def _(op: Recode, lowering: Lowering) -> None:
    _lower_recode(op, lowering, -np.inf, np.inf)


@lower_short_op.register
def _(op: Clip, lowering: Lowering) -> None:
    _lower_recode(op, lowering, op.low, op.high)


# --- functions ---


@dataclass(frozen=True, kw_only=True, eq=False)
class CurveCall(KernelCall):
    """A function by straight lines between points of it: ink_short_curve.

    Attributes:
        points: codes of the output, from the input's lowest on.
        step: the points are 2^step codes apart.
        function: for comments.
    """

    in_place = True

    points: np.ndarray
    step: int
    function: str

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_curve.c",)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return 2 * len(self.points)

    @property
    def remark(self) -> str:
        """See KernelCall."""
        return f"curve of {self.function}"

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return on_lines(self.points, self.step, values[0])

    def constants(self, number: int) -> str:
        """See KernelCall."""
        return array(f"static const int16_t points{number}", self.points, str(len(self.points)))

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        where = f"{site.inputs[0]}, {site.output}, {site.count}"
        return [f"ink_short_curve(points{site.number}, {self.step}, {where})"]


def on_lines(points: np.ndarray, step: int, codes: np.ndarray) -> np.ndarray:
    """Return what lies on the lines between points 2^step codes apart, halves rounded up."""
    place, rest = np.divmod(codes.astype(np.int64) - _LOWEST, 1 << step)
    low, high = points[place], points[place + 1]
    return np.asarray(low + (((high - low) * rest + (1 << step >> 1)) >> step))


@lower_short_op.register
def _(op: Unary, lowering: Lowering) -> None:
    source, to = (lowering.quantisations[name] for name in (op.inputs[0], op.output))
    inputs = np.append(source.codes, -_LOWEST)
    results = np.nan_to_num(op.compute(source.decode(inputs)), posinf=_LARGEST, neginf=-_LARGEST)
    wanted = to.encode(results.clip(-_LARGEST, _LARGEST)).astype(np.int64)
    for step in _STEPS:
        points = wanted[:: 1 << step]
        if np.abs(on_lines(points, step, source.codes) - wanted[:-1]).max() <= _CLOSE:
            break
    call = CurveCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        points=points,
        step=step,
        function=op.op_type,
    )
    lowering.add(call, to, "int16")


# --- sums and products ---


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortBinaryCall(KernelCall):
    """A sum or product: ink_short_add, ink_short_mul; see BinaryCall for the attributes."""

    in_place = True

    op_type: str
    broadcast: tuple[int, int, int]
    multipliers: tuple[int, int]
    shift: int
    limits: tuple[int, int]

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_pair.c", *SHORT_FILES)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        n = max(map(len, values))
        a = values[0].reshape(-1, *self.broadcast).astype(np.int64)
        b = values[1].reshape(-1, 1, self.broadcast[1], 1).astype(np.int64)
        one, two = self.multipliers
        steps = a * b * one if self.op_type == "mul" else a * one + b * two
        results = rescaled(steps, 1, self.shift).clip(*self.limits)
        return np.broadcast_to(results, (n, *self.broadcast))

    def constants(self, number: int) -> str:
        """See KernelCall."""
        outer, middle, inner = self.broadcast
        descriptor = {
            "a_multiplier": self.multipliers[0],
            "b_multiplier": self.multipliers[1],
            "low": self.limits[0],
            "high": self.limits[1],
            "outer": outer,
            "middle": middle,
            "inner": inner,
            "shift": self.shift,
        }
        return structure(f"static const ink_short_pair layer{number}", descriptor)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        a, b = site.inputs
        return [f"ink_short_{self.op_type}(&layer{site.number}, {a}, {b}, {site.output})"]


@lower_short_op.register
def _(op: Binary, lowering: Lowering) -> None:
    a, b, to = (lowering.quantisations[name] for name in (*op.inputs, op.output))
    if op.op_type == "mul":
        factor = fixed_point(np.array([a.scale * b.scale / to.scale]))
        multipliers, shift = (int(factor.multiplier[0]), 0), int(factor.shift[0])
    else:
        multipliers, shift = common_shift(np.array([a.scale, op.sign * b.scale]) / to.scale)
    if max(op.broadcast) > SIDE:
        raise InputError(f"node {op.nodes[0]!r}: more than {SIDE} elements")
    call = ShortBinaryCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        op_type=op.op_type,
        broadcast=op.broadcast,
        multipliers=multipliers,
        shift=shift,
        limits=short_limits(op.low, op.high, to),
    )
    lowering.add(call, to, "int16")


# --- pooling ---


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortMaxPoolCall(PoolCall):
    """The largest under each window: ink_short_max_pool."""

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_pool.c", *SPAN_FILES)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return max_pool(values[0].reshape(-1, *self.maps), self.windows, _LOWEST)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        return structure(f"static const ink_pool layer{number}", self.window_fields)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_short_max_pool(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@lower_short_op.register
def _(op: MaxPool, lowering: Lowering) -> None:
    to = lowering.quantisations[op.output]
    call = ShortMaxPoolCall(
        nodes=op.nodes,
        inputs=(_recoded(op, lowering, 0, to),),
        output=op.output,
        maps=op.maps,
        windows=op.windows,
    )
    lowering.add(call, to, "int16")


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortAveragePoolCall(PoolCall):
    """The average under each window: ink_short_average_pool.

    Attributes:
        margin: cells outside that count: top, left, bottom, right.
        cells: that count, (down, across).
        to: the way to the output, by number of cells, from the fewest on.
    """

    margin: tuple[int, int, int, int]
    cells: np.ndarray
    to: ShortScaling

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_average_pool.c", *SPAN_FILES, *SHORT_FILES)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return self.to.flash

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return self.maps[0] * int(np.prod(self.windows.count) * np.prod(self.windows.size))

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.maps).astype(np.int64)
        sums = self.windows.over(x, 0).sum(axis=(4, 5))
        multiplier, shift = (each[self.cells - self.cells.min()] for each in self.to.factor)
        return rescaled(sums, multiplier, shift).clip(self.to.low, self.to.high)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        top, left, bottom, right = self.margin
        descriptor = {
            "pool": initialiser("ink_pool", self.window_fields),
            "to": self.to.initialiser(number),
            "fewest": int(self.cells.min()),
            "margin_top": top,
            "margin_left": left,
            "margin_bottom": bottom,
            "margin_right": right,
        }
        text = structure(f"static const ink_short_average_layer layer{number}", descriptor)
        return self.to.constants(number) + text

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_short_average_pool(&layer{site.number}, {site.inputs[0]}, {site.output})"]


@lower_short_op.register
def _(op: AveragePool, lowering: Lowering) -> None:
    source = lowering.quantisations[op.inputs[0]]
    cells = cells_counted(op)
    if op.output in lowering.int32_values:
        quantisation, to = score_quantisation(op, source), ShortScaling.to_scores(np.ones(1))
    else:
        quantisation = lowering.quantisations[op.output]
        counts = np.arange(cells.min(), cells.max() + 1)
        factors = source.scale * op.gain / counts / quantisation.scale
        to = ShortScaling.to_shorts(factors, op, quantisation)
    call = ShortAveragePoolCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        maps=op.maps,
        windows=op.windows,
        margin=op.margin,
        cells=cells,
        to=to,
    )
    lowering.add(call, quantisation, to.kind)


# --- moves ---


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortCopyCall(CopyCall):
    """Elements put elsewhere: ink_short_move, ink_short_fill."""

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_move.c",)

    @property
    def prefix(self) -> str:
        """See CopyCall."""
        return "ink_short"


@lower_short_op.register
def _(op: Gather, lowering: Lowering) -> None:
    to = lowering.quantisations[op.output]
    inputs = tuple(_recoded(op, lowering, i, to) for i in range(len(op.inputs)))
    sizes: Sequence[int] = [size(lowering.types[name].shape) for name in inputs]
    filled = bool(op.index.min() < 0)
    call = ShortCopyCall(
        nodes=op.nodes,
        inputs=inputs,
        output=op.output,
        index=op.index,
        fill=int(to.encode(np.array(op.fill))) if filled else None,
        boxes=regular_boxes(op.index, list(sizes)),
    )
    lowering.add(call, to, "int16")
