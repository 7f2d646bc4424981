"""Values of 16 bits: which they are, and what stands between them and values of 8."""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.ir import Op, Program, Recode
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.ranges import exact_quantisation, groups, int32_values

Values = dict[str, np.ndarray]


def possible_shorts(program: Program, values: Values, options: Options) -> set[str]:
    """Return the values that can have 16 bits.

    The others are prescribed in 8, made or read by kernels that know no more, sums of 32 bits
    anyway, or inputs that 8 bits hold exactly, as they do pixels.
    """
    int32 = int32_values(program)

    def is_read(name: str) -> bool:
        readers = program.readers(name)
        return not readers or any(op.in_shorts or op.on_scores for op in readers)

    found = {
        op.output
        for op in program.ops
        if op.in_shorts
        and op.output not in int32
        and op.output not in program.prescribed
        and is_read(op.output)
    }
    for each in program.inputs:
        rounded = each.byte_offset is None and each.threshold is None
        if rounded and each.name not in program.prescribed and is_read(each.name):
            scaled = each.scaling is not None
            if scaled or exact_quantisation(values[each.name], options) is None:
                found.add(each.name)
    return found


def chosen_shorts(program: Program, values: Values | None, options: Options) -> set[str]:
    """Return the values that are to have 16 bits, but for those that a bound decides.

    Raises:
        InputError: there is none, or one cannot have them; the message names the node.
    """
    if options.activation_bits == 8 and not options.shorts:
        return set()
    if values is None:
        raise InputError("16 bits: give calibration data (--calibration DATA.npz)")
    possible = possible_shorts(program, values, options)
    if options.activation_bits == 16:
        if not possible:
            raise InputError(
                "no value of this network can have 16 bits: the model gives their bits, 8 hold "
                "its inputs exactly, or its nodes have kernels of 8 bits only"
            )
        return possible
    return {_named(name, program, possible) for name in options.shorts}


def _named(name: str, program: Program, possible: Collection[str]) -> str:
    """Return the value that a user means by the name of a node or an input."""
    made = [op for op in program.ops if name in op.nodes]
    values = [op.output for op in made] + [i.name for i in program.inputs if i.name == name]
    if not values:
        raise InputError(
            f"16 bits of {name!r}: no node or input is called that; the report lists the nodes"
        )
    if values[-1] not in possible:
        raise InputError(
            f"16 bits of {name!r}: its numbers have the bits that the model gives, 32, or its "
            "kernel knows 8 only: choose nodes around it, or --activation-bits 16 for all that can"
        )
    return values[-1]


class Bordered(NamedTuple):
    """A network whose values of 16 bits are read and made by kernels of such alone.

    Attributes:
        program: with a Recode wherever one width ends.
        values: of that, on calibration data.
    """

    program: Program
    values: Values | None


def bordered(
    program: Program, values: Values | None, chosen: Collection[str], options: Options
) -> Bordered:
    """Give values 16 bits, and those that share their numbers with them.

    Args:
        program: the network, all in 8 bits.
        values: on calibration data.
        chosen: names of the values.
        options: how ranges are found.
    """
    if not chosen or values is None:
        return Bordered(program, values)
    possible = possible_shorts(program, values, options)
    sharing = groups(program, int32_values(program))
    shorts = {each for name in chosen for each in sharing[name] if each in possible}
    border = _Border(program, values, shorts)
    for op in program.ops:
        border.take(op)
    made = replace(
        program,
        ops=tuple(border.ops),
        shapes=border.shapes,
        shorts=frozenset(border.shorts),
    )
    return Bordered(made, border.values)


class _Border:
    """Copies a program op by op, with what stands at the borders."""

    def __init__(self, program: Program, values: Values, shorts: set[str]) -> None:
        self.program, self.shorts = program, set(shorts)
        self.values, self.shapes = dict(values), dict(program.shapes)
        self.ops: list[Op] = []
        self._int32 = int32_values(program)
        self._recoded: dict[str, str] = {}

    def take(self, op: Op) -> None:
        """Append an op, its inputs and its output in bits that its kernels know."""
        reads = any(name in self.shorts for name in op.inputs)
        makes = op.output in self.shorts
        short = op.in_shorts and (makes or reads)
        if not op.on_scores:  # which read any
            op = replace(op, inputs=tuple(self._read(op, name, short) for name in op.inputs))
        if short and not makes and op.output not in self._int32:
            made = self._add(op.output, ".16")
            self.shorts.add(made)
            self.ops.append(replace(op, output=made))
            op = Recode(nodes=op.nodes, inputs=(made,), output=op.output)
        self.ops.append(op)

    def _read(self, op: Op, name: str, short: bool) -> str:
        """Return a value in 16 bits or in 8."""
        if (name in self.shorts) == short or name in self._int32:
            return name
        if name not in self._recoded:
            made = self._add(name, ".16" if short else ".8")
            self.ops.append(Recode(nodes=op.nodes[:1], inputs=(name,), output=made))
            self._recoded[name] = made
            if short:
                self.shorts.add(made)
        return self._recoded[name]

    def _add(self, name: str, suffix: str) -> str:
        """Return the name of another value of the same numbers."""
        made = name + suffix
        while made in self.shapes:
            made += "'"
        self.values[made], self.shapes[made] = self.values[name], self.shapes[name]
        return made


def nodes_of_bytes(program: Program) -> list[str]:
    """Return the nodes that values of 16 bits are narrowed for, since no kernel reads such."""
    shorts = program.shorts
    narrowed = {
        op.output for op in program.ops if isinstance(op, Recode) and op.output not in shorts
    }
    found = [op.nodes[-1] for op in program.ops if narrowed & {*op.inputs} and not op.in_shorts]
    return [repr(name) for name in dict.fromkeys(found)]
