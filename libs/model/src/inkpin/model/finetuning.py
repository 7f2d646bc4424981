"""New integers for the last layer of a network, by gradient descent in numpy.

Weights and bias are rounded in every step and the gradient goes past the rounding (Bengio et
al. 2013), so that what is judged is what will run; the best step is kept. Each weight is drawn
to where it was, which keeps what few samples say nothing about. Nothing counts as one more
answer, whose logit is always 0, as in `confidence`.
"""

from collections.abc import Callable

import numpy as np

from inkpin.model.last_layer import LastLayer

STEPS = 150
AS_BEFORE = -1
"""The class of what should be read as it was, whatever that is (Li and Hoiem 2016)."""

_RATE = 0.08  # highest step of a weight, in units
_BIAS_RATE = 0.6  # of the bias, in its integers
_PULL = 2e-4  # on the squared way of a weight, in units; half and five times do as well
_COARSE = 7  # units are the integers up to this limit of a weight, and shares of finer ones
_NINE = 4  # weights up to this are two digits of three, which the fast kernels take; see `ternary`
# Multiplications in one matrix product: above this OpenBLAS takes threads, which is no gain at
# such sizes, and many times slower on a busy machine.
_PRODUCT = 1 << 18
_LEAST = 1e-9  # share of an answer, for its logarithm
_MOMENTUM, _SQUARES = 0.9, 0.99  # of Adam (Kingma and Ba 2015)


def fitted(
    layer: LastLayer,
    features: np.ndarray,
    classes: np.ndarray,
    importance: np.ndarray,
    progress: Callable[[int], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights, int (classes, features), and bias, int (classes,), of the old ones' bits.

    Args:
        layer: what to begin from.
        features: what goes into it, float32 (n, features).
        classes: what each should be read as, int (n,); or AS_BEFORE.
        importance: of each in the loss, float32 (n,), of sum 1.
        progress: told how many of STEPS are done.
    """
    limit = _limit(layer.weights)
    lowest = min(-limit, int(layer.weights.min()))
    unit = max(1.0, limit / _COARSE)
    weights, bias = layer.weights.copy(), layer.bias.copy()
    rows = max(1, _PRODUCT // weights.size)
    parts = [slice(start, start + rows) for start in range(0, len(features), rows)]
    logits = np.concatenate([layer.logits(features[part], weights, bias) for part in parts])
    known = classes != AS_BEFORE
    softness = softness_of(logits[known], classes[known], importance[known])
    truth = _shares(logits / softness)
    truth[known] = np.eye(len(bias) + 1, dtype=np.float32)[classes[known]]
    adam = _Adam(weights, _RATE * unit), _Adam(bias, _BIAS_RATE)
    best, least = (weights, bias), np.inf
    for step in range(STEPS + 1):
        progress(step)
        rounded = np.rint(np.clip(weights, lowest, limit)), np.rint(bias)
        loss = _PULL * float((((rounded[0] - layer.weights) / unit) ** 2).sum())
        down = 2 * _PULL * (weights - layer.weights) / unit**2, np.zeros_like(bias)
        for part in parts:
            shares = _shares(layer.logits(features[part], *rounded) / softness)
            likely = (truth[part] * np.log(shares + _LEAST)).sum(axis=1)
            loss -= float(importance[part] @ likely)
            error = (shares - truth[part])[:, :-1] * (importance[part, None] / softness)
            down[0][:] += (error.T @ features[part]) * layer.weight_scales[:, None]
            down[1][:] += error.sum(axis=0) * layer.bias_scales
        if loss < least:
            best, least = rounded, loss
        for values, gradient in zip(adam, down, strict=True):
            values.step(gradient, (1 + np.cos(np.pi * step / STEPS)) / 2)
    return best[0].astype(int), best[1].astype(int)


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
