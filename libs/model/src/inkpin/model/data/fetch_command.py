"""The command that fills the cache folder with the data sets."""

import argparse
from pathlib import Path

from inkpin.common import InputError
from inkpin.common.arrays import AnyArray, Ints
from inkpin.model.data.fetch import KAGGLE, data_folder, fetch, mnist_folder, take_csv
from inkpin.model.data.formats.csv_images import write_kaggle
from inkpin.model.data.formats.idx import load_split


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="PATH",
        help="a folder with the data (mnist/, pendigits/, unipen/, or the files "
        "themselves), or Kaggle's "
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
    source, cache = arguments.source, data_folder()
    if source and not source.exists():
        raise InputError(f"{source}: not there: name a folder with the data or Kaggle's CSV file")
    if source and not source.is_dir():
        images, labels = take_csv(source, cache / KAGGLE)
        if arguments.binarised:
            _write_binarised(arguments.binarised, images, labels)
        return
    fetch(source, cache)
    if arguments.binarised:
        digits = load_split(mnist_folder(), "train")
        _write_binarised(arguments.binarised, digits.bitmaps, digits.targets)


def _write_binarised(path: Path, images: AnyArray, labels: Ints | None) -> None:
    write_kaggle(path, images, labels, ink=1)
    print(f"{path}: {len(images)} images, every pixel above 0 made 1")
