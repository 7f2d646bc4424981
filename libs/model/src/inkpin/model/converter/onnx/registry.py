"""The operators that the converter knows; the modules of operators/ register them here."""

from collections.abc import Callable
from dataclasses import dataclass

from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import Bound
from inkpin.model.converter.onnx.graph import Node

Convert = Callable[[Builder, Node], None]


@dataclass(frozen=True)
class Operator:
    """What the converter knows of an operator.

    Attributes:
        convert: appends the ops that do a node's work; None where it is not supported.
        fold: bound of the elements that it makes where all its inputs are constants, and it is
            computed by ONNX's reference; None where `convert` gets such a node too.
        rearranges: whether constants behind it still are the integers that they were given as.
        hint: what to do instead of an operator that is not supported.
    """

    convert: Convert | None = None
    fold: Bound | None = None
    rearranges: bool = False
    hint: str = ""


JUMPS = "it jumps, and 8 bits cannot tell on which side of a jump a number lies"
"""A hint of several families."""

OPERATORS: dict[str, Operator] = {}
"""By operator type; those of other domains than ONNX's own are "domain.Name"."""


def operator(
    *op_types: str, fold: Bound | None = None, rearranges: bool = False
) -> Callable[[Convert], Convert]:
    """Register how nodes of these types are converted; the attributes are Operator's."""

    def register(convert: Convert) -> Convert:
        _register(op_types, Operator(convert, fold, rearranges))
        return convert

    return register


def unsupported(*op_types: str, hint: str = "", fold: Bound | None = None) -> None:
    """Register operators that no value goes through; the attributes are Operator's."""
    _register(op_types, Operator(fold=fold, hint=hint))


def _register(op_types: tuple[str, ...], what: Operator) -> None:
    for op_type in op_types:
        if op_type in OPERATORS:
            raise ValueError(f"{op_type} is registered twice")
        OPERATORS[op_type] = what
