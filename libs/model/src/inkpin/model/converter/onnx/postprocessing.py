"""Cut what only dresses the answer: a classifier's output is its scores."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inkpin.common import InputError
from inkpin.model.converter.onnx.graph import Graph, Node, Port

_DRESS = ("Cast", "Identity", "Normalizer", "ZipMap", "ai.onnx.ml.ZipMap")
_LABELS = ("ArrayFeatureExtractor", "LabelEncoder")


@dataclass(frozen=True)
class Tail:
    """What remains to be converted.

    Attributes:
        output: the scores.
        nodes: those that the scores depend on, in order.
        dropped: the others, "kind name".
    """

    output: Port
    nodes: tuple[Node, ...]
    dropped: tuple[str, ...]


def find_tail(graph: Graph) -> Tail:
    """Return the one output of scores and what it depends on.

    Raises:
        InputError: there is no such output, or more than one.
    """
    makers = {name: node for node in graph.nodes for name in node.outputs if name}
    if not graph.outputs or not graph.nodes:
        raise InputError("the graph computes nothing: take another file")
    stripped = [_undressed(port, graph, makers) for port in graph.outputs]
    scores = [port for port in stripped if not _is_label(port, makers, len(stripped))]
    names = {port.name for port in scores}
    if len(names) != 1:
        raise InputError(
            f"{len(names)} outputs of scores, {', '.join(map(repr, sorted(names)))}: cut the model "
            "so that one is left"
            if names
            else "no output of scores: cut the model before the labels"
        )
    needed = set(_reached(scores[0].name, makers))
    return Tail(
        scores[0],
        tuple(node for node in graph.nodes if id(node) in needed),
        tuple(f"{node.op_type} {node.name}" for node in graph.nodes if id(node) not in needed),
    )


def _undressed(port: Port, graph: Graph, makers: dict[str, Node]) -> Port:
    """Go back from an output over what changes no order of scores."""
    name, dtype = port.name, port.dtype
    while name in makers:
        node = makers[name]
        if node.op_type in (*_DRESS, *_LABELS):
            # The extractor takes the class names first, then the index into them.
            back = node.inputs[1] if node.op_type == "ArrayFeatureExtractor" else node.inputs[0]
        else:
            back = _before_shares(node, makers)
            back = back and _before_logistic(back, graph, makers)
        if back not in makers:
            break
        name, dtype = back, None
        node = makers[name]
        if node.op_type in ("Reshape", "Squeeze") and makers.get(node.inputs[0]) is not None:
            inner = makers[node.inputs[0]]
            if inner.op_type in (*_LABELS, "ArgMax"):
                name = node.inputs[0]
    return Port(name, dtype, port.shape) if name != port.name else port


def _before_shares(node: Node, makers: dict[str, Node]) -> str | None:
    """Return the scores that a node divides by their sum, as scikit-learn's classifiers do.

    They guard against a sum of 0 by masks, which both sides of the division may have added.
    """
    if node.op_type != "Div":
        return None
    scores, total = node.inputs
    waiting, seen = [total], set()
    while waiting:
        maker = makers.get(waiting.pop())
        if maker is None or id(maker) in seen:
            continue
        seen.add(id(maker))
        if maker.op_type == "ReduceSum":
            whole = maker.inputs[0]
            plus = makers.get(scores)
            if whole == scores or (plus and plus.op_type == "Add" and whole in plus.inputs):
                return whole
        elif maker.op_type in ("Add", "Mul", "Cast", "Not"):
            waiting += maker.inputs
    return None


def _before_logistic(name: str, graph: Graph, makers: dict[str, Node]) -> str:
    """Return what a value is the logistic function of, spelled out or not, else the value."""
    node, back = makers.get(name), name
    if node and node.op_type == "Sigmoid":
        return node.inputs[0]
    for kind, constant in (("Reciprocal", None), ("Add", 1.0), ("Exp", None), ("Mul", -1.0)):
        node = makers.get(back)
        if node is None or node.op_type != kind:
            return name
        if constant is not None and not np.all(graph.constants.get(node.inputs[1]) == constant):
            return name
        back = node.inputs[0]
    return back


def _is_label(port: Port, makers: dict[str, Node], outputs: int) -> bool:
    """Whether an output tells the class rather than the scores, in a model that has both."""
    node = makers.get(port.name)
    if node is None or outputs == 1:
        return False
    behind = node
    while behind.op_type in (*_LABELS, "Reshape", "Cast") and behind.inputs:
        place = 1 if behind.op_type == "ArrayFeatureExtractor" else 0
        before = makers.get(behind.inputs[place])
        if before is None:
            break
        behind = before
    whole = port.dtype is not None and port.dtype.kind not in "f"
    first = node.op_type.endswith("Classifier") and port.name == node.outputs[0]
    return behind.op_type == "ArgMax" or first or (whole and port.dtype not in (np.uint8, np.int8))


def _reached(name: str, makers: dict[str, Node]) -> Iterator[int]:
    """Yield the ids of the nodes that a value depends on."""
    waiting, seen = [name], set()
    while waiting:
        node = makers.get(waiting.pop())
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield id(node)
        waiting += node.inputs
