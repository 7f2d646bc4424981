"""Cut what only dresses the answer: a classifier's output is its scores."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inkpin.model.converter.onnx_graph import Graph, Node, Port
from inkpin.preprocess import InputError

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
    stripped = [_undressed(port, makers) for port in graph.outputs]
    scores = [port for port in stripped if not _is_label(port, makers, len(stripped))]
    names = {port.name for port in scores}
    if len(names) != 1:
        raise InputError(
            f"{len(names)} outputs of scores: cut the model so that one is left"
            if names
            else "no output of scores: cut the model before the labels"
        )
    needed = set(_reached(scores[0].name, makers))
    return Tail(
        scores[0],
        tuple(node for node in graph.nodes if id(node) in needed),
        tuple(f"{node.kind} {node.name}" for node in graph.nodes if id(node) not in needed),
    )


def _undressed(port: Port, makers: dict[str, Node]) -> Port:
    """Go back from an output over what changes no order of scores."""
    name, dtype = port.name, port.dtype
    while name in makers and makers[name].kind in (*_DRESS, *_LABELS):
        node = makers[name]
        # The extractor takes the class names first, then the index into them.
        back = node.inputs[1] if node.kind == "ArrayFeatureExtractor" else node.inputs[0]
        if back not in makers:
            break
        name, dtype = back, None
        node = makers[name]
        if node.kind in ("Reshape", "Squeeze") and makers.get(node.inputs[0]) is not None:
            inner = makers[node.inputs[0]]
            if inner.kind in (*_LABELS, "ArgMax"):
                name = node.inputs[0]
    return Port(name, dtype, port.shape) if name != port.name else port


def _is_label(port: Port, makers: dict[str, Node], outputs: int) -> bool:
    """Whether an output tells the class rather than the scores, in a model that has both."""
    node = makers.get(port.name)
    if node is None or outputs == 1:
        return False
    behind = node
    while behind.kind in (*_LABELS, "Reshape", "Cast") and behind.inputs:
        place = 1 if behind.kind == "ArrayFeatureExtractor" else 0
        before = makers.get(behind.inputs[place])
        if before is None:
            break
        behind = before
    whole = port.dtype is not None and port.dtype.kind not in "f"
    first = node.kind == "LinearClassifier" and port.name == node.outputs[0]
    return behind.kind == "ArgMax" or first or (whole and port.dtype not in (np.uint8, np.int8))


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
