"""The command that writes one page about a network."""

import argparse
from pathlib import Path

from inkpin.common.extras import extra
from inkpin.common.files import replacing
from inkpin.model.data.dataset import FOLDS
from inkpin.model.evaluation.report.findings import measure
from inkpin.model.inference.recogniser import SHIPPED
from inkpin.model.training.options import DataOptions, add_data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    parser.add_argument(
        "--out", type=Path, default=Path("report.html"), help="default: %(default)s"
    )
    parser.add_argument(
        "--fold",
        type=int,
        choices=range(FOLDS),
        help="the fifth of the writers to show as held out (default: the network's own)",
    )
    add_data(parser)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model report`."""
    with extra("the page takes matplotlib", "report"):
        from inkpin.model.evaluation.report.page import page
    text = page(measure(arguments.model, DataOptions.of(arguments), arguments.fold))
    with replacing(arguments.out) as file:
        file.write(text.encode())
    print(f"{arguments.out}: {len(text.encode()):,} bytes")
