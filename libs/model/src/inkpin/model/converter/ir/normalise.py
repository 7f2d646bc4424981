"""The op that divides a group of numbers by how large they are."""

from dataclasses import dataclass

import numpy as np

from inkpin.model.converter.ir.base import Clamped


@dataclass(frozen=True, kw_only=True, eq=False)
class Normalise(Clamped):
    """Groups of numbers over their root mean square or mean size, times a gain plus an offset.

    Attributes:
        layout: (outer, count, inner): a group is `count` numbers, `inner` apart.
        centred: whether a group's mean is taken off first.
        root: whether the divisor is sqrt(mean square + epsilon), else the mean of absolutes.
        epsilon: see `root`.
        gain: of each element, flat, or one for all.
        offset: likewise.
    """

    layout: tuple[int, int, int]
    centred: bool
    root: bool = True
    epsilon: float = 0.0
    gain: np.ndarray
    offset: np.ndarray

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(-1, *self.layout)
        if self.centred:
            x = x - x.mean(axis=2, keepdims=True)
        if self.root:
            size = np.sqrt(np.square(x).mean(axis=2, keepdims=True) + self.epsilon)
        else:
            size = np.abs(x).mean(axis=2, keepdims=True)
        x = np.divide(x, size, out=np.zeros_like(x), where=size > 0)
        return self.clamp(x.reshape(len(x), -1) * self.gain + self.offset)
