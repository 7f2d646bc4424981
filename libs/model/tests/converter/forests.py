"""Random decision trees as ONNX models, of the form that skl2onnx writes."""

from onnx import TensorProto, helper


def forest(rng, classes=3, trees=4, features=5, depth=4, *, points=None, **attributes):
    """Return a classifier of random trees, or a regressor where `classes` is None.

    Args:
        rng: a generator.
        classes: how many.
        trees: how many.
        features: how many.
        depth: of a tree at most.
        points: thresholds to draw from; by default any.
        **attributes: of the node, which replace those that are drawn.
    """
    what = "target" if classes is None else "class"
    columns = classes or 1
    lists = {
        f"nodes_{key}": []
        for key in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids")
    }
    lists["nodes_falsenodeids"] = []
    weights = {f"{what}_{key}": [] for key in ("treeids", "nodeids", "ids", "weights")}

    def grow(tree, number, level):
        """Append a node of that number and what hangs below it; return the next free number."""
        row = len(lists["nodes_modes"])
        leaf = level == depth or (level and rng.random() < 0.2)
        point = rng.choice(points) if points is not None else rng.normal()
        values = (tree, number, int(rng.integers(features)), float(point), "BRANCH_LEQ", 0, 0)
        values = (*values[:4], "LEAF", 0, 0) if leaf else values
        for key, value in zip(lists, values, strict=True):
            lists[key].append(value)
        if leaf:
            for column in range(columns):
                given = (tree, number, column, float(rng.normal()))
                for key, value in zip(weights, given, strict=True):
                    weights[key].append(value)
            return number + 1
        lists["nodes_truenodeids"][row] = number + 1
        other = grow(tree, number + 1, level + 1)
        lists["nodes_falsenodeids"][row] = other
        return grow(tree, other, level + 1)

    for tree in range(trees):
        grow(tree, 0, 0)
    kind = "TreeEnsembleRegressor" if classes is None else "TreeEnsembleClassifier"
    own = {"n_targets": 1} if classes is None else {"classlabels_int64s": [*range(classes)]}
    outputs = ["y"] if classes is None else ["label", "y"]
    made = {**lists, **weights, **own, "post_transform": "NONE", **attributes}
    node = helper.make_node(kind, ["x"], outputs, domain="ai.onnx.ml", **made)
    values = [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", columns])]
    if classes is not None:
        values.insert(0, helper.make_tensor_value_info("label", TensorProto.INT64, ["n"]))
    given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", features])]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(
        helper.make_graph([node], "forest", given, values), opset_imports=opsets
    )
    model.ir_version = 8
    return model
