"""The command that trains five times, each time with another fifth of the writers held out."""

import argparse
from dataclasses import replace
from pathlib import Path

from inkpin.common.extras import extra
from inkpin.model.data.dataset import FOLDS
from inkpin.model.training.options import DataOptions, add_recipe, recipe_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where the networks go"
    )
    add_recipe(parser)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model folds`; a fold whose network is there already is not trained again.

    Prints for each kind of validation data the accuracy on each fold, their mean and the worst.
    """
    recipe = replace(recipe_of(arguments), include_validation=False)
    with extra("training takes PyTorch", "train"):
        from inkpin.model.training.train import train
    data = DataOptions.of(arguments)
    accuracies = [
        train(data, fold, recipe, arguments.out / f"fold{fold}.onnx") for fold in range(FOLDS)
    ]
    for name in accuracies[0]:
        shares = [accuracy[name] for accuracy in accuracies]
        each = " ".join(f"{share:.2%}" for share in shares)
        print(f"{name}: {each}; mean {sum(shares) / FOLDS:.2%}, worst {min(shares):.2%}")
