"""The baseline: every network as the plain loop nests that one would write by hand.

One loop nest a step, weights and maps in int8_t and uint8_t, every map kept whole in memory of its
own, a factor in 64 bits for each output; no packing, no fusion, no shared memory. It computes the
same integers; the softmax of the last scores alone is the kernel's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from inkpin.model.converter.c_text import array
from inkpin.model.converter.converted import Converted
from inkpin.model.converter.integer_program import KernelCall
from inkpin.model.converter.ir import size
from inkpin.model.converter.kernels.binary import BinaryCall
from inkpin.model.converter.kernels.conv import ConvCall
from inkpin.model.converter.kernels.copy import CopyCall
from inkpin.model.converter.kernels.dense import DenseCall
from inkpin.model.converter.kernels.lookup_table import TableCall
from inkpin.model.converter.kernels.pooling import AveragePoolCall, MaxPoolCall
from inkpin.model.converter.kernels.softmax import SoftmaxCall, WidenCall
from inkpin.model.converter.windows import Windows

_HEAD = """#include <stdint.h>
#include "ink_kernels.h"
static int32_t scaled(int64_t sum, int32_t factor, int shift) {
    const int64_t product = sum * factor;
    if (shift == 0) return (int32_t)product;
    const int64_t half = ((int64_t)1 << (shift - 1)) - 1 + ((product >> shift) & 1);
    return (int32_t)((product + half) >> shift);
}
static uint8_t cut(int32_t value, int low, int high) {
    return (uint8_t)(value < low ? low : value > high ? high : value);
}
"""


@dataclass(frozen=True)
class Place:
    """Where a step stands.

    Attributes:
        i: its number, for the names of its constants.
        ins: C names of what it reads.
        sizes: their elements.
        out: C name of what it makes.
    """

    i: int
    ins: Sequence[str]
    sizes: Sequence[int]
    out: str


def plain_c(converted: Converted) -> str:
    """Return a C file with `void plain_run(const uint8_t *in, T *out)`, T as the network's."""
    program = converted.integer_program
    element = converted.source.output.element
    parts, body = [_HEAD], []
    names = {program.inputs[0].name: "in"}
    for i, (name, data) in enumerate(program.constants.items()):
        names[name] = f"k{i}"
        parts.append(array(f"static const uint8_t k{i}", data.ravel()))
    for i, call in enumerate(program.calls):
        held = program.types[call.output]
        last = call.output == program.output
        names[call.output] = "out" if last else f"v{i}"
        if not last:
            kind = "int32_t" if held.kind == "int32" else "uint8_t"
            parts.append(f"static {kind} v{i}[{size(held.shape)}];\n")
        sizes = [size(program.types[name].shape) for name in call.inputs]
        place = Place(i, [names[name] for name in call.inputs], sizes, names[call.output])
        data, text = loops(call, place)
        parts.append(data)
        body.append(text)
    head = f"void plain_run(const uint8_t *in, {element} *out)"
    return "".join(parts) + f"{head};\n{head} {{\n{''.join(body)}}}\n"


@singledispatch
def loops(call: KernelCall, at: Place) -> tuple[str, str]:
    """Return the constants and the loops of a step."""
    raise NotImplementedError(type(call).__name__)


def _channels(call: ConvCall | DenseCall, i: int) -> tuple[str, str]:
    """Return the constants of a layer, and the expression that is stored for channel o."""
    factor, to = call.requantize.factor, call.requantize.to
    weights = call.weights + call.offset
    kind = "int8_t" if weights.min() >= -128 and weights.max() <= 127 else "int16_t"
    text = array(f"static const {kind} w{i}", weights.ravel())
    text += array(f"static const int32_t b{i}", call.c_bias)
    if factor is None:
        return text, "sum"
    text += array(f"static const int32_t m{i}", factor.multiplier)
    text += array(f"static const uint8_t s{i}", factor.shift)
    stored = f"scaled(sum, m{i}[o], s{i}[o])"
    if to is not None:
        stored = f"cut({stored} + {to.zero_point}, {to.low}, {to.high})"
    return text, stored


@loops.register
def _(call: DenseCall, at: Place) -> tuple[str, str]:
    data, stored = _channels(call, at.i)
    out, into = call.weights.shape
    return data, (
        f"    for (int r = 0; r < {call.rows}; r++) for (int o = 0; o < {out}; o++) {{\n"
        f"        int32_t sum = b{at.i}[o];\n"
        f"        for (int k = 0; k < {into}; k++)\n"
        f"            sum += {at.ins[0]}[r * {into} + k] * w{at.i}[o * {into} + k];\n"
        f"        {at.out}[r * {out} + o] = {stored};\n    }}\n"
    )


def _over(windows: Windows, maps: tuple[int, int, int], source: str, channel: str) -> str:
    """Return the head of the loops over a window: row r, column q, whether inside, the value."""
    high, wide = maps[1:]
    return (
        f"        for (int i = 0; i < {windows.size[0]}; i++)\n"
        f"        for (int j = 0; j < {windows.size[1]}; j++) {{\n"
        f"            const int r = y * {windows.stride[0]} + i * {windows.dilation[0]}"
        f" - {windows.pad[0]};\n"
        f"            const int q = x * {windows.stride[1]} + j * {windows.dilation[1]}"
        f" - {windows.pad[1]};\n"
        f"            const int inside = r >= 0 && r < {high} && q >= 0 && q < {wide};\n"
        f"            const int at = ({channel}) * {high * wide} + r * {wide} + q;\n"
        f"            const int value = inside ? {source}[at] : 0;\n"
    )


def _places(channels: int, windows: Windows) -> str:
    """Return the head of the loops over channels, rows and columns."""
    down, across = windows.count
    return (
        f"    for (int o = 0; o < {channels}; o++) for (int y = 0; y < {down}; y++)\n"
        f"    for (int x = 0; x < {across}; x++) {{\n"
    )


@loops.register
def _(call: ConvCall, at: Place) -> tuple[str, str]:
    data, stored = _channels(call, at.i)
    windows = call.windows
    out, depth, high, wide = call.weights.shape
    down, across = windows.count
    channel = f"(o / {out // call.groups}) * {depth} + c"
    kept = f"c{at.i}" if call.pool else at.out
    text = (
        f"{_places(out, windows)}        int32_t sum = b{at.i}[o];\n"
        f"        for (int c = 0; c < {depth}; c++)\n"
        f"{_over(windows, call.maps, at.ins[0], channel)}"
        f"            sum += (inside ? value : {call.zero_point}) *"
        f" w{at.i}[((o * {depth} + c) * {high} + i) * {wide} + j];\n"
        f"        }}\n        {kept}[(o * {down} + y) * {across} + x] = {stored};\n    }}\n"
    )
    if not call.pool:
        return data, text
    data += f"static uint8_t c{at.i}[{out * down * across}];\n"
    return data, text + _largest((out, down, across), call.pool, kept, at.out)


def _largest(maps: tuple[int, int, int], windows: Windows, source: str, out: str) -> str:
    down, across = windows.count
    return (
        f"{_places(maps[0], windows)}        uint8_t best = 0;\n"
        f"{_over(windows, maps, source, 'o')}"
        "            best = (uint8_t)(value > best ? value : best);\n        }\n"
        f"        {out}[(o * {down} + y) * {across} + x] = best;\n    }}\n"
    )


@loops.register
def _(call: MaxPoolCall, at: Place) -> tuple[str, str]:
    return "", _largest(call.maps, call.windows, at.ins[0], at.out)


@loops.register
def _(call: AveragePoolCall, at: Place) -> tuple[str, str]:
    down, across = call.windows.count
    top, left, bottom, right = call.margin
    high, wide = call.maps[1] + bottom, call.maps[2] + right
    fewest = int(call.cells.min())
    return array(f"static const int32_t m{at.i}", call.multiplier), (
        f"{_places(call.maps[0], call.windows)}        int32_t sum = 0;\n        int cells = 0;\n"
        f"{_over(call.windows, call.maps, at.ins[0], 'o')}"
        f"            sum += inside ? value - {call.zero_point} : 0;\n"
        f"            cells += r >= {-top} && r < {high} && q >= {-left} && q < {wide};\n"
        "        }\n"
        f"        {at.out}[(o * {down} + y) * {across} + x] = cut(scaled(sum,"
        f" m{at.i}[cells - {fewest}], {call.shift}) + {call.to.zero_point}, {call.to.low},"
        f" {call.to.high});\n    }}\n"
    )


@loops.register
def _(call: TableCall, at: Place) -> tuple[str, str]:
    looked_up = f"{at.out}[i] = t{at.i}[{at.ins[0]}[i]]"
    data = array(f"static const uint8_t t{at.i}", call.table)
    return data, f"    for (int i = 0; i < {at.sizes[0]}; i++) {looked_up};\n"


@loops.register
def _(call: BinaryCall, at: Place) -> tuple[str, str]:
    outer, middle, inner = call.broadcast
    a = f"({at.ins[0]}[(o * {middle} + m) * {inner} + i] - {call.zero_points[0]})"
    b = f"({at.ins[1]}[m] - {call.zero_points[1]})"
    one, two = call.multipliers
    value = f"scaled({a} * {b}, {one}, {call.shift})"
    if call.op_type == "add":
        value = f"scaled({a} * {one} + {b} * {two}, 1, {call.shift})"
    return "", (
        f"    for (int o = 0; o < {outer}; o++) for (int m = 0; m < {middle}; m++)\n"
        f"    for (int i = 0; i < {inner}; i++)\n"
        f"        {at.out}[(o * {middle} + m) * {inner} + i] ="
        f" cut({value} + {call.to.zero_point}, {call.to.low}, {call.to.high});\n"
    )


@loops.register
def _(call: CopyCall, at: Place) -> tuple[str, str]:
    """Copy by a list of where everything comes from."""
    data = array(f"static const int16_t i{at.i}", call.index.ravel())
    first, pick = 0, f"{call.fill or 0}"
    for name, count in zip(at.ins, at.sizes, strict=True):
        pick = f"i{at.i}[i] >= {first} ? {name}[i{at.i}[i] - {first}] : {pick}"
        first += count
    return data, f"    for (int i = 0; i < {call.index.size}; i++) {at.out}[i] = {pick};\n"


@loops.register
def _(call: WidenCall, at: Place) -> tuple[str, str]:
    text = f"{at.out}[i] = {at.ins[0]}[i] - {call.zero_point}"
    return "", f"    for (int i = 0; i < {call.count}; i++) {text};\n"


@loops.register
def _(call: SoftmaxCall, at: Place) -> tuple[str, str]:
    copied = f"    for (int i = 0; i < {at.sizes[0]}; i++) {at.out}[i] = {at.ins[0]}[i];\n"
    return call.constants(at.i), f"{copied}    {call.kernel}(&layer{at.i}, {at.out});\n"
