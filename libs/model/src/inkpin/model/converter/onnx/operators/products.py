"""Products of two computed values, as attention has them."""

import numpy as np

from inkpin.model.converter.ir import Grid, MatMul, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.graph import Node


def add_product(build: Builder, node: Node, first: str, second: str, suffix: str = "") -> str:
    """Append matrices times matrices: numpy's matmul of two values, vectors and batches too."""
    shapes = [build.shape(first), build.shape(second)]
    left = shapes[0] if len(shapes[0]) > 1 else (1, *shapes[0])
    right = shapes[1] if len(shapes[1]) > 1 else (*shapes[1], 1)
    if not all(shapes) or left[-1] != right[-2]:
        raise node.refuse(f"values of shapes {shapes[0]} and {shapes[1]} have no product")
    batch = np.broadcast_shapes(left[:-2], right[:-2])
    rows, depth, columns = left[-2], left[-1], right[-1]
    out = [*batch]
    out += [rows] if len(shapes[0]) > 1 else []
    out += [columns] if len(shapes[1]) > 1 else []
    names, grids = [], []
    for name, shape, place in ((first, left, "first"), (second, right, "second")):
        matrix = shape[-2:]
        if size(shape[:-2]) not in (1, size(batch)):

            def spread(index: np.ndarray, sides: tuple[int, ...] = (*batch, *matrix)) -> np.ndarray:
                return np.broadcast_to(index, sides)

            name = build.gather(node, [name], spread, f".{place}")
            shape = (*batch, *matrix)
        names.append(name)
        step = size(matrix) if size(shape[:-2]) > 1 else 0
        grids.append(Grid(0, step, matrix[1], 1))
    return build.add(
        MatMul,
        node,
        names,
        out,
        suffix,
        layout=(size(batch), rows, depth, columns),
        grids=(grids[0], grids[1]),
    )
