"""The command that teaches a network the handwriting of somebody's samples."""

import argparse
from pathlib import Path

from inkpin.common.files import read_bytes, replacing
from inkpin.common.progress import progress_bar
from inkpin.model.adaptation.improve import improve
from inkpin.model.adaptation.improved_model import BeforeAfter
from inkpin.model.data.samples import load_samples
from inkpin.model.inference.recogniser import SHIPPED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--strokes",
        type=Path,
        nargs="+",
        action="extend",
        required=True,
        metavar="FILE.jsonl",
        help="the samples; may be given again, which adds files",
    )
    parser.add_argument("--writer", help="samples of this writer alone")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    parser.add_argument("--out", type=Path, required=True, metavar="MODEL.onnx")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model improve`."""
    samples = [
        sample
        for path in arguments.strokes
        for sample in load_samples(path)
        if arguments.writer in (None, sample.writer)
    ]
    base = read_bytes(arguments.model, "take another model")
    with progress_bar("improving") as progress:
        improved = improve(base, str(arguments.model), samples, progress)
    with replacing(arguments.out) as file:
        file.write(improved.model)
    print(f"{arguments.out}: learned from {improved.trained_on} samples")
    if improved.unknown:
        print(f"left out, since the network does not know their labels: {improved.unknown}")
    print(f"other samples of theirs: {_shown(improved.own)}")
    print(f"other people's: {_shown(improved.reference)}")


def _shown(change: BeforeAfter) -> str:
    before, after = change.before, change.after
    return f"{before.accuracy:.2%} of {before.n:,} right before, {after.accuracy:.2%} after"
