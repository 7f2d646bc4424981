"""How often an engine is right, on bitmaps or on pen strokes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict, TypeVar

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.arrays import Targets
from inkpin.model.data.labelled import LabelledBitmaps, targets_of
from inkpin.model.data.samples import Sample
from inkpin.model.inference.c_engine import CRecogniser, CStrokes
from inkpin.model.inference.engine import Engine, Pipeline
from inkpin.model.inference.recogniser import Prediction, Recogniser
from inkpin.model.inference.xtensa_engine import XtensaRecogniser
from inkpin.preprocess import Strokes

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "onnx": lambda path: Pipeline(Strokes, Recogniser.load(path)),
    "device": lambda path: Pipeline(CStrokes, CRecogniser.load(path)),
    "xtensa": XtensaRecogniser.load,
}
"""How to load a network into each of the equal engines."""

_BATCH = 500
_T = TypeVar("_T")


class Metrics(TypedDict):
    """How well one set was read.

    Attributes:
        set: its name.
        n: samples.
        accuracy: share right, refused or not.
        accuracy_accepted: share right of those not refused; None if all were.
        rejected: how many were refused.
        per_label: share right of each label that occurs.
        confusion: how often each label (row) was read as each other (column).
        engine: who read it.
        preprocess: the mode that made bitmaps of strokes; None for what was bitmaps already.
    """

    set: str
    n: int
    accuracy: float
    accuracy_accepted: float | None
    rejected: int
    per_label: dict[str, float]
    confusion: list[list[int]]
    engine: str
    preprocess: str | None


def evaluate_bitmaps(network: Engine, engine: str, name: str, known: LabelledBitmaps) -> Metrics:
    """Return how well an engine reads bitmaps.

    Args:
        network: the engine.
        engine: its name.
        name: of the set.
        known: the set.

    Raises:
        InputError: it shows a label that the network does not know.
    """
    targets = _targets(known.texts, name, network.labels)
    bitmaps = known.bitmaps > 0
    predictions = _in_batches(lambda part: network.predictions(bitmaps[part]), len(known), name)
    return metrics(name, network.labels, targets, predictions, engine=engine)


def evaluate_strokes(
    network: Engine, engine: str, name: str, samples: Sequence[Sample], mode: str
) -> Metrics:
    """Return how well an engine reads strokes, made bitmaps by a mode; else as above."""
    targets = _targets([sample.label for sample in samples], name, network.labels)
    strokes = [sample.strokes for sample in samples]
    readings = _in_batches(lambda part: network.readings(strokes[part], mode), len(samples), name)
    return metrics(
        name,
        network.labels,
        targets,
        [reading.prediction for reading in readings],
        engine=engine,
        preprocess=mode,
        legible=np.array([reading.legible for reading in readings]),
    )


def _targets(texts: Sequence[str], name: str, labels: tuple[str, ...]) -> Targets:
    if unknown := sorted(set(texts) - set(labels)):
        raise InputError(
            f"{name}: samples of {unknown[0]!r}, which this network does not know "
            f"(it knows {' '.join(labels)}): leave them out or take another model"
        )
    return targets_of(texts, labels)


def _in_batches(read: Callable[[slice], list[_T]], count: int, name: str) -> list[_T]:
    """Return what `read` makes of all parts, showing progress."""
    starts = tqdm(range(0, count, _BATCH), f"{name}: reading", leave=False)
    return [answer for start in starts for answer in read(slice(start, start + _BATCH))]


def metrics(
    name: str,
    labels: tuple[str, ...],
    targets: Targets,
    predictions: Sequence[Prediction],
    *,
    engine: str,
    preprocess: str | None = None,
    legible: npt.NDArray[np.bool_] | None = None,
) -> Metrics:
    """Return how well a set was read.

    Args:
        name: of the set.
        labels: that the network knows.
        targets: what is right.
        predictions: one each.
        engine: who made them.
        preprocess: the mode that made bitmaps of strokes, if one did.
        legible: (n,); what is not counts as refused.
    """
    best = np.array([prediction.best for prediction in predictions])
    accepted = np.array([prediction.label is not None for prediction in predictions])
    if legible is not None:
        accepted &= legible
    right = best == targets
    confusion = np.zeros((len(labels), len(labels)), int)
    np.add.at(confusion, (targets, best), 1)
    return {
        "set": name,
        "n": len(targets),
        "accuracy": float(right.mean()),
        "accuracy_accepted": float(right[accepted].mean()) if accepted.any() else None,
        "rejected": int((~accepted).sum()),
        "per_label": {
            label: float(right[targets == place].mean())
            for place, label in enumerate(labels)
            if (targets == place).any()
        },
        "confusion": confusion.tolist(),
        "engine": engine,
        "preprocess": preprocess,
    }


def table(result: Metrics, labels: tuple[str, ...]) -> str:
    """Return the metrics as text: a summary and the confusion matrix with recalls."""
    width = max(5, *(len(label) + 1 for label in labels))
    of_accepted = result["accuracy_accepted"]
    lines = [
        f"{result['set']}: {result['accuracy']:.2%} of {result['n']:,} right "
        f"(engine {result['engine']}"
        + (f", preprocess {result['preprocess']})" if result["preprocess"] else ")"),
        f"refused {result['rejected']:,}"
        + ("" if of_accepted is None else f"; of the others {of_accepted:.2%} right"),
        "",
        "true \\ read" + "".join(f"{label:>{width}}" for label in labels) + "    right",
    ]
    for label, row in zip(labels, result["confusion"], strict=True):
        share = result["per_label"].get(label)
        cells = "".join(f"{count or '.':>{width}}" for count in row)
        lines.append(f"{label:>11}{cells}" + ("" if share is None else f"  {share:7.2%}"))
    return "\n".join(lines)
