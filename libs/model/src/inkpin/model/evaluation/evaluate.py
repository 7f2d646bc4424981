"""How often the network is right, on MNIST's test images or on pen strokes."""

import argparse
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.arrays import Targets
from inkpin.common.files import replacing
from inkpin.model.data import fetch
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.labelled import targets_of
from inkpin.model.data.samples import load_samples
from inkpin.model.inference.c_engine import CRecogniser, CStrokes
from inkpin.model.inference.engine import Engine, Pipeline
from inkpin.model.inference.recogniser import SHIPPED, Prediction, Recogniser
from inkpin.model.inference.xtensa_engine import XtensaRecogniser
from inkpin.preprocess import MODES, NORMALISED, Strokes

ENGINES: dict[str, Callable[[Path], Engine]] = {
    "onnx": lambda path: Pipeline(Strokes, Recogniser.load(path)),
    "device": lambda path: Pipeline(CStrokes, CRecogniser.load(path)),
    "xtensa": XtensaRecogniser.load,
}
"""How to load a network into each of the equal engines."""

_BATCH = 500
_T = TypeVar("_T")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--strokes", type=Path, nargs="+", metavar="FILE.jsonl")
    data.add_argument(
        "--mnist",
        type=Path,
        nargs="?",
        const=False,
        metavar="DIR",
        help="MNIST's 10,000 test images, pixel > 0 (default DIR: what `fetch` got)",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="onnx",
        help="onnxruntime, the device's C on this machine, or on an emulated Xtensa core"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--preprocess",
        choices=MODES,
        default=NORMALISED,
        help="from strokes to a bitmap (default: %(default)s)",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="the first N samples only")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--png", type=Path, help="draw the confusion matrix into this file")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model evaluate`."""
    if arguments.limit is not None and arguments.limit < 1:
        raise InputError("--limit must be at least 1")
    engine = ENGINES[arguments.engine](arguments.model)
    results = []
    if arguments.mnist is not None:
        mnist = load_split(arguments.mnist or fetch.mnist_folder(), "test")[: arguments.limit]
        _check(mnist.texts, "MNIST test", engine.labels)
        predictions = _in_batches(engine.predictions, mnist.bitmaps > 0, "MNIST test")
        targets = mnist.among(engine.labels).targets
        legible = np.ones(len(mnist), bool)
        results.append(figures("MNIST test", engine.labels, targets, predictions, legible))
    for path in arguments.strokes or ():
        samples = load_samples(path)[: arguments.limit]
        if not samples:
            raise InputError(f"{path}: no samples: name a file that holds some")
        texts = [sample.label for sample in samples]
        _check(texts, path.name, engine.labels)
        read = partial(engine.readings, mode=arguments.preprocess)
        readings = _in_batches(read, [sample.strokes for sample in samples], path.name)
        predictions = [reading.prediction for reading in readings]
        legible = np.array([reading.legible for reading in readings])
        targets = targets_of(texts, engine.labels)
        results.append(figures(path.name, engine.labels, targets, predictions, legible))
    for result in results:
        mode = None if arguments.mnist is not None else arguments.preprocess
        result.update(engine=arguments.engine, preprocess=mode)
    if arguments.png:
        _draw(results, engine.labels, arguments.png)
    if arguments.json:
        print(json.dumps(results[0] if len(results) == 1 else {"sets": results}))
    else:
        print("\n\n".join(_table(result, engine.labels) for result in results))


def _check(texts: list[str], name: str, labels: tuple[str, ...]) -> None:
    """Refuse samples of what the network does not know."""
    if strange := sorted(set(texts) - set(labels)):
        raise InputError(
            f"{name}: samples of {strange[0]!r}, which this network does not know "
            f"(it knows {' '.join(labels)}): leave them out or take another model"
        )


def _in_batches(read: Callable[[Any], list[_T]], items: Sequence[Any], name: str) -> list[_T]:
    """Return what `read` makes of all items, showing progress."""
    starts = tqdm(range(0, len(items), _BATCH), f"{name}: reading", leave=False)
    return [answer for start in starts for answer in read(items[start : start + _BATCH])]


def figures(
    name: str,
    labels: tuple[str, ...],
    truth: Targets,
    predictions: list[Prediction],
    legible: np.ndarray,
) -> dict[str, Any]:
    """Return the figures of one set; see the keys of `inkpin-model evaluate --json`."""
    best = np.array([prediction.best for prediction in predictions])
    accepted = legible & np.array([prediction.label is not None for prediction in predictions])
    right = best == truth
    confusion = np.zeros((len(labels), len(labels)), int)
    np.add.at(confusion, (truth, best), 1)
    return {
        "set": name,
        "n": len(truth),
        "accuracy": float(right.mean()),
        "accuracy_accepted": float(right[accepted].mean()) if accepted.any() else None,
        "rejected": int((~accepted).sum()),
        "per_label": {
            label: float(right[truth == i].mean())
            for i, label in enumerate(labels)
            if (truth == i).any()
        },
        "confusion": confusion.tolist(),
    }


def _table(result: dict[str, Any], labels: tuple[str, ...]) -> str:
    """Return the figures as text: a summary and the confusion matrix with recalls."""
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


def _draw(results: list[dict[str, Any]], labels: tuple[str, ...], path: Path) -> None:
    """Draw the confusion matrices side by side."""
    try:
        from inkpin.model.evaluation import charts
    except ImportError as error:
        raise InputError("the picture takes matplotlib: pip install 'inkpin[report]'") from error
    with replacing(path) as file:
        file.write(charts.png(charts.confusion(results, labels)))
