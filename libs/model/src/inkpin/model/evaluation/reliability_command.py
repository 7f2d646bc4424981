"""The command that asks of the confidence whether it holds, and of the threshold what it refuses.

For a network that was trained with `--keep-out`; others know the writers that it is counted on.
"""

import argparse
import json
from pathlib import Path

from inkpin.common.extras import extra
from inkpin.common.files import replacing
from inkpin.model.evaluation.evaluate import writers_line
from inkpin.model.evaluation.reliability import rejects, reliability
from inkpin.model.inference.recogniser import SHIPPED, Recogniser
from inkpin.model.training.options import DataOptions, add_data, add_fold


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--model", type=Path, default=SHIPPED, help="default: the shipped network")
    add_fold(parser)
    add_data(parser)
    parser.add_argument("--png", type=Path, help="draw the reliability diagram")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model reliability`."""
    if arguments.png:
        with extra("the picture takes matplotlib", "report"):
            from inkpin.model.evaluation import charts
    recogniser = Recogniser.load(arguments.model)
    held_out = DataOptions.of(arguments).load(arguments.fold).validation
    result = reliability(recogniser, held_out.bitmaps(), rejects(recogniser, held_out))
    if arguments.png:
        with replacing(arguments.png) as file:
            file.write(charts.png(charts.reliability(result["levels"])))
    if arguments.json:
        print(json.dumps(result))
        return
    print("confidence  samples    right")
    for level in result["levels"]:
        print(f"{level['confidence']:9} % {level['n']:8,} {level['right']:8.2%}")
    for name, writers in result["by_writer"].items():
        print(f"{name}: {writers_line(writers)}")
    print("refused:", ", ".join(f"{n} {share:.2%}" for n, share in result["refused"].items()))
