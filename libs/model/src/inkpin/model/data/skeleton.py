"""Images to strokes: along the middle lines of the ink, so that they meet the device's own pen.

`to_strokes` gives the network a stroke for each step of the line, in whatever order; `trace` goes
along it from end to end, as a hand might.
"""

import math

import numpy as np

from inkpin.common.arrays import AnyArray, Bitmap, Bitmaps, Floats, Points
from inkpin.preprocess import AREA

_Cell = tuple[int, int]  # row, column

_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_FORWARD = ((0, 1), (1, -1), (1, 0), (1, 1))  # each pair of neighbours once
# Straight ones first.
_NEIGHBOURS = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))
_CHUNK = 2048  # images at a time, so that they stay in the processor's cache


def skeletonise(ink: Bitmaps) -> Bitmaps:
    """Return the skeletons (n, h, w) of bitmaps (n, h, w): as connected, one cell wide.

    The algorithm is that of Zhang and Suen (1984). Ink on the outermost cells is lost.
    """
    chunks = [_skeletonise(ink[start : start + _CHUNK]) for start in range(0, len(ink), _CHUNK)]
    return np.concatenate(chunks) if chunks else ink


def _skeletonise(ink: Bitmaps) -> Bitmaps:
    n, height, width = ink.shape
    cells = np.zeros((height, width, n), np.uint8)
    cells[1:-1, 1:-1] = ink.transpose(1, 2, 0)[1:-1, 1:-1]
    inner = cells[1:-1, 1:-1]
    ring = [cells[1 + y : height - 1 + y, 1 + x : width - 1 + x] for y, x in _RING]
    changed = True
    while changed:
        changed = False
        # From the south-east first, then from the north-west.
        for north, east, south, west in ((0, 2, 4, 6), (4, 6, 0, 2)):
            around = sum(ring[1:], ring[0])
            rises = sum(
                (a < b).view(np.uint8) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
            )
            corner = ring[east] & ring[south]
            loose = (inner == 1) & (around >= 2) & (around <= 6) & (rises == 1)
            loose &= (ring[north] | ring[west]) & corner == 0
            changed |= bool(loose.any())
            inner[loose] = 0
    return cells.transpose(2, 0, 1).astype(bool)


def to_strokes(skeleton: Bitmap) -> list[Floats]:
    """Return a skeleton (h, w) as strokes (2, 2), one for each two cells that touch.

    The points are x right, y down, in cells, drawn towards their neighbours so that slanted
    lines do not climb in stairs. A cell alone is a stroke of one point.
    """
    rows, columns = np.nonzero(skeleton)
    points = np.stack([columns, rows], 1).astype(float)
    index = np.full(skeleton.shape, -1)
    index[rows, columns] = np.arange(len(points))
    padded = np.pad(index, 1, constant_values=-1)
    near = np.stack([padded[rows + 1 + y, columns + 1 + x] for y, x in _FORWARD], 1)
    a, step = np.nonzero(near >= 0)
    b = near[a, step]
    if not len(a):
        return list(points[:, None])
    sums, degree = points.copy(), np.ones((len(points), 1))
    for end, other in ((a, b), (b, a)):
        np.add.at(sums, end, points[other])
        np.add.at(degree, end, 1)
    smooth = sums / degree
    return list(np.stack([smooth[a], smooth[b]], 1))


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
    near = {cell: [other for other in _neighbours(cell) if other in cells] for cell in cells}
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


def _neighbours(cell: _Cell) -> list[_Cell]:
    return [(cell[0] + row, cell[1] + column) for row, column in _NEIGHBOURS]


def _straightest(path: list[_Cell], onward: list[_Cell]) -> _Cell:
    """Return the cell that bends the path least, looking a few cells back."""
    (row, column), (back_row, back_column) = path[-1], path[max(-4, -len(path))]
    down, right = row - back_row, column - back_column

    def bend(cell: _Cell) -> float:
        y, x = cell[0] - row, cell[1] - column
        return -(y * down + x * right) / math.hypot(y, x)

    return min(onward, key=bend)
