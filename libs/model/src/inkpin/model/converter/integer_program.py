"""A network in integers: calls of C kernels on named values, and how each value is held.

What ir/ is in real numbers, this is in bytes. It is the reference of the C: `run` gives the very
integers. They are held as int64 here; arrays are (samples, ...).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from inkpin.model.converter.ir import Input, Output, Quantisation, Shape, size

_NIBBLES_BEHIND = 2  # bytes behind nibbles that may be read


Kind = Literal["bytes", "int16", "int32", "bits", "nibbles"]


@dataclass(frozen=True)
class ValueType:
    """How a value is held.

    Attributes:
        kind: "bytes", "int16", "int32", "bits" (words of rows) or "nibbles".
        quantisation: scale, and of bytes the zero point.
        shape: as in the graph.
    """

    kind: Kind
    quantisation: Quantisation
    shape: Shape

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        if self.kind == "bits":
            return 4 * self.shape[-2]
        if self.kind == "nibbles":
            return -(-size(self.shape) // 2) + _NIBBLES_BEHIND
        return size(self.shape) * np.dtype(self.element).itemsize

    @property
    def element(self) -> type[np.generic]:
        """What an element of all but bits and nibbles is."""
        if self.kind == "int32":
            return np.int32
        return np.int16 if self.kind == "int16" else np.uint8

    @property
    def c_element(self) -> str:
        """Likewise, in C."""
        return f"{np.dtype(self.element).name}_t"


@dataclass(frozen=True)
class CallSite:
    """Where a call stands in the C.

    Attributes:
        number: of the call, which the names of its constants end in.
        inputs: C expressions of where its inputs lie.
        output: likewise, the output.
        scratch: likewise, the working memory.
        state: likewise, what is kept from one step to the next.
        count: elements of the output.
    """

    number: int
    inputs: Sequence[str]
    output: str
    scratch: str
    state: str
    count: int


@dataclass(frozen=True, kw_only=True, eq=False)
class KernelCall(ABC):
    """One call of a C kernel; its subclasses are in kernels/.

    Attributes:
        nodes: names of the ONNX nodes that it stands for.
        inputs: names of values.
        output: name of a value.
        in_place: whether the output may lie where the first input lies.
        aligned: whether its working memory holds int32_t.
    """

    in_place: ClassVar[bool] = False
    aligned: ClassVar[bool] = False

    nodes: tuple[str, ...]
    inputs: tuple[str, ...]
    output: str

    @property
    @abstractmethod
    def c_files(self) -> tuple[str, ...]:
        """The C files and headers that it needs beside ink_kernels.h, its own first."""

    @abstractmethod
    def run(self, *values: np.ndarray) -> np.ndarray:
        """Return the output, (samples, ...), of inputs likewise: the integers of the C."""

    def constants(self, number: int) -> str:
        """Return the C definitions of what call `number` reads beside its inputs; "" for none."""
        return ""

    @abstractmethod
    def invocations(self, site: CallSite) -> list[str]:
        """Return the C statements, without semicolons."""

    @property
    def scratch(self) -> int:
        """Bytes of working memory beside input and output."""
        return 0

    @property
    def state(self) -> int:
        """Words that are kept from one step of a stream to the next."""
        return 0

    @property
    def flash(self) -> int:
        """Bytes of its constant arrays, without descriptors."""
        return 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return 0

    @property
    def remark(self) -> str:
        """What the comment in the C says of it beside the shapes of its values."""
        return ""


@dataclass(frozen=True)
class IntegerProgram:
    """A network in integers.

    Attributes:
        calls: in order.
        types: of every value, by name.
        inputs: of the network.
        constants: bytes that lie in flash, by name of the value.
        outputs: of the network.
        op_counts: how often each operator type occurs in the model.
        dropped: operators at the tail that were cut.
    """

    calls: tuple[KernelCall, ...]
    types: dict[str, ValueType]
    inputs: tuple[Input, ...]
    constants: dict[str, np.ndarray]
    outputs: tuple[Output, ...]
    op_counts: dict[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def output(self) -> str:
        """Name of the value of the only output, or the first."""
        return self.outputs[0].value

    @property
    def results(self) -> frozenset[str]:
        """Names of the values that go out."""
        return frozenset(each.value for each in self.outputs)

    def encode(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the integers that the network takes, int64 (samples, ...).

        Args:
            inputs: of the graph, (samples, ...): real numbers, or bytes where it takes bytes.
        """
        integers = {}
        for each in self.inputs:
            values = np.asarray(inputs[each.name])
            if each.byte_offset is not None:
                integers[each.name] = values.astype(np.int64) + each.byte_offset
            elif each.threshold is not None:
                integers[each.name] = (values > each.threshold).astype(np.int64)
            else:
                if each.scaling is not None:
                    values = each.scaling.scaled(values)
                quantisation = self.types[each.name].quantisation
                integers[each.name] = quantisation.encode(values).astype(np.int64)
        return integers

    def decode(self, integers: np.ndarray, output: Output | None = None) -> np.ndarray:
        """Return an output of the graph, by default the first, float32, of the integers."""
        output = output or self.outputs[0]
        type_ = self.types[output.value]
        if output.byte_offset is not None:
            zero = type_.quantisation.zero_point if type_.kind == "int32" else 0
            return (integers + zero - output.byte_offset).astype(np.float32)
        return self.real(output.value, integers).astype(np.float32)

    def real(self, name: str, integers: np.ndarray) -> np.ndarray:
        """Return what the integers of a value stand for, float64."""
        type_ = self.types[name]
        if type_.kind == "int32":
            return np.asarray(integers * type_.quantisation.scale)
        return type_.quantisation.decode(integers)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return every value in integers, (samples, ...), by name.

        Args:
            inputs: of the network, in integers.
        """
        values = {name: array[None].astype(np.int64) for name, array in self.constants.items()}
        values.update(inputs)
        for call in self.calls:
            results = call.run(*(values[name] for name in call.inputs))
            values[call.output] = results.reshape(len(results), *self.types[call.output].shape)
        return values
