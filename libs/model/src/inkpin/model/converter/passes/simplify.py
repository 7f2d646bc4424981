"""Passes over a Program: each a small function from one to the next.

`simplify` runs them all. They change no result but for rounding in the last place of a float.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    AveragePool,
    Clamped,
    Constant,
    Conv,
    Dense,
    Limit,
    MaxPool,
    Move,
    Pairwise,
    Program,
    Quantise,
    Softmax,
    Step,
    Unary,
    Weighted,
    size,
)
from inkpin.model.converter.passes.join_functions import join_functions
from inkpin.model.converter.windows import Windows

Pass = Callable[[Program], Program]


def simplify(program: Program) -> Program:
    """Run every pass, again and again until none finds anything to do."""
    program = _settled(program)
    # Only then, so that what a layer can do at no cost does not end in a table.
    program = _settled(join_functions(program))
    return skip_free_moves(drop_dead(lower_affine(program)))


def _settled(program: Program) -> Program:
    before: tuple[Step, ...] = ()
    while before != (before := program.steps):
        for one in (
            drop_dead,
            skip_free_moves,
            take_over_quantisation,
            push_quantisation_back,
            fold_constants_behind,
            fold_constants_before,
            fold_moves,
            fuse_limits,
            fuse_pooling,
        ):
            program = one(program)
    return program


def _sole_reader(program: Program, name: str) -> Step | None:
    """Return the only step that reads a value that is not the result, else None."""
    readers = program.readers(name)
    return readers[0] if len(readers) == 1 and name != program.result else None


def _replaced(program: Program, old: Iterable[Step], new: Step) -> Program:
    """Put `new` in the place of the last of the `old` steps, which must follow one another."""
    gone = set(map(id, old))
    last = max(i for i, step in enumerate(program.steps) if id(step) in gone)
    steps = [
        new if i == last else step
        for i, step in enumerate(program.steps)
        if i == last or id(step) not in gone
    ]
    return replace(program, steps=tuple(steps))


def _pairs(program: Program) -> Iterable[tuple[Step, Step]]:
    """Yield every step with the only reader of its output."""
    for step in program.steps:
        reader = _sole_reader(program, step.output)
        if reader is not None:
            yield step, reader


def drop_dead(program: Program) -> Program:
    """Remove what the result does not depend on."""
    needed = {program.result}
    kept = []
    for step in reversed(program.steps):
        if step.output in needed:
            needed.update(step.inputs)
            kept.append(step)
    return replace(program, steps=tuple(kept[::-1]))


def skip_free_moves(program: Program) -> Program:
    """Join moves that only change a shape with the move before or behind them.

    A chain of moves becomes one; what reads a free move reads its input, unless shapes matter.
    """
    for first, second in _pairs(program):
        if isinstance(first, Move) and isinstance(second, Move) and len(first.inputs) == 1:
            if len(second.inputs) > 1 or not (first.fill == second.fill or _plain(second)):
                continue
            index = np.where(second.index < 0, -1, first.index.ravel()[second.index])
            fill = second.fill if _plain(first) else first.fill
            joined = first.joined(second, index=index, fill=fill)
            return skip_free_moves(_replaced(program, (first, second), joined))
    for step in program.steps:
        if isinstance(step, Move) and _free(program, step):
            readers = program.readers(step.output)
            if step.output != program.result and not any(map(_minds_shapes, readers)):
                return skip_free_moves(_without(program, step))
            if step.output != program.result:
                continue
            maker = next((s for s in program.steps if s.output == step.inputs[0]), None)
            if maker is not None and _sole_reader(program, maker.output) is step:
                given = dict(program.given)
                if maker.output in given:
                    given.setdefault(step.output, given[maker.output])
                joined = _replaced(program, (maker, step), maker.joined(step))
                return replace(joined, given=given)
    return program


def _free(program: Program, move: Move) -> bool:
    """Whether a move only changes the shape: nothing moves, and nothing is left behind."""
    count = size(program.shapes[move.inputs[0]])
    return len(move.inputs) == 1 and np.array_equal(move.index.ravel(), np.arange(count))


def _plain(move: Move) -> bool:
    return bool(move.index.min() >= 0)


def _without(program: Program, gone: Step) -> Program:
    """Let the readers of a step's output read its input."""
    steps = []
    for step in program.steps:
        if step is gone:
            continue
        if gone.output in step.inputs:
            inputs = tuple(gone.inputs[0] if n == gone.output else n for n in step.inputs)
            step = replace(step, inputs=inputs)
        steps.append(step)
    return replace(program, steps=tuple(steps))


def _minds_shapes(step: Step) -> bool:
    """Whether a step's constants broadcast against its input's shape."""
    return isinstance(step, Affine) and (step.gain.size > 1 or step.offset.size > 1)


def take_over_quantisation(program: Program) -> Program:
    """Let the step before a given rounding make the given bytes itself."""
    for step in program.steps:
        if not isinstance(step, Quantise):
            continue
        source = step.inputs[0]
        maker = next((s for s in program.steps if s.output == source), None)
        if maker is None:
            if program.given.get(source, step.to) == step.to and (
                len(program.readers(source)) == 1 or source in program.given
            ):
                given = {**program.given, source: step.to}
                if step.output == program.result:
                    copy = Move(
                        nodes=step.nodes,
                        inputs=step.inputs,
                        output=step.output,
                        index=np.arange(size(program.shapes[source])).reshape(
                            program.shapes[source]
                        ),
                    )
                    given[step.output] = step.to
                    return replace(_replaced(program, [step], copy), given=given)
                return take_over_quantisation(replace(_without(program, step), given=given))
        elif _sole_reader(program, source) is step and source not in program.given:
            if isinstance(maker, Softmax | Quantise) or maker.output == program.result:
                continue
            given = {**program.given, step.output: step.to}
            joined = replace(_replaced(program, (maker, step), maker.joined(step)), given=given)
            return take_over_quantisation(joined)
        elif program.given.get(source) == step.to and step.output != program.result:
            return take_over_quantisation(_without(program, step))
    return program


def push_quantisation_back(program: Program) -> Program:
    """Prescribe to what is only moved or pooled by maximum the bytes that come out behind it."""
    given = dict(program.given)
    for step in reversed(program.steps):
        if isinstance(step, Move | MaxPool) and step.output in given:
            for name in step.inputs:
                if _sole_reader(program, name) is step:
                    given.setdefault(name, given[step.output])
    return replace(program, given=given)


def _by_channel(array: np.ndarray, shape: tuple[int, ...], axis: int) -> np.ndarray | None:
    """Return (channels,) where a constant that broadcasts against `shape` varies by one axis."""
    full = np.broadcast_to(array, shape)
    channels = np.moveaxis(full, axis, 0).reshape(shape[axis], -1)
    return channels[:, 0] if np.all(channels == channels[:, :1]) else None


def _channels(program: Program, step: Affine, axis: int) -> tuple[np.ndarray, np.ndarray] | None:
    shape = program.shapes[step.output]
    if len(shape) <= abs(axis) - (axis < 0):
        return None
    gain, offset = (_by_channel(a, shape, axis) for a in (step.gain, step.offset))
    return None if gain is None or offset is None else (gain, offset)


def fold_constants_behind(program: Program) -> Program:
    """Fold factors and terms into the weights of the layer before them."""
    for first, second in _pairs(program):
        if isinstance(first, Affine) and isinstance(second, Affine):
            offset = first.offset * second.gain + second.offset
            joined = first.joined(second, gain=first.gain * second.gain, offset=offset)
            return fold_constants_behind(_replaced(program, (first, second), joined))
        if (
            not isinstance(first, Weighted)
            or not isinstance(second, Affine)
            or first.output in program.given
            or (first.low, first.high) != (-np.inf, np.inf)
        ):
            continue
        found = _channels(program, second, 1 if isinstance(first, Conv) else -1)
        if found is None or len(found[0]) != len(first.weights):
            continue
        if isinstance(first, Conv) and first.pool and np.any(found[0] < 0):
            continue
        joined = first.scaled(*found).joined(second)
        return fold_constants_behind(_replaced(program, (first, second), joined))
    return program


def fold_constants_before(program: Program) -> Program:
    """Fold factors and terms into the weights of the layer behind them."""
    for first, second in _pairs(program):
        if not isinstance(first, Affine) or not isinstance(second, Weighted):
            continue
        if first.output in program.given or (second.grid and np.any(first.gain != 1)):
            continue
        if isinstance(second, Dense):
            size_in = second.weights.shape[1]
            shape = program.shapes[first.output]
            if size(shape) == size_in:
                gain, offset = (
                    np.broadcast_to(a, shape).ravel() for a in (first.gain, first.offset)
                )
            else:
                found = _channels(program, first, -1)
                if found is None or shape[-1] != size_in:
                    continue
                gain, offset = found
            bias = second.bias + second.weights @ offset
            joined = replace(second, weights=second.weights * gain, bias=bias)
        elif isinstance(second, Conv):
            found = _channels(program, first, 1)
            # What lies outside the maps is 0 behind the term, so it cannot be folded there.
            if found is None or (second.padded and np.any(found[1] != 0)):
                continue
            gain, offset = found
            out, into = second.weights.shape[:2]
            group = np.repeat(np.arange(second.groups), out // second.groups)
            index = group[:, None] * into + np.arange(into)
            bias = second.bias + np.einsum("oihw,oi->o", second.weights, offset[index])
            weights = second.weights * gain[index][:, :, None, None]
            joined = replace(second, weights=weights, bias=bias)
        else:
            continue
        joined = replace(joined, inputs=first.inputs, nodes=(*first.nodes, *second.nodes))
        return fold_constants_before(_replaced(program, (first, second), joined))
    return program


def fold_moves(program: Program) -> Program:
    """Let the weights of a dense layer of one row follow where a move puts its inputs."""
    for first, second in _pairs(program):
        if not isinstance(first, Move) or not isinstance(second, Dense):
            continue
        count = size(program.shapes[first.inputs[0]])
        order = first.index.ravel()
        if len(first.inputs) > 1 or len(order) != second.weights.shape[1]:
            continue
        if len(order) != count or not np.array_equal(np.sort(order), np.arange(count)):
            continue
        back = np.argsort(order)
        grid = second.grid and replace(second.grid, integers=second.grid.integers[:, back])
        joined = replace(
            second,
            weights=second.weights[:, back],
            grid=grid,
            inputs=first.inputs,
            nodes=(*first.nodes, *second.nodes),
        )
        return fold_moves(_replaced(program, (first, second), joined))
    return program


def fuse_limits(program: Program) -> Program:
    """Let a step cut its results itself where Relu or Clip follows."""
    for first, second in _pairs(program):
        if isinstance(second, Limit) and first.output not in program.given:
            if isinstance(first, Clamped | Limit):
                low = min(max(first.low, second.low), second.high)
                high = max(min(first.high, second.high), second.low)
                joined = first.joined(second, low=low, high=high)
            elif isinstance(first, Affine):
                found = lower_one(program, first)
                if found is None:
                    continue
                joined = found.joined(second, low=second.low, high=second.high)
            else:
                continue
            return fuse_limits(_replaced(program, (first, second), joined))
    return program


def fuse_pooling(program: Program) -> Program:
    """Let a convolution pool as it goes, where no window overlaps another.

    Cutting and rounding keep the order of numbers, so they may come behind the pooling.
    """
    for first, second in _pairs(program):
        if not isinstance(first, Conv) or not isinstance(second, MaxPool) or first.pool:
            continue
        windows = second.windows
        apart = all(s >= k for s, k in zip(windows.stride, windows.size, strict=True))
        ends = [
            (n - 1) * s + k
            for n, s, k in zip(windows.count, windows.stride, windows.size, strict=True)
        ]
        inside = all(end <= side for end, side in zip(ends, second.maps[1:], strict=True))
        plain = windows.pad == (0, 0) and windows.dilation == (1, 1)
        if not (apart and inside and plain) or first.out_maps != second.maps:
            continue
        given = dict(program.given)
        if first.output in given:
            given.setdefault(second.output, given[first.output])
        joined = first.joined(second, pool=windows)
        return fuse_pooling(replace(_replaced(program, (first, second), joined), given=given))
    return program


def lower_affine(program: Program) -> Program:
    """Turn the factors and terms that are left into steps that kernels know.

    One for all becomes a function, one for each channel a depthwise convolution of single cells,
    others a product and a sum with constants.
    """
    steps: list[Step] = []
    shapes = dict(program.shapes)
    for step in program.steps:
        if not isinstance(step, Affine):
            steps.append(step)
            continue
        single = lower_one(program, step)
        if single is not None:
            steps.append(single)
            continue
        if step.gain.size == 1 and step.offset.size == 1:
            gain, offset = float(step.gain.reshape(())), float(step.offset.reshape(()))
            steps.append(
                Unary(
                    nodes=step.nodes,
                    inputs=step.inputs,
                    output=step.output,
                    function=lambda values, g=gain, o=offset: values * g + o,
                    kind="scale",
                )
            )
            continue
        shape = program.shapes[step.output]
        parts = [(kind, a) for kind, a in (("mul", step.gain), ("add", step.offset))]
        parts = [(kind, a) for kind, a in parts if np.any(a != (kind == "mul"))] or parts[:1]
        name = step.inputs[0]
        for place, (kind, array) in enumerate(parts):
            constant = f"{step.output}.{kind}"
            shapes[constant] = shape
            value = np.broadcast_to(array, shape).astype(float)
            steps.append(Constant(nodes=step.nodes, inputs=(), output=constant, value=value))
            last = place == len(parts) - 1
            output = step.output if last else f"{step.output}.{kind}ed"
            shapes[output] = shape
            steps.append(
                Pairwise(
                    nodes=step.nodes,
                    inputs=(name, constant),
                    output=output,
                    kind=kind,
                    repeat=(1, size(shape), 1),
                )
            )
            name = output
    return replace(program, steps=tuple(steps), shapes=shapes)


def lower_one(program: Program, step: Affine) -> Conv | None:
    """Return the depthwise convolution that an Affine by channel is, else None."""
    shape = program.shapes[step.output]
    if len(shape) < 2 or shape[0] != 1 or (step.gain.size == 1 and step.offset.size == 1):
        return None
    found = _channels(program, step, 1)
    if found is None:
        return None
    channels, cells = shape[1], size(shape[2:])
    return Conv(
        nodes=step.nodes,
        inputs=step.inputs,
        output=step.output,
        weights=found[0].reshape(-1, 1, 1, 1).astype(float),
        bias=found[1].astype(float),
        maps=(channels, 1, cells),
        windows=Windows((1, 1), (1, 1), (0, 0), (1, 1), (1, cells)),
        groups=channels,
    )


__all__ = [
    "AveragePool",
    "drop_dead",
    "fold_constants_before",
    "fold_constants_behind",
    "fold_moves",
    "fuse_limits",
    "fuse_pooling",
    "lower_affine",
    "simplify",
    "skip_free_moves",
    "take_over_quantisation",
]
