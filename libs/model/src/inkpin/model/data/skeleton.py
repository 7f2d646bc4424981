"""Images to strokes: the middle lines of the ink, so that MNIST meets the device's own pen."""

import numpy as np

from inkpin.common.arrays import Bitmap, Bitmaps, Floats

_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_FORWARD = ((0, 1), (1, -1), (1, 0), (1, 1))  # each pair of neighbours once
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
