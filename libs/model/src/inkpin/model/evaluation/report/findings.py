"""What there is to say about a network, measured."""

import argparse
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from tqdm import tqdm

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.model.converter import convert
from inkpin.model.data import fetch
from inkpin.model.data.dataset import Dataset, Split
from inkpin.model.data.formats.idx import image_file, label_file, load_split
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps
from inkpin.model.evaluation import contact_sheets, cost
from inkpin.model.evaluation.evaluate import figures
from inkpin.model.evaluation.reliability import reliability, scribbles
from inkpin.model.evaluation.report.history import history
from inkpin.model.evaluation.report.layers import LayerFacts, layers
from inkpin.model.inference.c_engine import CRecogniser
from inkpin.model.inference.recogniser import Prediction, Recogniser
from inkpin.model.training.train import load

TEST = "MNIST test"
_NOISE = 500  # bitmaps that the layers' noise is counted on


@dataclass(frozen=True)
class Read:
    """Bitmaps, and what the network made of them.

    Attributes:
        known: bitmaps, and what they show.
        predictions: one each.
        figures: what `inkpin-model evaluate --json` calls so.
    """

    known: LabelledBitmaps
    predictions: list[Prediction]
    figures: dict[str, Any]


@dataclass(frozen=True)
class Missing:
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
        model: SHA-256 of the model file.
        size: of it, in bytes.
        labels: of the network.
        threshold: the confidence, in percent, below which a reading is refused.
        provenance: how it came about, as its metadata say.
        history: of its training, epoch by epoch, if it remembers.
        fold: of the writers that are held out here.
        split: the data.
        read: by name, what was held out; MNIST's test images are called TEST.
        device: by the same names the share right through the device's C.
        same: how many readings of the C were compared, all of them equal in every logit.
        reliability: what `inkpin-model reliability` counts.
        layers: of the graph.
        converted: what `inkpin-model convert` says.
        cost: what `inkpin-model cost` says.
        sheets: by kind a PNG of what a training sees, or of the data alone.
        sheets_missing: why there are no more of them.
        files: by name SHA-256 of each file of data.
        words: the arguments that name the data.
    """

    name: str
    model: str
    size: int
    labels: tuple[str, ...]
    threshold: int
    provenance: dict[str, Any]
    history: list[dict[str, Any]]
    fold: int
    split: Split
    read: dict[str, Read]
    device: dict[str, float] | Missing
    same: int
    reliability: dict[str, Any]
    layers: list[LayerFacts]
    converted: dict[str, Any] | Missing
    cost: dict[str, Any] | Missing
    sheets: dict[str, bytes]
    sheets_missing: Missing | None
    files: dict[str, str]
    words: str

    @property
    def writers_known(self) -> bool:
        """Whether the network learned, in its last stage or all along, from what is held out."""
        told = self.provenance
        return told.get("kept out") is not True or told.get("fold") != self.fold


def find(arguments: argparse.Namespace) -> Findings:
    """Measure everything.

    Args:
        arguments: model, fold (None for the one that the network was trained with) and those of
            `train.add_data`.

    Raises:
        InputError: the model or the data are unusable, or do not belong together, or the C does
            not compute what the graph does.
    """
    model = read_bytes(arguments.model, "take a model that `inkpin-model train` wrote")
    recogniser = Recogniser(model, str(arguments.model))
    metadata = {e.key: e.value for e in onnx.load_from_string(model).metadata_props}
    provenance = _provenance(metadata)
    fold = _fold(provenance) if arguments.fold is None else arguments.fold
    split = load(arguments, fold)
    if split.training.labels != recogniser.labels:
        raise InputError(
            f"{arguments.model}: the network reads {' '.join(recogniser.labels)}, the data show "
            f"{' '.join(split.training.labels)}: name the data that it was trained on"
        )
    sets = split.validation.bitmaps()
    files = split.files
    if recogniser.labels == DIGITS and not arguments.images:
        folder = fetch.mnist_folder()
        test = load_split(folder, "test")
        sets = {TEST: replace(test, bitmaps=test.bitmaps > 0), **sets}
        files = files | {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in (image_file("test"), label_file("test"))
        }
    read = {name: _read(recogniser, name, known) for name, known in sets.items()}
    nothing = scribbles(recogniser)
    device, same = _device(arguments.model, read)
    some = np.concatenate([known.bitmaps for known in sets.values()])
    pictures, missing = _sheets(split.training)
    return Findings(
        name=arguments.model.name,
        model=hashlib.sha256(model).hexdigest(),
        size=len(model),
        labels=recogniser.labels,
        threshold=recogniser.confidence.threshold,
        provenance=provenance,
        history=history(metadata),
        fold=fold,
        split=split,
        read=read,
        device=device,
        same=same,
        reliability=reliability(recogniser, split.validation.bitmaps(), nothing),
        layers=layers(model, some[:: max(1, len(some) // _NOISE)][:_NOISE]),
        converted=_or_missing(lambda: convert(arguments.model, name="digits").report),
        cost=_or_missing(
            lambda: _cost(arguments.model, next(iter(read.values())), split.validation)
        ),
        sheets=pictures,
        sheets_missing=missing,
        files=files,
        words=_words(arguments),
    )


def _words(arguments: argparse.Namespace) -> str:
    """Return the arguments of `train.add_data` as they are typed, of files the names alone."""
    words = [] if arguments.labels == "digits" else ["--labels", arguments.labels]
    for option, paths in (("--images", arguments.images), ("--strokes", arguments.strokes)):
        if paths is not None:
            words += [option, *(path.name for path in paths)]
    words += ["--transposed"] * arguments.transposed
    return " ".join(words)


def _provenance(metadata: dict[str, str]) -> dict[str, Any]:
    try:
        found = json.loads(metadata["provenance"])
    except (KeyError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _fold(provenance: dict[str, Any]) -> int:
    fold = provenance.get("fold")
    return fold if fold in range(5) else 0


def _read(recogniser: Recogniser, name: str, known: LabelledBitmaps) -> Read:
    predictions = recogniser.predictions(known.bitmaps)
    legible = np.ones(len(known), bool)
    found = figures(name, recogniser.labels, known.targets, predictions, legible)
    found.update(engine="onnx", preprocess=None)
    return Read(known, predictions, found)


def _device(model: Path, read: dict[str, Read]) -> tuple[dict[str, float] | Missing, int]:
    """Return by name the share that the device's C reads rightly, and how many it read."""
    try:
        recogniser = CRecogniser.load(model)
    except InputError as error:
        return Missing(str(error)), 0
    shares = {}
    for name, one in read.items():
        right = 0
        known = one.known
        pairs = zip(known.bitmaps, known.targets, one.predictions, strict=True)
        for bitmap, target, ours in tqdm(pairs, f"{name}: the C", total=len(known), leave=False):
            theirs = recogniser.predict(bitmap)
            if not np.array_equal(theirs.logits, ours.logits):
                raise InputError(f"{model}: the C computes other logits than the graph: report it")
            right += theirs.best == target
        shares[name] = right / len(known)
    return shares, sum(len(one.known) for one in read.values())


def _cost(model: Path, read: Read, data: Dataset) -> dict[str, Any]:
    drawings = [sample.strokes for sample in data.pens]
    if not drawings:
        raise InputError("there are no strokes among the data: name some with --strokes")
    return cost.costs(model, cost.spread(read.known.bitmaps), cost.spread(drawings))


def _or_missing(measure: Callable[[], dict[str, Any]]) -> dict[str, Any] | Missing:
    try:
        return measure()
    except InputError as error:
        return Missing(str(error))


def _sheets(data: Dataset) -> tuple[dict[str, bytes], Missing | None]:
    try:
        return contact_sheets.contact_sheets(data), None
    except InputError as error:
        drawn = contact_sheets.some(data).bitmaps()
        plain = {name: contact_sheets.sheet(_by_label(known)) for name, known in drawn.items()}
        return plain, Missing(str(error))


def _by_label(known: LabelledBitmaps) -> dict[str, np.ndarray]:
    return {
        label: known[known.targets == place].bitmaps for place, label in enumerate(known.labels)
    }
