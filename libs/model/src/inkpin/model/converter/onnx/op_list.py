"""The ops that nodes become, as they are appended."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from inkpin.model.converter.ir import Affine, Clip, Gather, Op, Shape, Unary, size
from inkpin.model.converter.onnx.graph import LARGEST, Node


class OpList:
    """Ops on values, in order.

    An ONNX name is of a constant here, or of a value; a value has a name of its own in the Program,
    since several ONNX names can be one value (Identity), and one node can become several ops.

    Attributes:
        names: ONNX name -> name of the Program's value.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._ops: list[Op] = []
        self._shapes: dict[str, Shape] = {}

    def shape(self, name: str) -> Shape:
        """Return the shape of a value."""
        return self._shapes[name]

    def add(
        self,
        op: type[Op],
        node: Node,
        inputs: Sequence[str],
        shape: Sequence[int],
        suffix: str = "",
        output: str | None = None,
        **fields: Any,
    ) -> str:
        """Append an op; return its output's name.

        Args:
            op: its class.
            node: it stands for.
            inputs: names of values.
            shape: of the output.
            suffix: "" for the node's result, else it makes the name of one of several ops.
            output: the ONNX name of the result where that is not the node's first.
            **fields: of the op.
        """
        shape = tuple(map(int, shape))
        if math.prod(map(float, shape)) > LARGEST or min(shape, default=1) < 1:
            raise node.refuse(f"it makes a value of shape {shape}: no device takes that")
        onnx_name = output or node.output
        name = onnx_name + suffix
        while name in self._shapes:
            name += "'"
        self._ops.append(op(nodes=(node.name,), inputs=tuple(inputs), output=name, **fields))
        self._shapes[name] = shape
        if not suffix:
            self.names[onnx_name] = name
        return name

    def unary(
        self,
        node: Node,
        name: str,
        function: Callable[[np.ndarray], np.ndarray],
        suffix: str = "",
        output: str | None = None,
        op_type: str = "",
    ) -> str:
        """Append a function of single elements, which becomes a table; see `add`.

        Args:
            node: it stands for.
            name: of the value.
            function: of a float64 array.
            suffix: as in `add`.
            output: as in `add`.
            op_type: for the comment beside the table, where it is not the node's.
        """
        op_type = op_type or node.op_type
        shape = self._shapes[name]
        return self.add(
            Unary, node, [name], shape, suffix, output, function=function, op_type=op_type
        )

    def clip(
        self,
        node: Node,
        name: str,
        low: float = -math.inf,
        high: float = math.inf,
        suffix: str = "",
    ) -> str:
        """Append a value cut at limits; see `add`."""
        return self.add(Clip, node, [name], self._shapes[name], suffix, low=low, high=high)

    def affine(
        self,
        node: Node,
        name: str,
        gain: np.ndarray | float = 1.0,
        offset: np.ndarray | float = 0.0,
        suffix: str = "",
        shape: Shape | None = None,
    ) -> str:
        """Append a value times `gain` plus `offset`, which broadcast against it; see `add`.

        Args:
            node: it stands for.
            name: of the value.
            gain: factor.
            offset: term.
            suffix: as in `add`.
            shape: of the output, where it has not the value's.
        """
        shape = self._shapes[name] if shape is None else shape
        gain, offset = np.asarray(gain, float), np.asarray(offset, float)
        for constant in (gain, offset):
            if np.broadcast_shapes(constant.shape, shape) != shape:
                raise node.refuse(f"a constant {constant.shape} does not fit {shape}")
        return self.add(Affine, node, [name], shape, suffix, gain=gain, offset=offset)

    def gather(
        self,
        node: Node,
        inputs: Sequence[str],
        rearrange: Callable[..., np.ndarray],
        suffix: str = "",
        output: str | None = None,
        fill: float = 0.0,
    ) -> str:
        """Append an op that computes nothing: it puts elements elsewhere; see `add`.

        Args:
            node: it stands for.
            inputs: names of values.
            rearrange: given an array of indices for each input, return that of the output.
            suffix: as in `add`.
            output: as in `add`.
            fill: what index -1 stands for.
        """
        start, indices = 0, []
        for name in inputs:
            count = size(self._shapes[name])
            indices.append(np.arange(start, start + count).reshape(self._shapes[name]))
            start += count
        index = np.array(rearrange(*indices), order="C")
        return self.add(
            Gather, node, inputs, index.shape, suffix, output, index=index, fill=float(fill)
        )
