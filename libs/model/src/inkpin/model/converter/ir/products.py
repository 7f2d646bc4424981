"""Ops on what is computed alone: products of two values."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from inkpin.model.converter.ir.base import Clamped
from inkpin.model.converter.ir.quantisation import Quantisation, Range


class Grid(NamedTuple):
    """Where the elements of a batch of matrices lie among those of a value.

    Attributes:
        start: place of the first one.
        batch: from a matrix to the next.
        row: from a row to the next.
        column: from a column to the next.
    """

    start: int
    batch: int
    row: int
    column: int

    def places(self, batch: int, rows: int, columns: int) -> np.ndarray:
        """Return the place of every element, (batch, rows, columns)."""
        sides = ((batch, self.batch), (rows, self.row), (columns, self.column))
        parts = np.ix_(*(np.arange(count) * step for count, step in sides))
        return np.asarray(self.start + parts[0] + parts[1] + parts[2])


@dataclass(frozen=True, kw_only=True, eq=False)
class MatMul(Clamped):
    """Matrices times matrices, both computed.

    Attributes:
        layout: (batch, rows, depth, columns): of the first (batch, rows, depth), of the second
            (batch, depth, columns).
        grids: where the two values have them.
        gain: positive factor of the products.
    """

    layout: tuple[int, int, int, int]
    grids: tuple[Grid, Grid]
    gain: float = 1.0

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        a, b = self.operands(*values)
        return self.clamp((a @ b) * self.gain)

    def operands(self, *values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrices of the two values, (samples, batch, rows, columns) each."""
        batch, rows, depth, columns = self.layout
        sides = ((batch, rows, depth), (batch, depth, columns))
        a, b = (
            value.reshape(len(value), -1)[:, grid.places(*side)]
            for value, grid, side in zip(values, self.grids, sides, strict=True)
        )
        return a, b

    def free_bounds(self, *inputs: Quantisation) -> Range | None:
        """See Clamped: far wider than what is likely, so none."""
        return None
