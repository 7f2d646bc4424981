"""The command that shows what a training learns from: a contact sheet for each kind, as PNG."""

import argparse
from pathlib import Path

from inkpin.common.files import replacing
from inkpin.model.evaluation.contact_sheets import training_sheets
from inkpin.model.training.options import DataOptions, add_data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the pictures")
    add_data(parser)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model sheets`."""
    data = DataOptions.of(arguments).load(held_out=0).training
    for kind, png in training_sheets(data).items():
        path = arguments.out / f"{kind}.png"
        with replacing(path) as file:
            file.write(png)
        print(path)
