"""Train a network and write it as ONNX, in PyTorch, in four stages.

Large float teachers learn first. The small network learns the labels and the teachers' mean soft
answers (Hinton et al. 2015), in floats and then quantised; what it is worth is counted on the
writers that were held out until here. In the last stage it goes on with their drawings as well.
Nothing is chosen by the held-out writers, so that their figures are not flattered.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.model import confidence
from inkpin.model.data.dataset import HeldOut, Split
from inkpin.model.data.labelled import joined
from inkpin.model.export import Layer, to_onnx
from inkpin.model.inference.recogniser import open_session, run_session
from inkpin.model.training.drawing_cache import kept_subsets
from inkpin.model.training.loop import (
    Checkpoint,
    Trainer,
    ValidationSets,
    accuracies,
    make_repeatable,
)
from inkpin.model.training.network import Network, Teacher
from inkpin.model.training.options import DataOptions
from inkpin.model.training.recipe import ALL_WRITERS, TEACHER_CHANNELS, TEACHERS, Epoch, Recipe
from inkpin.model.training.sampling import REAL, SYNTHETIC
from inkpin.model.training.training_set import TrainingSet
from inkpin.preprocess import SIDE

MAX_REJECTED = 0.008  # share of the validation samples that the confidence threshold may refuse


@dataclass(frozen=True)
class Trained:
    """What a training leaves.

    Attributes:
        validated: layers as integers, in order, before they met the validation data.
        layers: likewise, at the end.
        accuracy: of `validated`, by name of the validation data.
        history: of all stages.
    """

    validated: list[Layer]
    layers: list[Layer]
    accuracy: dict[str, float]
    history: list[Epoch]


def train(data: DataOptions, fold: HeldOut, recipe: Recipe, out: Path) -> dict[str, float]:
    """Train a network and write it, unless it is there; return its accuracy on validation data.

    Args:
        data: what to learn from.
        fold: of writers to validate with, or their source.
        recipe: what to do.
        out: where the ONNX file goes, and beside it, until it is done, the checkpoint.

    Raises:
        InputError: unusable data, no room to write, or `out` is of another training.
        KeyboardInterrupt: stopped; the same call goes on where the checkpoint says.
    """
    split = data.load(fold)
    provenance = {
        "command": "inkpin-model train",
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "workers": recipe.workers,
        "fold": fold,
        "kept out": not recipe.include_validation,
        "design": repr(recipe.architecture),
        "data": split.files,
        "torch": version("torch"),
    }
    if known := _known(out, provenance):
        print(f"{out} came about in just this way already: {_scores(known)}")
        return known
    spare(out)
    checkpoint = Checkpoint.beside(out, repr((recipe, provenance)))
    with checkpoint.resumable():
        trained = fit(split, recipe, checkpoint)
    metadata = {
        "labels": json.dumps(split.training.labels),
        "provenance": json.dumps({**provenance, "validation": trained.accuracy}),
        "confidence": calibrate(trained.validated, split.validation.bitmaps()).to_json(),
        "history": json.dumps(trained.history),
    }
    write_model(out, trained.layers, metadata)
    checkpoint.remove()
    print(f"{out}: {_scores(trained.accuracy)}")
    return trained.accuracy


def fit(split: Split, recipe: Recipe, checkpoint: Checkpoint) -> Trained:
    """Train; the same data, recipe, machine and PyTorch give the same network.

    Args:
        split: what to learn from, and what is held out.
        recipe: what to do.
        checkpoint: where an interrupted training left off; kept up to date after each epoch.

    Raises:
        InputError: the checkpoint cannot be written, or a worker died.
    """
    make_repeatable(recipe.seed)
    classes = len(split.training.labels)
    teachers = {stage: Teacher(TEACHER_CHANNELS, classes) for stage in TEACHERS}
    network = Network(recipe.architecture, classes)
    subsets = kept_subsets(split.training, recipe.seed, {**REAL, **SYNTHETIC})
    validation = split.validation.bitmaps()
    trainer = Trainer(recipe, validation, checkpoint)
    training_set = TrainingSet(subsets.values(), classes)
    for stage, teacher in teachers.items():
        trainer.run(stage, teacher, training_set)
    training_set.set_teachers([*teachers.values()])
    trainer.run_student(network, training_set)
    accuracy, validated = accuracies(network, validation), network.to_layers()
    if validation and recipe.include_validation:
        more = kept_subsets(split.validation, recipe.seed + 1, REAL)
        trainer.run(ALL_WRITERS, network, training_set.extended(more.values()))
    return Trained(validated, network.to_layers(), accuracy, trainer.history)


def fit_shortly(training_set: TrainingSet, recipe: Recipe, validation: ValidationSets) -> Trained:
    """Train on labels alone, without checkpoint and last stage: to compare architectures."""
    make_repeatable(recipe.seed)
    network = Network(recipe.architecture, training_set.classes)
    trainer = Trainer(recipe, validation)
    trainer.run_student(network, training_set)
    layers = network.to_layers()
    return Trained(layers, layers, accuracies(network, validation), trainer.history)


def calibrate(layers: Sequence[Layer], validation: ValidationSets) -> confidence.Confidence:
    """Return the confidence table that validation data support."""
    model = to_onnx(layers, SIDE, {}).SerializeToString()
    known = joined([*validation.values()])
    logits = run_session(open_session(model, "the network just trained"), known.bitmaps)
    return confidence.fit(logits, known.targets, MAX_REJECTED)


def spare(out: Path) -> None:
    """Let nothing that is there be written over: another training may have made it, in hours.

    Raises:
        InputError: there is such a file.
    """
    if out.exists():
        raise InputError(
            f"{out}: there already, and not from this training (other data, --epochs, --seed ...): "
            "name another --out, or move the file"
        )


def write_model(out: Path, layers: Sequence[Layer], metadata: dict[str, str]) -> None:
    """Write a network as an ONNX file; the same layers and metadata give the same bytes.

    Raises:
        InputError: it cannot be written.
    """
    with replacing(out) as file:
        file.write(to_onnx(layers, SIDE, metadata).SerializeToString(deterministic=True))


def _scores(accuracy: dict[str, float]) -> str:
    return "validation " + ", ".join(f"{name} {share:.2%}" for name, share in accuracy.items())


def _known(path: Path, provenance: dict[str, object]) -> dict[str, float] | None:
    """Return the validation figures of a model file if it came about in just this way."""
    try:
        properties = onnx.load(path).metadata_props
        found = json.loads({entry.key: entry.value for entry in properties}["provenance"])
        validation: dict[str, float] = found.pop("validation")
    except (OSError, DecodeError, KeyError, ValueError):
        return None
    return validation if found == provenance else None
