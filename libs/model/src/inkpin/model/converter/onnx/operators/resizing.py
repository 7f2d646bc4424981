"""Resize and Upsample: maps of another size."""

from collections.abc import Sequence

import numpy as np

from inkpin.model.converter.ir import Interpolate
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.constants import given_shape
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.convolution import spatial
from inkpin.model.converter.onnx.operators.movement import by_reference
from inkpin.model.converter.onnx.registry import operator


def _resized(arrays: Sequence[np.ndarray]) -> float:
    """Bound of the elements that Resize makes: its last input has sizes, or factors."""
    sides = given_shape(arrays)
    return sides if arrays[-1].dtype.kind == "i" else arrays[0].size * sides


@operator("Resize", "Upsample")
def resize(build: Builder, node: Node) -> None:
    """More or fewer elements: each one of the nearest, or what lies between them."""
    mode = node.attributes.get("mode", b"nearest").decode()
    if mode == "nearest":
        by_reference(build, node, _resized)
    elif mode == "linear":
        _interpolate(build, node)
    else:
        raise node.refuse(f"the mode {mode} is not supported; nearest and linear are")


def _interpolate(build: Builder, node: Node) -> None:
    name = build.value(node)
    shape = build.shape(name)
    sides = spatial(node, shape)
    if node.attributes.get("antialias", 0):
        raise node.refuse("antialias is not supported: average and resize without it")
    wanted, factors = _target(build, node, shape)
    if wanted[:2] != list(shape[:2]):
        raise node.refuse(f"it makes {wanted} of {list(shape)}: only maps are resized")
    rows, columns = (
        _places(node, side, made, factor)
        for side, made, factor in zip(
            sides, ([1] * 2 + wanted[2:])[-2:], ([1.0] * 2 + factors[2:])[-2:], strict=True
        )
    )
    maps = (shape[0] * shape[1], *sides)
    build.add(Interpolate, node, [name], wanted, maps=maps, rows=rows, columns=columns)


def _target(build: Builder, node: Node, shape: tuple[int, ...]) -> tuple[list[int], list[float]]:
    """Return the shape of the output, and by which factor each side grows."""
    old = node.op_type == "Upsample" or build.version(node) < 11
    scales = build.optional(node, 1 if old else 2)
    if old and scales is None:
        scales = np.array(node.attributes["scales"])
    sizes = None if old else build.optional(node, 3)
    given = node.attributes.get("axes")
    axes = [range(len(shape))[axis] for axis in (range(len(shape)) if given is None else given)]
    wanted, factors = [*shape], [1.0] * len(shape)
    if scales is not None and scales.size:
        for axis, factor in zip(axes, scales.ravel().tolist(), strict=True):
            wanted[axis], factors[axis] = int(shape[axis] * factor), factor
        return wanted, factors
    if sizes is None:
        raise node.refuse("it has neither scales nor sizes")
    if node.attributes.get("keep_aspect_ratio_policy", b"stretch") != b"stretch":
        raise node.refuse("only the keep_aspect_ratio_policy stretch is supported")
    for axis, side in zip(axes, sizes.ravel().tolist(), strict=True):
        wanted[axis], factors[axis] = int(side), side / shape[axis]
    return wanted, factors


def _places(node: Node, side: int, made: int, factor: float) -> np.ndarray:
    """Return where each of `made` cells lies among `side` cells, the ends included."""
    at = np.arange(made, dtype=float)
    way = node.attributes.get("coordinate_transformation_mode", b"").decode()
    if not way:
        way = "half_pixel" if node.op_type == "Resize" and len(node.inputs) > 2 else "asymmetric"
    if way == "asymmetric":
        places = at / factor
    elif way == "align_corners":
        places = at * (side - 1) / max(made - 1, 1)
    elif way in ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"):
        places = (at + 0.5) / factor - 0.5
        if way == "pytorch_half_pixel" and made == 1:
            places = np.zeros(1)
        if way == "half_pixel_symmetric":
            places += side / 2 * (1 - made / (factor * side))
    else:
        raise node.refuse(f"coordinate_transformation_mode {way} is not supported")
    return np.clip(places, 0, side - 1)
