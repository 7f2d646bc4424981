"""The command that turns samples of one format into another."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from inkpin.common import InputError
from inkpin.common.progress import progress_bar
from inkpin.common.words import counted
from inkpin.model.data.formats.registry import (
    EXPORTS,
    IMPORTS,
    kind_of,
    read_samples,
    write_samples,
)
from inkpin.model.data.picture import is_picture
from inkpin.model.data.samples import Sample
from inkpin.preprocess import AREA


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("source", type=Path, metavar="FROM", help="a file, or a folder")
    parser.add_argument("target", type=Path, metavar="TO", help="a file, or a folder")
    parser.add_argument(
        "--from", dest="read", choices=IMPORTS, help="default: what FROM's name says"
    )
    parser.add_argument("--to", dest="write", choices=EXPORTS, help="default: what TO's name says")
    parser.add_argument(
        "--upside-down",
        action="store_true",
        help="turn the strokes over: of a file whose y points the other way than its format says",
    )


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model exchange`."""
    kind = arguments.write or kind_of(arguments.target, EXPORTS)
    with progress_bar("reading") as progress:
        samples = read_samples(arguments.source, arguments.read, progress)
    if arguments.upside_down:
        samples = [_upside_down(sample) for sample in samples]
    with progress_bar("writing") as progress:
        files = write_samples(samples, arguments.target, kind, progress)
    print(f"{counted(len(samples), 'sample')} of {arguments.source} written to {arguments.target}")
    if len(files) > 1:
        print(counted(len(files), "file"))


def _upside_down(sample: Sample) -> Sample:
    if is_picture(sample):
        raise InputError("pictures say which way is up: leave out --upside-down")
    strokes = [np.column_stack([x, AREA - 1 - y]) for x, y in (s.T for s in sample.strokes)]
    return replace(sample, strokes=strokes)
