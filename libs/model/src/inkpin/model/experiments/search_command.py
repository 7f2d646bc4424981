"""The command that searches small architectures: right often, in little flash."""

import argparse
from pathlib import Path

from inkpin.common.extras import extra
from inkpin.model.training.options import DataOptions, add_recipe, recipe_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path("search"), metavar="DIR", help="default: %(default)s"
    )
    parser.add_argument("--trials", type=int, default=20, help="to add (default: %(default)s)")
    parser.add_argument(
        "--storage", metavar="URL", help="the study's database (default: an SQLite file in DIR)"
    )
    parser.add_argument(
        "--table",
        type=Path,
        metavar="TRIALS.csv",
        help="search nothing: draw front.png again from this table, with the network of today",
    )
    add_recipe(parser, epochs=6)


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model search`; trials.csv and front.png tell of all trials so far."""
    with extra("the search takes more", "train", "report"):
        from inkpin.model.experiments.search import draw_front, search
    if arguments.table:
        draw_front(arguments.table, arguments.out / "front.png")
        return
    recipe = recipe_of(arguments)
    split = DataOptions.of(arguments).load(held_out=0)
    best, done = search(split, recipe, arguments.trials, arguments.out, arguments.storage)
    print(f"{arguments.out}: {done} trials, {best} of them on the front")
