"""Calls of ink_ternary_conv: whole networks of few bits, four places or channels at once.

A network that reads a bitmap with filters of 4 bits, goes on with filters of 3x3 and weights -1, 0
and 1, or -4 to 4, over maps of nibbles, and ends in scores, is given to these kernels from end to
end; and where its first two layers fit each other, the maps between them are never kept whole.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from inkpin.model.converter.codegen.text import array, structure, wrapped
from inkpin.model.converter.kernels.calls import Call, ConvCall, DenseCall, Maps, Rescale
from inkpin.model.converter.quantise.lowering import Form, Lowered
from inkpin.model.converter.windows import Windows

_FILTER = (3, 3)
_TRIPLES = 27  # rows of a filter that there are
_LANES = 4
_MOST = 15  # of a nibble
_BYTE = (-128, 127)  # of a sum in a lane
_KERNEL = 5  # side of a filter over bits
_WIDTH = 32  # of a bitmap
_SIDE = 255  # of a map
_DEPTH = {1: 256, 2: 64}  # input channels whose sums stay within 16 bits, by digits of a weight
_NINE = 4  # the largest weight of two digits
_SLACK = 2  # bytes behind a map that may be read


@dataclass(frozen=True, kw_only=True)
class NibbleCall(ConvCall):
    """What the two kernels share: sums that become nibbles, or go out as they are."""

    aligned = True

    @property
    def kernels(self) -> tuple[str, ...]:
        """Names of the C files that it needs, without .c."""
        return ("ink_ternary_conv",)

    @property
    def side(self) -> int:
        """Side and stride of the pooling."""
        return self.pool.size[0] if self.pool else 1

    @property
    def out_maps(self) -> Maps:
        """(channels, height, width) of the output."""
        return (len(self.weights), *(self.pool or self.windows).count)

    @property
    def places(self) -> tuple[int, int]:
        """Places of the filter that count, (down, across)."""
        _, down, across = self.out_maps
        return down * self.side, across * self.side

    @property
    def scale(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Multiplier and shift by channel, the shift at least 1; None where the sums go out."""
        if self.to.multiplier is None or self.to.shift is None:
            return None
        whole = self.to.shift == 0
        return self.to.multiplier << whole, self.to.shift + whole

    @property
    def codes(self) -> np.ndarray:
        """The packed weights."""
        raise NotImplementedError

    @property
    def flash(self) -> int:
        """Bytes of its constant arrays, without descriptors."""
        return self.codes.nbytes + 4 * len(self.bias)

    def arrays(self, name: str) -> str:
        """Return the definitions of the constants, with names that end in `name`."""
        multiplier, shift = self.scale or (np.zeros_like(self.bias),) * 2
        rows = zip(self.bias, multiplier, shift, strict=True)
        channels = ", ".join(f"{{{b:.0f}, {m}, {s}}}" for b, m, s in rows)
        return (
            array(f"static const uint16_t weights{name}", self.codes)
            + f"static const ink_channel channels{name}[] = {{\n{wrapped(channels)}\n}};\n"
        )

    def to_fields(self, name: str, plane: int) -> dict[str, object]:
        """Return the fields of the descriptor that say where sums go."""
        most = self.to.high if self.scale else 0
        return {
            "to": f"channels{name}",
            "channels": len(self.bias),
            "plane": plane,
            "most": most,
        }


@dataclass(frozen=True, kw_only=True)
class BitCall(NibbleCall):
    """A convolution over bits."""

    @property
    def codes(self) -> np.ndarray:
        """For each four channels and each weight 16 bits, in excess of 8, the first lowest."""
        out, kernel = len(self.weights), self.windows.size[0]
        padded = np.pad(self.weights.reshape(out, -1), ((0, -out % _LANES), (0, 0)))
        lanes = padded.reshape(-1, _LANES, kernel * kernel).transpose(0, 2, 1) + 8
        return (lanes << 4 * np.arange(_LANES)).sum(axis=2).ravel().astype(np.uint16)

    def words(self, rows: int) -> int:
        """Return the words of working memory for so many rows of the output at a time."""
        return rows * self.side * self.places[1] + (1 << self.windows.size[1])

    @property
    def scratch(self) -> int:
        """Bytes of working memory beside input and output."""
        return 4 * self.words(self.out_maps[1])

    def descriptor(self, name: str, rows: int, plane: int) -> str:
        """Return the definition of the descriptor, for so many rows of the output at a time."""
        fields = {
            "weights": f"weights{name}",
            **self.to_fields(name, plane),
            "kernel": self.windows.size[0],
            "high": rows * self.side,
            "wide": self.places[1],
        }
        return structure(f"static const ink_bit_conv layer{name}", fields)


@dataclass(frozen=True, kw_only=True)
class TernaryCall(NibbleCall):
    """A convolution of 3x3 with weights of one or two digits; or a dense layer as one.

    Attributes:
        added: cells behind the input that its filters reach, with weights of 0; of a dense layer.
    """

    added: int = 0
    grain = "ternary"

    @property
    def macs(self) -> int:
        """See Call."""
        return super().macs - self.added * len(self.weights)

    @property
    def codes(self) -> np.ndarray:
        """A word for each filter, (depth, out, digits), of 5 bits for each of its rows."""
        rows = (_digits(self.weights) + 1) @ np.array([9, 3, 1])
        words = (rows << 5 * np.arange(3)).sum(axis=3)
        return words.transpose(2, 1, 0).ravel().astype(np.uint16)

    @property
    def words(self) -> int:
        """Words of working memory."""
        return 3 * _TRIPLES + 2 * len(self.weights)

    @property
    def scratch(self) -> int:
        """Bytes of working memory beside input and output."""
        return 4 * self.words

    def run(self, *values: np.ndarray) -> np.ndarray:
        """Return the output, (samples, ...), of inputs likewise."""
        x = values[0].reshape(len(values[0]), -1)
        return super().run(np.pad(x, ((0, 0), (0, self.added))))

    def fields(self, name: str, in_high: int, high: int, plane: int) -> dict[str, object]:
        """Return the fields of the descriptor.

        Args:
            name: that those of the arrays end in.
            in_high: rows of the input.
            high: places of the filter, down.
            plane: cells of the output from one channel to the next.
        """
        return {
            "filters": f"weights{name}",
            **self.to_fields(name, plane),
            "depth": self.maps[0],
            "in_h": in_high,
            "in_w": self.maps[2],
            "high": high,
            "wide": self.places[1],
            "pool": int(self.side == 2),
            "digits": len(_digits(self.weights)),
        }


@dataclass(frozen=True, kw_only=True)
class StreamCall(Call):
    """A convolution over bits and some over what comes of it, two rows of each at a time.

    Attributes:
        first: over bits.
        others: each over what the one before puts out; the last one pools.
    """

    first: BitCall
    others: tuple[TernaryCall, ...]
    aligned = True
    kernels = ("ink_ternary_conv",)
    fresh = 2
    """Rows that each puts out at a time, and the last one before it pools."""

    @property
    def parts(self) -> tuple[NibbleCall, ...]:
        """All convolutions in order."""
        return (self.first, *self.others)

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return sum(part.macs for part in self.parts)

    @property
    def flash(self) -> int:
        """Bytes of its constant arrays, without descriptors."""
        return sum(part.flash for part in self.parts)

    @property
    def windows(self) -> tuple[Maps, ...]:
        """(channels, height, width) of what is kept of each of the maps between."""
        maps = (part.maps for part in self.others)
        return tuple((channels, self.fresh + 2, wide) for channels, _, wide in maps)

    @property
    def words(self) -> int:
        """Words of working memory beside the windows."""
        return max(self.first.words(self.fresh), *(part.words for part in self.others))

    @property
    def scratch(self) -> int:
        """Bytes of working memory: sums, tables and windows."""
        return 4 * self.words + sum(math.prod(window) // 2 for window in self.windows) + _SLACK

    def run(self, *values: np.ndarray) -> np.ndarray:
        """Return the output, (samples, ...), of inputs likewise."""
        for part in self.parts:
            values = (part.run(*values),)
        return values[0]


_Kind = TypeVar("_Kind", bound=NibbleCall)


def quickened(lowered: Lowered) -> Lowered:
    """Return the network given to ink_ternary_conv, if that can do all of it."""
    made: list[NibbleCall] = []
    name = lowered.inputs[0].name
    for call in lowered.calls:
        found = _over_nibbles(call, made[-1].to) if made else _over_bits(call)
        if found is None or call.inputs != (name,):
            return lowered
        made.append(found)
        name = call.output
    if not made or made[-1].scale:
        return lowered
    if len(lowered.inputs) > 1 or lowered.inputs[0].threshold is None:
        return lowered
    forms = dict(lowered.forms)
    forms[lowered.inputs[0].name] = _as(lowered, lowered.inputs[0].name, "bits")
    forms |= {call.output: _as(lowered, call.output, "nibbles") for call in made[:-1]}
    calls: list[Call] = [*made]
    if stream := _stream(made):
        calls[: len(stream.parts)] = [stream]
        for part in stream.parts[:-1]:
            del forms[part.output]
    return replace(lowered, calls=tuple(calls), forms=forms)


def _as(lowered: Lowered, name: str, kind: str) -> Form:
    return replace(lowered.forms[name], kind=kind)


def _over_bits(call: Call) -> BitCall | None:
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
        and call.maps[2] <= _WIDTH
        and -8 <= rows.min() <= rows.max() <= 7
        and _BYTE[0] <= sums[0] <= sums[1] <= _BYTE[1]
        and not call.to.wide
    )
    return _made(BitCall, call) if fit else None


def _over_nibbles(call: Call, before: Rescale) -> TernaryCall | None:
    """Return a call as one over nibbles, if that is what it is fit for.

    Args:
        call: any.
        before: the way to its input.
    """
    added = 0
    if isinstance(call, DenseCall) and call.rows == 1:
        added = -call.weights.shape[1] % math.prod(_FILTER)
        call = _square(call)
    if before.wide or not isinstance(call, ConvCall):
        return None
    call = _smallest(call)
    if not _simple(call) or call.windows.size != _FILTER or np.abs(call.weights).max() > _NINE:
        return None
    digits = _digits(call.weights)
    sums = [sign * before.high * (sign * digits > 0).sum(axis=(3, 4)) for sign in (-1, 1)]
    fit = call.maps[0] <= _DEPTH[len(digits)]
    fit = fit and _BYTE[0] <= sums[0].min() and sums[1].max() <= _BYTE[1]
    return replace(_made(TernaryCall, call), added=added) if fit else None


def _digits(weights: np.ndarray) -> np.ndarray:
    """Return weights (...) as (digits, ...) of -1, 0 and 1, the one that counts threefold first."""
    if np.abs(weights).max() <= 1:
        return weights[None]
    threes = (weights + _NINE) // 3 - 1
    return np.stack([threes, weights - 3 * threes])


def _smallest(call: ConvCall) -> ConvCall:
    """Return a call without the powers of two that all of a channel's numbers share."""
    to = call.to
    if to.wide or to.multiplier is None:
        return call
    numbers = np.column_stack([call.weights.reshape(len(call.bias), -1), call.bias])
    shared = np.bitwise_or.reduce(np.abs(numbers), axis=1)
    twos = np.log2(shared & -shared, where=shared > 0, out=np.zeros(len(shared))).astype(np.int64)
    left = np.maximum(twos - to.shift, 0)
    return replace(
        call,
        weights=call.weights >> twos.reshape(-1, 1, 1, 1),
        bias=call.bias >> twos,
        to=replace(to, multiplier=to.multiplier << left, shift=to.shift - twos + left),
    )


def _simple(call: ConvCall) -> bool:
    """Whether nothing about a convolution is beyond both kernels."""
    windows, pool, to = call.windows, call.pool, call.to
    moved = windows.stride != (1, 1) or windows.pad != (0, 0) or windows.dilation != (1, 1)
    if moved or call.groups > 1 or call.zero or call.offset or max(call.maps[1:]) > _SIDE:
        return False
    if pool:
        apart = pool.size == pool.stride == (2, 2) and pool.pad == (0, 0)
        inside = all(2 * n <= places for n, places in zip(pool.count, windows.count, strict=True))
        if not apart or not inside or pool.dilation != (1, 1):
            return False
    if np.abs(call.bias).max() > 2**15 - 1:
        return False
    if to.wide:
        return to.multiplier is None
    return (
        (to.zero, to.low) == (0, 0)
        and to.high <= _MOST
        and to.multiplier is not None
        and to.shift is not None
        and to.multiplier.min() >= 0
        and (to.multiplier << (to.shift == 0)).max() <= 255
        and to.shift.max() < 31
    )


def _made(kind: type[_Kind], call: ConvCall) -> _Kind:
    return kind(**{name: getattr(call, name) for name in call.__dataclass_fields__})


def _square(call: DenseCall) -> ConvCall:
    """Return a dense layer as a convolution with filters of 3x3, weights of 0 added at the end."""
    out, into = call.weights.shape
    depth = -(-into // math.prod(_FILTER))
    weights = np.pad(call.weights, ((0, 0), (0, depth * math.prod(_FILTER) - into)))
    fields = {name: getattr(call, name) for name in Call.__dataclass_fields__}
    return ConvCall(
        **fields,
        weights=weights.reshape(out, depth, *_FILTER),
        bias=call.bias,
        zero=call.zero,
        offset=call.offset,
        to=call.to,
        maps=(depth, *_FILTER),
        windows=Windows(_FILTER, (1, 1), (0, 0), (1, 1), (1, 1)),
        groups=1,
        pool=None,
    )


def _stream(calls: Sequence[NibbleCall]) -> StreamCall | None:
    """Return the first calls as one, up to the first but one that pools, if they fit together."""
    first, *others = calls
    count = next((n for n, call in enumerate(others, 1) if call.side == 2), 0)
    if not count:
        return None
    last = others[count - 1]
    if StreamCall.fresh * (count + last.out_maps[1]) > first.out_maps[1]:
        return None
    nodes = tuple(node for call in (first, *others[:count]) for node in call.nodes)
    fields = {"nodes": nodes, "inputs": first.inputs, "output": last.output}
    return StreamCall(**fields, first=first, others=tuple(others[:count]))
