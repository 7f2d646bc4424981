"""Decision trees: an op that only compares its input with constants."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inkpin.model.converter.ir.base import Op


@dataclass(frozen=True, kw_only=True, eq=False)
class Trees(Op):
    """The sum of what the leaves hold that the trees lead to.

    Attributes:
        features: (splits,): which element of the input is compared.
        thresholds: (splits,): the first child is next where it is at most this.
        children: (splits, 2): another split, or -1 - n for row n of the leaves.
        roots: (trees,): likewise, where each tree begins.
        leaves: (rows, out).
        base: (out,), which is added.
    """

    in_shorts: ClassVar[bool] = True

    features: np.ndarray
    thresholds: np.ndarray
    children: np.ndarray
    roots: np.ndarray
    leaves: np.ndarray
    base: np.ndarray

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(len(values[0]), -1)
        rows = reached(self.children, self.roots, x[:, self.features] <= self.thresholds)
        return np.asarray(self.leaves[rows].sum(axis=1) + self.base)


def reached(children: np.ndarray, roots: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the rows of the leaves that trees lead to, (samples, trees).

    Args:
        children: as in Trees.
        roots: likewise.
        first: (samples, splits): whether the first child is next.
    """
    at = np.tile(roots, (len(first), 1))
    sample = np.arange(len(first))[:, None]
    while (inside := at >= 0).any():
        split = np.maximum(at, 0)
        at = np.where(inside, children[split, np.where(first[sample, split], 0, 1)], at)
    return -1 - at
