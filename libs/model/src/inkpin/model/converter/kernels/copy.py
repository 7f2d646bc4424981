"""Elements put elsewhere: few regular boxes, which a kernel copies one by one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inkpin.model.converter.c_text import wrapped
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Gather, size
from inkpin.model.converter.kernels.lookup_table import requantized
from inkpin.model.converter.kernels.lowering import Lowering, lower_op


@dataclass(frozen=True)
class Box:
    """Bytes in a regular grid to copy; see ink_copy_box.

    Attributes:
        source: which input.
        start: first element there.
        to: first element of the output.
        count: along four axes.
        from_step: between elements of the input.
        to_step: between elements of the output.
    """

    source: int
    start: int
    to: int
    count: tuple[int, ...]
    from_step: tuple[int, ...]
    to_step: tuple[int, ...]

    @property
    def initialiser(self) -> str:
        """In C."""
        steps = (self.count, self.from_step, self.to_step)
        lists = [f"{{{', '.join(map(str, numbers))}}}" for numbers in steps]
        return f"{{{', '.join([str(self.start), str(self.to), *lists])}}}"


@dataclass(frozen=True, kw_only=True, eq=False)
class CopyCall(KernelCall):
    """Bytes put elsewhere: ink_move, ink_fill.

    Attributes:
        index: of the output's shape; through all inputs end to end, -1 for `fill`.
        fill: a byte, or None where nothing is filled.
        boxes: the same as regular grids, by input.
    """

    index: np.ndarray
    fill: int | None
    boxes: Sequence[Box]

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_move.c",) if self.fill is None else ("ink_move.c", "ink_fill.c")

    @property
    def prefix(self) -> str:
        """What the names of the C functions begin with."""
        return "ink"

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return 48 * len(self.boxes)

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        n = max(map(len, values))
        parts = [np.broadcast_to(v.reshape(len(v), -1), (n, v[0].size)) for v in values]
        extra = np.full((n, 1), 0 if self.fill is None else self.fill)
        return np.concatenate([*parts, extra], axis=1)[:, self.index]

    def constants(self, number: int) -> str:
        """See KernelCall."""
        rows = ", ".join(box.initialiser for box in self.boxes)
        if not rows:
            return ""
        return f"static const ink_copy_box boxes{number}[] = {{\n{wrapped(rows)}\n}};\n"

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        lines = []
        if self.fill is not None:
            lines.append(f"{self.prefix}_fill({self.fill}, {site.output}, {site.count})")
        first = 0
        for source, name in enumerate(site.inputs):
            count = sum(box.source == source for box in self.boxes)
            if count:
                start = f"boxes{site.number}" + (f" + {first}" if first else "")
                lines.append(f"{self.prefix}_move({start}, {count}, {name}, {site.output})")
            first += count
        return lines


@lower_op.register
def _(op: Gather, lowering: Lowering) -> None:
    to = lowering.quantisations[op.output]
    inputs = tuple(requantized(lowering, op, i, to) for i in range(len(op.inputs)))
    sizes = [size(lowering.types[name].shape) for name in inputs]
    filled = bool(op.index.min() < 0)
    call = CopyCall(
        nodes=op.nodes,
        inputs=inputs,
        output=op.output,
        index=op.index,
        fill=int(to.encode(np.array(op.fill))) if filled else None,
        boxes=regular_boxes(op.index, sizes),
    )
    lowering.add(call, to)


def regular_boxes(index: np.ndarray, sizes: list[int]) -> list[Box]:
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
