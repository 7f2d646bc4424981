"""The trainable networks, in PyTorch: the large float teachers, and the small one that ships.

The small one trains in floats first, then quantisation-aware; see `quantised_layer`.

Maps lie in memory cell by cell, and where the processor multiplies matrices of bfloat16 their
numbers are of that type: together three times as fast. Where it only adds up products of bfloat16,
that helps the teacher alone.
"""

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor, nn

from inkpin.model.export import Layer
from inkpin.model.training.quantised_layer import (
    ACTIVATION_MAX,
    ACTIVATION_SCALE,
    QuantisedLayer,
    QuantisedReLU,
)
from inkpin.model.training.recipe import FOUR_BITS, NINE_LEVELS, TERNARY, Architecture, Conv

_AMX, _DOT_PRODUCTS = torch.cpu._is_amx_tile_supported(), torch.cpu._is_avx512_bf16_supported()


class Network(nn.Module):
    """The small network.

    Args:
        architecture: its layers.
        classes: number of labels.

    Attributes:
        fast_dtype: of the bitmaps that it learns from.
    """

    fast_dtype = torch.bfloat16 if _AMX else torch.float32

    def __init__(self, architecture: Architecture, classes: int) -> None:
        super().__init__()
        *shapes, dense = architecture.shapes(classes)
        self.convolutions = nn.ModuleList(
            QuantisedLayer(
                shape, conv.limit, ACTIVATION_SCALE if i else 1.0, conv.pool, hidden=True
            )
            for i, (conv, shape) in enumerate(zip(architecture.convolutions, shapes, strict=True))
        )
        self.dense = QuantisedLayer(dense, architecture.dense_limit, ACTIVATION_SCALE, hidden=False)

    @classmethod
    def from_layers(cls, layers: Sequence[Layer]) -> Self:
        """Return the network whose `to_layers` these are.

        Raises:
            ValueError: no network of this kind has them.
        """
        *convolutions, dense = layers
        limits = [
            next((n for n in (TERNARY, NINE_LEVELS) if abs(x.weights).max() <= n), FOUR_BITS)
            for x in layers
        ]
        architecture = Architecture(
            tuple(
                Conv(len(layer.weights), layer.weights.shape[-1], layer.pool, limit)
                for layer, limit in zip(convolutions, limits, strict=False)
            ),
            limits[-1],
        )
        network = cls(architecture, len(dense.weights))
        for own, layer in zip(network._layers(), layers, strict=True):
            scales = ACTIVATION_SCALE, ACTIVATION_MAX
            if own.weight.shape != layer.weights.shape or own.input_scale != layer.input_scale:
                raise ValueError("its layers do not fit each other")
            if layer is not dense and (layer.output_scale, layer.output_max) != scales:
                raise ValueError("its maps have other steps")
            own.load_layer(layer)
        return network

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float32 (n, classes), of bitmaps (n, 1, 28, 28) of zeros and ones."""
        x = x.contiguous(memory_format=torch.channels_last)
        for convolution in self.convolutions:
            x = QuantisedReLU.apply(convolution(x))
        return self.dense(x).flatten(1).float()

    def quantise(self) -> None:
        """Go over from floats to integers, for the rest of the training."""
        for layer in self._layers():
            layer.quantise()

    def clip_weights(self) -> None:
        """Bring quantised weights back to the ends of their grid; after each step."""
        for layer in self._layers():
            layer.clip_weights()

    def to_layers(self) -> list[Layer]:
        """Return the quantised network as integers, in order."""
        return [
            *(
                convolution.to_layer(f"conv{i}", ACTIVATION_SCALE)
                for i, convolution in enumerate(self.convolutions, 1)
            ),
            self.dense.to_layer("dense", None),
        ]

    def _layers(self) -> tuple[QuantisedLayer, ...]:
        return (*self.convolutions, self.dense)


class Teacher(nn.Module):
    """The large network, in floats to the end.

    Args:
        channels: of its four convolutions, 28x28 -> 12x12 -> 10x10 -> 4x4 -> 2x2.
        classes: number of labels.

    Attributes:
        fast_dtype: of the bitmaps that it learns from.
    """

    fast_dtype = torch.bfloat16 if _AMX or _DOT_PRODUCTS else torch.float32

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
        with torch.autocast("cpu", x.dtype, enabled=x.dtype != torch.float32):
            features = self.features(x.contiguous(memory_format=torch.channels_last))
            return self.dense(features).float()

    def clip_weights(self) -> None:
        """Nothing to bring back: its weights are floats."""
