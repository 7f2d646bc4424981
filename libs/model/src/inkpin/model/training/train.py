"""The command that trains the network and writes it as ONNX (the training takes PyTorch)."""

import argparse
import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from inkpin.common import InputError
from inkpin.common.files import replacing
from inkpin.model import confidence
from inkpin.model.data.dataset import FOLDS, Split, load_digits, load_labelled, load_strokes
from inkpin.model.data.labelled import LabelledBitmaps, joined
from inkpin.model.export import Layer, to_onnx
from inkpin.model.inference.recogniser import open_session, run_session
from inkpin.preprocess import SIDE

REFUSED = 0.008  # share of the validation samples that the confidence threshold may refuse
EPOCHS = 180
MOST_WORKERS = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, help="default: digits.onnx, with --from mine.onnx")
    parser.add_argument(
        "--from",
        dest="base",
        type=Path,
        metavar="MODEL.onnx",
        help="go on with this network for a twentieth of the epochs, on --strokes of a hand that"
        " it is to know as well",
    )
    add_recipe(parser)
    add_fold(parser)
    parser.add_argument(
        "--keep-out",
        action="store_true",
        help="leave those writers out to the end; else the last epochs learn from them too",
    )


def add_fold(parser: argparse.ArgumentParser) -> None:
    """Declare which writers are held out."""
    parser.add_argument(
        "--fold",
        type=int,
        choices=range(FOLDS),
        default=0,
        help="the fifth of the writers to validate with (default: %(default)s)",
    )


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of every command that trains."""
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument(
        "--workers",
        type=int,
        default=2,
        help="processes that train together; another number gives another network"
        " (default: %(default)s)",
    )
    add_data(parser)


def check_recipe(arguments: argparse.Namespace) -> None:
    """Refuse numbers that no training can take.

    Raises:
        InputError: which, and what could stand there.
    """
    if arguments.epochs < 1:
        raise InputError("--epochs must be at least 1")
    if not 1 <= arguments.workers <= MOST_WORKERS:
        raise InputError(f"--workers must be 1 to {MOST_WORKERS}")


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that `load` reads."""
    parser.add_argument(
        "--strokes",
        type=Path,
        nargs="*",
        metavar="FILE.jsonl",
        help="pen strokes to learn from (default: those that `fetch` got; none: MNIST alone)",
    )
    parser.add_argument(
        "--labels",
        choices=("digits", "strokes"),
        default="digits",
        help="read 0 to 9, or whatever the strokes show, without MNIST (default: %(default)s)",
    )
    parser.add_argument(
        "--images",
        type=Path,
        nargs="+",
        metavar="FILE.csv",
        help="learn from these images (label,pixel0,...,pixel783, any labels) instead of MNIST,"
        " and from --strokes of the same labels",
    )
    parser.add_argument(
        "--transposed",
        action="store_true",
        help="the images go column by column, as EMNIST's do",
    )


def load(arguments: argparse.Namespace, fold: int) -> Split:
    """Read the data that the arguments name.

    Raises:
        InputError: it is missing, unusable, or too little.
    """
    strokes = arguments.strokes or []
    if arguments.images:
        return load_labelled(arguments.images, strokes, fold, transposed=arguments.transposed)
    if arguments.transposed:
        raise InputError("--transposed is about --images: name their files")
    if arguments.labels == "digits":
        return load_digits(arguments.strokes, fold)
    if not strokes:
        raise InputError("--labels strokes takes --strokes: name the files to learn from")
    return load_strokes(strokes, fold)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model train`."""
    check_recipe(arguments)
    if not arguments.base:
        out = arguments.out or Path("digits.onnx")
        train(arguments, arguments.fold, out, keep_out=arguments.keep_out)
        return
    from inkpin.model.training import fine_tune

    out = arguments.out or Path("mine.onnx")
    for name, shares in fine_tune.retrain(arguments, out).items():
        print("{}: {:.2%} right before, {:.2%} after".format(name, *shares))
    print(out)


def train(
    arguments: argparse.Namespace, fold: int, out: Path, *, keep_out: bool
) -> dict[str, float]:
    """Train a network and write it, unless it is there; return its accuracy on held-out data.

    Args:
        arguments: those of `add_recipe`.
        fold: of writers to hold out.
        out: where the ONNX file goes, and beside it, until it is done, the checkpoint.
        keep_out: whether the held-out writers stay so to the end.

    Raises:
        InputError: no PyTorch, unusable data, or no room to write.
        KeyboardInterrupt: stopped; the same call goes on where the checkpoint says.
    """
    try:
        from inkpin.model.training import loop
    except ImportError as error:
        raise InputError("training takes PyTorch: pip install 'inkpin[train]'") from error
    split = load(arguments, fold)
    recipe = loop.Recipe(loop.DESIGN, arguments.epochs, arguments.seed, keep_out, arguments.workers)
    provenance = {
        "command": "inkpin-model train",
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "workers": recipe.workers,
        "fold": fold,
        "kept out": keep_out,
        "design": repr(recipe.design),
        "data": split.files,
        "torch": version("torch"),
    }
    if known := _known(out, provenance):
        print(f"{out} came about in just this way already: {_scores(known)}")
        return known
    checkpoint = loop.Checkpoint(
        out.with_name(f"{out.name}.checkpoint"), repr((recipe, provenance))
    )
    try:
        fitted = loop.fit(split, recipe, checkpoint)
    except KeyboardInterrupt:
        print(f"stopped; the same command goes on from {checkpoint.path}", file=sys.stderr)
        raise
    held_out = split.validation.bitmaps()
    table = calibrated(fitted.validated, held_out)
    metadata = {
        "labels": json.dumps(split.training.labels),
        "provenance": json.dumps({**provenance, "validation": fitted.accuracy}),
        "confidence": table.to_json(),
        "history": json.dumps(fitted.history),
    }
    with replacing(out) as file:
        file.write(to_onnx(fitted.layers, SIDE, metadata).SerializeToString(deterministic=True))
    checkpoint.remove()
    print(f"{out}: {_scores(fitted.accuracy)}")
    return fitted.accuracy


def _scores(accuracy: dict[str, float]) -> str:
    return "validation " + ", ".join(f"{name} {share:.2%}" for name, share in accuracy.items())


def _known(path: Path, provenance: dict[str, object]) -> dict[str, float] | None:
    """Return the validation figures of a model file if it came about in just this way."""
    try:
        properties = onnx.load(path).metadata_props
        found = json.loads({entry.key: entry.value for entry in properties}["provenance"])
        validation = found.pop("validation")
    except (OSError, DecodeError, KeyError, ValueError):
        return None
    return validation if found == provenance else None


def calibrated(
    layers: list[Layer], held_out: Mapping[str, LabelledBitmaps]
) -> confidence.Confidence:
    """Return the confidence table that held-out bitmaps support."""
    model = to_onnx(layers, SIDE, {}).SerializeToString()
    known = joined([*held_out.values()])
    logits = run_session(open_session(model, "the network just trained"), known.bitmaps)
    return confidence.fit(logits, known.targets, REFUSED)
