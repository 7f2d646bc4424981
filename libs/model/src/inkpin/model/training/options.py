"""The options that commands share about the data of a training, and how long it goes on."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from inkpin.common import InputError
from inkpin.model.data.dataset import (
    FOLDS,
    SOURCES,
    HeldOut,
    Split,
    load_digits,
    load_labelled,
    load_strokes,
)
from inkpin.model.training.recipe import ARCHITECTURE, Recipe

EPOCHS = 60
_MAX_WORKERS = 64


@dataclass(frozen=True)
class DataOptions:
    """Which data to read; see `add_data`.

    Attributes:
        strokes: files of strokes; None for those that were fetched.
        images: CSV files of images; none for MNIST.
        labels: "digits", or "strokes" for whatever these show.
        transposed: whether the images go column by column.
        refuse: files of strokes that should be refused, beside other labels than digits.
    """

    strokes: tuple[Path, ...] | None = None
    images: tuple[Path, ...] = ()
    labels: str = "digits"
    transposed: bool = False
    refuse: tuple[Path, ...] = ()

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "DataOptions":
        """Return what the arguments of `add_data` say."""
        return cls(
            None if arguments.strokes is None else tuple(arguments.strokes),
            tuple(arguments.images or ()),
            arguments.labels,
            arguments.transposed,
            tuple(arguments.refuse or ()),
        )

    @property
    def arguments(self) -> list[str]:
        """The arguments of `add_data` as they are typed, of files the names alone."""
        words = [] if self.labels == "digits" else ["--labels", self.labels]
        if self.images:
            words += ["--images", *(path.name for path in self.images)]
        if self.strokes is not None:
            words += ["--strokes", *(path.name for path in self.strokes)]
        if self.refuse:
            words += ["--refuse", *(path.name for path in self.refuse)]
        return words + ["--transposed"] * self.transposed

    def load(self, held_out: HeldOut) -> Split:
        """Read the data, the writers of one fold held out, or of one source.

        Raises:
            InputError: it is missing, unusable, or too little.
        """
        strokes = list(self.strokes or ())
        if self.labels == "digits" and not self.images and not self.transposed:
            if self.refuse:
                raise InputError("--refuse goes with other labels: add --labels strokes")
            return load_digits(None if self.strokes is None else strokes, held_out)
        if isinstance(held_out, str):
            raise InputError(f"--fold {held_out}: of the fetched digits alone: name a number")
        fold = held_out
        if self.images:
            return load_labelled(
                list(self.images), strokes, fold, transposed=self.transposed, refuse=self.refuse
            )
        if self.transposed:
            raise InputError("--transposed is about --images: name their files")
        if not strokes:
            raise InputError("--labels strokes takes --strokes: name the files to learn from")
        return load_strokes(strokes, fold, self.refuse)


def add_data(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `DataOptions`."""
    parser.add_argument(
        "--strokes",
        type=Path,
        nargs="*",
        action="extend",
        metavar="FILE.jsonl",
        help="pen strokes to learn from (default: those that `fetch` got; none: MNIST alone)",
    )
    parser.add_argument(
        "--labels",
        choices=("digits", "strokes"),
        default="digits",
        help="read 0 to 9, or whatever the strokes show, without MNIST (default: %(default)s)",
    )
    parser.add_argument(
        "--images",
        type=Path,
        nargs="+",
        action="extend",
        metavar="FILE.csv",
        help="learn from these images (label,pixel0,...,pixel783, any labels) instead of MNIST,"
        " and from --strokes of the same labels",
    )
    parser.add_argument(
        "--refuse",
        type=Path,
        nargs="+",
        action="extend",
        metavar="FILE.jsonl",
        help="pen strokes that none of other labels than digits is to be read in",
    )
    parser.add_argument(
        "--transposed",
        action="store_true",
        help="the images go column by column, as EMNIST's do",
    )


def add_fold(parser: argparse.ArgumentParser) -> None:
    """Declare which writers are held out."""
    parser.add_argument(
        "--fold",
        type=_held_out,
        choices=(*range(FOLDS), *SOURCES),
        default=0,
        help="the fifth of the writers to validate with, or the source of pen strokes"
        " (default: %(default)s)",
    )


def _held_out(text: str) -> HeldOut:
    return int(text) if text.isdecimal() else text


def add_recipe(parser: argparse.ArgumentParser, epochs: int = EPOCHS) -> None:
    """Declare the arguments of every command that trains."""
    parser.add_argument("--epochs", type=int, default=epochs, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument(
        "--workers",
        type=int,
        default=2,
        help="processes that train together; another number gives another network"
        " (default: %(default)s)",
    )
    add_data(parser)


def recipe_of(arguments: argparse.Namespace) -> Recipe:
    """Return what the arguments of `add_recipe` say, of the shipped network's architecture.

    Raises:
        InputError: a number that no training can take.
    """
    if arguments.epochs < 1:
        raise InputError("--epochs must be at least 1")
    if not 1 <= arguments.workers <= _MAX_WORKERS:
        raise InputError(f"--workers must be 1 to {_MAX_WORKERS}")
    return Recipe(ARCHITECTURE, arguments.epochs, arguments.seed, arguments.workers)
