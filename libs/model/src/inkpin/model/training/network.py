"""The trainable networks, in PyTorch: the large float teacher, and the small one that ships.

The small one trains in floats first, then quantisation-aware. Its maps hold 4 bits, its weights
-1, 0 and 1, in the first layers a few steps more. A channel's weights share a scale of four
significant bits, so each value that the quantised network computes is an integer times a power of
two, float32 arithmetic on it is exact below 2^24, and the integers that `Network.layers` hands out
compute the same logits bit for bit. Rounding passes gradients straight through (Bengio et al.
2013).

Maps lie in memory cell by cell, and where the processor multiplies matrices of bfloat16 their
numbers are of that type: together three times as fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from inkpin.model.export import Layer
from inkpin.preprocess import SIDE

ACTIVATION_SCALE = 2.0**-2
ACTIVATION_MOST = 14  # nine of them, added up, fit a signed byte
TERNARY, NINE, FOUR_BITS = 1, 4, 7
"""Largest weights, in steps of the scale; nine values are two digits of three."""

FAST_TYPE = torch.bfloat16 if torch.cpu._is_amx_tile_supported() else torch.float32


@dataclass(frozen=True)
class Conv:
    """A convolution without padding, with max pooling and ReLU behind it.

    Attributes:
        channels: that it puts out.
        kernel: its side.
        pool: side and stride of the pooling; 1 for none.
        limit: the largest weight.
    """

    channels: int
    kernel: int = 3
    pool: int = 1
    limit: int = TERNARY


@dataclass(frozen=True)
class Design:
    """A chain of convolutions, then one dense layer that keeps the place.

    Attributes:
        convolutions: in order.
        dense_limit: the largest weight of the dense layer.
    """

    convolutions: tuple[Conv, ...]
    dense_limit: int = TERNARY

    def shapes(self, classes: int) -> list[tuple[int, int, int, int]]:
        """Return the weights' shapes, (out, in, height, width), the dense one last.

        Raises:
            ValueError: the maps become smaller than a kernel.
        """
        shapes, channels, side = [], 1, SIDE
        for conv in self.convolutions:
            shapes.append((conv.channels, channels, conv.kernel, conv.kernel))
            channels, side = conv.channels, (side - conv.kernel + 1) // conv.pool
            if side < 1:
                raise ValueError("the maps become smaller than a kernel")
        return [*shapes, (classes, channels, side, side)]


class _Straight(torch.autograd.Function):
    """Stand rounded numbers in for others; the gradient passes to those unchanged."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, rounded: Tensor) -> Tensor:
        return rounded

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


class _Nibbles(torch.autograd.Function):
    """ReLU, then half to even onto the grid of ACTIVATION_MOST steps.

    The gradient passes between the grid's ends. By hand, for speed: PyTorch's fake quantisation
    does the same at thrice the price, and comparing and multiplying costs eight times as much as
    the gradient of its hardtanh.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        steps = (x * (1 / ACTIVATION_SCALE)).round_()
        ctx.save_for_backward(steps)
        return steps.clamp(0, ACTIVATION_MOST).mul_(ACTIVATION_SCALE)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        (steps,) = ctx.saved_tensors
        return torch.ops.aten.hardtanh_backward(gradient, steps, 0, ACTIVATION_MOST + 0.5)


class _Layer(nn.Module):
    """A convolution, or a dense layer as one that covers its whole input.

    In floats until `quantise`: then batch normalisation is folded into the weights, and the
    weights' scales stand still while training goes on.

    Args:
        shape: of the weights, (out, in, height, width).
        limit: of a weight's integer, -limit .. limit.
        input_scale: of the layer's input.
        pool: side and stride of the max pooling of the sums.
        hidden: normalise each channel, and give each a scale of its own; else one for all.
    """

    scale: Tensor | None

    def __init__(
        self,
        shape: Sequence[int],
        limit: int,
        input_scale: float,
        pool: int = 1,
        *,
        hidden: bool,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(*shape))
        nn.init.kaiming_normal_(self.weight)
        self.bias = nn.Parameter(torch.zeros(shape[0]), requires_grad=not hidden)
        self.norm = nn.BatchNorm2d(shape[0]) if hidden else None
        self.limit, self.input_scale, self.pool = limit, input_scale, pool
        self.register_buffer("scale", None)

    def quantise(self) -> None:
        """Fold the normalisation and fix the scales, (out, 1, 1, 1), by least squared error."""
        powers = torch.exp2(torch.arange(-12.0, 3.0))
        scales = powers
        with torch.no_grad():
            if self.norm:
                gain = self.norm.weight.abs() / torch.sqrt(self.norm.running_var + self.norm.eps)
                self.weight *= gain[:, None, None, None]
                self.bias.copy_(self.norm.bias - self.norm.running_mean * gain)
                scales = (powers[:, None] * torch.arange(8.0, 16.0)).flatten() / 8
            groups = self.weight.flatten(1) if self.norm else self.weight.reshape(1, -1)
            errors = [((self._rounded(groups, s) - groups) ** 2).sum(1) for s in scales]
            best = scales[torch.stack(errors).argmin(dim=0)]
        self.norm = None
        self.bias.requires_grad_()
        self.scale = best.expand(len(self.weight))[:, None, None, None].clone()
        self.confine()

    def take(self, layer: Layer) -> None:
        """Go over to the integers of another layer of this shape."""
        self.norm = None
        scales = torch.from_numpy(layer.weight_scales.copy())
        self.scale = scales[:, None, None, None]
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(layer.weights.astype("f4")) * self.scale)
            units = scales * self.input_scale
            self.bias.copy_(torch.from_numpy(layer.bias.astype("f4")) * units)
        self.bias.requires_grad_()

    def confine(self) -> None:
        """Bring weights that training drove beyond their grid back to its ends."""
        if self.scale is not None:
            ends = self.limit * self.scale
            self.weight.data = torch.minimum(torch.maximum(self.weight.data, -ends), ends)

    def _rounded(self, weight: Tensor, scale: Tensor) -> Tensor:
        return (weight / scale).clamp(-self.limit, self.limit).round() * scale

    def quantised(self) -> tuple[Tensor, Tensor]:
        """Return weights and bias on their grids; gradients pass to what they were."""
        units = self.scale.flatten() * self.input_scale
        weight = self._rounded(self.weight, self.scale)
        bias = (self.bias / units).round() * units
        return _Straight.apply(self.weight, weight), _Straight.apply(self.bias, bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return the pooled sums, (n, out, height, width).

        Pooling first is cheaper than last, and the same: all that follows rises with the sums,
        for which the normalisation's gain is taken without its sign.
        """
        weight, bias = (self.weight, None) if self.norm else (self.weight, self.bias)
        if self.scale is not None:
            weight, bias = self.quantised()
        weight = weight.to(x.dtype, memory_format=torch.channels_last)
        sums = functional.conv2d(x, weight, None if bias is None else bias.to(x.dtype))
        if self.pool > 1:
            sums = functional.max_pool2d(sums, self.pool)
        if not self.norm:
            return sums
        n = self.norm
        return functional.batch_norm(
            sums, n.running_mean, n.running_var, n.weight.abs(), n.bias, self.training, n.momentum
        )

    def layer(self, name: str, output_scale: float | None) -> Layer:
        """Return the quantised layer as integers."""
        weight, bias = (value.detach() for value in self.quantised())
        scale = self.scale
        return Layer(
            name=name,
            weights=torch.round(weight / scale).to(torch.int8).numpy(),
            bias=torch.round(bias / (scale.flatten() * self.input_scale)).to(torch.int32).numpy(),
            weight_scales=scale.flatten().numpy(),
            input_scale=self.input_scale,
            output_scale=output_scale,
            output_most=ACTIVATION_MOST,
            pool=self.pool,
        )


class Network(nn.Module):
    """The small network.

    Args:
        design: its layers.
        classes: number of labels.
    """

    def __init__(self, design: Design, classes: int) -> None:
        super().__init__()
        *shapes, dense = design.shapes(classes)
        self.convolutions = nn.ModuleList(
            _Layer(shape, conv.limit, ACTIVATION_SCALE if i else 1.0, conv.pool, hidden=True)
            for i, (conv, shape) in enumerate(zip(design.convolutions, shapes, strict=True))
        )
        self.dense = _Layer(dense, design.dense_limit, ACTIVATION_SCALE, hidden=False)

    @classmethod
    def of(cls, layers: Sequence[Layer]) -> Self:
        """Return the network whose `layers` these are.

        Raises:
            ValueError: no network of this kind has them.
        """
        *convolutions, dense = layers
        limits = [
            next((n for n in (TERNARY, NINE) if abs(x.weights).max() <= n), FOUR_BITS)
            for x in layers
        ]
        design = Design(
            tuple(
                Conv(len(layer.weights), layer.weights.shape[-1], layer.pool, limit)
                for layer, limit in zip(convolutions, limits, strict=False)
            ),
            limits[-1],
        )
        network = cls(design, len(dense.weights))
        for own, layer in zip(network._layers(), layers, strict=True):
            scales = ACTIVATION_SCALE, ACTIVATION_MOST
            if own.weight.shape != layer.weights.shape or own.input_scale != layer.input_scale:
                raise ValueError("its layers do not fit each other")
            if layer is not dense and (layer.output_scale, layer.output_most) != scales:
                raise ValueError("its maps have other steps")
            own.take(layer)
        return network

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float32 (n, classes), of bitmaps (n, 1, 28, 28) of zeros and ones."""
        x = x.contiguous(memory_format=torch.channels_last)
        for convolution in self.convolutions:
            x = _Nibbles.apply(convolution(x))
        return self.dense(x).flatten(1).float()

    def quantise(self) -> None:
        """Go over from floats to integers, for the rest of the training."""
        for layer in self._layers():
            layer.quantise()

    def confine(self) -> None:
        """Bring quantised weights back to the ends of their grid; after each step."""
        for layer in self._layers():
            layer.confine()

    def layers(self) -> list[Layer]:
        """Return the quantised network as integers, in order."""
        return [
            *(
                convolution.layer(f"conv{i}", ACTIVATION_SCALE)
                for i, convolution in enumerate(self.convolutions, 1)
            ),
            self.dense.layer("dense", None),
        ]

    def _layers(self) -> tuple[_Layer, ...]:
        return (*self.convolutions, self.dense)


class Teacher(nn.Module):
    """The large network, in floats to the end.

    Args:
        channels: of its four convolutions, 28x28 -> 12x12 -> 10x10 -> 4x4 -> 2x2.
        classes: number of labels.
    """

    def __init__(self, channels: tuple[int, int, int, int], classes: int) -> None:
        super().__init__()
        first, second, third, last = channels

        def block(into: int, out: int, kernel: int, pool: int = 1) -> list[nn.Module]:
            convolution = nn.Conv2d(into, out, kernel, bias=False)
            pooling = [nn.MaxPool2d(pool)] if pool > 1 else []
            return [convolution, *pooling, nn.BatchNorm2d(out), nn.ReLU()]

        self.features = nn.Sequential(
            *block(1, first, 5, 2),
            *block(first, second, 3),
            *block(second, third, 3, 2),
            *block(third, last, 3),
        )
        self.dense = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(4 * last, classes))
        self.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float32 (n, classes), of bitmaps (n, 1, 28, 28) of zeros and ones."""
        kind = x.dtype
        with torch.autocast("cpu", kind, enabled=kind != torch.float32):
            features = self.features(x.contiguous(memory_format=torch.channels_last))
            return self.dense(features).float()

    def confine(self) -> None:
        """Nothing to bring back: its weights are floats."""
