"""Smaller and faster kernels for the networks that they can do: passes over an IntegerProgram.

Lowering takes the kernels that do everything; each pass here returns a program of the same
integers.
"""

import math
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from inkpin.model.converter.integer_program import IntegerProgram, KernelCall
from inkpin.model.converter.ir import Input
from inkpin.model.converter.kernels.conv import (
    ByteConvCall,
    ConvCall,
    DepthwiseConvCall,
    ScaledConvCall,
    ShiftConvCall,
)
from inkpin.model.converter.kernels.dense import ByteDenseCall, DenseCall
from inkpin.model.converter.kernels.pooling import AveragePoolCall
from inkpin.model.converter.kernels.requantize import ByteRange, FixedPoint, Requantize
from inkpin.model.converter.kernels.ternary_conv import (
    LARGEST_WEIGHT,
    BitConvCall,
    StreamedConvCall,
    TernaryConvCall,
    ternary_digits,
)
from inkpin.model.converter.kernels.trees import TreesCall, small_trees
from inkpin.model.converter.kernels.weighted import LANES, MOST_PRODUCTS, WeightedCall
from inkpin.model.converter.pooled_first import pool_first
from inkpin.model.converter.windows import Windows

_BITMAP_WIDTH = 32
_SIDE = 255  # of what a uint8_t holds


def select_kernels(program: IntegerProgram, optimise: str) -> IntegerProgram:
    """Run the passes.

    Args:
        program: by the kernels that do everything.
        optimise: "speed" or "size".
    """
    program = use_small_trees(use_ternary_kernels(use_shift_kernels(pool_first(program))))
    return use_byte_kernels(use_inner_pools(program)) if optimise == "speed" else program


# --- ink_small_trees ---


def use_small_trees(program: IntegerProgram) -> IntegerProgram:
    """Give trees to the kernel for small ones, if all of them are."""
    trees = [call for call in program.calls if isinstance(call, TreesCall)]
    small = {call.output: small_trees(call) for call in trees}
    if not all(small.values()):
        return program
    calls = tuple(small.get(call.output) or call for call in program.calls)
    return replace(program, calls=calls)


# --- ink_inner_average_pool ---


def use_inner_pools(program: IntegerProgram) -> IntegerProgram:
    """Give average pools to the kernel for windows that lie inside, if all of them do."""
    pools = [call for call in program.calls if isinstance(call, AveragePoolCall)]
    if not all(pool.lies_inside for pool in pools):
        return program
    inner = {pool.output: pool.inner() for pool in pools}
    return replace(program, calls=tuple(inner.get(call.output, call) for call in program.calls))


# --- ink_byte_conv, ink_depthwise_conv, ink_byte_dense ---

_BYTE = 8
_WORTH = 500  # bytes of flash that the code takes of another kernel for weights of few bits


def use_byte_kernels(program: IntegerProgram) -> IntegerProgram:
    """Give layers with weights of a byte to kernels that make several sums at a time.

    Weights of fewer bits become bytes where there are not enough of them to make up for a kernel
    of their own.
    """
    found = {call.output: _by_bytes(call) for call in program.calls}
    few = [
        call
        for call in program.calls
        if isinstance(call, ScaledConvCall | DenseCall)
        and call.bits < _BYTE
        and not isinstance(found[call.output], DepthwiseConvCall)
    ]
    if sum(call.weights.size - call.packed_weights.size for call in few) > _WORTH:
        found |= {call.output: None for call in few}
    return replace(program, calls=tuple(found[call.output] or call for call in program.calls))


def _is_depthwise(call: ConvCall) -> bool:
    share, windows = len(call.weights) // call.groups, call.windows
    return (
        call.weights.shape[1] == 1
        and share < LANES
        and windows.size == _FILTER
        and windows.dilation == (1, 1)
        and windows.stride[0] == windows.stride[1]
        and call.pool is None
    )


def _by_bytes(call: KernelCall) -> KernelCall | None:
    """Return a layer by one of these kernels, if that can do it."""
    if not isinstance(call, WeightedCall):
        return None
    factor = call.requantize.factor
    if factor is not None and not factor.in_words:
        return None
    if isinstance(call, ScaledConvCall) and _is_depthwise(call):
        return call.by(DepthwiseConvCall)
    if isinstance(call, ScaledConvCall) and call.filter_size <= MOST_PRODUCTS:
        return call.by(ByteConvCall)
    if isinstance(call, DenseCall) and call.weights.shape[1] <= MOST_PRODUCTS:
        return ByteDenseCall(**{each.name: getattr(call, each.name) for each in fields(call)})
    return None


# --- ink_conv ---


def use_shift_kernels(program: IntegerProgram) -> IntegerProgram:
    """Give layers whose sums a shift makes bytes of to ink_conv.

    One of the two convolutions is enough for a network: it is ink_conv where that does every layer,
    or where an input is a bitmap, which no other kernel reads.
    """
    by_shift = {call.output: _by_shift(call) for call in program.calls}
    bitmaps = {each.name for each in program.inputs if _is_bitmap(each, program, by_shift)}
    layers = [call for call in program.calls if isinstance(call, WeightedCall)]
    if not bitmaps and not all(by_shift[call.output] for call in layers):
        return program
    calls: list[KernelCall] = []
    for call in program.calls:
        conv = by_shift[call.output]
        calls.append(call if conv is None else replace(conv, bitmap=conv.inputs[0] in bitmaps))
    types = {
        name: replace(each, kind="bits") if name in bitmaps else each
        for name, each in program.types.items()
    }
    return replace(program, calls=tuple(calls), types=types)


def _is_bitmap(
    each: Input, program: IntegerProgram, by_shift: dict[str, ShiftConvCall | None]
) -> bool:
    """Whether an input can be words of rows: one channel read by ink_conv alone."""
    readers = [call for call in program.calls if each.name in call.inputs]
    return (
        each.threshold is not None
        and each.name not in program.results
        and bool(readers)
        and all(
            isinstance(call, ConvCall)
            and by_shift[call.output] is not None
            and call.maps[0] == 1
            and call.maps[2] <= _BITMAP_WIDTH
            for call in readers
        )
    )


def _by_shift(call: KernelCall) -> ShiftConvCall | None:
    """Return a layer by ink_conv, if that can do it: shifts only, zero points 0, small sides."""
    if not isinstance(call, WeightedCall) or call.offset or call.zero_point:
        return None
    factor, to = call.requantize.factor, call.requantize.to
    if factor is not None and (np.any(factor.multiplier != 1) or factor.shift.max() >= 31):
        return None
    if to not in (None, ByteRange()):
        return None
    if isinstance(call, ConvCall):
        windows, pool = call.windows, call.pool
        numbers = [*call.maps[1:], *windows.size, *windows.stride, *windows.pad]
        numbers += [*call.out_maps[1:], *((*pool.size, *pool.stride) if pool else ())]
        fit = windows.dilation == (1, 1) and max(numbers) <= _SIDE
        return call.by(ShiftConvCall) if fit else None
    if isinstance(call, DenseCall) and call.rows == 1:
        # A convolution that covers its input; the longer its rows, the faster it is.
        into = call.weights.shape[1]
        width = max(width for width in range(1, _SIDE + 1) if into % width == 0)
        return _as_conv(call, (into // width, 1, width)).by(ShiftConvCall)
    return None


def _as_conv(call: DenseCall, maps: tuple[int, int, int]) -> ConvCall:
    """Return a dense layer of one row as a convolution whose one window covers the maps."""
    same = {each.name: getattr(call, each.name) for each in fields(WeightedCall)}
    same["weights"] = call.weights.reshape(len(call.weights), *maps)
    return ScaledConvCall(
        **same, maps=maps, windows=Windows(maps[1:], (1, 1), (0, 0), (1, 1), (1, 1))
    )


# --- ink_ternary_conv ---

_FILTER = (3, 3)
_KERNEL = 5  # side of a filter over bits
_LARGEST_NIBBLE = 15
_LANE = (-128, 127)  # sums in a byte of a word
_DEPTH = {1: 256, 2: 64}  # input channels whose sums stay within 16 bits, by digits of a weight


def use_ternary_kernels(program: IntegerProgram) -> IntegerProgram:
    """Give a network to ink_ternary_conv, if that can do it from end to end.

    That is one which reads a bitmap with filters of 4 bits, goes on with filters of 3x3 and weights
    -1, 0 and 1, or -4 to 4, over maps of nibbles, and ends in scores. Where its first layers fit
    each other, the maps between them are never kept whole.
    """
    if len(program.inputs) > 1 or program.inputs[0].threshold is None or not program.calls:
        return program
    if len(program.outputs) > 1:
        return program
    name = program.inputs[0].name
    first = _over_bits(program.calls[0])
    if first is None or first.inputs != (name,):
        return program
    others: list[TernaryConvCall] = []
    for call in program.calls[1:]:
        before = others[-1] if others else first
        conv = _over_nibbles(call, before.requantize)
        if conv is None or conv.inputs != (before.output,):
            return program
        others.append(conv)
    if not others or others[-1].factor is not None:
        return program
    types = dict(program.types)
    types[name] = replace(types[name], kind="bits")
    for call in (first, *others[:-1]):
        types[call.output] = replace(types[call.output], kind="nibbles")
    calls: list[KernelCall] = [first, *others]
    if stream := _stream(first, others):
        calls[: len(stream.parts)] = [stream]
        for part in stream.parts[:-1]:
            del types[part.output]
    return replace(program, calls=tuple(calls), types=types)


def _over_bits(call: KernelCall) -> BitConvCall | None:
    """Return a call as one over bits, if that is what it is fit for."""
    if not isinstance(call, ConvCall) or call.maps[0] > 1:
        return None
    call = _smallest(call)
    rows = call.weights.reshape(len(call.weights), -1)
    sums = [np.minimum(rows, 0).sum(axis=1).min(), np.maximum(rows, 0).sum(axis=1).max()]
    high, wide = call.windows.size
    fit = (
        _simple(call)
        and high == wide <= _KERNEL
        and call.pool is not None
        and call.maps[2] <= _BITMAP_WIDTH
        and -8 <= rows.min() <= rows.max() <= 7
        and _LANE[0] <= sums[0] <= sums[1] <= _LANE[1]
        and call.requantize.to is not None
    )
    return call.by(BitConvCall) if fit else None


def _over_nibbles(call: KernelCall, before: Requantize) -> TernaryConvCall | None:
    """Return a call as one over nibbles, if that is what it is fit for.

    Args:
        call: any.
        before: the way to its input.
    """
    added = 0
    if isinstance(call, DenseCall) and call.rows == 1:
        # Filters of 3x3, weights of 0 added at the end.
        added = -call.weights.shape[1] % math.prod(_FILTER)
        padded = np.pad(call.weights, ((0, 0), (0, added)))
        depth = padded.shape[1] // math.prod(_FILTER)
        call = _as_conv(replace(call, weights=padded), (depth, *_FILTER))
    if before.to is None or not isinstance(call, ConvCall):
        return None
    call = _smallest(call)
    if not _simple(call) or call.windows.size != _FILTER:
        return None
    if np.abs(call.weights).max() > LARGEST_WEIGHT:
        return None
    digits = ternary_digits(call.weights)
    sums = [sign * before.to.high * (sign * digits > 0).sum(axis=(3, 4)) for sign in (-1, 1)]
    fit = call.maps[0] <= _DEPTH[len(digits)]
    fit = fit and _LANE[0] <= sums[0].min() and sums[1].max() <= _LANE[1]
    return call.by(TernaryConvCall, added=added) if fit else None


def _smallest(call: ConvCall) -> ConvCall:
    """Return a call without the powers of two that all of a channel's numbers share."""
    factor = call.requantize.factor
    if factor is None or call.requantize.to is None:
        return call
    numbers = np.column_stack([call.weights.reshape(len(call.bias), -1), call.bias])
    shared = np.bitwise_or.reduce(np.abs(numbers), axis=1)
    twos = np.log2(shared & -shared, where=shared > 0, out=np.zeros(len(shared))).astype(np.int64)
    left = np.maximum(twos - factor.shift, 0)
    smaller = FixedPoint(factor.multiplier << left, factor.shift - twos + left)
    return replace(
        call,
        weights=call.weights >> twos.reshape(-1, 1, 1, 1),
        bias=call.bias >> twos,
        requantize=replace(call.requantize, factor=smaller),
    )


def _simple(call: ConvCall) -> bool:
    """Whether nothing about a convolution is beyond both kernels."""
    windows, pool = call.windows, call.pool
    moved = windows.stride != (1, 1) or windows.pad != (0, 0) or windows.dilation != (1, 1)
    if moved or call.groups > 1 or call.zero_point or call.offset or max(call.maps[1:]) > _SIDE:
        return False
    if pool:
        apart = pool.size == pool.stride == (2, 2) and pool.pad == (0, 0)
        inside = all(2 * n <= places for n, places in zip(pool.count, windows.count, strict=True))
        if not apart or not inside or pool.dilation != (1, 1):
            return False
    return bool(np.abs(call.bias).max() <= 2**15 - 1) and _few_bits(call.requantize)


def _few_bits(requantize: Requantize) -> bool:
    """Whether sums go out as they are, or as nibbles by a multiplier of a byte."""
    factor, to = requantize.factor, requantize.to
    if to is None or factor is None:
        return to is None and factor is None
    return (
        (to.zero_point, to.low) == (0, 0)
        and to.high <= _LARGEST_NIBBLE
        and bool(factor.multiplier.min() >= 0)
        and bool((factor.multiplier << (factor.shift == 0)).max() <= 255)
        and bool(factor.shift.max() < 31)
    )


def _stream(first: BitConvCall, others: Sequence[TernaryConvCall]) -> StreamedConvCall | None:
    """Return the first calls as one, up to the first but one that pools, if they fit together."""
    count = next((n for n, call in enumerate(others, 1) if call.side == 2), 0)
    if not count:
        return None
    last = others[count - 1]
    if StreamedConvCall.ROWS * (count + last.out_maps[1]) > first.out_maps[1]:
        return None
    return StreamedConvCall(
        nodes=tuple(node for call in (first, *others[:count]) for node in call.nodes),
        inputs=first.inputs,
        output=last.output,
        first=first,
        others=tuple(others[:count]),
    )
