"""Maps of another size, by linear interpolation."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inkpin.model.converter.ir.base import Op
from inkpin.model.converter.ir.quantisation import Quantisation, Range


@dataclass(frozen=True, kw_only=True, eq=False)
class Interpolate(Op):
    """What lies between the cells of maps: weighted averages of four.

    Attributes:
        maps: (channels, height, width) of the input.
        rows: where each row of the output lies in the input, within 0 .. height - 1.
        columns: likewise.
    """

    copies: ClassVar[bool] = True  # no result leaves the range of the input

    maps: tuple[int, int, int]
    rows: np.ndarray
    columns: np.ndarray

    def compute(self, *values: np.ndarray) -> np.ndarray:
        """See Op."""
        x = values[0].reshape(-1, *self.maps)
        return _between(_between(x, self.columns, 3), self.rows, 2)

    def bounds(self, *inputs: Quantisation) -> Range | None:
        """See Op."""
        return inputs[0].range


def _between(x: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    first = np.floor(places).astype(int)
    side = [1] * x.ndim
    side[axis] = -1
    share = (places - first).reshape(side)
    second = np.minimum(first + 1, x.shape[axis] - 1)
    return np.asarray(x.take(first, axis) * (1 - share) + x.take(second, axis) * share)
