"""New integers for the last layers of a network, by gradient descent in numpy.

Weights and bias are rounded in every step and the gradient goes past the rounding (Bengio et
al. 2013), so that what is judged is what will run; the best step is kept. Each weight is drawn
to where it was, which keeps what few samples say nothing about. Nothing counts as one more
answer, whose logit is always 0, as in `confidence`.
"""

from collections.abc import Callable

import numpy as np

from inkpin.model.adaptation.last_layers import Dense, Integers, LastLayers

STEPS = 150
AS_BEFORE = -1
"""The class of what should be read as it was, whatever that is (Li and Hoiem 2016)."""

_RATE = 0.08  # highest step of a weight, in units
_BIAS_RATE = 0.6  # of the bias, in its integers
_PULL = 1e-4  # on the squared way of a weight, in units; half and four times do as well
_COARSE = 7  # units are the integers up to this limit of a weight, and shares of finer ones
_NINE = 4  # weights up to this are two digits of three, which the fast kernels take; see `ternary`
# Multiplications in one matrix product: above this OpenBLAS takes threads, which is no gain at
# such sizes, and many times slower on a busy machine.
_PRODUCT = 1 << 18
_LEAST = 1e-9  # share of an answer, for its logarithm
_MOMENTUM, _SQUARES = 0.9, 0.99  # of Adam (Kingma and Ba 2015)


def fitted(
    layers: LastLayers,
    features: np.ndarray,
    classes: np.ndarray,
    importance: np.ndarray,
    progress: Callable[[int], None],
) -> list[Integers]:
    """Return integers for each of the layers, of the old ones' bits.

    Args:
        layers: what to begin from.
        features: what goes into the first of them, float32 (n, features).
        classes: what each should be read as, int (n,); or AS_BEFORE.
        importance: of each in the loss, float32 (n,), of sum 1.
        progress: told how many of STEPS are done.
    """
    fits = [_Fit(layer) for layer in layers.layers]
    rows = max(1, _PRODUCT // max(layer.weights.size for layer in layers.layers))
    parts = [slice(start, start + rows) for start in range(0, len(features), rows)]
    logits = np.concatenate([layers.logits(features[part], layers.integers) for part in parts])
    known = classes != AS_BEFORE
    softness = softness_of(logits[known], classes[known], importance[known])
    truth = _shares(logits / softness)
    truth[known] = np.eye(truth.shape[1], dtype=np.float32)[classes[known]]
    best, least = layers.integers, np.inf
    for step in range(STEPS + 1):
        progress(step)
        for fit in fits:
            fit.begin()
        rounded = [fit.rounded for fit in fits]
        loss = sum(fit.cost for fit in fits)
        for part in parts:
            values = layers.values(features[part], rounded)
            shares = _shares(values[-1] / softness)
            likely = (truth[part] * np.log(shares + _LEAST)).sum(axis=1)
            loss -= float(importance[part] @ likely)
            error = (shares - truth[part])[:, :-1] * (importance[part, None] / softness)
            for place in reversed(range(len(fits))):
                error = fits[place].gather(error, *values[place : place + 2])
        if loss < least:
            best, least = rounded, loss
        for fit in fits:
            fit.step((1 + np.cos(np.pi * step / STEPS)) / 2)
    return [(weights.astype(int), bias.astype(int)) for weights, bias in best]


class _Fit:
    """The numbers of a layer on their way.

    Attributes:
        rounded: the integers that stand for them in this step.
        cost: what these cost, so far from where they began.
    """

    def __init__(self, layer: Dense) -> None:
        self._layer = layer
        self._limit = _limit(layer.weights)
        self._lowest = min(-self._limit, int(layer.weights.min()))
        self._unit = max(1.0, self._limit / _COARSE)
        self._weights, self._bias = layer.weights.copy(), layer.bias.copy()
        self._adam = _Adam(self._weights, _RATE * self._unit), _Adam(self._bias, _BIAS_RATE)
        self.begin()

    def begin(self) -> None:
        """Begin a step: round, and let the gradient be that of the pull alone."""
        weights, start = self._weights, self._layer.weights
        rounded = np.rint(np.clip(weights, self._lowest, self._limit))
        self.rounded = rounded, np.rint(self._bias)
        self.cost = _PULL * float((((rounded - start) / self._unit) ** 2).sum())
        self._down = 2 * _PULL * (weights - start) / self._unit**2, np.zeros_like(self._bias)

    def gather(self, error: np.ndarray, inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        """Add to the gradient what comes from the error of some outputs.

        Args:
            error: the gradient by the outputs, (n, out).
            inputs: (n, into).
            outputs: (n, out); at the ends of their grid the error does not pass.

        Returns:
            The gradient by the inputs.
        """
        layer = self._layer
        if layer.step is not None:
            error = error * ((outputs > 0) & (outputs < layer.most))
        scaled = error * layer.weight_scales
        self._down[0][:] += scaled.T @ inputs
        self._down[1][:] += error.sum(axis=0) * layer.bias_scales
        return scaled @ self.rounded[0]

    def step(self, slower: float) -> None:
        """Go one step down the gradient, `slower` as for Adam."""
        for adam, gradient in zip(self._adam, self._down, strict=True):
            adam.step(gradient, slower)


class _Adam:
    """Adam (Kingma and Ba 2015), on an array in place."""

    def __init__(self, values: np.ndarray, rate: float) -> None:
        self._values, self._rate = values, rate
        self._mean, self._square = np.zeros_like(values), np.zeros_like(values)
        self._steps = 0

    def step(self, gradient: np.ndarray, slower: float) -> None:
        """Go one step, `slower` (0..1) of the rate, against a gradient."""
        self._steps += 1
        self._mean += (1 - _MOMENTUM) * (gradient - self._mean)
        self._square += (1 - _SQUARES) * (gradient**2 - self._square)
        mean = self._mean / (1 - _MOMENTUM**self._steps)
        square = self._square / (1 - _SQUARES**self._steps)
        self._values -= slower * self._rate * mean / (np.sqrt(square) + 1e-8)


def _limit(weights: np.ndarray) -> int:
    """Return the largest weight of as many bits as these take, 7 for 4 bits; of nine values 4."""
    largest = max(int(weights.max()), int(-weights.min()) - 1, 1)
    return _NINE if largest == _NINE else (1 << largest.bit_length()) - 1


def _shares(logits: np.ndarray) -> np.ndarray:
    """Return the softmax of logits (n, classes) and of a 0, (n, classes + 1)."""
    all_logits = np.zeros((len(logits), logits.shape[1] + 1), logits.dtype)
    all_logits[:, :-1] = logits
    powers = np.exp(all_logits - all_logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softness_of(logits: np.ndarray, classes: np.ndarray, importance: np.ndarray) -> float:
    """Return the unit of the logits in which their softmax fits best; a power of root two.

    A network of integers has lost it, since only the order of the logits counts.
    """
    units = 2.0 ** np.arange(0, 16, 0.5)
    right = np.arange(len(classes)), classes
    losses = [-importance @ np.log(_shares(logits / unit)[right] + _LEAST) for unit in units]
    return float(units[int(np.argmin(losses))])
