"""The command `inkpin-model`: from data to a network, to its figures, to its C."""

import os
import sys
from importlib import import_module

from inkpin.common import InputError
from inkpin.common.parser import Parser

TASKS = {
    "fetch": ("data", "get the data sets"),
    "draw": ("data", "make strokes of gestures or rare digits out of a table"),
    "exchange": ("data.formats", "turn samples of one format into another"),
    "train": ("training", "train the network and write it as ONNX (takes PyTorch)"),
    "improve": ("adaptation", "teach the network the handwriting of somebody's samples"),
    "evaluate": ("evaluation", "count how often the network is right"),
    "reliability": ("evaluation", "count how far the confidence holds, and what is refused"),
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


def main(arguments: list[str] | None = None) -> int:
    """Run one task; return its exit status.

    0 done, 2 unusable input, 130 stopped by Ctrl-C, 141 nobody reads its output any more.
    """
    parser = Parser(prog="inkpin-model", description=__doc__)
    parser.add_version()
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    words = sys.argv[1:] if arguments is None else arguments
    for task, (room, text) in TASKS.items():
        sub = tasks.add_parser(task, help=text, description=text.capitalize() + ".")
        # Only the task at hand is imported; the others would cost a second of start-up.
        if task in words[:1]:
            command = import_module(f"inkpin.model.{room}.{task}_command")
            command.add_arguments(sub)
            sub.set_defaults(run=command.run)
    try:
        chosen = parser.parse_args(words)
        chosen.run(chosen)
        sys.stdout.flush()
    except InputError as error:
        print(f"inkpin-model: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("inkpin-model: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the exit flushes again
        return 141
    return 0


if __name__ == "__main__":
    sys.exit(main())
