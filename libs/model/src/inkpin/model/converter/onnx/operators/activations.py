"""Functions of one element: those of activation, and any other; in C a table of 256 entries."""

from collections.abc import Callable

import numpy as np

from inkpin.model.converter.ir import Binary, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import broadcast, reference, total
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.registry import JUMPS, operator, unsupported


def by_reference(build: Builder, node: Node) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function of the node's first input that ONNX's reference computes."""
    constants = {name: build.constants[name] for name in node.inputs[1:] if name}
    run = reference(node, constants, build.opsets)

    def function(values: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(run(values.astype(np.float32))[0], float)

    return function


@operator("Abs", "Erf", "Exp", "Log", "Reciprocal", "Sigmoid", "Sqrt", "Tanh", fold=total)
@operator("Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", fold=total)
@operator("Cos", "Cosh", "Sin", "Sinh", "Tan", fold=total)
@operator("Celu", "Elu", "Gelu", "HardSigmoid", "HardSwish", fold=total)
@operator("LeakyRelu", "Mish", "Selu", fold=total)
@operator("Shrink", "Softplus", "Softsign", "Swish", "ThresholdedRelu", fold=total)
def function(build: Builder, node: Node) -> None:
    """Any function of one element that ONNX's reference knows."""
    build.unary(node, build.value(node), by_reference(build, node))


@operator("Relu", fold=total)
def relu(build: Builder, node: Node) -> None:
    """What is below zero is zero; a layer before it does so at no cost."""
    build.clip(node, build.value(node), low=0.0)


@operator("Clip", fold=total)
def clip(build: Builder, node: Node) -> None:
    """Cut at two limits, both optional."""
    low, high = (
        default if limit is None else float(np.asarray(limit).reshape(()))
        for limit, default in zip(_limits(build, node), (-np.inf, np.inf), strict=True)
    )
    build.clip(node, build.value(node), min(low, high), high)


def _limits(build: Builder, node: Node) -> list[np.ndarray | float | None]:
    if build.version(node) < 11:
        return [node.attributes.get("min"), node.attributes.get("max")]
    return [build.optional(node, 1), build.optional(node, 2)]


@operator("PRelu")
def prelu(build: Builder, node: Node) -> None:
    """A slope of its own for negative numbers, one for all or by channel."""
    name, slope = build.value(node), build.constant(node, 1).astype(float)
    if slope.size == 1:
        factor = float(slope.reshape(()))
        build.unary(node, name, lambda values: np.where(values < 0, values * factor, values))
        return
    shape = build.shape(name)
    up = build.clip(node, name, low=0.0, suffix=".up")
    down = build.clip(node, name, high=0.0, suffix=".down")
    sloped = build.affine(node, down, gain=slope, suffix=".sloped")
    layout = (1, size(shape), 1)
    build.add(Binary, node, [up, sloped], shape, op_type="add", broadcast=layout)


@operator("Pow", fold=broadcast)
def power(build: Builder, node: Node) -> None:
    """A power with one constant exponent."""
    if build.constant(node, 1).size != 1:
        raise node.refuse("only one constant exponent for all elements is supported")
    exponent = float(build.constant(node, 1).reshape(()))
    build.unary(node, build.value(node), lambda values: np.power(values, exponent))


unsupported("Ceil", "Floor", "Round", "Sign", fold=total, hint=JUMPS)
unsupported("Trunc", hint=JUMPS)
