"""The trainable network, in PyTorch: quantisation-aware from the first step.

Every scale is a power of two: weights have a few bits and a scale for each output channel,
activations are unsigned bytes of one fixed scale. So each value that the network computes
is an integer times a power of two, float32 arithmetic on it is exact below 2^24, and the
integers that `Network.layers` hands out compute the same logits bit for bit.
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


class _Quantised(nn.Module):
    """A convolution or a dense layer (one that covers its whole input) on integer weights.

    Args:
        shape: of the weights, (out, in, height, width).
        bits: of a weight; its integer lies in -(2^(bits-1) - 1) .. 2^(bits-1) - 1.
        input_scale: of the layer's input.
        per_channel: a scale for each output channel, else one for all.
    """

    def __init__(
        self, shape: Sequence[int], bits: int, input_scale: float, *, per_channel: bool
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(*shape))
        nn.init.kaiming_normal_(self.weight)
        self.bias = nn.Parameter(torch.zeros(shape[0]))
        self.limit = 2 ** (bits - 1) - 1
        self.input_scale = input_scale
        self.per_channel = per_channel

    def scale(self) -> Tensor:
        """Return the weights' power-of-two scales, (out, 1, 1, 1)."""
        size = self.weight.detach().abs()
        size = size.amax(dim=(1, 2, 3), keepdim=True) if self.per_channel else size.max()
        scale = torch.exp2(torch.round(torch.log2(size.clamp_min(2.0**-12) / self.limit)))
        return scale.expand(len(self.weight), 1, 1, 1)

    def quantised(self) -> tuple[Tensor, Tensor]:
        """Return weights and bias on their grids."""
        scale = self.scale()
        bound = self.limit * scale
        weight = _rounded(torch.minimum(torch.maximum(self.weight, -bound), bound), scale)
        return weight, _rounded(self.bias, scale.flatten() * self.input_scale)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums, (n, out, height, width)."""
        return functional.conv2d(x, *self.quantised())

    def layer(self, name: str, output_scale: float | None, pool: int) -> Layer:
        """Return the layer as integers."""
        weight, bias = (value.detach() for value in self.quantised())
        scale = self.scale()
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
            _Quantised((out, into, 3, 3), bits, scale, per_channel=True)
            for into, out, scale in zip(ins, channels, scales, strict=False)
        )
        shape = (classes, channels[-1], 3, 3)
        self.dense = _Quantised(shape, bits, ACTIVATION_SCALE, per_channel=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, (n, classes), of bitmaps (n, 1, 28, 28) of zeros and ones."""
        for convolution, pool in zip(self.convolutions, self.POOLS, strict=True):
            x = functional.relu(convolution(x))
            x = _rounded(x.clamp(max=255 * ACTIVATION_SCALE), ACTIVATION_SCALE)
            x = functional.max_pool2d(x, pool)
        return self.dense(x).flatten(1)

    def layers(self) -> list[Layer]:
        """Return the network as integers, in order."""
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
