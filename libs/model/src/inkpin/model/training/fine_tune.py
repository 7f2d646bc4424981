"""Teach a network somebody's handwriting from its first layer to its last, in PyTorch.

The quantised network goes on from where it is, with drawings of the new samples beside those that
it was trained on; `improve` does as much for the last layers alone, in seconds.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from inkpin.common import InputError
from inkpin.common.files import read_bytes
from inkpin.model.adaptation.improve import MIN_VALIDATION, validation_mask
from inkpin.model.adaptation.integer_fit import fit_temperature
from inkpin.model.adaptation.last_layers import LastLayers
from inkpin.model.data.dataset import Dataset, HeldOut, load_digits
from inkpin.model.data.labelled import DIGITS, LabelledBitmaps, joined
from inkpin.model.data.samples import Sample, load_samples
from inkpin.model.export import from_onnx
from inkpin.model.inference.recogniser import Recogniser, open_session, run_session
from inkpin.model.training import sampling
from inkpin.model.training.drawing_cache import kept_subsets
from inkpin.model.training.loop import (
    Checkpoint,
    Trainer,
    ValidationSets,
    accuracies,
    make_repeatable,
)
from inkpin.model.training.network import Network
from inkpin.model.training.recipe import FINE_TUNING, Epoch, Recipe
from inkpin.model.training.train import calibrate, spare, write_model
from inkpin.model.training.training_set import TrainingSet

NEW_SHARE = 0.3  # of an epoch, that is of the new samples
_REPEATS = 40  # times that each new sample is drawn
_FEWER = 4  # of other drawings: so many times fewer than a whole training makes

_T = TypeVar("_T", dict[str, Any], list[Any])


def fine_tune(
    base: Path, strokes: Sequence[Path], fold: HeldOut, recipe: Recipe, out: Path
) -> dict[str, tuple[float, float]]:
    """Train a network further on strokes of the user's and write it.

    Args:
        base: an ONNX file that `train` wrote.
        strokes: files of the user's samples.
        fold: of other writers to validate with.
        recipe: epochs, seed and workers; the architecture is the network's own.
        out: where the ONNX file goes, and beside it, until it is done, the checkpoint.

    Returns:
        The share read rightly before and after, of samples that were held out, by their name.

    Raises:
        InputError: unusable data, no room to write, or `out` is there already.
        KeyboardInterrupt: stopped; the same call goes on where the checkpoint says.
    """
    spare(out)
    model = read_bytes(base, "take another model")
    learned, checked = _own(strokes, Recogniser(model, str(base)).labels)
    split = load_digits(None, fold)
    validation = {"own": checked.bitmaps()["pens"], **split.validation.bitmaps()}
    network = _network(model, str(base), validation)
    provenance = {
        "from": hashlib.sha256(model).hexdigest(),
        "strokes": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in strokes},
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "workers": recipe.workers,
    }
    make_repeatable(recipe.seed)
    before = accuracies(network, validation)
    checkpoint = Checkpoint.beside(out, repr(provenance))
    trainer = Trainer(recipe, validation, checkpoint)
    with checkpoint.resumable():
        trainer.run(FINE_TUNING, network, _training_set(split.training, learned, recipe.seed))
    layers = network.to_layers()
    metadata = _metadata(model, provenance, trainer.history)
    metadata["confidence"] = calibrate(layers, validation).to_json()
    write_model(out, layers, metadata)
    checkpoint.remove()
    after = accuracies(network, validation)
    return {name: (before[name], after[name]) for name in validation}


def _own(paths: Sequence[Path], labels: Sequence[str]) -> tuple[Dataset, Dataset]:
    """Return the user's samples, those to learn from and those to validate with."""
    if not paths:
        raise InputError("--from takes --strokes: name the files to learn from")
    if tuple(labels) != DIGITS:
        raise InputError("--from goes on with networks of 0 to 9: train others anew")
    samples = [sample for path in paths for sample in load_samples(path)]
    known = [sample for sample in samples if sample.label in labels]
    validation = validation_mask(known)
    if validation.sum() < MIN_VALIDATION:
        raise InputError(
            f"--strokes: {len(known)} samples of digits are too few to learn from and to check by: "
            "give ten of each"
        )

    def part(chosen: npt.NDArray[np.bool_]) -> Dataset:
        pens: list[Sample] = [known[i] for i in np.flatnonzero(chosen)]
        return Dataset(LabelledBitmaps.empty(DIGITS), pens)

    return part(~validation), part(validation)


def _network(model: bytes, name: str, sets: ValidationSets) -> Network:
    """Return a model's network, its logits divided by their temperature."""
    known = joined([*sets.values()])
    logits = run_session(open_session(model, name), known.bitmaps).astype(np.float32)
    temperature = fit_temperature(
        logits, known.targets, np.full(len(known), 1 / len(known), np.float32)
    )
    *layers, last = from_onnx(model, name)
    scaled = replace(last, weight_scales=last.weight_scales / np.float32(temperature))
    try:
        return Network.from_layers([*layers, scaled])
    except ValueError as error:
        raise InputError(f"{name}: {error}: train it anew instead") from error


def _training_set(data: Dataset, own: Dataset, seed: int) -> TrainingSet:
    """Return drawings of a training's data, fewer than usual, and many of the user's samples."""
    amounts = {
        kind: replace(amount, drawn=max(1, amount.drawn // _FEWER), shown=amount.shown / _FEWER)
        for kind, amount in sampling.REAL.items()
    }
    others = kept_subsets(data, seed, {**amounts, **sampling.SYNTHETIC}).values()
    repeats = {"pens": sampling.Amount(_REPEATS, _REPEATS)}
    new = sampling.subsets(own, seed, repeats)["pens"]
    shown = NEW_SHARE / (1 - NEW_SHARE) * sum(subset.per_epoch for subset in others)
    new = replace(new, per_epoch=min(len(new.drawings), round(shown)))
    return TrainingSet([*others, new], len(data.labels))


def _metadata(model: bytes, provenance: dict[str, Any], history: list[Epoch]) -> dict[str, str]:
    """Return a model's metadata with what has been done to it."""
    metadata = dict(LastLayers(model, "the model").metadata)
    before = _read(metadata, "provenance", {})
    return {
        **metadata,
        "provenance": json.dumps({**before, "retrained": provenance}),
        "history": json.dumps([*_read(metadata, "history", []), *history]),
    }


def _read(metadata: dict[str, str], key: str, default: _T) -> _T:
    """Return what JSON metadata say; the default if that is not what is there."""
    try:
        found = json.loads(metadata[key])
    except (KeyError, ValueError):
        return default
    return found if isinstance(found, type(default)) else default
