"""The command that counts what reading a digit costs on an emulated Xtensa core."""

import argparse
import json
from pathlib import Path

from inkpin import xtensa
from inkpin.model.data import fetch
from inkpin.model.data.formats.idx import load_split
from inkpin.model.data.samples import load_samples
from inkpin.model.evaluation.cost import costs, spread, table
from inkpin.model.inference.recogniser import SHIPPED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model cost`."""
    xtensa.toolchain()  # if it is missing, that is the first thing to say
    images = load_split(fetch.mnist_folder(), "test").bitmaps
    drawings = [sample.strokes for sample in load_samples(fetch.pen_strokes())]
    result = costs(arguments.model, images[spread(len(images))], drawings[spread(len(drawings))])
    print(json.dumps(result) if arguments.json else table(result))
