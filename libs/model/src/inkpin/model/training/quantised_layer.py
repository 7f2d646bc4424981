"""A layer that trains in floats first, then quantisation-aware, in PyTorch.

Its maps hold 4 bits, its weights -1, 0 and 1, or a few steps more. A channel's weights share a
scale of four significant bits, so each value that the quantised layer computes is an integer times
a power of two, float32 arithmetic on it is exact below 2^24, and the integers of `to_layer` compute
the same bit for bit. Rounding passes gradients straight through (Bengio et al. 2013).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from inkpin.model.export import Layer

ACTIVATION_SCALE = 2.0**-2
ACTIVATION_MAX = 14  # in steps of the scale; nine of them, added up, fit a signed byte


class _StraightThrough(torch.autograd.Function):
    """Stand rounded numbers in for others; the gradient passes to those unchanged."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, rounded: Tensor) -> Tensor:
        return rounded

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


class QuantisedReLU(torch.autograd.Function):
    """ReLU, then half to even onto the grid of ACTIVATION_MAX steps.

    The gradient passes between the grid's ends. By hand, for speed: PyTorch's fake quantisation
    does the same at thrice the price, and comparing and multiplying costs eight times as much as
    the gradient of its hardtanh.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        """Return x on the grid."""
        steps = (x * (1 / ACTIVATION_SCALE)).round_()
        ctx.save_for_backward(steps)
        return steps.clamp(0, ACTIVATION_MAX).mul_(ACTIVATION_SCALE)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:
        """Return the gradient by x."""
        (steps,) = ctx.saved_tensors
        return torch.ops.aten.hardtanh_backward(gradient, steps, 0, ACTIVATION_MAX + 0.5)


class QuantisedLayer(nn.Module):
    """A convolution, or a dense layer as one that covers its whole input.

    In floats until `quantise`: then batch normalisation is folded into the weights, and the
    weights' scales stand still while training goes on.

    Args:
        shape: of the weights, (out, in, height, width).
        limit: of a weight's integer, -limit .. limit.
        input_scale: of the layer's input.
        pool: side and stride of the max pooling of the sums.
        hidden: normalise each channel, and give each a scale of its own; else one for all.

    Attributes:
        scale: of the weights, (out, 1, 1, 1); None while they are floats.
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
        """Fold the normalisation and fix the scales by least squared error."""
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
        self.clip_weights()

    def load_layer(self, layer: Layer) -> None:
        """Go over to the integers of another layer of this shape."""
        self.norm = None
        scales = torch.from_numpy(layer.weight_scales.copy())
        self.scale = scales[:, None, None, None]
        with torch.no_grad():
            self.weight.copy_(torch.from_numpy(layer.weights.astype("f4")) * self.scale)
            units = scales * self.input_scale
            self.bias.copy_(torch.from_numpy(layer.bias.astype("f4")) * units)
        self.bias.requires_grad_()

    def to_layer(self, name: str, output_scale: float | None) -> Layer:
        """Return the quantised layer as integers.

        Raises:
            ValueError: it still is in floats.
        """
        if self.scale is None:
            raise ValueError("quantise the layer first")
        weight, bias = (value.detach() for value in self._fake_quantised(self.scale))
        scales = self.scale.flatten()
        return Layer(
            name=name,
            weights=torch.round(weight / self.scale).to(torch.int8).numpy(),
            bias=torch.round(bias / (scales * self.input_scale)).to(torch.int32).numpy(),
            weight_scales=scales.numpy(),
            input_scale=self.input_scale,
            output_scale=output_scale,
            output_max=ACTIVATION_MAX,
            pool=self.pool,
        )

    def clip_weights(self) -> None:
        """Bring weights that training drove beyond their grid back to its ends."""
        if self.scale is not None:
            ends = self.limit * self.scale
            self.weight.data = torch.minimum(torch.maximum(self.weight.data, -ends), ends)

    def forward(self, x: Tensor) -> Tensor:
        """Return the pooled sums, (n, out, height, width).

        Pooling first is cheaper than last, and the same: all that follows rises with the sums,
        for which the normalisation's gain is taken without its sign.
        """
        weight, bias = (self.weight, None) if self.norm else (self.weight, self.bias)
        if self.scale is not None:
            weight, bias = self._fake_quantised(self.scale)
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

    def _rounded(self, weight: Tensor, scale: Tensor) -> Tensor:
        return (weight / scale).clamp(-self.limit, self.limit).round() * scale

    def _fake_quantised(self, scale: Tensor) -> tuple[Tensor, Tensor]:
        """Return weights and bias on their grids; gradients pass to what they were."""
        units = scale.flatten() * self.input_scale
        weight = self._rounded(self.weight, scale)
        bias = (self.bias / units).round() * units
        return _StraightThrough.apply(self.weight, weight), _StraightThrough.apply(self.bias, bias)
