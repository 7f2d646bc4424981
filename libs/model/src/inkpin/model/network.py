"""The trainable network, in PyTorch: first in floats, then quantisation-aware.

Every scale is a power of two: weights have a few bits and a scale for each output channel,
activations are unsigned bytes of one fixed scale. So each value that the quantised network
computes is an integer times a power of two, float32 arithmetic on it is exact below 2^24, and
the integers that `Network.layers` hands out compute the same logits bit for bit.
Rounding passes gradients straight through (Bengio et al. 2013).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from inkpin.model.export import Layer
from inkpin.preprocess import SIDE

ACTIVATION_SCALE = 2.0**-5


@dataclass(frozen=True)
class Conv:
    """A convolution without padding, with ReLU and max pooling behind it.

    Attributes:
        channels: that it puts out; a depthwise one puts out as many as it takes.
        kernel: its side.
        pool: side and stride of the pooling; 1 for none.
        bits: of a weight.
        depthwise: each channel from its own alone.
    """

    channels: int
    kernel: int = 3
    pool: int = 1
    bits: int = 4
    depthwise: bool = False


@dataclass(frozen=True)
class Design:
    """A chain of convolutions, then one dense layer that keeps the place.

    Attributes:
        convolutions: in order.
        dense_bits: of a weight of the dense layer.
    """

    convolutions: tuple[Conv, ...]
    dense_bits: int = 4

    def shapes(self, classes: int) -> list[tuple[int, ...]]:
        """Return the weights' shapes, (out, in / groups, height, width), the dense one last.

        Raises:
            ValueError: the maps become smaller than a kernel.
        """
        shapes, channels, side = [], 1, SIDE
        for conv in self.convolutions:
            into = 1 if conv.depthwise else channels
            shapes.append((conv.channels, into, conv.kernel, conv.kernel))
            channels, side = conv.channels, (side - conv.kernel + 1) // conv.pool
            if side < 1:
                raise ValueError("the maps become smaller than a kernel")
        return [*shapes, (classes, channels, side, side)]


class _Bytes(torch.autograd.Function):
    """ReLU, then half to even onto the grid of unsigned bytes times ACTIVATION_SCALE.

    The gradient passes where the byte is neither 0 nor beyond 255. By hand, for speed: PyTorch's
    fake quantisation does the same at thrice the price.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        steps = (x * (1 / ACTIVATION_SCALE)).round_()
        ctx.save_for_backward(steps)
        return steps.clamp(0, 255).mul_(ACTIVATION_SCALE)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        (steps,) = ctx.saved_tensors
        return gradient * ((steps > 0) & (steps <= 255))


class _Straight(torch.autograd.Function):
    """Round half to even, as ONNX and the C kernels do; the gradient passes unchanged."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        return torch.round(x)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        return gradient


def _rounded(x: Tensor, scale: Tensor) -> Tensor:
    """Return `x` on the grid of `scale`."""
    return _Straight.apply(x / scale) * scale


class _Layer(nn.Module):
    """A convolution, or a dense layer as one that covers its whole input.

    In floats until `quantise`: then batch normalisation is folded into the weights, and the
    weights' scales stand still while training goes on.

    Args:
        shape: of the weights, (out, in / groups, height, width).
        bits: of a weight; its integer lies in -2^(bits-1) .. 2^(bits-1) - 1.
        input_scale: of the layer's input.
        groups: that the channels fall into.
        pool: side and stride of the max pooling of the sums.
        hidden: normalise each channel, and give each a scale of its own; else one for all.
    """

    scale: Tensor | None

    def __init__(
        self,
        shape: Sequence[int],
        bits: int,
        input_scale: float,
        groups: int = 1,
        pool: int = 1,
        *,
        hidden: bool,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(*shape))
        nn.init.kaiming_normal_(self.weight)
        self.bias = nn.Parameter(torch.zeros(shape[0]))
        self.norm = nn.BatchNorm2d(shape[0]) if hidden else None
        self.limit = 2 ** (bits - 1) - 1
        self.input_scale, self.groups, self.pool = input_scale, groups, pool
        self.register_buffer("scale", None)

    def quantise(self) -> None:
        """Fold the normalisation and fix the scales, (out, 1, 1, 1), by least squared error."""
        with torch.no_grad():
            if self.norm:
                gain = self.norm.weight.abs() / torch.sqrt(self.norm.running_var + self.norm.eps)
                self.weight *= gain[:, None, None, None]
                self.bias.copy_((self.bias - self.norm.running_mean) * gain + self.norm.bias)
            groups = self.weight.flatten(1) if self.norm else self.weight.reshape(1, -1)
            # Weights that, counted in steps of the output, are bytes still: a shift does the rest.
            most = 64 / (self.limit + 1) * ACTIVATION_SCALE / self.input_scale
            scales = torch.exp2(torch.arange(-10.0, math.log2(most) + 1))
            errors = torch.stack(
                [((self._rounded(groups, s) - groups) ** 2).sum(1) for s in scales]
            )
            best = scales[errors.argmin(dim=0)]
        self.norm = None
        self.scale = best.expand(len(self.weight))[:, None, None, None].clone()

    def _rounded(self, weight: Tensor, scale: Tensor) -> Tensor:
        low, high = -(self.limit + 1) * scale, self.limit * scale
        return _rounded(torch.minimum(torch.maximum(weight, low), high), scale)

    def quantised(self) -> tuple[Tensor, Tensor]:
        """Return weights and bias on their grids."""
        bias = _rounded(self.bias, self.scale.flatten() * self.input_scale)
        return self._rounded(self.weight, self.scale), bias

    def forward(self, x: Tensor) -> Tensor:
        """Return the pooled sums, (n, out, height, width).

        Pooling first is cheaper than last, and the same: all that follows rises with the sums,
        for which the normalisation's gain is taken without its sign.
        """
        weight, bias = (self.weight, self.bias) if self.scale is None else self.quantised()
        sums = self._sums(x, weight, bias)
        if self.norm is None:
            return sums
        n = self.norm
        return functional.batch_norm(
            sums, n.running_mean, n.running_var, n.weight.abs(), n.bias, self.training, n.momentum
        )

    def _sums(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        sums = functional.conv2d(x, weight, bias, groups=self.groups)
        return functional.max_pool2d(sums, self.pool) if self.pool > 1 else sums

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
            pool=self.pool,
            groups=self.groups,
        )


class _BitLayer(_Layer):
    """The first layer: its input is bits.

    Among the windows that the pooled sums of a batch depend on, one in forty differs from all
    others, so the sums are taken of these alone.
    """

    def _sums(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        side = weight.shape[-1] + self.pool - 1
        windows = x[:, 0].unfold(1, side, self.pool).unfold(2, side, self.pool)
        n, height, width = windows.shape[:3]
        powers = torch.exp2(torch.arange(side * side, dtype=torch.float64))
        codes = windows.reshape(-1, side * side).double() @ powers
        codes, place = torch.unique(codes.long(), return_inverse=True)
        bits = codes[:, None] >> torch.arange(side * side) & 1
        sums = super()._sums(bits.view(-1, 1, side, side).to(x.dtype), weight, bias)
        return sums.flatten(1)[place].view(n, height, width, -1).permute(0, 3, 1, 2)


class Network(nn.Module):
    """The network of a design.

    Args:
        design: its layers.
        classes: number of labels.
    """

    def __init__(self, design: Design, classes: int) -> None:
        super().__init__()
        *shapes, dense = design.shapes(classes)
        self.convolutions = nn.ModuleList(
            (_Layer if i else _BitLayer)(
                shape,
                conv.bits,
                ACTIVATION_SCALE if i else 1.0,
                conv.channels if conv.depthwise else 1,
                conv.pool,
                hidden=True,
            )
            for i, (conv, shape) in enumerate(zip(design.convolutions, shapes, strict=True))
        )
        self.dense = _Layer(dense, design.dense_bits, ACTIVATION_SCALE, hidden=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (n, classes), of bitmaps (n, 1, 28, 28) of zeros and ones."""
        for convolution in self.convolutions:
            x = _Bytes.apply(convolution(x))
        return self.dense(x).flatten(1)

    def quantise(self) -> None:
        """Go over from floats to integers, for the rest of the training."""
        for layer in (*self.convolutions, self.dense):
            layer.quantise()

    def layers(self) -> list[Layer]:
        """Return the quantised network as integers, in order."""
        return [
            *(
                convolution.layer(f"conv{i}", ACTIVATION_SCALE)
                for i, convolution in enumerate(self.convolutions, 1)
            ),
            self.dense.layer("dense", None),
        ]
