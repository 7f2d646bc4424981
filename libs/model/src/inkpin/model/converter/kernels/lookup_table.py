"""A byte for each byte: every function of one value, and what gives it another quantisation."""

from dataclasses import dataclass, replace

import numpy as np

from inkpin.model.converter.c_text import array
from inkpin.model.converter.integer_program import CallSite, KernelCall
from inkpin.model.converter.ir import Clip, Op, Quantisation, Quantise, Unary
from inkpin.model.converter.kernels.lowering import Lowering, lower_op

_LARGEST = 1e30  # a real number beyond every byte


@dataclass(frozen=True, kw_only=True, eq=False)
class TableCall(KernelCall):
    """A byte for each byte: ink_table.

    Attributes:
        table: (256,).
        function: for comments.
    """

    in_place = True

    table: np.ndarray
    function: str

    @property
    def c_files(self) -> tuple[str, ...]:
        """See KernelCall."""
        return ("ink_table.c",)

    @property
    def flash(self) -> int:
        """See KernelCall."""
        return 256

    @property
    def remark(self) -> str:
        """See KernelCall."""
        return f"table of {self.function}"

    def run(self, *values: np.ndarray) -> np.ndarray:
        """See KernelCall."""
        return self.table[np.asarray(values[0], np.int64)]

    def constants(self, number: int) -> str:
        """See KernelCall."""
        return array(f"static const uint8_t table{number}", self.table, "256")

    def invocations(self, site: CallSite) -> list[str]:
        """See KernelCall."""
        return [f"ink_table(table{site.number}, {site.inputs[0]}, {site.output}, {site.count})"]


def _table(op: Op, source: Quantisation, to: Quantisation, function: str) -> TableCall:
    """Return the table of an op that reads one value."""
    results = op.compute(source.decode(np.arange(256)))
    results = np.nan_to_num(results, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
    return TableCall(
        nodes=op.nodes,
        inputs=op.inputs,
        output=op.output,
        table=to.encode(np.clip(results, -_LARGEST, _LARGEST)).astype(np.int64),
        function=function,
    )


def _lower(op: Op, lowering: Lowering, function: str) -> None:
    source, to = (lowering.quantisations[name] for name in (op.inputs[0], op.output))
    lowering.add(_table(op, source, to, function), to)


@lower_op.register
def _(op: Unary, lowering: Lowering) -> None:
    _lower(op, lowering, op.op_type)


@lower_op.register
def _(op: Clip, lowering: Lowering) -> None:
    _lower(op, lowering, "limit")


@lower_op.register
def _(op: Quantise, lowering: Lowering) -> None:
    source = lowering.types[op.inputs[0]]
    if source.kind == "int32":
        # The softmax before has done it.
        lowering.calls[-1] = replace(lowering.calls[-1], output=op.output)
        lowering.types[op.output] = source
        return
    lowering.add(_table(op, source.quantisation, op.to, "rescale"), op.to)


def requantized(lowering: Lowering, op: Op, place: int, to: Quantisation) -> str:
    """Return the name of an op's input, brought to another quantisation if it has not that one."""
    name = op.inputs[place]
    source = lowering.quantisations[name]
    if source == to:
        return name
    made = f"{op.output}.in{place}"
    same = Clip(nodes=op.nodes, inputs=(name,), output=made, low=-np.inf, high=np.inf)
    lowering.add(_table(same, source, to, "rescale"), to, shape=lowering.types[name].shape)
    return made
