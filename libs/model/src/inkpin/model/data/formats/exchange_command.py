"""The command that turns samples of one format into another."""

import argparse
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from inkpin.common.progress import Progress
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
    with tqdm(leave=False) as bar:
        samples = read_samples(arguments.source, arguments.read, _on(bar, "reading"))
        files = write_samples(samples, arguments.target, kind, _on(bar, "writing"))
    print(f"{len(samples):,} samples of {arguments.source} written to {arguments.target}")
    if len(files) > 1:
        print(f"{len(files):,} files")


def _on(bar: "tqdm[NoReturn]", task: str) -> Progress:
    def progress(done: int, total: int) -> None:
        bar.desc, bar.total = task, total
        bar.update(done - bar.n)

    return progress
