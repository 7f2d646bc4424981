"""Cut a rearrangement of elements into few regular grids, which a kernel copies one by one."""

import numpy as np

from inkpin.model.converter.kernels.calls import Box


def boxes(index: np.ndarray, sizes: list[int]) -> list[Box]:
    """Return the grids that a rearrangement consists of.

    Args:
        index: of the output's shape: the element of the inputs, laid end to end, that goes there;
            -1 for none.
        sizes: elements of each input.
    """
    ends = np.cumsum(sizes)
    found: list[Box] = []
    positions = np.arange(index.size).reshape(index.shape)
    for source, (start, end) in enumerate(zip(ends - sizes, ends, strict=True)):
        inside = (index >= start) & (index < end)
        if inside.any():
            low = [
                int(np.flatnonzero(inside.any(axis=_others(inside, a)))[0]) for a in _axes(inside)
            ]
            high = [
                int(np.flatnonzero(inside.any(axis=_others(inside, a)))[-1]) + 1
                for a in _axes(inside)
            ]
            part = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
            _cut(index[part] - start, positions[part], inside[part], source, found)
    return found


def _axes(array: np.ndarray) -> range:
    return range(array.ndim)


def _others(array: np.ndarray, axis: int) -> tuple[int, ...]:
    return tuple(a for a in range(array.ndim) if a != axis)


def _cut(
    index: np.ndarray, positions: np.ndarray, inside: np.ndarray, source: int, found: list[Box]
) -> None:
    """Append the grids of one input's elements, halving what is not regular."""
    if not inside.any():
        return
    if inside.all():
        steps = _steps(index)
        if steps is not None:
            made = _merged(index.shape, steps, _steps(positions) or ())
            if len(made[0]) <= 4:
                found.append(_box(source, int(index.flat[0]), int(positions.flat[0]), made))
                return
    axis, at = _where(index, inside)
    for part in (slice(None, at), slice(at, None)):
        key = (slice(None),) * axis + (part,)
        _cut(index[key], positions[key], inside[key], source, found)


def _steps(index: np.ndarray) -> tuple[int, ...] | None:
    """Return the step along each axis if the indices are a regular grid, else None."""
    steps = []
    for axis in range(index.ndim):
        differences = np.diff(index, axis=axis)
        if differences.size and np.any(differences != differences.flat[0]):
            return None
        steps.append(int(differences.flat[0]) if differences.size else 0)
    return tuple(steps)


def _where(index: np.ndarray, inside: np.ndarray) -> tuple[int, int]:
    """Return the axis and place at which to cut: where a regular run ends."""
    for axis in range(index.ndim):
        for array in (inside.astype(int), index):
            differences = np.diff(array, axis=axis)
            if not differences.size:
                continue
            lines = np.moveaxis(differences, axis, 0).reshape(differences.shape[axis], -1)
            if array.dtype == int and array is not index:
                changed = np.flatnonzero((lines != 0).any(axis=1))
                if len(changed):
                    return axis, int(changed[0]) + 1
            else:
                changed = np.flatnonzero((lines != lines[:1]).any(axis=1))
                if len(changed):
                    return axis, int(changed[0]) + 1
    longest = int(np.argmax(index.shape))
    return longest, max(1, index.shape[longest] // 2)


def _merged(
    shape: tuple[int, ...], from_step: tuple[int, ...], to_step: tuple[int, ...]
) -> tuple[list[int], list[int], list[int]]:
    """Return the grid with neighbouring axes joined where they run on, sides of 1 left out."""
    counts: list[int] = []
    froms: list[int] = []
    tos: list[int] = []
    for count, a, b in zip(shape, from_step, to_step, strict=True):
        if count == 1:
            continue
        if counts and froms[-1] == a * count and tos[-1] == b * count:
            counts[-1] *= count
            froms[-1], tos[-1] = a, b
        else:
            counts.append(count)
            froms.append(a)
            tos.append(b)
    return counts, froms, tos


def _box(source: int, start: int, to: int, grid: tuple[list[int], list[int], list[int]]) -> Box:
    missing = 4 - len(grid[0])
    counts, froms, tos = (
        tuple([fill] * missing + part) for fill, part in zip((1, 0, 0), grid, strict=True)
    )
    return Box(source, start, to, counts, froms, tos)
