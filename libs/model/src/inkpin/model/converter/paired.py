"""Calls of ink_pair_conv: convolutions with weights of few bits, two channels at once.

What ink_conv could do as well is given to the faster kernel where that can; and where its first
two layers fit each other, the maps between them are never kept whole.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inkpin.model.converter.arrays import Windows
from inkpin.model.converter.calls import Call, ConvCall, Maps, packed
from inkpin.model.converter.emit import Site, declarations, statements
from inkpin.model.converter.text import array, structure

_LANE = 2**15 - 1  # the largest sum that half a word holds
_FILTER = (3, 3)  # over bytes
_TABLE = 5  # columns of a filter over bits
_AT_ONCE = 48  # sums that are worth working memory


@dataclass(frozen=True, kw_only=True)
class PairConvCall(ConvCall):
    """A convolution that ink_pair_conv does.

    Attributes:
        weights: as small as they can be.
        shift: of the sums, by channel, to the right; negative to the left; None where they go out.
        batch: input channels whose sums together stay within 16 bits.
    """

    shift: np.ndarray | None
    batch: int
    aligned = True

    @property
    def kernels(self) -> tuple[str, ...]:
        """Names of the C files that it needs, without .c."""
        return ("ink_pair_conv",)

    @property
    def side(self) -> int:
        """Side and stride of the pooling."""
        return self.pool.size[0] if self.pool else 1

    @property
    def rows(self) -> int:
        """Rows of the output that are computed at a time."""
        _, down, across = self.out_maps
        return down if down * across * self.side**2 <= _AT_ONCE else 1

    @property
    def out_maps(self) -> Maps:
        """(channels, height, width) of the output."""
        return (len(self.weights), *(self.pool or self.windows).count)

    @property
    def scratch(self) -> int:
        """Bytes of working memory beside input and output."""
        return 4 * self.words(self.rows)

    def words(self, rows: int) -> int:
        """Return the words of working memory for so many rows of the output at a time."""
        high, wide = self.windows.size
        places = rows * self.out_maps[2] * self.side**2
        return places + wide + (1 << wide) if self.bitmap else 3 * places + high * wide

    @property
    def bytes(self) -> np.ndarray:
        """The packed weights, (pairs, bytes)."""
        rows = self.weights.reshape(len(self.weights), -1)
        rows = np.pad(rows, ((0, len(rows) % 2), (0, 0)))
        pairs = rows.reshape(len(rows) // 2, 2, -1).transpose(0, 2, 1)
        return packed(pairs.reshape(len(pairs), -1), self.bits)

    @property
    def bits(self) -> int:
        """Bits of a packed weight: 2 or 4."""
        return 2 if self.weights.min() >= -2 and self.weights.max() <= 1 else 4

    def arrays(self, name: str) -> str:
        """Return the definitions of the constants, with names that end in `name`."""
        text = array(f"static const uint8_t weights{name}", self.bytes.ravel())
        text += array(f"static const int32_t bias{name}", self.bias)
        if self.shift is not None:
            text += array(f"static const int8_t shift{name}", self.shift)
        return text

    def descriptor(self, name: str, **changes: int) -> str:
        """Return the definition of the descriptor."""
        out, depth, high, wide = self.weights.shape
        _, down, across = self.out_maps
        fields = {
            "weights": f"weights{name}",
            "bias": f"bias{name}",
            "shift": "NULL" if self.shift is None else f"shift{name}",
            "depth": depth,
            "out": out,
            "out_plane": down * across,
            "bits": self.bits,
            "batch": self.batch,
            "in_h": self.maps[1],
            "in_w": self.maps[2],
            "kernel_h": high,
            "kernel_w": wide,
            "pool": self.side,
            "out_h": down,
            "out_w": across,
            "rows": self.rows,
        }
        return structure(f"static const ink_pair_conv layer{name}", fields | changes)


@dataclass(frozen=True, kw_only=True)
class StreamCall(Call):
    """A convolution over bits and the one over its maps, row by row.

    Attributes:
        first: over bits.
        second: over what the first puts out.
    """

    first: PairConvCall
    second: PairConvCall
    aligned = True
    kernels = ("ink_pair_conv",)

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self.first.macs + self.second.macs

    @property
    def flash(self) -> int:
        """Bytes of its constant arrays, without descriptors."""
        return self.first.flash + self.second.flash

    @property
    def step(self) -> int:
        """Rows of the maps between that come with a row of the output."""
        return self.second.side

    @property
    def window(self) -> Maps:
        """(channels, height, width) of what is kept of the maps between."""
        channels, _, wide = self.second.maps
        return (channels, self.second.windows.size[0] - 1 + self.step, wide)

    @property
    def words(self) -> int:
        """Words of working memory beside the window."""
        return max(self.first.words(self.step), self.second.words(1))

    @property
    def scratch(self) -> int:
        """Bytes of working memory: sums, table and window."""
        return 4 * self.words + math.prod(self.window)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """Return the output, (samples, ...), of inputs likewise."""
        return self.second.run(self.first.run(*values))


def paired(calls: Sequence[Call]) -> tuple[Call, ...]:
    """Return the calls with those of ink_pair_conv where it can do the work."""
    made = [_paired(call) if isinstance(call, ConvCall) else call for call in calls]
    if len(made) > 1 and _streams(*made[:2], made[2:]):
        first, second = made[:2]
        assert isinstance(first, PairConvCall)
        assert isinstance(second, PairConvCall)
        stream = StreamCall(
            nodes=(*first.nodes, *second.nodes),
            inputs=first.inputs,
            output=second.output,
            first=first,
            second=second,
        )
        made[:2] = [stream]
    return tuple(made)


def _paired(call: ConvCall) -> ConvCall:
    windows, pool = call.windows, call.pool
    if not call.plain or call.groups > 1:
        return call
    if call.weights[0].size % 9 == 0 and windows.count == (1, 1) and not pool and not call.bitmap:
        call = _square(call)
        windows = call.windows
    moved = windows.stride != (1, 1) or windows.pad != (0, 0)
    high, wide = windows.size
    reach = (call.maps[1] - high + 1, call.maps[2] - wide + 1)
    if (
        moved
        or windows.count != reach
        or (wide > _TABLE if call.bitmap else (high, wide) != _FILTER)
    ):
        return call
    if pool:
        side = pool.size[0]
        whole = (side * pool.count[0], side * pool.count[1])
        if pool.size != (side, side) or pool.stride != pool.size or pool.pad != (0, 0):
            return call
        if pool.dilation != (1, 1) or whole[0] > reach[0] or whole[1] > reach[1]:
            return call
    weights, bias, shift = _reduced(call)
    batch = _batch(weights, 1 if call.bitmap else 255)
    if not batch or weights.min() < -8 or weights.max() > 7:
        return call
    fields = {name: getattr(call, name) for name in call.__dataclass_fields__}
    fields |= {"weights": weights, "bias": bias}
    return PairConvCall(**fields, shift=shift, batch=batch)


def _reduced(call: ConvCall) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return weights, bias and shift without the powers of two that a channel's numbers share."""
    if call.to.shift is None:
        return call.weights, call.bias, None
    numbers = np.column_stack([call.weights.reshape(len(call.bias), -1), call.bias])
    shared = np.bitwise_or.reduce(np.abs(numbers), axis=1)
    twos = np.log2(shared & -shared, where=shared > 0, out=np.zeros(len(shared))).astype(np.int64)
    weights = call.weights >> twos.reshape(-1, 1, 1, 1)
    return weights, call.bias >> twos, call.to.shift - twos


def _square(call: ConvCall) -> ConvCall:
    """Return a dense layer as a convolution with a filter of 3x3."""
    depth = call.weights[0].size // math.prod(_FILTER)
    return replace(
        call,
        weights=call.weights.reshape(-1, depth, *_FILTER),
        maps=(depth, *_FILTER),
        windows=Windows(_FILTER, (1, 1), (0, 0), (1, 1), (1, 1)),
    )


def _batch(weights: np.ndarray, largest: int) -> int:
    """Return how many input channels' sums stay within 16 bits together; 0 if not even one's."""
    channels = weights.reshape(*weights.shape[:2], -1)
    for batch in range(channels.shape[1], 0, -1):
        starts = np.arange(0, channels.shape[1], batch)
        sums = [
            np.add.reduceat(np.maximum(sign * channels, 0).sum(axis=2), starts, axis=1)
            for sign in (1, -1)
        ]
        if largest * max(int(part.max()) for part in sums) <= _LANE and batch <= 255:
            return batch
    return 0


def _streams(first: Call, second: Call, later: Sequence[Call]) -> bool:
    """Whether two calls fit ink_pair_conv_stream, and nobody else wants what is between them."""
    if not isinstance(first, PairConvCall) or not isinstance(second, PairConvCall):
        return False
    lone = not any(first.output in call.inputs for call in later)
    fits = second.maps == first.out_maps and (second.windows.size[0] - 1) % second.side == 0
    down = (second.pool or second.windows).count[0]
    whole = down * second.side + second.windows.size[0] - 1 <= first.out_maps[1]
    return first.bitmap and second.inputs == (first.output,) and lone and fits and whole


@declarations.register
def _(call: PairConvCall, i: int) -> str:
    return call.arrays(str(i)) + call.descriptor(str(i))


@statements.register
def _(call: PairConvCall, at: Site) -> list[str]:
    kernel = "ink_pair_conv_bits" if call.bitmap else "ink_pair_conv_bytes"
    return [f"{kernel}(&layer{at.i}, {at.ins[0]}, {at.out}, {at.working})"]


@declarations.register
def _(call: StreamCall, i: int) -> str:
    high, wide = call.window[1:]
    first = call.first.descriptor(f"{i}a", out_plane=high * wide, out_h=call.step, rows=call.step)
    second = call.second.descriptor(f"{i}b", in_h=high, out_h=1, rows=1)
    return call.first.arrays(f"{i}a") + first + call.second.arrays(f"{i}b") + second


@statements.register
def _(call: StreamCall, at: Site) -> list[str]:
    rows = (call.second.pool or call.second.windows).count[0]
    return [
        f"ink_pair_conv_stream(&layer{at.i}a, &layer{at.i}b, {rows}, {at.ins[0]}, {at.out},\n"
        f"                         {at.working}, (uint8_t *)({at.working} + {call.words}))"
    ]
