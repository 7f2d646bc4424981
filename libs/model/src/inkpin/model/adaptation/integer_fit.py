"""New integers for the last layers of a network, by gradient descent in numpy.

Weights and bias are rounded in every step and the gradient goes past the rounding (Bengio et
al. 2013), so that what is judged is what will run; the best step is kept. Each weight is drawn
to where it was, which keeps what few samples say nothing about. To refuse is one more answer,
whose logit is always 0, as in `confidence`.
"""

from collections.abc import Callable

import numpy as np

from inkpin.common.arrays import Floats, Targets
from inkpin.model.adaptation.last_layers import Dense, Integers, LastLayers

STEPS = 150
DISTILLED = -1
"""The target of what should be read as it was, whatever that is (Li and Hoiem 2016)."""

_LEARNING_RATE = 0.08  # highest step of a weight, in units
_BIAS_LEARNING_RATE = 0.6  # of the bias, in its integers
_PULL = 1e-4  # on the squared way of a weight, in units; half and four times do as well
_COARSE = 7  # units are the integers up to this limit of a weight, and shares of finer ones
_NINE_LEVELS = 4  # up to this weights are two digits of three, which the fast kernels take
# Multiplications in one matrix product: above this OpenBLAS takes threads, which is no gain at
# such sizes, and many times slower on a busy machine.
_MAX_PRODUCT = 1 << 18
_EPSILON = 1e-9  # least probability, for its logarithm
_BETA1, _BETA2 = 0.9, 0.99  # of Adam (Kingma and Ba 2015)


def fit_integers(
    layers: LastLayers,
    features: Floats,
    targets: Targets,
    sample_weights: Floats,
    progress: Callable[[int], None],
) -> list[Integers]:
    """Return integers for each of the layers, of the old ones' bits.

    Args:
        layers: what to begin from.
        features: what goes into the first of them, (n, features).
        targets: what each should be read as, (n,); or DISTILLED.
        sample_weights: of each in the loss, (n,), of sum 1.
        progress: told how many of STEPS are done.
    """
    trainable = [_TrainableLayer(layer) for layer in layers.layers]
    rows = max(1, _MAX_PRODUCT // max(layer.weights.size for layer in layers.layers))
    batches = [slice(start, start + rows) for start in range(0, len(features), rows)]
    logits = np.concatenate([layers.logits(features[batch], layers.integers) for batch in batches])
    known = targets != DISTILLED
    temperature = fit_temperature(logits[known], targets[known], sample_weights[known])
    wanted = _softmax(logits / temperature)
    wanted[known] = np.eye(wanted.shape[1], dtype=np.float32)[targets[known]]
    best, least = layers.integers, np.inf
    for step in range(STEPS + 1):
        progress(step)
        for layer in trainable:
            layer.begin_step()
        rounded = [layer.rounded for layer in trainable]
        loss = sum(layer.penalty for layer in trainable)
        for batch in batches:
            values = layers.activations(features[batch], rounded)
            probabilities = _softmax(values[-1] / temperature)
            likely = (wanted[batch] * np.log(probabilities + _EPSILON)).sum(axis=1)
            loss -= float(sample_weights[batch] @ likely)
            error: Floats = (probabilities - wanted[batch])[:, :-1]
            error = error * (sample_weights[batch, None] / temperature)
            for place in reversed(range(len(trainable))):
                error = trainable[place].backward(error, *values[place : place + 2])
        if loss < least:
            best, least = rounded, loss
        for layer in trainable:
            layer.step((1 + np.cos(np.pi * step / STEPS)) / 2)
    return [(weights.astype(int), bias.astype(int)) for weights, bias in best]


class _TrainableLayer:
    """The numbers of a layer on their way.

    Attributes:
        rounded: the integers that stand for them in this step.
        penalty: what these cost, so far from where they began.
    """

    def __init__(self, layer: Dense) -> None:
        self._layer = layer
        self._limit = _limit(layer.weights)
        self._lowest = min(-self._limit, int(layer.weights.min()))
        self._unit = max(1.0, self._limit / _COARSE)
        self._weights, self._bias = layer.weights.copy(), layer.bias.copy()
        self._optimizers = (
            _Adam(self._weights, _LEARNING_RATE * self._unit),
            _Adam(self._bias, _BIAS_LEARNING_RATE),
        )
        self.begin_step()

    def begin_step(self) -> None:
        """Round, and let the gradients be those of the penalty alone."""
        weights, start = self._weights, self._layer.weights
        rounded = np.rint(np.clip(weights, self._lowest, self._limit))
        self.rounded = rounded, np.rint(self._bias)
        self.penalty = _PULL * float((((rounded - start) / self._unit) ** 2).sum())
        self._gradients = 2 * _PULL * (weights - start) / self._unit**2, np.zeros_like(self._bias)

    def backward(self, error: Floats, inputs: Floats, outputs: Floats) -> Floats:
        """Add to the gradients what comes from the error of some outputs.

        Args:
            error: the gradient by the outputs, (n, out).
            inputs: (n, into).
            outputs: (n, out); at the ends of their grid the error does not pass.

        Returns:
            The gradient by the inputs.
        """
        layer = self._layer
        if layer.output_step is not None:
            error = error * ((outputs > 0) & (outputs < layer.output_max))
        scaled = error * layer.weight_scales
        self._gradients[0][:] += scaled.T @ inputs
        self._gradients[1][:] += error.sum(axis=0) * layer.bias_scales
        gradient: Floats = scaled @ self.rounded[0]
        return gradient

    def step(self, rate: float) -> None:
        """Go one step down the gradients, `rate` as for Adam."""
        for optimizer, gradient in zip(self._optimizers, self._gradients, strict=True):
            optimizer.step(gradient, rate)


class _Adam:
    """Adam (Kingma and Ba 2015), on an array in place."""

    def __init__(self, values: Floats, learning_rate: float) -> None:
        self._values, self._learning_rate = values, learning_rate
        self._mean, self._square = np.zeros_like(values), np.zeros_like(values)
        self._steps = 0

    def step(self, gradient: Floats, rate: float) -> None:
        """Go one step, `rate` (0..1) of the learning rate, against a gradient."""
        self._steps += 1
        self._mean += (1 - _BETA1) * (gradient - self._mean)
        self._square += (1 - _BETA2) * (gradient**2 - self._square)
        mean = self._mean / (1 - _BETA1**self._steps)
        square = self._square / (1 - _BETA2**self._steps)
        self._values -= rate * self._learning_rate * mean / (np.sqrt(square) + 1e-8)


def _limit(weights: Floats) -> int:
    """Return the largest weight of as many bits as these take, 7 for 4 bits; of nine levels 4."""
    largest = max(int(weights.max()), int(-weights.min()) - 1, 1)
    return _NINE_LEVELS if largest == _NINE_LEVELS else (1 << largest.bit_length()) - 1


def _softmax(logits: Floats) -> Floats:
    """Return the softmax of logits (n, classes) and of a 0, (n, classes + 1)."""
    all_logits = np.zeros((len(logits), logits.shape[1] + 1), logits.dtype)
    all_logits[:, :-1] = logits
    powers = np.exp(all_logits - all_logits.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def fit_temperature(logits: Floats, targets: Targets, sample_weights: Floats) -> float:
    """Return what to divide logits by so that their softmax fits best; a power of root two.

    A network of integers has lost it, since only the order of the logits counts.
    """
    temperatures = 2.0 ** np.arange(0, 16, 0.5)
    right = np.arange(len(targets)), targets
    losses = [
        -sample_weights @ np.log(_softmax(logits / temperature)[right] + _EPSILON)
        for temperature in temperatures
    ]
    return float(temperatures[int(np.argmin(losses))])
