"""Convolutions of few bits, four places or channels at once: ink_ternary_conv.

Over a bitmap with filters of 4 bits, and over maps of nibbles with filters of 3x3 and weights -1, 0
and 1, or -4 to 4. No op is lowered to them: kernel_selection.py gives them the networks that they
can do from end to end.
"""

import math
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np

from inkpin.model.converter.c_text import array, structure, structures, wrapped
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.kernels.conv import ConvCall, Maps
from inkpin.model.converter.kernels.requantize import FixedPoint

_TRIPLES = 27  # rows of a filter that there are
_LANES = 4
_SLACK = 2  # bytes behind a map that may be read
LARGEST_WEIGHT = 4
"""Of two digits."""


def ternary_digits(weights: np.ndarray) -> np.ndarray:
    """Return weights (...) as (digits, ...) of -1, 0 and 1, the one that counts threefold first."""
    if np.abs(weights).max() <= 1:
        return weights[None]
    threes = (weights + LARGEST_WEIGHT) // 3 - 1
    return np.stack([threes, weights - 3 * threes])


@dataclass(frozen=True, kw_only=True, eq=False)
class NibbleConvCall(ConvCall):
    """What both share: sums that become nibbles, or go out as they are."""

    aligned = True

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_ternary_conv.c",)

    @property
    def side(self) -> int:
        """Side and stride of the pooling."""
        return self.pool.size[0] if self.pool else 1

    @property
    def places(self) -> tuple[int, int]:
        """Places of the filter that count, (down, across)."""
        _, down, across = self.out_maps
        return down * self.side, across * self.side

    @property
    def factor(self) -> FixedPoint | None:
        """Of each channel, the shift at least 1; None where the sums go out."""
        if self.requantize.factor is None:
            return None
        multiplier, shift = self.requantize.factor
        whole = shift == 0
        return FixedPoint(multiplier << whole, shift + whole)

    @property
    def codes(self) -> np.ndarray:
        """The packed weights, uint16."""
        raise NotImplementedError

    @property
    def words(self) -> int:
        """Words of working memory."""
        raise NotImplementedError

    @property
    def scratch(self) -> int:
        """See KernelCall."""
        return 4 * self.words

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return self.codes.nbytes + 4 * len(self.bias)

    def arrays(self, name: str) -> str:
        """Return the C definitions of weights and channels, with names that end in `name`."""
        multiplier, shift = self.factor or (np.zeros_like(self.bias),) * 2
        rows = zip(self.bias, multiplier, shift, strict=True)
        channels = ", ".join(f"{{{b:.0f}, {m}, {s}}}" for b, m, s in rows)
        return (
            array(f"static const uint16_t weights{name}", self.codes)
            + f"static const ink_channel channels{name}[] = {{\n{wrapped(channels)}\n}};\n"
        )

    def channel_descriptor(self, name: str, plane: int) -> dict[str, object]:
        """Return the fields of the descriptor that say where sums go.

        Args:
            name: that those of the arrays end in.
            plane: cells of the output from one channel to the next.
        """
        to = self.requantize.to
        return {
            "to": f"channels{name}",
            "channels": len(self.bias),
            "plane": plane,
            "most": to.high if to and self.factor else 0,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class BitConvCall(NibbleConvCall):
    """A convolution over bits: ink_ternary_conv_bits."""

    @property
    def codes(self) -> np.ndarray:
        """For each four channels and each weight 16 bits, in excess of 8, the first lowest."""
        out, kernel = len(self.weights), self.windows.size[0]
        padded = np.pad(self.weights.reshape(out, -1), ((0, -out % _LANES), (0, 0)))
        lanes = padded.reshape(-1, _LANES, kernel * kernel).transpose(0, 2, 1) + 8
        return np.asarray((lanes << 4 * np.arange(_LANES)).sum(axis=2).ravel(), np.uint16)

    def words_for(self, rows: int) -> int:
        """Return the words of working memory for so many rows of the output at a time."""
        return rows * self.side * self.places[1] + (1 << self.windows.size[1])

    @property
    def words(self) -> int:
        """See NibbleConvCall."""
        return self.words_for(self.out_maps[1])

    def descriptor(self, name: str, rows: int, plane: int) -> str:
        """Return the C definition of the descriptor, for so many rows of the output at a time."""
        fields = {
            "weights": f"weights{name}",
            **self.channel_descriptor(name, plane),
            "kernel": self.windows.size[0],
            "high": rows * self.side,
            "wide": self.places[1],
        }
        return structure(f"static const ink_bit_conv layer{name}", fields)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        _, down, across = self.out_maps
        name = str(number)
        return self.arrays(name) + self.descriptor(name, down, down * across)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [_invocation("bits", site)]


@dataclass(frozen=True, kw_only=True, eq=False)
class TernaryConvCall(NibbleConvCall):
    """A convolution of 3x3 with weights of one or two digits: ink_ternary_conv_nibbles.

    Attributes:
        added: cells behind the input that its filters reach, with weights of 0; of a dense layer.
    """

    added: int = 0

    @property
    def grain(self) -> str:
        """See WeightedCall."""
        return "ternary"

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return super().macs - self.added * len(self.weights)

    @property
    def codes(self) -> np.ndarray:
        """A word for each filter, (depth, out, digits), of 5 bits for each of its rows."""
        rows = (ternary_digits(self.weights) + 1) @ np.array([9, 3, 1])
        words = (rows << 5 * np.arange(3)).sum(axis=3)
        return np.asarray(words.transpose(2, 1, 0).ravel(), np.uint16)

    @property
    def words(self) -> int:
        """See NibbleConvCall."""
        return 3 * _TRIPLES + 2 * len(self.weights)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(len(values[0]), -1)
        return super().run(np.pad(x, ((0, 0), (0, self.added))))

    def descriptor(self, name: str, in_high: int, high: int, plane: int) -> dict[str, object]:
        """Return the fields of the descriptor.

        Args:
            name: that those of the arrays end in.
            in_high: rows of the input.
            high: places of the filter, down.
            plane: cells of the output from one channel to the next.
        """
        return {
            "filters": f"weights{name}",
            **self.channel_descriptor(name, plane),
            "depth": self.maps[0],
            "in_h": in_high,
            "in_w": self.maps[2],
            "high": high,
            "wide": self.places[1],
            "pool": int(self.side == 2),
            "digits": len(ternary_digits(self.weights)),
        }

    def constants(self, number: int) -> str:
        """See KernelCall."""
        _, down, across = self.out_maps
        name = str(number)
        descriptor = self.descriptor(name, self.maps[1], self.places[0], down * across)
        return self.arrays(name) + structure(
            f"static const ink_ternary_conv layer{name}", descriptor
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [_invocation("nibbles", site)]


def _invocation(kind: str, site: CallSite) -> str:
    arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}"
    return f"ink_ternary_conv_{kind}({arguments}, (uint32_t *)({site.scratch}))"


@dataclass(frozen=True, kw_only=True, eq=False)
class StreamedConvCall(KernelCall):
    """A convolution over bits and some over what comes of it: ink_ternary_conv_stream.

    It computes two rows of each at a time, so that the maps between are never kept whole.

    Attributes:
        first: over bits.
        others: each over what the one before puts out; the last one pools.
    """

    aligned = True

    first: BitConvCall
    others: tuple[TernaryConvCall, ...]

    ROWS = 2
    """That each puts out at a time, and the last one before it pools."""

    @property
    def parts(self) -> tuple[NibbleConvCall, ...]:
        """All convolutions in order."""
        return (self.first, *self.others)

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return self.first.c_files

    @property
    def macs(self) -> int:
        """See KernelCall."""
        return sum(part.macs for part in self.parts)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return sum(part.flash for part in self.parts)

    @property
    def kept(self) -> tuple[Maps, ...]:
        """(channels, height, width) of what is kept of each of the maps between."""
        maps = (part.maps for part in self.others)
        return tuple((channels, self.ROWS + 2, wide) for channels, _, wide in maps)

    @property
    def words(self) -> int:
        """Words of working memory beside what is kept."""
        return max(self.first.words_for(self.ROWS), *(part.words for part in self.others))

    @property
    def scratch(self) -> int:
        """See KernelCall: sums, tables and what is kept."""
        return 4 * self.words + sum(math.prod(maps) // 2 for maps in self.kept) + _SLACK

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        for part in self.parts:
            values = (part.run(*values),)
        return values[0]

    def constants(self, number: int) -> str:
        """See KernelCall."""
        names = [f"{number}{letter}" for letter in ascii_lowercase[: len(self.parts)]]
        planes = [high * wide for _, high, wide in self.kept]
        planes.append(math.prod(self.others[-1].out_maps[1:]))
        high = self.kept[0][1]
        return (
            "".join(part.arrays(name) for part, name in zip(self.parts, names, strict=True))
            + self.first.descriptor(names[0], self.ROWS, planes[0])
            + structures(
                f"static const ink_ternary_conv layer{number}[]",
                [
                    part.descriptor(name, high, self.ROWS, plane)
                    for part, name, plane in zip(self.others, names[1:], planes[1:], strict=True)
                ],
            )
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        i, count = site.number, len(self.others)
        return [
            f"ink_ternary_conv_stream(&layer{i}a, layer{i}, {count}, {site.inputs[0]},"
            f" {site.output},\n"
            f"                            (uint32_t *)({site.scratch}),\n"
            f"                            (uint8_t *)({site.scratch} + {self.words}))"
        ]
