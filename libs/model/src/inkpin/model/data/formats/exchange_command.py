"""The command that turns samples of one format into another."""

import argparse
from pathlib import Path

from inkpin.common.progress import progress_bar
from inkpin.model.data.formats.registry import (
    EXPORTS,
    IMPORTS,
    kind_of,
    read_samples,
    write_samples,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("source", type=Path, metavar="FROM", help="a file, or a folder")
    parser.add_argument("target", type=Path, metavar="TO", help="a file, or a folder")
    parser.add_argument(
        "--from", dest="read", choices=IMPORTS, help="default: what FROM's name says"
    )
    parser.add_argument("--to", dest="write", choices=EXPORTS, help="default: what TO's name says")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model exchange`."""
    kind = arguments.write or kind_of(arguments.target, EXPORTS)
    with progress_bar("reading") as progress:
        samples = read_samples(arguments.source, arguments.read, progress)
    with progress_bar("writing") as progress:
        files = write_samples(samples, arguments.target, kind, progress)
    print(f"{len(samples):,} samples of {arguments.source} written to {arguments.target}")
    if len(files) > 1:
        print(f"{len(files):,} files")
