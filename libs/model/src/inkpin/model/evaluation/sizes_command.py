"""The command that counts how small a drawing may be."""

import argparse
from pathlib import Path

from inkpin.model.data.dataset import load_digits
from inkpin.model.data.samples import load_samples
from inkpin.model.evaluation.sizes import SIZES, read_at_size
from inkpin.model.inference.recogniser import SHIPPED, Recogniser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--strokes",
        type=Path,
        nargs="+",
        action="extend",
        metavar="FILE.jsonl",
        help="drawings; default: the fetched pen digits of the writers that a training holds out",
    )
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model sizes`."""
    if arguments.strokes:
        samples = [sample for path in arguments.strokes for sample in load_samples(path)]
    else:
        samples = load_digits(None, 0).validation.pens
    recogniser = Recogniser.load(arguments.model)
    print(f"{len(samples):,} drawings, their longer side in pixels of 240")
    for size in SIZES:
        found = read_at_size(samples, size, recogniser)
        print(f"{size:4}: {found.refused:.1%} refused, {found.misread:.2%} of the others misread")
