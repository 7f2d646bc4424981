"""The command `inkpin-model`: from data to a network, to its figures, to its C."""

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module

from inkpin.common.command import run_command
from inkpin.common.parser import Parser

TASKS = {
    "fetch": ("data", "get the data sets"),
    "draw": ("data", "make strokes of gestures or rare digits out of a table"),
    "exchange": ("data.formats", "turn samples of one format into another"),
    "train": ("training", "train the network and write it as ONNX (takes PyTorch)"),
    "improve": ("adaptation", "teach the network the handwriting of somebody's samples"),
    "evaluate": ("evaluation", "count how often the network is right"),
    "reliability": ("evaluation", "count how far the confidence holds, and what is refused"),
    "sizes": ("evaluation", "count what becomes of drawings that are written smaller and smaller"),
    "cost": ("evaluation", "count instructions and bytes on an emulated Xtensa core"),
    "sheets": ("evaluation", "show the training data as pictures (takes PyTorch)"),
    "report": ("evaluation", "show on one page what a network learned, costs and mistakes"),
    "folds": (
        "experiments",
        "train with each fifth of the writers held out in turn (takes PyTorch)",
    ),
    "framings": ("experiments", "compare ways to frame a drawing (takes PyTorch)"),
    "search": ("experiments", "look for small networks that are right (takes PyTorch and Optuna)"),
    "convert": ("converter", "turn an ONNX classifier into fixed-point C"),
}
"""Each task's room, whose module TASK_command carries it out, and what it does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one task; return its exit status, see `run_command`."""
    words = sys.argv[1:] if arguments is None else arguments
    return run_command("inkpin-model", partial(_run, words))


def _run(words: Sequence[str]) -> None:
    parser = Parser(prog="inkpin-model", description=__doc__)
    parser.add_version()
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    for task, (room, text) in TASKS.items():
        sub = tasks.add_parser(task, help=text, description=f"{text[0].upper()}{text[1:]}.")
        # Only the task at hand is imported; the others would cost a second of start-up.
        if task in words[:1]:
            command = import_module(f"inkpin.model.{room}.{task}_command")
            command.add_arguments(sub)
            sub.set_defaults(run=command.run)
    chosen = parser.parse_args(words)
    chosen.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
