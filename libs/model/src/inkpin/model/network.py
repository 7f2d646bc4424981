"""The trainable network, in PyTorch: first in floats, then quantisation-aware.

Every scale is a power of two: weights have a few bits and a scale for each output channel,
activations are unsigned bytes of one fixed scale. So each value that the quantised network
computes is an integer times a power of two, float32 arithmetic on it is exact below 2^24, and
the integers that `Network.layers` hands out compute the same logits bit for bit.
Rounding passes gradients straight through (Bengio et al. 2013).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from inkpin.model.export import Layer

ACTIVATION_SCALE = 2.0**-4


class _Straight(torch.autograd.Function):
    """Round half to even, as ONNX and the C kernels do; the gradient passes unchanged."""

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return torch.round(x)

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:
        return gradient


def _rounded(x: Tensor, scale: Tensor | float) -> Tensor:
    """Return `x` on the grid of `scale`."""
    return _Straight.apply(x / scale) * scale


class _Layer(nn.Module):
    """A convolution, or a dense layer as one that covers its whole input.

    In floats until `quantise`: then batch normalisation is folded into the weights, and the
    weights' scales stand still while training goes on.

    Args:
        shape: of the weights, (out, in, height, width).
        bits: of a weight; its integer lies in -(2^(bits-1) - 1) .. 2^(bits-1) - 1.
        input_scale: of the layer's input.
        hidden: normalise each channel, and give each a scale of its own; else one for all.
    """

    scale: Tensor | None

    def __init__(
        self, shape: Sequence[int], bits: int, input_scale: float, *, hidden: bool
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(*shape))
        nn.init.kaiming_normal_(self.weight)
        self.bias = nn.Parameter(torch.zeros(shape[0]))
        self.norm = nn.BatchNorm2d(shape[0]) if hidden else None
        self.limit = 2 ** (bits - 1) - 1
        self.input_scale = input_scale
        self.register_buffer("scale", None)

    def quantise(self) -> None:
        """Fold the normalisation and fix the scales, (out, 1, 1, 1), by least squared error."""
        with torch.no_grad():
            if self.norm:
                gain = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
                self.weight *= gain[:, None, None, None]
                self.bias.copy_((self.bias - self.norm.running_mean) * gain + self.norm.bias)
            groups = self.weight.flatten(1) if self.norm else self.weight.reshape(1, -1)
            scales = torch.exp2(torch.arange(-10.0, 1.0))
            errors = torch.stack(
                [((self._rounded(groups, s) - groups) ** 2).sum(1) for s in scales]
            )
            best = scales[errors.argmin(dim=0)]
        self.norm = None
        self.scale = best.expand(len(self.weight))[:, None, None, None].clone()

    def _rounded(self, weight: Tensor, scale: Tensor) -> Tensor:
        bound = self.limit * scale
        return _rounded(torch.minimum(torch.maximum(weight, -bound), bound), scale)

    def quantised(self) -> tuple[Tensor, Tensor]:
        """Return weights and bias on their grids."""
        bias = _rounded(self.bias, self.scale.flatten() * self.input_scale)
        return self._rounded(self.weight, self.scale), bias

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums, (n, out, height, width)."""
        if self.scale is not None:
            return functional.conv2d(x, *self.quantised())
        sums = functional.conv2d(x, self.weight, self.bias)
        return self.norm(sums) if self.norm else sums

    def layer(self, name: str, output_scale: float | None, pool: int) -> Layer:
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
            pool=pool,
        )


class Network(nn.Module):
    """Convolutions 3x3, the first two pooled 2x2, then one dense layer that keeps the place.

    Args:
        channels: of the three convolutions.
        classes: number of labels.
        bits: of the weights.
    """

    POOLS = (2, 2, 1)

    def __init__(self, channels: Sequence[int], classes: int, bits: int = 4) -> None:
        super().__init__()
        ins, scales = (1, *channels), (1.0, ACTIVATION_SCALE, ACTIVATION_SCALE)
        self.convolutions = nn.ModuleList(
            _Layer((out, into, 3, 3), bits, scale, hidden=True)
            for into, out, scale in zip(ins, channels, scales, strict=False)
        )
        shape = (classes, channels[-1], 3, 3)
        self.dense = _Layer(shape, bits, ACTIVATION_SCALE, hidden=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (n, classes), of bitmaps (n, 1, 28, 28) of zeros and ones."""
        for convolution, pool in zip(self.convolutions, self.POOLS, strict=True):
            x = functional.relu(convolution(x))
            x = _rounded(x.clamp(max=255 * ACTIVATION_SCALE), ACTIVATION_SCALE)
            x = functional.max_pool2d(x, pool)
        return self.dense(x).flatten(1)

    def quantise(self) -> None:
        """Go over from floats to integers, for the rest of the training."""
        for layer in (*self.convolutions, self.dense):
            layer.quantise()

    def layers(self) -> list[Layer]:
        """Return the quantised network as integers, in order."""
        return [
            *(
                convolution.layer(f"conv{i}", ACTIVATION_SCALE, pool)
                for i, (convolution, pool) in enumerate(
                    zip(self.convolutions, self.POOLS, strict=True), 1
                )
            ),
            self.dense.layer("dense", None, 1),
        ]


def teacher(classes: int) -> nn.Module:
    """Return a float network, ten times as large, whose answers the small one learns from."""

    def block(into: int, out: int) -> list[nn.Module]:
        return [nn.Conv2d(into, out, 3, bias=False), nn.BatchNorm2d(out), nn.ReLU()]

    return nn.Sequential(
        *block(1, 24),
        nn.MaxPool2d(2),
        *block(24, 48),
        *block(48, 48),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(48 * 4 * 4, 128),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(128, classes),
    )
