"""What works on scores of 32 bits: softmax, argmax, and the way to int32_t and back."""

import math
from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import structure
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import ArgMax, Op, Quantisation, Quantise, Softmax, size
from inkpin.model.converter.kernels.lowering import Lowering, lower_op
from inkpin.model.converter.kernels.requantize import (
    RESCALE_FILES,
    ByteRange,
    Requantize,
    fixed_point,
    rescaled,
)

_LOG2 = math.log(2.0) / 4096  # what a distance of ink_power is worth


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortWidenCall(KernelCall):
    """int32_t of 16 bits: ink_short_widen."""

    count: int

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_short_widen.c",)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return values[0].astype(np.int64)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_short_widen({site.inputs[0]}, {site.output}, {self.count})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class WidenCall(KernelCall):
    """int32_t of bytes, the zero point taken off: ink_widen."""

    zero_point: int
    count: int

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_widen.c",)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return np.asarray(values[0].astype(np.int64) - self.zero_point)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_widen({self.zero_point}, {site.inputs[0]}, {site.output}, {self.count})"]


def _widened(op: Op, lowering: Lowering) -> str:
    """Return the name of the op's input as int32_t."""
    name = op.inputs[0]
    source = lowering.types[name]
    if source.kind == "int32":
        return name
    count, output = size(source.shape), f"{op.output}.in0"
    call: KernelCall = WidenCall(
        nodes=op.nodes,
        inputs=(name,),
        output=output,
        zero_point=source.quantisation.zero_point,
        count=count,
    )
    if source.kind == "int16":
        call = ShortWidenCall(nodes=op.nodes, inputs=(name,), output=output, count=count)
    lowering.add(call, Quantisation(source.quantisation.scale, 0), "int32", source.shape)
    return call.output


_POWERS = np.rint(2.0**15 * 2.0 ** (-np.arange(33) / 32)).astype(np.int64)


def power(distance: np.ndarray) -> np.ndarray:
    """Return 2^(-distance / 4096) in units of 2^-15, as ink_power does."""
    whole, entry, rest = distance >> 12, (distance >> 7) & 31, distance & 127
    low, high = _POWERS[entry + 1], _POWERS[entry]
    value = high - ((high - low) * rest + 64) // 128
    return np.where(whole > 15, 0, value >> np.minimum(whole, 15))


def logarithm(sums: np.ndarray) -> np.ndarray:
    """Return log2(sums / 2^15) in units of 1/4096, as ink_log_softmax does."""
    result = np.zeros_like(sums)
    while np.any(large := sums >= 1 << 16):
        sums = np.where(large, (sums + 1) >> 1, sums)
        result += np.where(large, 1 << 12, 0)
    for bit in (1 << np.arange(12))[::-1]:
        sums = (sums * sums + (1 << 14)) >> 15
        large = sums >= 1 << 16
        sums = np.where(large, sums >> 1, sums)
        result += np.where(large, bit, 0)
    return result


@dataclass(frozen=True, kw_only=True, eq=False)
class SoftmaxCall(KernelCall):
    """Softmax or its logarithm, in place: ink_softmax, ink_log_softmax; see ink_softmax_layer."""

    in_place = True

    layout: tuple[int, int, int]
    logarithm: bool
    multiplier: int
    shift: int
    farthest: int
    one: int
    highest: int

    @property
    def kernel(self) -> str:
        """Name of the C function."""
        return "ink_log_softmax" if self.logarithm else "ink_softmax"

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return (f"{self.kernel}.c", "ink_power.c", *RESCALE_FILES)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return 66

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.layout).astype(np.int64)
        below = np.minimum(x.max(axis=2, keepdims=True) - x, self.farthest)
        distance = rescaled(below, self.multiplier, self.shift)
        shares = power(distance)
        total = shares.sum(axis=2, keepdims=True)
        if self.logarithm:
            return np.asarray(-(distance + logarithm(total)))
        return np.asarray(np.minimum((shares * self.one + total // 2) // total, self.highest))

    def constants(self, number: int) -> str:
        """See KernelCall."""
        descriptor = {
            "multiplier": self.multiplier,
            "outer": self.layout[0],
            "count": self.layout[1],
            "inner": self.layout[2],
            "shift": self.shift,
            "farthest": self.farthest,
            "one": self.one,
            "highest": self.highest,
        }
        return structure(f"static const ink_softmax_layer layer{number}", descriptor)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"{self.kernel}(&layer{site.number}, {site.output})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class NarrowCall(KernelCall):
    """Bytes of int32_t: ink_narrow."""

    requantize: Requantize
    count: int

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_narrow.c", *RESCALE_FILES)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return self.requantize.apply(values[0].reshape(len(values[0]), 1, -1), 1)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        to = self.requantize.initialiser(number)
        return (
            f"{self.requantize.constants(number)}static const ink_rescale layer{number} = {to};\n"
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_narrow(&layer{site.number}, {site.inputs[0]}, {site.output}, {self.count})"]


@lower_op.register
def _(op: Softmax, lowering: Lowering) -> None:
    if op.output not in lowering.int32_values:
        wide = _softmax(op, lowering, f"{op.output}.wide")
        to = lowering.quantisations[op.output]
        factor = fixed_point(np.array([wide.scale]) / np.float32(to.scale))
        call = NarrowCall(
            nodes=op.nodes,
            inputs=(f"{op.output}.wide",),
            output=op.output,
            requantize=Requantize(factor, ByteRange(to.zero_point)),
            count=size(lowering.program.shapes[op.output]),
        )
        lowering.add(call, to)
        return
    _softmax(op, lowering, op.output)


def _softmax(op: Softmax, lowering: Lowering, output: str) -> Quantisation:
    """Append the int32_t that an op makes, and return what they stand for."""
    source = _widened(op, lowering)
    factor = lowering.types[source].quantisation.scale / _LOG2
    multiplier, shift = fixed_point(np.array([factor]))
    unit, zero_point, highest = 2.0**-15, 0, 1 << 15
    after = lowering.program.readers(op.output)
    at_once = output == op.output and len(after) == 1 and isinstance(after[0], Quantise)
    if at_once and not op.logarithm and isinstance(after[0], Quantise):
        # What a given rounding of the probabilities leaves of them is computed at once.
        unit, zero_point = after[0].to.scale, after[0].to.zero_point
        highest = 255 - zero_point
        if not 2.0**-15 <= unit <= 1:
            raise InputError(f"node {op.nodes[0]!r}: its output's scale {unit:g} is no use")
    call = SoftmaxCall(
        nodes=op.nodes,
        inputs=(source,),
        output=output,
        layout=op.layout,
        logarithm=op.logarithm,
        multiplier=int(multiplier[0]),
        shift=int(shift[0]),
        farthest=int(min(2.0**30 / factor, 2.0**31 - 1)),
        one=int(np.rint(1 / unit)),
        highest=highest,
    )
    to = Quantisation(_LOG2, 0) if op.logarithm else Quantisation(unit, zero_point)
    lowering.add(call, to, "int32", lowering.program.shapes[op.output])
    return to


@dataclass(frozen=True, kw_only=True, eq=False)
class ArgMaxCall(KernelCall):
    """The place of the largest: ink_argmax."""

    layout: tuple[int, int, int]
    last: bool

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_argmax.c",)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.layout)
        if self.last:
            return np.asarray(self.layout[1] - 1 - x[:, :, ::-1].argmax(axis=2))
        return np.asarray(x.argmax(axis=2))

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        layout = ", ".join(map(str, self.layout))
        return [f"ink_argmax({site.inputs[0]}, {site.output}, {layout}, {int(self.last)})"]


@lower_op.register
def _(op: ArgMax, lowering: Lowering) -> None:
    call = ArgMaxCall(
        nodes=op.nodes,
        inputs=(_widened(op, lowering),),
        output=op.output,
        layout=op.layout,
        last=op.last,
    )
    lowering.add(call, Quantisation(1.0, 0), "int32")
