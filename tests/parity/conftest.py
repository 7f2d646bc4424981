import os

import pytest

from inkpin.model import fetch
from inkpin.preprocess import InputError


@pytest.fixture(scope="session")
def fetched():
    """Fill the data cache from $INKPIN_MIRROR where it is set."""
    if os.environ.get("INKPIN_MIRROR"):
        fetch.fetch(None, fetch.data_folder())


@pytest.fixture(scope="session")
def mnist(fetched):
    """The folder of MNIST's IDX files."""
    return _or_skip(fetch.mnist_folder)


@pytest.fixture(scope="session")
def pens(fetched):
    """The stroke file of the pen digits."""
    return _or_skip(fetch.pen_strokes)


def _or_skip(find):
    try:
        return find()
    except InputError as error:
        pytest.skip(str(error))
