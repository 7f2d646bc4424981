"""Passes over a Program: each a small function from one to the next.

`simplify` runs them all. They change no result but for rounding in the last place of a float.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from inkpin.model.converter.ir import (
    Affine,
    AveragePool,
    Binary,
    Clamped,
    Clip,
    Constant,
    Conv,
    Dense,
    Gather,
    MaxPool,
    Op,
    Program,
    Quantise,
    Softmax,
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
    before: tuple[Op, ...] = ()
    while before != (before := program.ops):
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


def _sole_reader(program: Program, name: str) -> Op | None:
    """Return the only op that reads a value that is not the result, else None."""
    readers = program.readers(name)
    return readers[0] if len(readers) == 1 and name != program.output else None


def _replaced(program: Program, old: Iterable[Op], new: Op) -> Program:
    """Put `new` in the place of the last of the `old` ops, which must follow one another."""
    gone = set(map(id, old))
    last = max(i for i, op in enumerate(program.ops) if id(op) in gone)
    ops = [
        new if i == last else op
        for i, op in enumerate(program.ops)
        if i == last or id(op) not in gone
    ]
    return replace(program, ops=tuple(ops))


def _pairs(program: Program) -> Iterable[tuple[Op, Op]]:
    """Yield every op with the only reader of its output."""
    for op in program.ops:
        reader = _sole_reader(program, op.output)
        if reader is not None:
            yield op, reader


def drop_dead(program: Program) -> Program:
    """Remove what the result does not depend on."""
    needed = {program.output}
    kept = []
    for op in reversed(program.ops):
        if op.output in needed:
            needed.update(op.inputs)
            kept.append(op)
    return replace(program, ops=tuple(kept[::-1]))


def skip_free_moves(program: Program) -> Program:
    """Join moves that only change a shape with the move before or behind them.

    A chain of moves becomes one; what reads a free move reads its input, unless shapes matter.
    """
    for first, second in _pairs(program):
        if isinstance(first, Gather) and isinstance(second, Gather) and len(first.inputs) == 1:
            if len(second.inputs) > 1 or not (first.fill == second.fill or _plain(second)):
                continue
            index = np.where(second.index < 0, -1, first.index.ravel()[second.index])
            fill = second.fill if _plain(first) else first.fill
            fused = first.fused(second, index=index, fill=fill)
            return skip_free_moves(_replaced(program, (first, second), fused))
    for op in program.ops:
        if isinstance(op, Gather) and _free(program, op):
            readers = program.readers(op.output)
            if op.output != program.output and not any(map(_minds_shapes, readers)):
                return skip_free_moves(_without(program, op))
            if op.output != program.output:
                continue
            maker = next((s for s in program.ops if s.output == op.inputs[0]), None)
            if maker is not None and _sole_reader(program, maker.output) is op:
                prescribed = dict(program.prescribed)
                if maker.output in prescribed:
                    prescribed.setdefault(op.output, prescribed[maker.output])
                fused = _replaced(program, (maker, op), maker.fused(op))
                return replace(fused, prescribed=prescribed)
    return program


def _free(program: Program, move: Gather) -> bool:
    """Whether a move only changes the shape: nothing moves, and nothing is left behind."""
    count = size(program.shapes[move.inputs[0]])
    return len(move.inputs) == 1 and np.array_equal(move.index.ravel(), np.arange(count))


def _plain(move: Gather) -> bool:
    return bool(move.index.min() >= 0)


def _without(program: Program, gone: Op) -> Program:
    """Let the readers of an op's output read its input."""
    ops = []
    for op in program.ops:
        if op is gone:
            continue
        if gone.output in op.inputs:
            inputs = tuple(gone.inputs[0] if n == gone.output else n for n in op.inputs)
            op = replace(op, inputs=inputs)
        ops.append(op)
    return replace(program, ops=tuple(ops))


def _minds_shapes(op: Op) -> bool:
    """Whether an op's constants broadcast against its input's shape."""
    return isinstance(op, Affine) and (op.gain.size > 1 or op.offset.size > 1)


def take_over_quantisation(program: Program) -> Program:
    """Let the op before a given rounding make the given bytes itself."""
    for op in program.ops:
        if not isinstance(op, Quantise):
            continue
        source = op.inputs[0]
        maker = next((s for s in program.ops if s.output == source), None)
        if maker is None:
            if program.prescribed.get(source, op.to) == op.to and (
                len(program.readers(source)) == 1 or source in program.prescribed
            ):
                prescribed = {**program.prescribed, source: op.to}
                if op.output == program.output:
                    copy = Gather(
                        nodes=op.nodes,
                        inputs=op.inputs,
                        output=op.output,
                        index=np.arange(size(program.shapes[source])).reshape(
                            program.shapes[source]
                        ),
                    )
                    prescribed[op.output] = op.to
                    return replace(_replaced(program, [op], copy), prescribed=prescribed)
                return take_over_quantisation(replace(_without(program, op), prescribed=prescribed))
        elif _sole_reader(program, source) is op and source not in program.prescribed:
            if isinstance(maker, Softmax | Quantise) or maker.output == program.output:
                continue
            prescribed = {**program.prescribed, op.output: op.to}
            fused = replace(_replaced(program, (maker, op), maker.fused(op)), prescribed=prescribed)
            return take_over_quantisation(fused)
        elif program.prescribed.get(source) == op.to and op.output != program.output:
            return take_over_quantisation(_without(program, op))
    return program


def push_quantisation_back(program: Program) -> Program:
    """Prescribe to what is only moved or pooled by maximum the bytes that come out behind it."""
    prescribed = dict(program.prescribed)
    for op in reversed(program.ops):
        if op.copies and op.output in prescribed:
            for name in op.inputs:
                if _sole_reader(program, name) is op:
                    prescribed.setdefault(name, prescribed[op.output])
    return replace(program, prescribed=prescribed)


def _by_channel(array: np.ndarray, shape: tuple[int, ...], axis: int) -> np.ndarray | None:
    """Return (channels,) where a constant that broadcasts against `shape` varies by one axis."""
    full = np.broadcast_to(array, shape)
    channels = np.moveaxis(full, axis, 0).reshape(shape[axis], -1)
    return channels[:, 0] if np.all(channels == channels[:, :1]) else None


def _channels(program: Program, op: Affine, axis: int) -> tuple[np.ndarray, np.ndarray] | None:
    shape = program.shapes[op.output]
    if len(shape) <= abs(axis) - (axis < 0):
        return None
    gain, offset = (_by_channel(a, shape, axis) for a in (op.gain, op.offset))
    return None if gain is None or offset is None else (gain, offset)


def fold_constants_behind(program: Program) -> Program:
    """Fold factors and terms into the weights of the layer before them."""
    for first, second in _pairs(program):
        if isinstance(first, Affine) and isinstance(second, Affine):
            offset = first.offset * second.gain + second.offset
            fused = first.fused(second, gain=first.gain * second.gain, offset=offset)
            return fold_constants_behind(_replaced(program, (first, second), fused))
        if (
            not isinstance(first, Weighted)
            or not isinstance(second, Affine)
            or first.output in program.prescribed
            or (first.low, first.high) != (-np.inf, np.inf)
        ):
            continue
        found = _channels(program, second, 1 if isinstance(first, Conv) else -1)
        if found is None or len(found[0]) != len(first.weights):
            continue
        if isinstance(first, Conv) and first.pool and np.any(found[0] < 0):
            continue
        fused = first.scaled(*found).fused(second)
        return fold_constants_behind(_replaced(program, (first, second), fused))
    return program


def fold_constants_before(program: Program) -> Program:
    """Fold factors and terms into the weights of the layer behind them."""
    for first, second in _pairs(program):
        if not isinstance(first, Affine) or not isinstance(second, Weighted):
            continue
        if first.output in program.prescribed or (second.quantised and np.any(first.gain != 1)):
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
            fused = replace(second, weights=second.weights * gain, bias=bias)
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
            fused = replace(second, weights=weights, bias=bias)
        else:
            continue
        fused = replace(fused, inputs=first.inputs, nodes=(*first.nodes, *second.nodes))
        return fold_constants_before(_replaced(program, (first, second), fused))
    return program


def fold_moves(program: Program) -> Program:
    """Let the weights of a dense layer of one row follow where a move puts its inputs."""
    for first, second in _pairs(program):
        if not isinstance(first, Gather) or not isinstance(second, Dense):
            continue
        count = size(program.shapes[first.inputs[0]])
        order = first.index.ravel()
        if len(first.inputs) > 1 or len(order) != second.weights.shape[1]:
            continue
        if len(order) != count or not np.array_equal(np.sort(order), np.arange(count)):
            continue
        back = np.argsort(order)
        quantised = second.quantised and replace(
            second.quantised, integers=second.quantised.integers[:, back]
        )
        fused = replace(
            second,
            weights=second.weights[:, back],
            quantised=quantised,
            inputs=first.inputs,
            nodes=(*first.nodes, *second.nodes),
        )
        return fold_moves(_replaced(program, (first, second), fused))
    return program


def fuse_limits(program: Program) -> Program:
    """Let an op cut its results itself where Relu or Clip follows."""
    for first, second in _pairs(program):
        if isinstance(second, Clip) and first.output not in program.prescribed:
            if isinstance(first, Clamped | Clip):
                low = min(max(first.low, second.low), second.high)
                high = max(min(first.high, second.high), second.low)
                fused = first.fused(second, low=low, high=high)
            elif isinstance(first, Affine):
                found = lower_one(program, first)
                if found is None:
                    continue
                fused = found.fused(second, low=second.low, high=second.high)
            else:
                continue
            return fuse_limits(_replaced(program, (first, second), fused))
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
        prescribed = dict(program.prescribed)
        if first.output in prescribed:
            prescribed.setdefault(second.output, prescribed[first.output])
        fused = first.fused(second, pool=windows)
        return fuse_pooling(
            replace(_replaced(program, (first, second), fused), prescribed=prescribed)
        )
    return program


def lower_affine(program: Program) -> Program:
    """Turn the factors and terms that are left into ops that kernels know.

    One for all becomes a function, one for each channel a depthwise convolution of single cells,
    others a product and a sum with constants.
    """
    ops: list[Op] = []
    shapes = dict(program.shapes)
    for op in program.ops:
        if not isinstance(op, Affine):
            ops.append(op)
            continue
        single = lower_one(program, op)
        if single is not None:
            ops.append(single)
            continue
        if op.gain.size == 1 and op.offset.size == 1:
            gain, offset = float(op.gain.reshape(())), float(op.offset.reshape(()))
            ops.append(
                Unary(
                    nodes=op.nodes,
                    inputs=op.inputs,
                    output=op.output,
                    function=lambda values, g=gain, o=offset: values * g + o,
                    op_type="scale",
                )
            )
            continue
        shape = program.shapes[op.output]
        parts = [(kind, a) for kind, a in (("mul", op.gain), ("add", op.offset))]
        parts = [(kind, a) for kind, a in parts if np.any(a != (kind == "mul"))] or parts[:1]
        name = op.inputs[0]
        for place, (kind, array) in enumerate(parts):
            constant = f"{op.output}.{kind}"
            shapes[constant] = shape
            value = np.broadcast_to(array, shape).astype(float)
            ops.append(Constant(nodes=op.nodes, inputs=(), output=constant, value=value))
            last = place == len(parts) - 1
            output = op.output if last else f"{op.output}.{kind}ed"
            shapes[output] = shape
            ops.append(
                Binary(
                    nodes=op.nodes,
                    inputs=(name, constant),
                    output=output,
                    op_type=kind,
                    broadcast=(1, size(shape), 1),
                )
            )
            name = output
    return replace(program, ops=tuple(ops), shapes=shapes)


def lower_one(program: Program, op: Affine) -> Conv | None:
    """Return the depthwise convolution that an Affine by channel is, else None."""
    shape = program.shapes[op.output]
    if len(shape) < 2 or shape[0] != 1 or (op.gain.size == 1 and op.offset.size == 1):
        return None
    found = _channels(program, op, 1)
    if found is None:
        return None
    channels, cells = shape[1], size(shape[2:])
    return Conv(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
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
