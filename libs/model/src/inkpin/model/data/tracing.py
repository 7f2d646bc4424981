"""Pictures to pen strokes: along the skeleton, from end to end, as a hand might go."""

import math

import numpy as np

from inkpin.common.arrays import AnyArray, Points
from inkpin.model.data.skeleton import skeletonise
from inkpin.preprocess import AREA

_Cell = tuple[int, int]  # row, column
_AROUND = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))


def trace(pictures: AnyArray) -> list[list[Points]]:
    """Return for each bitmap (n, h, w), non-zero taken as ink, its strokes in 0..239.

    A picture without ink has none. The larger side of the bitmap becomes the area's.
    """
    side = max(pictures.shape[1:])
    lines = skeletonise(np.pad(pictures != 0, ((0, 0), (1, 1), (1, 1))))[:, 1:-1, 1:-1]
    return [
        [
            _pixels(np.array(path), side)
            for path in _paths({(row, column) for row, column in np.argwhere(line).tolist()})
        ]
        for line in lines
    ]


def _pixels(path: Points, side: int) -> Points:
    return ((2 * path[:, ::-1] + 1) * AREA // (2 * side)).astype(np.int32)


def _paths(cells: set[_Cell]) -> list[list[_Cell]]:
    """Return walks over the cells, each as long as it gets.

    A walk goes on to the cell of an earlier one that it touches, at either end. A single cell
    that touches one is the corner of a stair, or a bump, and left out.
    """
    near = {cell: [other for other in _ring(cell) if other in cells] for cell in cells}
    fresh, paths = set(cells), []
    # Ends first, then what is left of loops; from the top, so that it comes out the same again.
    for start in sorted(cells, key=lambda cell: (len(near[cell]) != 1, cell)):
        if start not in fresh:
            continue
        path = [start]
        fresh.discard(start)
        joint = [cell for cell in near[start] if cell not in fresh][:1]
        while onward := [cell for cell in near[path[-1]] if cell in fresh]:
            path.append(_straightest(path, onward))
            fresh.discard(path[-1])
        if len(path) > 1 or not joint:
            end = [cell for cell in near[path[-1]] if cell not in path][:1]
            if len(path) > 2 and start in near[path[-1]]:
                end = [start]
            paths.append([*joint, *path, *end])
    return paths


def _ring(cell: _Cell) -> list[_Cell]:
    return [(cell[0] + row, cell[1] + column) for row, column in _AROUND]


def _straightest(path: list[_Cell], onward: list[_Cell]) -> _Cell:
    """Return the cell that bends the path least, looking a few cells back."""
    (row, column), (back_row, back_column) = path[-1], path[max(-4, -len(path))]
    down, right = row - back_row, column - back_column

    def bend(cell: _Cell) -> float:
        y, x = cell[0] - row, cell[1] - column
        return -(y * down + x * right) / math.hypot(y, x)

    return min(onward, key=bend)
