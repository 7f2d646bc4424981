"""Integers that stand for real numbers: constants, and values of bytes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inkpin.model.converter.ir import Quantisation

SIGNED = 128
"""Added to a signed byte."""

BYTE_OFFSETS = {np.dtype(np.uint8): 0, np.dtype(np.int8): SIGNED}
"""Added to a byte, by its type."""


@dataclass(frozen=True, eq=False)
class IntegerConstant:
    """What a DequantizeLinear of a constant stands for.

    Attributes:
        integers: int64, the zero point taken off.
        scales: float, () or (length of the axis,).
        axis: that the scales go along.
    """

    integers: np.ndarray
    scales: np.ndarray
    axis: int

    @property
    def full_scales(self) -> np.ndarray:
        """The scales, repeated to the shape of the integers."""
        shape = [1] * self.integers.ndim
        if self.scales.ndim:
            shape[self.axis] = -1
        return np.broadcast_to(self.scales.reshape(shape), self.integers.shape)

    @property
    def values(self) -> np.ndarray:
        """The real numbers."""
        return np.asarray(self.integers * self.full_scales)


class ByteValues:
    """The ONNX values that are bytes, and what those stand for.

    Bytes of the graph's own input have no scale until a node gives them one; they may have been
    moved by then, and joined with others.

    Attributes:
        quantised: quantisation of each such value; None where not known yet.
    """

    def __init__(self) -> None:
        self.quantised: dict[str, Quantisation | None] = {}
        self._origins: dict[str, frozenset[str]] = {}

    def begin(self, name: str) -> None:
        """Note an input of the graph that takes bytes."""
        self.quantised[name] = None
        self._origins[name] = frozenset([name])

    def pass_on(
        self, inputs: Iterable[str], output: str, quantisation: Quantisation | None
    ) -> None:
        """Note a value that holds bytes of others."""
        self.quantised[output] = quantisation
        self._origins[output] = frozenset().union(*(self.origins(each) for each in inputs))

    def origins(self, name: str) -> frozenset[str]:
        """Return the inputs of the graph whose bytes a value holds."""
        return self._origins.get(name, frozenset())

    def settle(self, name: str, quantisation: Quantisation) -> set[str]:
        """Let bytes stand for numbers; return the values whose bytes come of the same inputs."""
        names, origins = {name}, {*self.origins(name)}
        while True:
            more = {each for each, its in self._origins.items() if its & origins} - names
            if not more:
                break
            names |= more
            origins.update(*(self._origins[each] for each in more))
        self.quantised.update(dict.fromkeys(names, quantisation))
        return names
