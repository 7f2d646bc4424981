"""From ops in real numbers to calls of the kernels in integers: `lower`, and what its rules share.

A rule says what an op becomes. It stands beside the kernel, registered by the type of its op.
"""

from collections.abc import Mapping
from functools import singledispatch

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.integer_program import IntegerProgram, KernelCall, Kind, ValueType
from inkpin.model.converter.ir import (
    Constant,
    Op,
    Program,
    Quantisation,
    Quantise,
    Shape,
)
from inkpin.model.converter.options import Options
from inkpin.model.converter.quantise.ranges import int32_values, quantisations

SIDE = 65535
"""What a uint16_t in a descriptor holds."""


SPAN_FILES = ("ink_span.c", "ink_span.h")
"""What kernels take that cut windows at a border."""


class Lowering:
    """A network on its way from ops to calls.

    Args:
        program: the network in real numbers, simplified.
        values: all of them on calibration data, (samples, ...), or None without such data.
        options: of the quantisation.

    Attributes:
        int32_values: names of the values that stay int32_t.
        quantisations: of the values of bytes, by name.
        calls: so far.
        types: of the values so far, by name.
        constants: likewise.
    """

    def __init__(
        self, program: Program, values: Mapping[str, np.ndarray] | None, options: Options
    ) -> None:
        self.program, self.values, self.options = program, values, options
        self.int32_values = int32_values(program)
        self._check_int32()
        self.quantisations = quantisations(program, values, options)
        self.calls: list[KernelCall] = []
        self.types: dict[str, ValueType] = {
            each.name: ValueType(self.kind(each.name), self.quantisations[each.name], each.shape)
            for each in program.inputs
        }
        self.constants: dict[str, np.ndarray] = {}

    def add(
        self,
        call: KernelCall,
        quantisation: Quantisation,
        kind: Kind = "bytes",
        shape: Shape | None = None,
    ) -> None:
        """Append a call.

        Args:
            call: the call.
            quantisation: of its output.
            kind: of its output.
            shape: of its output, if the program has no such value.
        """
        self.calls.append(call)
        shape = self.program.shapes[call.output] if shape is None else shape
        self.types[call.output] = ValueType(kind, quantisation, shape)
        if kind != "int32":
            self.quantisations[call.output] = quantisation

    def kind(self, name: str) -> Kind:
        """Return how a value of the program is held."""
        if name in self.int32_values:
            return "int32"
        return "int16" if name in self.program.shorts else "bytes"

    def is_short(self, op: Op) -> bool:
        """Whether an op reads or makes values of 16 bits."""
        return op.in_shorts and not self.program.shorts.isdisjoint({*op.inputs, op.output})

    def _check_int32(self) -> None:
        """Refuse ops that read int32_t and cannot."""
        for op in self.program.ops:
            last = isinstance(op, Quantise) and op.output in self.program.results
            if not last and not op.on_scores and self.int32_values & {*op.inputs}:
                raise InputError(
                    f"node {op.nodes[0]!r} reads an argmax: that is supported as the last operator "
                    "only"
                )


@singledispatch
def lower_op(op: Op, lowering: Lowering) -> None:
    """Append the calls that an op becomes.

    Raises:
        InputError: the kernel cannot do it; the message names the node.
        OverflowError: numbers do not fit.
    """
    raise NotImplementedError(f"no kernel does {type(op).__name__}")


@singledispatch
def lower_short_op(op: Op, lowering: Lowering) -> None:
    """Append the calls that an op becomes whose values have 16 bits; see `lower_op`."""
    raise NotImplementedError(f"no kernel of 16 bits does {type(op).__name__}")


@lower_op.register
@lower_short_op.register
def _(op: Constant, lowering: Lowering) -> None:
    quantisation, shape = lowering.quantisations[op.output], lowering.program.shapes[op.output]
    lowering.constants[op.output] = quantisation.encode(op.value)
    lowering.types[op.output] = ValueType(lowering.kind(op.output), quantisation, shape)


def lower(
    program: Program, values: Mapping[str, np.ndarray] | None, options: Options
) -> IntegerProgram:
    """Return a network in integers.

    Args:
        program: in real numbers, simplified.
        values: all of them on calibration data, or None without such data.
        options: of the quantisation.

    Raises:
        InputError: calibration data are needed, or numbers that do not fit.
    """
    try:
        lowering = Lowering(program, values, options)
        for op in program.ops:
            rule = lower_short_op if lowering.is_short(op) else lower_op
            rule(op, lowering)
    except OverflowError as error:
        raise InputError("its numbers are too far apart in size for fixed point") from error
    return IntegerProgram(
        calls=tuple(lowering.calls),
        types=lowering.types,
        inputs=program.inputs,
        constants=lowering.constants,
        outputs=program.outputs,
        op_counts=program.op_counts,
        dropped=program.dropped,
    )
