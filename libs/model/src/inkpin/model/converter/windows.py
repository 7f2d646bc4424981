"""Windows over maps in numpy, for the float graph and for the exact integer reference alike."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

Pair = tuple[int, int]


@dataclass(frozen=True)
class Windows:
    """Where the windows of a convolution or a pooling lie.

    Attributes:
        size: of one window, (height, width).
        stride: from one to the next.
        pad: cells above and to the left of the map that the first one begins at.
        dilation: from one cell of a window to its next.
        count: windows down and across.
    """

    size: Pair
    stride: Pair
    pad: Pair
    dilation: Pair
    count: Pair

    def over(self, maps: np.ndarray, outside: float) -> np.ndarray:
        """Return what lies under each window.

        Args:
            maps: (n, channels, height, width).
            outside: value of the cells outside the maps.

        Returns:
            A read-only view, (n, channels, down, across, height, width).
        """
        sides = maps.shape[2:]
        after = [
            max(0, (n - 1) * s + (k - 1) * d + 1 - p - side)
            for n, s, k, d, p, side in zip(
                self.count, self.stride, self.size, self.dilation, self.pad, sides, strict=True
            )
        ]
        before = [max(0, p) for p in self.pad]
        padded = np.pad(
            maps, ((0, 0), (0, 0), *zip(before, after, strict=True)), constant_values=outside
        )
        # A negative pad, which crops, moves the first window into the map.
        padded = padded[:, :, max(0, -self.pad[0]) :, max(0, -self.pad[1]) :]
        rows, columns = padded.strides[2:]
        return as_strided(
            padded,
            (*maps.shape[:2], *self.count, *self.size),
            (
                *padded.strides[:2],
                rows * self.stride[0],
                columns * self.stride[1],
                rows * self.dilation[0],
                columns * self.dilation[1],
            ),
            writeable=False,
        )

    def apart(self, maps: tuple[int, int, int]) -> bool:
        """Whether all of them lie within maps, (channels, height, width), and none over another."""
        sides = zip(self.count, self.stride, self.size, maps[1:], strict=True)
        return (self.pad, self.dilation) == ((0, 0), (1, 1)) and all(
            stride >= size and (count - 1) * stride + size <= side
            for count, stride, size, side in sides
        )


def convolve(
    maps: np.ndarray, weights: np.ndarray, windows: Windows, groups: int, outside: float
) -> np.ndarray:
    """Return the sums of a convolution.

    Args:
        maps: (n, channels, height, width), float64.
        weights: (out, channels / groups, height, width); integers give exact sums below 2^53.
        windows: over the maps.
        groups: of channels.
        outside: value of the cells outside the maps.

    Returns:
        float64, (n, out, down, across).
    """
    n, channels = maps.shape[:2]
    down, across = windows.count
    cells = windows.over(maps.astype(float), outside)
    cells = cells.reshape(n, groups, channels // groups, down, across, *windows.size)
    cells = cells.transpose(0, 1, 3, 4, 2, 5, 6).reshape(n, groups, down * across, -1)
    matrix = weights.astype(float).reshape(groups, len(weights) // groups, -1)
    sums = np.matmul(cells, matrix.transpose(0, 2, 1))  # (n, groups, places, out / groups)
    return np.asarray(sums.transpose(0, 1, 3, 2).reshape(n, len(weights), down, across))


def max_pool(maps: np.ndarray, windows: Windows, outside: float) -> np.ndarray:
    """Return the largest value under each window, (n, channels, down, across)."""
    return np.asarray(windows.over(maps, outside).max(axis=(4, 5)))


def cells_counted(windows: Windows, low: Pair, high: Pair) -> np.ndarray:
    """Return how many cells of each window have indices in low[axis] <= i < high[axis].

    Returns:
        int, (down, across).
    """
    along = []
    for axis in (0, 1):
        first = np.arange(windows.count[axis]) * windows.stride[axis] - windows.pad[axis]
        at = first[:, None] + np.arange(windows.size[axis]) * windows.dilation[axis]
        along.append(((at >= low[axis]) & (at < high[axis])).sum(axis=1))
    return np.outer(along[0], along[1])
