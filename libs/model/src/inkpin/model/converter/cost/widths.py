"""Which values get 16 bits: those that a user chose, and those that lose too much in 8."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.cost.precision import signal_to_noise
from inkpin.model.converter.integer_program import IntegerProgram
from inkpin.model.converter.ir import Op, Program, Trees
from inkpin.model.converter.kernels.lowering import lower
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.shorts import (
    bordered,
    chosen_shorts,
    nodes_of_bytes,
    possible_shorts,
)

Values = dict[str, np.ndarray]

_SAMPLES = 32  # that tell which roundings matter
_MATTERS = 6.0  # decibels above the bound from which on a rounding is none of the loss


class Lowered(NamedTuple):
    """A network in integers.

    Attributes:
        program: by the kernels that do everything.
        values: all of them in floats on calibration data, or None without such data.
        warnings: what asking for 16 bits did not bring, lines of text.
    """

    program: IntegerProgram
    values: Values | None
    warnings: tuple[str, ...]


def lower_by_choice(
    program: Program, values: Values | None, samples: Values | None, options: Options
) -> Lowered:
    """Return a network in integers, of the widths that were chosen.

    Args:
        program: in real numbers, simplified.
        values: all of them on calibration data, or None without such data.
        samples: those data, as the graph takes them.
        options: of the quantisation.

    Raises:
        InputError: as `lower` and chosen_shorts do.
    """
    chosen = chosen_shorts(program, values, options)
    if options.shorts_under is not None and samples is None:
        raise InputError("16 bits under a bound: give calibration data (--calibration DATA.npz)")
    while True:
        made = bordered(program, values, chosen, options)
        lowered = lower(made.program, made.values, options)
        more, under = _hurt(program, values, samples, lowered, chosen, options)
        if not more:
            break
        chosen |= more
    left = nodes_of_bytes(made.program)
    warnings = [f"16 bits do not bring {name} to {options.shorts_under:g} dB" for name in under]
    if left:
        warnings.append(f"8 bits within 16, as their kernels know no others: {', '.join(left)}")
    return Lowered(lowered, made.values, tuple(warnings))


def _hurt(
    program: Program,
    values: Values | None,
    samples: Values | None,
    lowered: IntegerProgram,
    chosen: set[str],
    options: Options,
) -> tuple[set[str], list[str]]:
    """Return values that should have 16 bits as well, and what is under the bound without any.

    They are those whose rounding matters to the first op under the bound: what is lost there
    nothing behind it brings back.
    """
    bound, under = options.shorts_under, []
    if bound is None or values is None or samples is None:
        return set(), []
    few = {name: array[:_SAMPLES] for name, array in values.items()}
    candidates = possible_shorts(program, values, options) - chosen
    codes = lowered.run(lowered.encode(samples))
    for place, op in enumerate(program.ops):
        if _decibels(values[op.output], lowered.real(op.output, codes[op.output])) >= bound:
            continue
        before = program.ops[: place + 1]
        # What trees compare wrongly, they do in few samples.
        rare = any(isinstance(one, Trees) for one in before)
        for some in (few, values) if rare else (few,):
            left = {name: _left_by(name, before, some, lowered) for name in candidates}
            more = {name for name, decibels in left.items() if decibels < bound + _MATTERS}
            if more:
                return more, []
        under.append(repr(op.nodes[-1]))
    return set(), under


def _left_by(name: str, ops: Sequence[Op], values: Values, lowered: IntegerProgram) -> float:
    """Return the decibels of what the last of some ops makes if one value alone were rounded."""
    code = lowered.types[name].quantisation
    changed = {name: code.decode(code.encode(values[name]))}
    for op in ops:
        if changed.keys() & {*op.inputs} and op.output not in changed:
            made = op.compute(*(changed.get(each, values[each]) for each in op.inputs))
            changed[op.output] = made.reshape(values[op.output].shape)
    real = values[ops[-1].output]
    return _decibels(real, changed.get(ops[-1].output, real))


def _decibels(real: np.ndarray, got: np.ndarray) -> float:
    with np.errstate(divide="ignore"):
        found = signal_to_noise(real, got)
    return np.inf if found is None else found
