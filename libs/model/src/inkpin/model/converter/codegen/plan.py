"""Lay the buffers of a network into one arena."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Buffer:
    """Bytes that are needed from one layer to another.

    Attributes:
        size: in bytes.
        first: index of the first layer that uses them.
        last: index of the last one.
    """

    size: int
    first: int
    last: int


def lower_bound(buffers: Sequence[Buffer]) -> int:
    """Return the bytes that live at once, at most: no plan can do with less."""
    times = {buffer.first for buffer in buffers}
    return max((sum(b.size for b in buffers if b.first <= t <= b.last) for t in times), default=0)


def plan(buffers: Sequence[Buffer]) -> tuple[list[int], int]:
    """Return an offset for each buffer and the size of the arena.

    No two buffers that live at the same time overlap. They are placed one after the other, each
    as low as it fits; of several orders the best counts.
    """
    orders = (
        lambda i: (-buffers[i].size, i),
        lambda i: (buffers[i].first - buffers[i].last, -buffers[i].size, i),
        lambda i: (buffers[i].first, -buffers[i].size, i),
        lambda i: (-buffers[i].last, -buffers[i].size, i),
    )
    return min((_placed(buffers, order) for order in orders), key=lambda found: found[1])


def _placed(
    buffers: Sequence[Buffer], order: Callable[[int], tuple[int, ...]]
) -> tuple[list[int], int]:
    offsets = [0] * len(buffers)
    placed: list[int] = []
    for index in sorted(range(len(buffers)), key=order):
        buffer, offset = buffers[index], 0
        for other in sorted(placed, key=lambda i: offsets[i]):
            lives = buffers[other].first <= buffer.last and buffer.first <= buffers[other].last
            if lives and offset + buffer.size > offsets[other]:
                offset = max(offset, offsets[other] + buffers[other].size)
        offsets[index] = offset
        placed.append(index)
    return offsets, max((o + b.size for o, b in zip(offsets, buffers, strict=True)), default=0)
