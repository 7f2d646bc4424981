"""The command that compares ways to frame a drawing, the device's among them."""

import argparse

from inkpin.common.extras import extra
from inkpin.model.training.options import DataOptions, add_fold, add_recipe, recipe_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_fold(parser)
    add_recipe(parser, epochs=18)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model framings`."""
    with extra("this takes PyTorch", "train"):
        from inkpin.model.experiments.framings import compare
    recipe = recipe_of(arguments)
    for framing, accuracy in compare(DataOptions.of(arguments).load(arguments.fold), recipe):
        right = ", ".join(f"{name} {share:.2%}" for name, share in accuracy.items())
        widened = "widened" if framing.aspect_corrected else "as drawn"
        print(f"box {framing.box}, pen {framing.pen}, shorter side {widened}: {right}")
