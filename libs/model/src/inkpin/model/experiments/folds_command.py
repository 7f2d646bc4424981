"""The command that trains several times, each time with other writers held out."""

import argparse
from dataclasses import replace
from pathlib import Path

from inkpin.common.extras import extra
from inkpin.model.data.dataset import FOLDS, SOURCES, HeldOut
from inkpin.model.evaluation.evaluate import Answers, by_writer, read_strokes, writers_line
from inkpin.model.inference.engine import Pipeline
from inkpin.model.inference.recogniser import Recogniser
from inkpin.model.training.options import DataOptions, add_recipe, recipe_of
from inkpin.preprocess import NORMALISED, Strokes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where the networks go"
    )
    parser.add_argument(
        "--sources",
        action="store_true",
        help=f"hold out whole sources of pen strokes in turn ({', '.join(SOURCES)}), not fifths",
    )
    add_recipe(parser)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model folds`; a fold whose network is there already is not trained again.

    Prints for each kind of validation data the accuracy on each fold, their mean and the worst,
    and what the writers that were held out could expect, all folds together.
    """
    recipe = replace(recipe_of(arguments), include_validation=False)
    with extra("training takes PyTorch", "train"):
        from inkpin.model.training.train import train
    data = DataOptions.of(arguments)
    parts: list[HeldOut] = [*SOURCES] if arguments.sources else [*range(FOLDS)]
    models = {part: arguments.out / f"fold{part}.onnx" for part in parts}
    accuracies = [train(data, part, recipe, path) for part, path in models.items()]
    for name in accuracies[0]:
        shares = [accuracy[name] for accuracy in accuracies if name in accuracy]
        each = " ".join(f"{share:.2%}" for share in shares)
        print(f"{name}: {each}; mean {sum(shares) / len(shares):.2%}, worst {min(shares):.2%}")
    answers = [found for part, path in models.items() if (found := _answers(data, part, path))]
    if answers and (writers := by_writer(Answers.joined(answers))):
        print(writers_line(writers))


def _answers(data: DataOptions, held_out: HeldOut, model: Path) -> Answers | None:
    """Return what a fold's network makes of the pen writers that it never saw."""
    pens = data.load(held_out).validation.pens
    if not pens:
        return None
    return read_strokes(Pipeline(Strokes, Recogniser.load(model)), "pens", pens, NORMALISED)
