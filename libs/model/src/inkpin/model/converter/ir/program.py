"""A network: its inputs, and ops on named values in order of computation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from inkpin.model.converter.ir.base import Op
from inkpin.model.converter.ir.quantisation import InputScaling, Quantisation

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Input:
    """An input of the network.

    Attributes:
        name: of the value.
        shape: with the batch.
        byte_offset: None where the graph takes real numbers; else the graph takes bytes, and this
            is what to add to one of them: 0 for unsigned ones, 128 for signed ones.
        threshold: the network reads whether the real number exceeds it; None for the number.
        scaling: of the real numbers that the network reads; None for the numbers themselves.
    """

    name: str
    shape: Shape
    byte_offset: int | None = None
    threshold: float | None = None
    scaling: InputScaling | None = None


@dataclass(frozen=True)
class Output:
    """An output of the network.

    Attributes:
        name: in the graph.
        value: name of the value.
        byte_offset: None where the graph gives real numbers; else it gives bytes, and this is what
            was added to one of them.
    """

    name: str
    value: str
    byte_offset: int | None = None


@dataclass(frozen=True)
class Program:
    """A network.

    Attributes:
        ops: in order of computation.
        shapes: of every value, by name.
        inputs: of the network.
        outputs: of the network, each of a value of its own.
        prescribed: quantisations that the model prescribes, by value.
        op_counts: how often each operator type occurs in the model.
        dropped: operators at the tail that were cut, "operator name".
        shorts: values that are held in 16 bits.
    """

    ops: tuple[Op, ...]
    shapes: dict[str, Shape]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    prescribed: dict[str, Quantisation] = field(default_factory=dict)
    op_counts: dict[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    shorts: frozenset[str] = frozenset()

    @property
    def output(self) -> str:
        """Name of the value of the only output, or the first."""
        return self.outputs[0].value

    @property
    def results(self) -> frozenset[str]:
        """Names of the values that go out."""
        return frozenset(each.value for each in self.outputs)

    def readers(self, name: str) -> list[Op]:
        """Return the ops that read a value."""
        return [op for op in self.ops if name in op.inputs]

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return every value in real numbers, (samples, ...), by name.

        They are rounded where the model prescribes bytes, and nowhere else.

        Args:
            inputs: of the network, (samples, ...): real numbers, or 0 and 1 behind a threshold.
        """
        values = {name: self._rounded(name, array.astype(float)) for name, array in inputs.items()}
        for op in self.ops:
            results = op.compute(*(values[name] for name in op.inputs))
            results = results.reshape(len(results), *self.shapes[op.output])
            values[op.output] = self._rounded(op.output, results)
        return values

    def _rounded(self, name: str, values: np.ndarray) -> np.ndarray:
        code = self.prescribed.get(name)
        return values if code is None else code.decode(code.encode(values))


def size(shape: Sequence[int]) -> int:
    """Return the number of elements of a shape."""
    return int(np.prod(shape, dtype=np.int64))
