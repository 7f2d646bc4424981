"""What there is to say about a network, measured."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnx
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.arrays import Bitmaps, GreyImages
from inkpin.common.files import read_bytes
from inkpin.common.installation import typed
from inkpin.model.converter import convert
from inkpin.model.data import fetch
from inkpin.model.data.dataset import FOLDS, SOURCES, Dataset, HeldOut, Split, may_be_shown
from inkpin.model.data.formats.idx import image_file, label_file, load_split
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.model.evaluation.contact_sheets import plain_sheets, training_sheets
from inkpin.model.evaluation.cost import Costs, costs, spread
from inkpin.model.evaluation.evaluate import Answers, Metrics, metrics
from inkpin.model.evaluation.reliability import Reliability, rejects, reliability
from inkpin.model.evaluation.report.history import history
from inkpin.model.evaluation.report.layers import LayerFacts, layers
from inkpin.model.inference.c_engine import CRecogniser
from inkpin.model.inference.recogniser import Prediction, Recogniser
from inkpin.model.training.options import DataOptions
from inkpin.model.training.recipe import Epoch

TEST = "MNIST test"
_NOISE = 500  # bitmaps that the layers' noise is counted on

_T = TypeVar("_T")


@dataclass(frozen=True)
class EvaluatedSet:
    """Bitmaps, and what the network made of them.

    Attributes:
        known: bitmaps, and what they show.
        predictions: one each.
        answers: what became of each.
        metrics: what `inkpin-model evaluate` counts.
    """

    known: LabelledBitmaps
    predictions: list[Prediction]
    answers: Answers
    metrics: Metrics


@dataclass(frozen=True)
class Unavailable:
    """A figure that could not be had here.

    Attributes:
        why: in a line, with what to install.
    """

    why: str


@dataclass(frozen=True)
class Findings:
    """All that the page says.

    Attributes:
        name: of the model file.
        sha256: of the model file.
        size: of it, in bytes.
        labels: of the network.
        threshold: the confidence, in percent, below which a reading is refused.
        provenance: how it came about, as its metadata say.
        history: of its training, epoch by epoch, if it remembers.
        fold: of the writers that are held out here.
        split: the data.
        sets: by name, what was held out; MNIST's test images are called TEST.
        device: by the same names the share right through the device's C.
        same: how many readings of the C were compared, all of them equal in every logit.
        reliability: what `inkpin-model reliability` counts.
        layers: of the graph.
        converted: what `inkpin-model convert` says.
        costs: what `inkpin-model cost` says.
        sheets: by kind a PNG of what a training sees, or of the data alone.
        sheets_unavailable: why there are no more of them.
        files: by name SHA-256 of each file of data.
        options: the arguments that name the data.
    """

    name: str
    sha256: str
    size: int
    labels: tuple[str, ...]
    threshold: int
    provenance: dict[str, Any]
    history: list[Epoch]
    fold: HeldOut
    split: Split
    sets: dict[str, EvaluatedSet]
    device: dict[str, float] | Unavailable
    same: int
    reliability: Reliability
    layers: list[LayerFacts]
    converted: dict[str, Any] | Unavailable
    costs: Costs | Unavailable
    sheets: dict[str, bytes]
    sheets_unavailable: Unavailable | None
    files: dict[str, str]
    options: list[str]

    @property
    def writers_known(self) -> bool:
        """Whether the network learned, in its last stage or all along, from what is held out."""
        told = self.provenance
        return told.get("kept out") is not True or told.get("fold") != self.fold


def measure(model: Path, data: DataOptions, fold: HeldOut | None = None) -> Findings:
    """Measure everything.

    Args:
        model: an ONNX file.
        data: what it was trained on.
        fold: of the writers to show as held out; None for the one that the network was trained
            with.

    Raises:
        InputError: the model or the data are unusable, or do not belong together, or the C does
            not compute what the graph does.
    """
    content = read_bytes(model, f"take a model that `{typed('inkpin-model train')}` wrote")
    recogniser = Recogniser(content, str(model))
    metadata = {e.key: e.value for e in onnx.load_from_string(content).metadata_props}
    provenance = _provenance(metadata)
    fold = _fold(provenance) if fold is None else fold
    split = data.load(fold)
    if split.training.labels != recogniser.labels:
        raise InputError(
            f"{model}: the network reads {' '.join(recogniser.labels)}, the data show "
            f"{' '.join(split.training.labels)}: name the data that it was trained on"
        )
    validation = split.validation.bitmaps()
    test, files = _mnist_test() if recogniser.labels == DIGITS and not data.images else ({}, {})
    sets = {
        name: _evaluated(recogniser, name, known) for name, known in {**test, **validation}.items()
    }
    device, same = _device(model, sets)
    some = np.concatenate([one.known.bitmaps for one in sets.values()])
    sheets, sheets_unavailable = _sheets(split.training)
    first = next(iter(sets.values())).known.bitmaps
    return Findings(
        name=model.name,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        labels=recogniser.labels,
        threshold=recogniser.confidence.threshold,
        provenance=provenance,
        history=history(metadata),
        fold=fold,
        split=split,
        sets=sets,
        device=device,
        same=same,
        reliability=reliability(recogniser, validation, rejects(recogniser, split.validation)),
        layers=layers(content, some[:: max(1, len(some) // _NOISE)][:_NOISE]),
        converted=_or_unavailable(lambda: convert(model).report),
        costs=_or_unavailable(lambda: _costs(model, first, split.validation)),
        sheets=sheets,
        sheets_unavailable=sheets_unavailable,
        files={**split.files, **files},
        options=data.arguments,
    )


def _mnist_test() -> tuple[dict[str, LabelledBitmaps], dict[str, str]]:
    """Return MNIST's test images under their name, and the SHA-256 of their files by name."""
    folder = fetch.mnist_folder()
    test = load_split(folder, "test")
    names = image_file("test"), label_file("test")
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    return {TEST: replace(test, bitmaps=test.bitmaps > 0)}, hashes


def _provenance(metadata: dict[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(metadata["provenance"])
    except (KeyError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _fold(provenance: dict[str, Any]) -> HeldOut:
    fold = provenance.get("fold")
    return fold if isinstance(fold, int | str) and fold in (*range(FOLDS), *SOURCES) else 0


def _evaluated(recogniser: Recogniser, name: str, known: LabelledBitmaps) -> EvaluatedSet:
    predictions = recogniser.predictions(known.bitmaps)
    answers = replace(Answers.of(known.targets, predictions), writers=known.writers)
    found = metrics(name, recogniser.labels, answers, engine="onnx")
    return EvaluatedSet(known, predictions, answers, found)


def _device(
    model: Path, sets: dict[str, EvaluatedSet]
) -> tuple[dict[str, float] | Unavailable, int]:
    """Return by name the share that the device's C reads rightly, and how many it read."""
    try:
        recogniser = CRecogniser.load(model)
    except InputError as error:
        return Unavailable(str(error)), 0
    shares = {}
    for name, one in sets.items():
        right = 0
        known = one.known
        pairs = zip(known.bitmaps, known.targets, one.predictions, strict=True)
        for bitmap, target, ours in tqdm(
            pairs, f"{name}: the C", total=len(known), leave=False, disable=None
        ):
            theirs = recogniser.predict(bitmap)
            if not np.array_equal(theirs.logits, ours.logits):
                raise InputError(f"{model}: the C computes other logits than the graph: report it")
            right += theirs.best == target
        shares[name] = right / len(known)
    return shares, sum(len(one.known) for one in sets.values())


def _costs(model: Path, bitmaps: Bitmaps | GreyImages, data: Dataset) -> Costs:
    drawings = [sample.strokes for sample in data.pens]
    if not drawings:
        raise InputError("there are no strokes among the data: name some with --strokes")
    return costs(model, bitmaps[spread(len(bitmaps))], drawings[spread(len(drawings))])


def _or_unavailable(figure: Callable[[], _T]) -> _T | Unavailable:
    try:
        return figure()
    except InputError as error:
        return Unavailable(str(error))


def _sheets(data: Dataset) -> tuple[dict[str, bytes], Unavailable | None]:
    """Return sheets of what may be shown, and why there are no more of them."""
    pens, letters = (
        [sample for sample in samples if may_be_shown(sample.writer)]
        for samples in (data.pens, data.letters)
    )
    data = replace(data, pens=pens, letters=letters)
    try:
        return training_sheets(data), None
    except InputError as error:
        return plain_sheets(data), Unavailable(str(error))
