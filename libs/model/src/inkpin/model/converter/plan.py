"""Lay the buffers of a network into one arena."""

from collections.abc import Sequence
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


def plan(buffers: Sequence[Buffer]) -> tuple[list[int], int]:
    """Return an offset for each buffer and the size of the arena.

    No two buffers that live at the same time overlap. Large ones are placed first, each as low
    as it fits.
    """
    offsets = [0] * len(buffers)
    placed: list[int] = []
    for index in sorted(range(len(buffers)), key=lambda i: (-buffers[i].size, i)):
        buffer, offset = buffers[index], 0
        for other in sorted(placed, key=lambda i: offsets[i]):
            lives = buffers[other].first <= buffer.last and buffer.first <= buffers[other].last
            if lives and offset + buffer.size > offsets[other]:
                offset = max(offset, offsets[other] + buffers[other].size)
        offsets[index] = offset
        placed.append(index)
    return offsets, max((o + b.size for o, b in zip(offsets, buffers, strict=True)), default=0)
