"""Convolutions and the max pooling of their sums.

ink_scaled_conv does them all; ink_conv is smaller where a shift makes bytes of sums.
"""

import math
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.c_text import array, initialiser, structure
from inkpin.model.converter.integer_program import CallSite
from inkpin.model.converter.ir import Conv
from inkpin.model.converter.kernels.lowering import SIDE, SPAN_FILES, Lowering, lower_op
from inkpin.model.converter.kernels.requantize import RESCALE_FILES, STORE_FILES
from inkpin.model.converter.kernels.weighted import (
    EXCESS,
    ByteWeights,
    WeightedCall,
    integer_layer,
    interleaved,
)
from inkpin.model.converter.windows import Windows, convolve, max_pool

Maps = tuple[int, int, int]


def filter_fields(maps: Maps, windows: Windows, pool: Windows | None) -> dict[str, object]:
    """Return an ink_filters.

    Args:
        maps: of the input.
        windows: of the filters.
        pool: windows of the pooling, or None.
    """
    pool_size, pool_stride = (pool.size, pool.stride) if pool else ((1, 1), (1, 1))
    pairs = {
        "in": maps[1:],
        "kernel": windows.size,
        "stride": windows.stride,
        "pad": windows.pad,
        "dilation": windows.dilation,
        "pool": pool_size,
        "apart": tuple(np.multiply(pool_stride, windows.stride)),
        "out": (pool or windows).count,
    }
    return {
        f"{name}_{side}": pair[i] for name, pair in pairs.items() for i, side in enumerate("hw")
    }


_AnyConv = TypeVar("_AnyConv", bound="ConvCall")


@dataclass(frozen=True, kw_only=True, eq=False)
class ConvCall(WeightedCall):
    """A convolution and its pooling, by any kernel.

    Attributes:
        weights: (out, in / groups, height, width).
        maps: of the input.
        windows: of the filters.
        groups: of channels.
        pool: windows of the pooling, or None.
    """

    maps: Maps
    windows: Windows
    groups: int = 1
    pool: Windows | None = None

    def by(self, kernel: type[_AnyConv], **more: object) -> _AnyConv:
        """Return the same convolution by another kernel."""
        same = {each.name: getattr(self, each.name) for each in fields(ConvCall)}
        return kernel(**{**same, **more})

    @property
    def out_maps(self) -> Maps:
        """(channels, height, width) of the output."""
        return (len(self.weights), *(self.pool or self.windows).count)

    @property
    def filter_size(self) -> int:
        """Weights of one output channel."""
        return math.prod(self.weights.shape[1:])

    @property
    def macs(self) -> int:
        """See KernelCall."""
        cells = math.prod(self.pool.size) * math.prod(self.pool.count) if self.pool else 0
        return (cells or math.prod(self.windows.count)) * self.weights.size

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        x = values[0].reshape(-1, *self.maps)
        weights = self.weights + self.offset
        sums = convolve(x, weights, self.windows, self.groups, self.zero_point)
        sums += self.c_bias[:, None, None]
        pooled = max_pool(sums, self.pool, -np.inf) if self.pool else sums
        return self.requantize.apply(pooled, 1)

    @property
    def channel_fields(self) -> dict[str, object]:
        """The fields of the descriptor that say which channels lie under a filter."""
        out, depth, *_ = self.weights.shape
        return {"depth": depth, "out": out, "share": out // self.groups}

    @property
    def window_fields(self) -> dict[str, int]:
        """The fields of the descriptor that say where filters lie."""
        windows, pool = self.windows, self.pool
        pool_size, pool_stride = (pool.size, pool.stride) if pool else ((1, 1), (1, 1))
        _, down, across = self.out_maps
        return {
            "in_h": self.maps[1],
            "in_w": self.maps[2],
            "kernel_h": windows.size[0],
            "kernel_w": windows.size[1],
            "stride_h": windows.stride[0],
            "stride_w": windows.stride[1],
            "pad_top": windows.pad[0],
            "pad_left": windows.pad[1],
            "pool_h": pool_size[0],
            "pool_w": pool_size[1],
            "pool_stride_h": pool_stride[0],
            "pool_stride_w": pool_stride[1],
            "out_h": down,
            "out_w": across,
        }

    @property
    def filter_fields(self) -> dict[str, object]:
        """An ink_filters."""
        return filter_fields(self.maps, self.windows, self.pool)


@dataclass(frozen=True, kw_only=True, eq=False)
class ScaledConvCall(ConvCall):
    """A convolution with any scales and zero points: ink_scaled_conv."""

    aligned = True

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return (
            *("ink_scaled_conv.c", "ink_cover.c", "ink_cover.h", *SPAN_FILES, "ink_unpack.h"),
            *RESCALE_FILES,
        )

    @property
    def scratch(self) -> int:
        """See KernelCall."""
        return 4 * self.filter_size  # words, which are read in one instruction

    def constants(self, number: int) -> str:
        """See KernelCall."""
        descriptor = {
            "weights": f"weights{number}",
            "bias": f"bias{number}",
            "to": self.requantize.initialiser(number),
            **self.channel_fields,
            **self.window_fields,
            "dilation_h": self.windows.dilation[0],
            "dilation_w": self.windows.dilation[1],
            "bits": self.bits,
            "zero": self.zero_point,
            "offset": self.offset,
        }
        return (
            self.weight_constants(number)
            + self.requantize.constants(number)
            + structure(f"static const ink_scaled_conv_layer layer{number}", descriptor)
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}, {site.scratch}"
        return [f"ink_scaled_conv({arguments})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ByteConvCall(ByteWeights, ConvCall):
    """A convolution of four channels at a time: ink_byte_conv."""

    aligned = True

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_byte_conv.c", "ink_products.c", "ink_products.h", *SPAN_FILES, *STORE_FILES)

    @property
    def scratch(self) -> int:
        """See KernelCall: a group's sums, and the cells under a filter."""
        return 4 * (len(self.weights) // self.groups + -(-self.filter_size // 4))

    @property
    def stored_weights(self) -> np.ndarray:
        """See WeightedCall."""
        groups = self.weights.reshape(self.groups, -1, self.filter_size)
        return np.concatenate([interleaved(rows) for rows in groups])

    @property
    def inside(self) -> dict[str, object]:
        """An ink_block of the cells under a filter; what is one cell wide is laid down."""
        channels, (height, width) = self.weights.shape[1], self.windows.size
        plane = math.prod(self.maps[1:])
        line, step = self.windows.dilation[0] * self.maps[2], self.windows.dilation[1]
        if width == 1:
            height, width, step = 1, height, line
        if width * height == 1:
            channels, width, step = 1, channels, plane
        return {
            "channels": channels,
            "height": height,
            "width": width,
            "plane": plane,
            "line": line,
            "step": step,
        }

    def constants(self, number: int) -> str:
        """See KernelCall."""
        descriptor = {
            "weights": f"weights{number}",
            "bias": f"bias{number}",
            "to": self.scaling.initialiser(number),
            "at": initialiser("ink_filters", self.filter_fields),
            "inside": initialiser("ink_block", self.inside),
            **self.channel_fields,
            "taps": self.filter_size,
            "offset": self.offset - EXCESS,
            "zero": self.zero_point,
        }
        return (
            self.weight_constants(number)
            + self.scaling.constants(number)
            + structure(f"static const ink_byte_conv_layer layer{number}", descriptor)
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}, {site.scratch}"
        return [f"ink_byte_conv({arguments})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class DepthwiseConvCall(ByteWeights, ConvCall):
    """A convolution whose filters of 3x3 lie over a single channel each: ink_depthwise_conv.

    It has no pooling, and is as far apart down as across.
    """

    aligned = True

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_depthwise_conv.c", *STORE_FILES)

    @property
    def scratch(self) -> int:
        """See KernelCall: a filter, a row's sums, the cells under them, a row outside."""
        count, stride = self.windows.count[1], self.windows.stride[1]
        return 4 * (10 + count + (count - 1) * stride + 3)

    @property
    def element(self) -> str:
        """See WeightedCall."""
        return "int8_t"

    @property
    def stored_weights(self) -> np.ndarray:
        """See WeightedCall."""
        return self.weights.ravel()

    def constants(self, number: int) -> str:
        """See KernelCall."""
        descriptor = {
            "weights": f"weights{number}",
            "bias": f"bias{number}",
            "to": self.scaling.initialiser(number),
            "out": len(self.weights),
            "share": len(self.weights) // self.groups,
            "in_h": self.maps[1],
            "in_w": self.maps[2],
            "stride": self.windows.stride[0],
            "pad_top": self.windows.pad[0],
            "pad_left": self.windows.pad[1],
            "out_h": self.windows.count[0],
            "out_w": self.windows.count[1],
            "offset": self.offset,
            "zero": self.zero_point,
        }
        return (
            self.weight_constants(number)
            + self.scaling.constants(number)
            + structure(f"static const ink_depthwise_layer layer{number}", descriptor)
        )

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}, {site.scratch}"
        return [f"ink_depthwise_conv({arguments})"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ShiftConvCall(ConvCall):
    """A convolution whose sums a shift makes bytes of, all zero points 0: ink_conv.

    Attributes:
        bitmap: whether the input is bits.
    """

    bitmap: bool = False

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_conv.c",)

    @property
    def scratch(self) -> int:
        """See KernelCall."""
        return self.filter_size

    @property
    def flash(self) -> int:
        """See KernelCall."""
        each = 4 if self.requantize.factor is None else 5
        return self.packed_weights.size + each * len(self.bias)

    def constants(self, number: int) -> str:
        """See KernelCall."""
        text, shift = self.weight_constants(number), "NULL"
        if self.requantize.factor is not None:
            shift = f"shift{number}"
            text += array(f"static const uint8_t {shift}", self.requantize.factor.shift)
        descriptor = {
            "weights": f"weights{number}",
            "bias": f"bias{number}",
            "shift": shift,
            **self.channel_fields,
            "bits": self.bits,
            **self.window_fields,
        }
        return text + structure(f"static const ink_conv layer{number}", descriptor)

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        kernel = "ink_conv_bits" if self.bitmap else "ink_conv_bytes"
        arguments = f"&layer{site.number}, {site.inputs[0]}, {site.output}, {site.scratch}"
        return [f"{kernel}({arguments})"]


def check_sides(op: Conv) -> None:
    """Refuse a convolution of sides that a descriptor has no room for.

    Raises:
        InputError: that is so.
    """
    windows = op.windows
    numbers = [*op.maps, *op.out_maps, *windows.size, *windows.stride, *windows.pad]
    if max(numbers) > SIDE or min(numbers) < 0:
        raise InputError(f"node {op.nodes[0]!r}: a side longer than {SIDE}")


@lower_op.register
def _(op: Conv, lowering: Lowering) -> None:
    layer = integer_layer(op, lowering)
    check_sides(op)
    call = ScaledConvCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        weights=layer.weights,
        bias=layer.bias,
        zero_point=layer.zero_point,
        offset=layer.offset,
        requantize=layer.requantize,
        maps=op.maps,
        windows=op.windows,
        groups=op.groups,
        pool=op.pool,
    )
    lowering.add(call, layer.quantisation, layer.kind)
