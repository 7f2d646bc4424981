"""Decision trees of scikit-learn, XGBoost and LightGBM, as skl2onnx and onnxmltools write them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnx import numpy_helper

from inkpin.model.converter.ir import Softmax, Trees, size
from inkpin.model.converter.onnx.builder import Builder
from inkpin.model.converter.onnx.graph import Node
from inkpin.model.converter.onnx.operators.dense import sigmoid
from inkpin.model.converter.onnx.registry import operator

_LEAF = "LEAF"
_MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT")
_AGGREGATES = ("AVERAGE", "SUM", "MIN", "MAX")
"""What TreeEnsemble's numbers stand for."""

_TWO_WAYS = "its post_transform is read in two ways: leave it out, let Softmax or Sigmoid follow"

_SWAPPED = {"BRANCH_GT": "BRANCH_LEQ", "BRANCH_GTE": "BRANCH_LT"}


@dataclass(frozen=True)
class _Forest:
    """The trees of a node, as Trees has them."""

    features: np.ndarray
    thresholds: np.ndarray
    children: np.ndarray
    roots: np.ndarray
    leaves: np.ndarray
    base: np.ndarray


@operator("TreeEnsembleClassifier")
def tree_ensemble_classifier(build: Builder, node: Node) -> None:
    """Trees that vote for classes; their scores are the second output."""
    labels = node.attributes.get("classlabels_int64s") or node.attributes["classlabels_strings"]
    columns = node.attributes.get("class_ids", [])
    forest = _forest(node, "class", len(labels), columns)
    transform = _text(node, "post_transform")
    if len(labels) == 2 and len({*columns}) == 1 and len(_numbers(node, "base_values")) == 2:
        raise node.refuse("base values of two classes, of which one has weights, are not supported")
    if len(labels) == 2 and {*columns} == {0}:
        shared = transform == "NONE" and bool((_numbers(node, "class_weights") >= 0).all())
        forest = _of_two_classes(forest, 1.0 if shared else 0.0)
    _add(build, node, forest, transform, node.outputs[1])


@operator("TreeEnsembleRegressor")
def tree_ensemble_regressor(build: Builder, node: Node) -> None:
    """Trees whose leaves hold numbers."""
    count = int(node.attributes.get("n_targets", 1))
    forest = _forest(node, "target", count, node.attributes.get("target_ids", []))
    forest = _aggregated(node, forest, _text(node, "aggregate_function", "SUM"))
    transform = _text(node, "post_transform")
    if count == 1 and transform in ("LOGISTIC", "SOFTMAX"):  # which onnxruntime leaves out
        raise node.refuse(_TWO_WAYS)
    _add(build, node, forest, transform, node.output)


@operator("TreeEnsemble")
def tree_ensemble(build: Builder, node: Node) -> None:
    """Trees whose leaves hold numbers, in the one operator that ai.onnx.ml 5 has for them."""
    how = _AGGREGATES[int(node.attributes.get("aggregate_function", 1))]
    if node.attributes.get("post_transform", 0):  # SOFTMAX to ONNX is LOGISTIC to onnxruntime
        raise node.refuse(_TWO_WAYS)
    forest = _forest_of_one_operator(node)
    _add(build, node, _aggregated(node, forest, how), "NONE", node.output)


def _forest_of_one_operator(node: Node) -> _Forest:
    """Return the trees of a TreeEnsemble, whose splits and leaves are lists of their own."""
    attributes = node.attributes
    modes = numpy_helper.to_array(attributes["nodes_modes"]).astype(int).ravel()
    if modes.max(initial=0) >= len(_MODES):
        raise node.refuse(
            "its comparisons for equality or membership are not supported: make one-hot features"
        )
    names = [_MODES[mode] for mode in modes]
    turned = np.array([name in _SWAPPED for name in names])
    values = numpy_helper.to_array(attributes["nodes_splits"]).astype(np.float32).ravel()
    thresholds = np.array(
        [
            _threshold(node, _SWAPPED.get(name, name), value)
            for name, value in zip(names, values, strict=True)
        ]
    )
    weights = numpy_helper.to_array(attributes["leaf_weights"]).astype(float).ravel()
    leaves = np.zeros((len(weights), int(attributes.get("n_targets", 1))))
    leaves[np.arange(len(weights)), attributes["leaf_targetids"]] = weights
    sides = []
    for side in ("true", "false"):
        at, is_leaf = (np.array(attributes[f"nodes_{side}{what}"]) for what in ("nodeids", "leafs"))
        if np.any(at < 0) or np.any(at >= np.where(is_leaf, len(leaves), len(names))):
            raise node.refuse("its nodes lead to some that are not there: export it again")
        sides.append(np.where(is_leaf, -1 - at, at))
    children = np.stack(sides, axis=1)
    children = np.where(turned[:, None], children[:, ::-1], children)
    roots = np.array(attributes["tree_roots"])
    reached = np.append(children[children >= 0], roots)
    if len(np.unique(reached)) != len(reached) or not 0 <= roots.min() <= roots.max() < len(names):
        raise node.refuse("two of its nodes lead to the same one")
    features = np.array(attributes["nodes_featureids"], np.int64)
    if not all(np.isfinite(array).all() for array in (thresholds, leaves)):
        raise node.refuse("its numbers are not all finite")
    return _Forest(features, thresholds, children, roots, leaves, np.zeros(leaves.shape[1]))


def _aggregated(node: Node, forest: _Forest, how: str) -> _Forest:
    """Return trees whose leaves are added up, whatever was to be made of them."""
    if how not in ("SUM", "AVERAGE"):
        raise node.refuse(f"aggregate_function {how} is not supported; SUM and AVERAGE are")
    leaves = forest.leaves / (len(forest.roots) if how == "AVERAGE" else 1)
    return replace(forest, leaves=leaves)


def _add(build: Builder, node: Node, forest: _Forest, transform: str, output: str) -> None:
    """Append the trees, and what becomes of their sums."""
    if transform not in ("NONE", "LOGISTIC", "SOFTMAX"):
        raise node.refuse(
            f"post_transform {transform} is not supported; NONE, LOGISTIC, SOFTMAX are"
        )
    name = build.value(node, whole=True)
    shape = build.shape(name)
    if size(shape[:-1]) != 1:
        raise node.refuse(f"its input has {size(shape[:-1])} rows: export it for one")
    if forest.features.size and not 0 <= forest.features.min() <= forest.features.max() < shape[-1]:
        raise node.refuse(f"its features do not fit an input of shape {shape}")
    out = (*shape[:-1], len(forest.base))
    suffix = "" if transform == "NONE" else ".sums"
    sums = build.add(Trees, node, [name], out, suffix, output, **vars(forest))
    if transform == "LOGISTIC":
        build.unary(node, sums, sigmoid, "", output, op_type="Sigmoid")
    elif transform == "SOFTMAX":
        layout = (1, len(forest.base), 1)
        build.add(Softmax, node, [sums], out, "", output, layout=layout, logarithm=False)


def _of_two_classes(forest: _Forest, whole: float) -> _Forest:
    """Return trees of one score, the second class's, with the first one's too.

    As onnxruntime has it, that is what is left of `whole`: of 1 where no weight is negative and
    nothing is done to the scores, else of 0.
    """
    score, base = forest.leaves[:, 0], forest.base[0]
    both = {"leaves": np.column_stack([-score, score]), "base": np.array([whole - base, base])}
    return _Forest(**{**vars(forest), **both})


def _forest(node: Node, what: str, count: int, columns: Sequence[int]) -> _Forest:
    """Return the trees of a node.

    Args:
        node: with the attributes of TreeEnsembleClassifier or -Regressor.
        what: its weights are of: "class" or "target".
        count: of them.
        columns: which one each weight is of.
    """
    attributes = node.attributes
    keys = list(zip(attributes["nodes_treeids"], attributes["nodes_nodeids"], strict=True))
    modes = [mode.decode() for mode in attributes["nodes_modes"]]
    values = np.asarray(_numbers(node, "nodes_values"), np.float32)
    features = np.array(attributes["nodes_featureids"], np.int64)
    if len({*keys}) != len(keys) or not len(keys) == len(modes) == len(values) == len(features):
        raise node.refuse("its lists of nodes do not fit each other")
    splits = [i for i, mode in enumerate(modes) if mode != _LEAF]
    leaves = [i for i, mode in enumerate(modes) if mode == _LEAF]
    # Where each node stands: a split by its number, a leaf as -1 - its row.
    place = {keys[i]: n for n, i in enumerate(splits)} | {
        keys[i]: -1 - n for n, i in enumerate(leaves)
    }
    children = np.zeros((len(splits), 2), np.int64)
    thresholds = np.zeros(len(splits))
    for n, i in enumerate(splits):
        tree = keys[i][0]
        ways = [attributes[f"nodes_{side}nodeids"][i] for side in ("true", "false")]
        if modes[i] in _SWAPPED:
            ways.reverse()
        children[n] = [place[tree, way] for way in ways]
        thresholds[n] = _threshold(node, _SWAPPED.get(modes[i], modes[i]), values[i])
    below = children.ravel()
    if len(np.unique(below)) != len(below):
        raise node.refuse("two of its nodes lead to the same one")
    inner = {*below.tolist()}
    roots = [at for at in place.values() if at not in inner]
    rows = np.zeros((len(leaves), count))
    owners = zip(attributes[f"{what}_treeids"], attributes[f"{what}_nodeids"], strict=True)
    weights = _numbers(node, f"{what}_weights")
    for owner, column, weight in zip(owners, columns, weights, strict=True):
        rows[-1 - place[owner], column] += weight
    base = np.zeros(count)
    given = _numbers(node, "base_values")
    if len(given) not in (0, count) and (len(given), count, {*columns}) != (1, 2, {0}):
        raise node.refuse(f"{len(given)} base values do not fit {count} sums")
    base[: len(given)] = given
    found = _Forest(features[splits], thresholds, children, np.array(roots), rows, base)
    if not all(np.isfinite(array).all() for array in (thresholds, rows, base)):
        raise node.refuse("its numbers are not all finite")
    return found


def _threshold(node: Node, mode: str, value: np.float32) -> float:
    """Return what a feature is at most where a comparison of float32 holds."""
    if mode == "BRANCH_LEQ":
        return float(value)
    if mode == "BRANCH_LT":
        return float(np.nextafter(value, np.float32(-np.inf)))
    raise node.refuse(f"the comparison {mode} is not supported; smaller and larger are")


def _numbers(node: Node, key: str) -> np.ndarray:
    """Return a list of numbers, which may be given as a tensor."""
    tensor = node.attributes.get(f"{key}_as_tensor")
    if isinstance(tensor, onnx.TensorProto):
        return np.asarray(numpy_helper.to_array(tensor), float).ravel()
    return np.array(node.attributes.get(key) or [], float)


def _text(node: Node, key: str, otherwise: str = "NONE") -> str:
    return str(node.attributes.get(key, otherwise.encode()).decode())
