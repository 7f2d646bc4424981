"""The command that trains a network, or goes on training one, and writes it as ONNX."""

import argparse
from dataclasses import replace
from pathlib import Path

from inkpin.common.extras import extra
from inkpin.model.training.options import DataOptions, add_fold, add_recipe, recipe_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, help="default: digits.onnx, with --from mine.onnx")
    parser.add_argument(
        "--from",
        dest="base",
        type=Path,
        metavar="MODEL.onnx",
        help="go on with this network for a seventh of the epochs, on --strokes of a writer that"
        " it is to know as well",
    )
    add_recipe(parser)
    add_fold(parser)
    parser.add_argument(
        "--keep-out",
        action="store_true",
        help="leave those writers out to the end; else the last epochs learn from them too",
    )


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model train`."""
    recipe = recipe_of(arguments)
    with extra("training takes PyTorch", "train"):
        from inkpin.model.training.fine_tune import fine_tune
        from inkpin.model.training.train import train
    if not arguments.base:
        recipe = replace(recipe, include_validation=not arguments.keep_out)
        out = arguments.out or Path("digits.onnx")
        train(DataOptions.of(arguments), arguments.fold, recipe, out)
        return
    out = arguments.out or Path("mine.onnx")
    shares = fine_tune(arguments.base, arguments.strokes or (), arguments.fold, recipe, out)
    for name, (before, after) in shares.items():
        print(f"{name}: {before:.2%} right before, {after:.2%} after")
    print(out)
