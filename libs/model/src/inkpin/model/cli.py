"""The command `inkpin-model`: from data to a network, to its figures, to its C."""

import os
import sys
from importlib import import_module

from inkpin.common import InputError
from inkpin.common.parser import Parser

# task: (module that carries it out, what it does)
TASKS = {
    "fetch": ("data.fetch", "get the data sets"),
    "draw": ("data.draw_command", "make strokes of gestures or rare digits out of a table"),
    "train": ("training.command", "train the network and write it as ONNX (takes PyTorch)"),
    "folds": (
        "experiments.folds_command",
        "train with each fifth of the writers held out in turn (takes PyTorch)",
    ),
    "search": (
        "experiments.search_command",
        "look for small networks that are right (takes PyTorch and Optuna)",
    ),
    "framings": ("experiments.framings_command", "compare ways to frame a drawing (takes PyTorch)"),
    "sheets": ("evaluation.sheets_command", "show the training data as pictures (takes PyTorch)"),
    "evaluate": ("evaluation.evaluate_command", "count how often the network is right"),
    "reliability": (
        "evaluation.reliability_command",
        "count how far the confidence holds, and what is refused",
    ),
    "report": (
        "evaluation.report.command",
        "show on one page what a network learned, costs and mistakes",
    ),
    "cost": ("evaluation.cost_command", "count instructions and bytes on an emulated Xtensa core"),
    "improve": ("adaptation.command", "teach the network the hand of somebody's samples"),
    "exchange": ("data.formats.command", "turn samples of one format into another"),
    "convert": ("converter.command", "turn an ONNX classifier into fixed-point C"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one task; return its exit status.

    0 done, 2 unusable input, 130 stopped by Ctrl-C, 141 nobody reads its output any more.
    """
    parser = Parser(prog="inkpin-model", description=__doc__)
    parser.add_version()
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    words = sys.argv[1:] if arguments is None else arguments
    for task, (module, text) in TASKS.items():
        sub = tasks.add_parser(task, help=text, description=text.capitalize() + ".")
        # Only the task at hand is imported; the others would cost a second of start-up.
        if task in words[:1]:
            home = import_module(f"inkpin.model.{module}")
            home.add_arguments(sub)
            sub.set_defaults(run=home.run)
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
