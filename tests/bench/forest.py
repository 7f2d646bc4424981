"""A forest of scikit-learn's, and the same as ONNX."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper

from bench.converters import Task

_FEATURES = 8


def forest(path: Path) -> Task | None:
    """Train a forest of 20 trees, write it as ONNX; None without scikit-learn."""
    if not importlib.util.find_spec("sklearn"):
        return None
    from sklearn.ensemble import RandomForestClassifier

    random = np.random.default_rng(0)
    x = np.rint(random.normal(0, 1000, (2000, _FEATURES))).clip(-32768, 32767)
    y = (x[:, 0] * x[:, 1] > 0).astype(int) + (x[:, 2] + x[:, 3] > 500)
    made = RandomForestClassifier(20, max_depth=6, random_state=0).fit(x, y)
    path.write_bytes(_as_onnx(made))
    return Task(path, x.astype(np.float32), made)


def _as_onnx(made: Any) -> bytes:
    nodes: dict[str, list[Any]] = {
        f"nodes_{key}": []
        for key in (
            *("treeids", "nodeids", "featureids", "values", "modes"),
            *("truenodeids", "falsenodeids"),
        )
    }
    leaves: dict[str, list[Any]] = {
        f"class_{key}": [] for key in ("treeids", "nodeids", "ids", "weights")
    }
    for number, estimator in enumerate(made.estimators_):
        tree = estimator.tree_
        for at in range(tree.node_count):
            leaf = tree.children_left[at] < 0
            split = (max(tree.feature[at], 0), tree.threshold[at], "LEAF" if leaf else "BRANCH_LEQ")
            ways = (0, 0) if leaf else (tree.children_left[at], tree.children_right[at])
            row = (number, at, int(split[0]), float(split[1]), split[2], *map(int, ways))
            for values, value in zip(nodes.values(), row, strict=True):
                values.append(value)
            shares = tree.value[at][0] / tree.value[at][0].sum() / len(made.estimators_)
            for index, share in enumerate(shares if leaf else ()):
                for values, value in zip(
                    leaves.values(), (number, at, index, float(share)), strict=True
                ):
                    values.append(value)
    node = helper.make_node(
        "TreeEnsembleClassifier",
        ["x"],
        ["label", "y"],
        domain="ai.onnx.ml",
        classlabels_int64s=[*map(int, made.classes_)],
        post_transform="NONE",
        **nodes,
        **leaves,
    )
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, _FEATURES])
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, len(made.classes_)]),
    ]
    graph = helper.make_graph([node], "forest", [given], outputs)
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=7)
    return bytes(model.SerializeToString(deterministic=True))
