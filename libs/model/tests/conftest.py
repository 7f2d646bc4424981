import os
from pathlib import Path

import pytest


@pytest.fixture
def mirror():
    """The folder with the real data sets."""
    folder = os.environ.get("INKPIN_MIRROR")
    if not folder:
        pytest.skip("set INKPIN_MIRROR to a folder with mnist/ and pendigits/ to test with them")
    return Path(folder)
