"""Find the scores of a classifier, and cut what only dresses them: labels, sharing, maps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.onnx.graph import Graph, Node, ValueInfo

_KEEPS_ORDER = ("Cast", "Identity", "Normalizer", "ZipMap")
_LABELS = ("ArrayFeatureExtractor", "LabelEncoder")


@dataclass(frozen=True)
class Scores:
    """What of a graph is to be converted.

    Attributes:
        outputs: the scores.
        nodes: those that the scores depend on, in order.
        dropped: the others, "operator name".
    """

    outputs: tuple[ValueInfo, ...]
    nodes: tuple[Node, ...]
    dropped: tuple[str, ...]


def find_scores(graph: Graph) -> Scores:
    """Return the outputs of scores and what they depend on.

    The only one loses what dresses it; several are as the graph has them.

    Raises:
        InputError: there is no such output.
    """
    producers = {name: node for node in graph.nodes for name in node.outputs if name}
    if not graph.outputs or not graph.nodes:
        raise InputError("the graph computes nothing: take another file")
    stripped = [_without_postprocessing(value, graph, producers) for value in graph.outputs]
    labels = graph.named_outputs or len(stripped) == 1
    found = [
        (value, bare)
        for value, bare in zip(graph.outputs, stripped, strict=True)
        if labels or not _is_label(bare, producers)
    ]
    scores = {bare.name: bare for _, bare in found}
    if len(scores) > 1:
        scores = {value.name: value for value, _ in found}
    if not scores:
        raise InputError("no output of scores: cut the model before the labels")
    needed = {each for name in scores for each in _ancestors(name, producers)}
    return Scores(
        tuple(scores.values()),
        tuple(node for node in graph.nodes if id(node) in needed),
        tuple(f"{node.op_type} {node.name}" for node in graph.nodes if id(node) not in needed),
    )


def _without_postprocessing(
    value: ValueInfo, graph: Graph, producers: Mapping[str, Node]
) -> ValueInfo:
    """Go back from an output over what changes no order of scores."""
    name, dtype = value.name, value.dtype
    while name in producers:
        node = producers[name]
        if node.op_type in (*_KEEPS_ORDER, *_LABELS):
            back: str | None = node.inputs[_data_input(node)]
        else:
            shared = _before_sharing(node, producers)
            back = shared and _before_sigmoid(shared, graph, producers)
            back = back or _before_softmax(node, producers)
        if back is None or back not in producers:
            break
        name, dtype = back, None
        node = producers[name]
        before = producers.get(node.inputs[0]) if node.op_type in ("Reshape", "Squeeze") else None
        if before and before.op_type in (*_LABELS, "ArgMax"):
            name = node.inputs[0]
    return ValueInfo(name, dtype, value.shape) if name != value.name else value


def _data_input(node: Node) -> int:
    """Return which input goes through: the extractor takes the class names first."""
    return 1 if node.op_type == "ArrayFeatureExtractor" else 0


def _before_sharing(node: Node, producers: Mapping[str, Node]) -> str | None:
    """Return the scores that a node divides by their sum, as scikit-learn's classifiers do.

    They guard against a sum of 0 by masks, which both sides of the division may have added.
    """
    if node.op_type != "Div":
        return None
    scores, total = node.inputs
    waiting, seen = [total], set()
    while waiting:
        producer = producers.get(waiting.pop())
        if producer is None or id(producer) in seen:
            continue
        seen.add(id(producer))
        if producer.op_type == "ReduceSum":
            whole = producer.inputs[0]
            plus = producers.get(scores)
            if whole == scores or (plus and plus.op_type == "Add" and whole in plus.inputs):
                return whole
        elif producer.op_type in ("Add", "Mul", "Cast", "Not"):
            waiting += producer.inputs
    return None


def _before_softmax(node: Node, producers: Mapping[str, Node]) -> str | None:
    """Return the scores whose softmax a node gives, or its logarithm, as naive Bayes spells it.

    That is what is left of them without the logarithm of the sum of their exponentials.
    """
    if node.op_type == "Exp":
        before = producers.get(node.inputs[0])
        return _before_softmax(before, producers) if before else None
    total = producers.get(node.inputs[1]) if node.op_type == "Sub" else None
    while total and total.op_type in ("Reshape", "Unsqueeze"):
        total = producers.get(total.inputs[0])
    if total is None or total.op_type != "ReduceLogSumExp":
        return None
    return node.inputs[0] if total.inputs[0] == node.inputs[0] else None


def _before_sigmoid(name: str, graph: Graph, producers: Mapping[str, Node]) -> str:
    """Return what a value is the sigmoid of, spelled out or not, else the value."""
    node, back = producers.get(name), name
    if node and node.op_type == "Sigmoid":
        return node.inputs[0]
    for op_type, constant in (("Reciprocal", None), ("Add", 1.0), ("Exp", None), ("Mul", -1.0)):
        node = producers.get(back)
        if node is None or node.op_type != op_type:
            return name
        if constant is not None and not np.all(graph.constants.get(node.inputs[1]) == constant):
            return name
        back = node.inputs[0]
    return back


def _is_label(value: ValueInfo, producers: Mapping[str, Node]) -> bool:
    """Whether an output tells the class rather than the scores, in a model that has both."""
    node = producers.get(value.name)
    if node is None:
        return False
    behind = node
    while behind.op_type in (*_LABELS, "Reshape", "Cast") and behind.inputs:
        before = producers.get(behind.inputs[_data_input(behind)])
        if before is None:
            break
        behind = before
    whole = value.dtype is not None and value.dtype.kind not in "f"
    first = node.op_type.endswith("Classifier") and value.name == node.outputs[0]
    return behind.op_type == "ArgMax" or first or (whole and value.dtype not in (np.uint8, np.int8))


def _ancestors(name: str, producers: Mapping[str, Node]) -> Iterator[int]:
    """Yield the ids of the nodes that a value depends on."""
    waiting, seen = [name], set()
    while waiting:
        node = producers.get(waiting.pop())
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield id(node)
        waiting += node.inputs
