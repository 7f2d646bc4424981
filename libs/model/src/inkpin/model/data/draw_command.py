"""The command that makes a stroke file out of a table of templates."""

import argparse
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.words import counted
from inkpin.model.data import gesture_templates, templates
from inkpin.model.data.samples import Sample, save_samples
from inkpin.model.data.stroke_augmentation import augment_strokes

TABLES = {
    "gestures": gesture_templates.GESTURES,
    "others": {"other": gesture_templates.OTHERS},
    "digits": templates.DIGITS,
}
WRITERS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "what", choices=TABLES, help="others: signs that a network of gestures should refuse"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
    parser.add_argument(
        "--samples", type=int, default=200, help="of each label (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model draw`."""
    if arguments.samples < 1:
        raise InputError("--samples must be at least 1")
    rng = np.random.default_rng(arguments.seed)
    table = TABLES[arguments.what]
    samples = []
    for label, known in table.items():
        for i in range(arguments.samples):
            drawn = augment_strokes(templates.draw(known[i % len(known)], rng), rng)
            extra = {"writer": f"table-{i % WRITERS}"}
            samples.append(Sample(label, drawn, [None] * len(drawn), extra))
    save_samples(arguments.out, samples)
    print(f"{arguments.out}: {counted(len(samples), 'sample')} of {', '.join(table)}")
