"""Networks with random weights: single layers and a block, and the kinds that small devices run."""

from collections.abc import Callable

import numpy as np

from bench.network import Network


def dense(into: int, out: int) -> Network:
    """A dense layer."""
    net = Network((1, into))
    net.dense(into, out)
    return net


def conv(channels: int, side: int) -> Network:
    """A convolution of 3x3 with its border, as many channels in as out."""
    net = Network((1, channels, side, side))
    net.conv(channels, channels, 3, 3, pads=[1, 1, 1, 1])
    return net


def separable(channels: int, side: int) -> Network:
    """A depthwise convolution of 3x3 and a pointwise one, the block of a DS-CNN."""
    net = Network((1, channels, side, side))
    net.depthwise(channels)
    net.conv(channels, channels, 1, 1)
    return net


LAYERS: dict[str, Callable[[], Network]] = {
    "dense_784x64": lambda: dense(784, 64),
    "conv3x3_8": lambda: conv(8, 14),
    "conv3x3_16": lambda: conv(16, 14),
    "conv3x3_32": lambda: conv(32, 7),
    "separable_64": lambda: separable(64, 7),
}
"""What a kernel costs for each of its sums."""


def mlp() -> Network:
    """Three dense layers over 64 features."""
    net = Network((1, 64))
    net.dense(64, 64)
    net.node("Relu")
    net.dense(64, 32)
    net.node("Relu")
    net.dense(32, 10)
    return net


def mnist_8() -> Network:
    """The layers of the model zoo's mnist-8: two convolutions of 5x5, pooled by 2 and by 3."""
    net = Network((1, 1, 28, 28))
    net.conv(1, 8, 5, 5, pads=[2, 2, 2, 2])
    net.pool(2, 2)
    net.conv(8, 16, 5, 5, pads=[2, 2, 2, 2])
    net.pool(3, 3)
    net.node("Flatten", axis=1)
    net.dense(256, 10)
    return net


def lenet() -> Network:
    """LeNet-5 on pictures of 28x28."""
    net = Network((1, 1, 28, 28))
    net.conv(1, 6, 5, 5, pads=[2, 2, 2, 2])
    net.pool(2, 2)
    net.conv(6, 16, 5, 5)
    net.pool(2, 2)
    net.node("Flatten", axis=1)
    net.dense(400, 120)
    net.node("Relu")
    net.dense(120, 84)
    net.node("Relu")
    net.dense(84, 10)
    return net


def ds_cnn() -> Network:
    """A DS-CNN for keywords: 49 frames of 10 coefficients, four separable blocks."""
    net = Network((1, 1, 49, 10))
    net.conv(1, 64, 10, 4, strides=[2, 2], pads=[4, 1, 5, 1])
    for _ in range(4):
        net.depthwise(64)
        net.conv(64, 64, 1, 1)
    net.average()
    net.dense(64, 12)
    return net


def residual() -> Network:
    """Two residual blocks on coloured pictures of 16x16."""
    net = Network((1, 3, 16, 16))
    net.conv(3, 16, 3, 3, pads=[1, 1, 1, 1])
    for _ in range(2):
        skip = net.last
        net.conv(16, 16, 3, 3, pads=[1, 1, 1, 1])
        net.node("Conv", net.weights(16, 16, 3, 3), net.bias(16), pads=[1, 1, 1, 1])
        net.node("Add", skip)
        net.node("Relu")
    net.average()
    net.dense(16, 10)
    return net


def activity() -> Network:
    """What somebody does, from 128 samples of six sensors: convolutions along time."""
    net = Network((1, 6, 128))
    net.conv(6, 16, 5, strides=[2], pads=[2, 2])
    net.conv(16, 32, 5, strides=[2], pads=[2, 2])
    net.pool(2)
    net.conv(32, 32, 3, pads=[1, 1])
    net.average()
    net.dense(32, 6)
    return net


def gru() -> Network:
    """The last state of a GRU of 32 units behind 32 samples of six sensors."""
    net = Network((1, 32, 6))
    net.node("Transpose", perm=[1, 0, 2])
    names = net.weights(1, 96, 6), net.weights(1, 96, 32), net.bias(1, 192)
    net.node("GRU", *names, before=[""], hidden_size=32, linear_before_reset=1)
    net.node("Reshape", net.constant(np.array([1, 32])))
    net.dense(32, 6)
    return net


NETWORKS: dict[str, Callable[[], Network]] = {
    "mnist-8": mnist_8,
    "MLP": mlp,
    "LeNet": lenet,
    "DS-CNN": ds_cnn,
    "residual": residual,
    "HAR, 1-D": activity,
    "GRU": gru,
}
"""What other converters are compared on."""
